"""What an estimator takes and what it refuses, each with one line."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import tenor
from tenor.errors import ArtifactError, InputError, TenorError, VocabularyError
from tenor.storage.sealed import read_sealed

TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red", "green"] * 4
TINY: dict[str, Any] = {
    "n_components": 2,
    "encoder_sizes": (4,),
    "epochs": 1,
    "min_df": 1,
    "max_df": 1.0,
    "device": "cpu",
}
ALL = tenor.VocabularyRule(1, 1.0)


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
        ([1.5, 2.0], "row 0 of the texts is a float, not str"),
        ([["a"], ["b"]], "row 0 of the texts is a list, not str; join tokens"),
        (["fine", 1], "row 1 of the texts is an int"),
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
    with pytest.raises(ArtifactError, match=re.escape(damage)) as caught:
        model = tenor.load(folder)  # what is large is looked at when it is asked for
        model.similar_documents(1, text=TEXTS[0])
    assert one_line(caught.value)
    (folder / damage).unlink()
    with pytest.raises(ArtifactError):
        tenor.load(folder)


def test_saving_refuses_a_taken_folder_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY).fit(TEXTS)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("precious")
    with pytest.raises(ArtifactError, match="holds files that are not tenor's"):
        model.save(tmp_path / "taken")
    assert [p.name for p in tmp_path.rglob("*")] == ["taken", "thesis.tex"]
    with pytest.raises(TenorError):
        model.save(tmp_path / "taken" / "thesis.tex")


def other_cut(text: str) -> list[str]:
    return text.split()


def test_a_passed_tokenizer_is_the_models_and_must_be_its_own(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY, tokenizer=str.split).fit(TEXTS)
    model.save(tmp_path / "model")
    with pytest.raises(InputError, match=r"builtins:str\.split, not .*:other_cut"):
        tenor.load(tmp_path / "model", tokenizer=other_cut)
    again = tenor.load(tmp_path / "model", tokenizer=str.split)
    assert again.trained_.tokenizer == model.trained_.tokenizer
    assert again.clusters(2).names == model.clusters(2).names
    tenor.NVDM(**TINY).fit(TEXTS).save(tmp_path / "plain")
    with pytest.raises(InputError, match="not trained with a tokenizer function"):
        tenor.load(tmp_path / "plain", tokenizer=str.split)


def test_nothing_is_asked_of_a_model_that_is_not_fitted(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY)
    for ask in (
        lambda: model.perplexity(TEXTS),
        lambda: model.evaluate(TEXTS),
        lambda: model.similar_documents(row=0),
        lambda: model.similar_documents(text="red"),
        lambda: model.clusters(2),
        lambda: model.draw_map(tmp_path / "map.svg"),
        lambda: model.sample(2),
        model.get_feature_names_out,
    ):
        with pytest.raises(NotFittedError):
            ask()


def test_numbers_are_whole_and_texts_have_an_order() -> None:
    model = tenor.NVDM(**TINY).fit(TEXTS)
    for refine in (-1, 2.5, None):
        with pytest.raises(InputError, match="refine must be a whole number"):
            model.transform(TEXTS, refine=refine)
        with pytest.raises(InputError, match="refine must be a whole number"):
            model.perplexity(TEXTS, refine=refine)
    with pytest.raises(InputError, match="n must be a whole number"):
        model.sample(2.5)
    for use in (model.transform, tenor.NVDM(**TINY).fit):
        with pytest.raises(InputError, match="a set of texts has no order"):
            use(set(TEXTS))


def test_columns_of_an_earlier_fit_to_counts_are_forgotten() -> None:
    model = tenor.NVDM(**TINY).fit(csr_array(np.eye(5, dtype=int)))
    assert model.n_features_in_ == 5
    model.fit(TEXTS)
    assert not hasattr(model, "n_features_in_")
    counts = tenor.Corpus.from_texts(TEXTS, vocabulary=model.vocabulary_).counts
    assert model.transform(counts).shape == (len(TEXTS), 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"settings": 3}, '"settings" in config.json must be an object, not 3'),
        ({"provenance": None}, '"provenance" in config.json must be an object'),
        ({"files": []}, '"files" in config.json must be an object'),
        ({"files": {}}, '"files" in config.json does not list vocabulary.parquet'),
        ({"kind": 1}, '"kind" in config.json must be a string'),
        ({"network": None}, '"network" in config.json must be an object'),
        ({"tokenizer": 3}, "tokenizer"),
        ({"documents": {"n_documents": None}}, '"n_documents" in config.json must be a whole'),
        ({"vocabulary_fingerprint": "0"}, "other words than config.json says"),
    ],
    ids=str,
)
def test_a_changed_config_is_one_line(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    folder = tmp_path / "model"
    tenor.NVDM(**TINY).fit(TEXTS).save(folder)
    config = read_sealed(folder / "config.json")
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ArtifactError, match=says) as caught:
        tenor.load(folder)
    assert one_line(caught.value)


def test_settings_and_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    tenor.NVDM(**TINY).fit(TEXTS).save(folder)
    path = folder / "config.json"
    config = read_sealed(path)
    path.write_text(json.dumps(config | {"settings": config["settings"] | {"magic": 1}}))
    with pytest.raises(ArtifactError, match=r"the settings hold magic"):
        tenor.load(folder)
    path.write_text(json.dumps(config | {"network": config["network"] | {"n_components": 3}}))
    with pytest.raises(ArtifactError, match=r"of the weights has the shape") as caught:
        tenor.load(folder).transform(TEXTS)
    assert one_line(caught.value)
    path.write_text('{"a":' * 100_000)
    with pytest.raises(ArtifactError, match=r"config\.json cannot be read"):
        tenor.load(folder)


def test_a_tokenizer_that_a_corpus_was_not_cut_with_is_refused(tmp_path: Path) -> None:
    corpus = tenor.Corpus.from_texts(TEXTS, tokenizer=tenor.Tokenizer(pattern="a-z"), rule=ALL)
    for asked in ({"tokenizer": "unicode"}, {"stop_words": "english"}, {"lowercase": False}):
        with pytest.raises(InputError, match="the corpus was prepared with other tokenizer"):
            tenor.NVDM(**TINY, **asked).fit(corpus)
    for asked in ({}, {"tokenizer": "a-z"}):
        model = clone(tenor.NVDM(**TINY, **asked)).fit(corpus)
        assert model.trained_.tokenizer == corpus.tokenizer
    counts = tenor.Corpus.from_counts(corpus.counts, corpus.words)
    tenor.NVDM(**TINY, tokenizer="unicode").fit(counts)
    assert tenor.NVDM(**TINY).fit(TEXTS).trained_.tokenizer == tenor.Tokenizer()
    cut = tenor.Corpus.from_texts(TEXTS, tokenizer=tenor.Tokenizer(function=str.split), rule=ALL)
    cut.save(tmp_path / "cut")
    opened = tenor.Corpus.open(tmp_path / "cut")
    model = tenor.NVDM(**TINY, tokenizer=str.split).fit(opened)
    assert model.trained_.tokenizer.function is str.split, "the missing function is supplied"
    with pytest.raises(InputError, match="the corpus was prepared with other tokenizer"):
        tenor.NVDM(**TINY, tokenizer=str.rsplit).fit(cut)
    by_word, by_comma = (partial(str.split, sep=sep) for sep in (" ", ","))  # of the same name
    cut = tenor.Corpus.from_texts(TEXTS, tokenizer=tenor.Tokenizer(function=by_word), rule=ALL)
    with pytest.raises(InputError, match="the corpus was prepared with other tokenizer"):
        tenor.NVDM(**TINY, tokenizer=by_comma).fit(cut)
    assert cut.tokenizer.function is by_word
