"""What an estimator takes and what it refuses, each with one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

import tenor
from tenor.errors import ArtifactError, InputError, TenorError, VocabularyError

TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red", "green"] * 4
TINY: dict[str, Any] = {
    "n_components": 2,
    "encoder_sizes": (4,),
    "epochs": 1,
    "min_df": 1,
    "max_df": 1.0,
    "device": "cpu",
}


def one_line(error: BaseException) -> bool:
    return "\n" not in str(error) and len(str(error)) > 15


@pytest.mark.parametrize(
    "bad",
    [
        {"n_components": 0},
        {"n_components": 2.5},
        {"encoder_sizes": (0,)},
        {"encoder": "big"},
        {"activation": "sine"},
        {"activation": "relu", "input_transform": "counts"},
        {"encoder_sizes": (), "input_transform": "counts"},
        {"encoder_sizes": (4, 5), "encoder": "residual"},
        {"dropout": 1.0},
        {"likelihood": "guess"},
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": float("nan")},
        {"learning_rate": 0},
        {"schedule": "steps"},
        {"thinning": 0},
        {"thinned": "decoder"},
        {"length_weighting": 2},
        {"validation_fraction": 1.0},
        {"validation_fraction": -0.1},
        {"patience": 0},
        {"updates": "random"},
        {"device": "abacus"},
        {"min_df": -1},
        {"min_df": 10**6},
        {"tokenizer": "words"},
        {"stop_words": "klingon.txt"},
    ],
    ids=str,
)
def test_a_bad_parameter_is_one_line(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        tenor.NVDM(**{**TINY, **bad}).fit(TEXTS)
    assert one_line(caught.value)


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        ("one text", "list"),
        ([], "empty"),
        ([1.5, 2.0], "1.5|2"),
        ([["a"], ["b"]], "numeric"),
        (["fine", None], "1"),
        (np.array([[1.0, -2.0]]), "negative"),
        (np.array([[1.0, np.nan]]), "NaN"),
        (np.array([[1.0, 0.5]]), "0.5"),
        (csr_array(np.array([[1.0, 0.5]])), "0.5"),
        (np.zeros((3, 2)), "no document has a word"),
    ],
    ids=str,
)
def test_bad_documents_are_one_line(documents: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        tenor.NVDM(**TINY).fit(documents)
    assert one_line(caught.value)


def test_texts_counts_and_corpus_give_the_same_model() -> None:
    corpus = tenor.Corpus.from_texts(TEXTS, rule=tenor.VocabularyRule(1, 1.0))
    models = [
        tenor.NVDM(**TINY).fit(TEXTS),
        tenor.NVDM(**TINY).fit(corpus),
        tenor.NVDM(**TINY, vocabulary=corpus.words).fit(corpus.counts),
        tenor.NVDM(**TINY, vocabulary=list(corpus.words)).fit(corpus.counts.toarray()),
    ]
    first = models[0].transform(TEXTS)
    for model in models[1:]:
        assert model.vocabulary_ == models[0].vocabulary_
        assert np.array_equal(model.transform(corpus), first)


def test_a_corpus_over_other_words_is_refused() -> None:
    model = tenor.NVDM(**TINY).fit(TEXTS)
    other = tenor.Corpus.from_texts(["violet"], vocabulary=["violet", "red"])
    with pytest.raises(VocabularyError, match="encode_like"):
        model.perplexity(other)
    assert model.transform(other.encode_like(model.vocabulary_)).shape == (1, 2)


def test_a_model_of_counts_reads_no_texts() -> None:
    model = tenor.NVDM(**TINY).fit(np.eye(4, dtype=int))
    with pytest.raises(InputError, match="ready counts"):
        model.transform(TEXTS)


def test_a_tokenizer_function_is_kept_by_name_and_passed_again(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY, tokenizer=str.split).fit(TEXTS)
    model.save(tmp_path / "model")
    assert "str.split" in (tmp_path / "model" / "config.json").read_text()
    loaded = tenor.load(tmp_path / "model")
    with pytest.raises(InputError, match=r"str\.split.*pass it again"):
        loaded.transform(TEXTS)
    again = tenor.load(tmp_path / "model", tokenizer=str.split)
    assert np.array_equal(again.transform(TEXTS), model.transform(TEXTS))


def test_every_row_comes_out_again() -> None:
    texts = [*TEXTS, "", "unknown words only"]
    model = tenor.NVDM(**TINY, vocabulary=["red", "green", "blue", "yellow"]).fit(texts)
    assert model.transform(texts).shape == (len(texts), 2)
    assert len(model.documents_) == len(texts)
    assert model.similar_documents(100, row=len(texts) - 1)[0].row != len(texts) - 1


@pytest.mark.parametrize("damage", ["config.json", "weights.safetensors", "documents.parquet"])
def test_a_damaged_folder_is_one_line(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    tenor.NVDM(**TINY).fit(TEXTS).save(folder)
    data = bytearray((folder / damage).read_bytes())
    data[len(data) // 2] ^= 0xFF
    (folder / damage).write_bytes(bytes(data))
    with pytest.raises(ArtifactError) as caught:
        tenor.load(folder)
    assert one_line(caught.value)
    (folder / damage).unlink()
    with pytest.raises(ArtifactError):
        tenor.load(folder)


def test_saving_refuses_a_taken_folder_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY).fit(TEXTS)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("precious")
    with pytest.raises(ArtifactError, match="not empty"):
        model.save(tmp_path / "taken")
    assert [p.name for p in tmp_path.rglob("*")] == ["taken", "thesis.tex"]
    with pytest.raises(TenorError):
        model.save(tmp_path / "taken" / "thesis.tex")
