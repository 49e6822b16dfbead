"""A word that a person types is found as a text's is, wherever words are asked for."""

from __future__ import annotations

from unicodedata import normalize

import pytest

import tenor
from tenor.cli import main
from tenor.errors import InputError, UnknownWordError

WORDS = ["café", "thé", "pâtisserie", "gâteau", "fenêtre", "forêt", "rivière", "île"]
DECOMPOSED = normalize("NFD", "Café")


@pytest.fixture(scope="module")
def model():
    texts = [" ".join(WORDS[i % 2 :: 2][: 2 + i % 3]) + f" été {WORDS[i % 8]}" for i in range(60)]
    texts = [normalize("NFD", text) if i % 2 else text.upper() for i, text in enumerate(texts)]
    settings = {"encoder_sizes": (8, 8), "epochs": 3, "min_df": 2, "max_df": 1.0, "n_topics": 2}
    return tenor.NVDM(3, **settings, device="cpu").fit(texts)


def test_both_forms_were_counted_as_one_word(model) -> None:
    assert sorted(model.vocabulary_) == sorted([*WORDS, "été"])


def test_a_query_word(model) -> None:
    assert model.most_similar(DECOMPOSED, 3) == model.most_similar("café", 3)
    with pytest.raises(UnknownWordError, match='"café thé" is not in the vocabulary'):
        model.most_similar("café thé")


def test_seeds_and_words_kept_out(model) -> None:
    topics = model.find_topics(2, seed_words={"drinks": [DECOMPOSED, "THÉ"]}, keep_out=["ÎLE"])
    shown = dict(zip(topics.names, ({w for w, _ in own} for own in topics.words(9)), strict=True))
    assert {"café", "thé"} <= shown["drinks"] and "île" not in set.union(*shown.values())
    topics.keep_out([normalize("NFD", "Forêt")])
    assert topics.edits.kept_out == ("forêt",)
    assert "forêt" not in {word for own in topics.words(9) for word, _ in own}
    with pytest.raises(InputError, match="'café' cannot be a seed word of both 'a' and 'b'"):
        model.find_topics(2, seed_words={"a": ["café"], "b": [DECOMPOSED]})


def test_by_the_command(model, tmp_path, capsys) -> None:
    model.save(tmp_path / "model")
    assert main(["words", str(tmp_path / "model"), DECOMPOSED, "-n", "2"]) == 0
    assert main(["topics", str(tmp_path / "model"), "--keep-out", DECOMPOSED]) == 0
    assert "café" not in capsys.readouterr().out
