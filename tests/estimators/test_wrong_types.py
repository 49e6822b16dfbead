"""Whatever is passed to what is public: one line of tenor's own, never another's exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor
from tenor.corpus import datasets
from tenor.errors import TenorError
from tenor.model.mapping import MapRequest

ODD: tuple[Any, ...] = (
    *(True, -1, 2.5, float("nan"), "", "x", "\udcff", b"b", [None], [["a"]], {"a": "b"}),
    *(object(), np.array(3), np.arange(3), np.zeros((2, 2)), 1j, slice(None), tenor.Corpus),
)


@pytest.fixture(scope="module")
def corpus() -> tenor.Corpus:
    texts = ["moon rocket orbit star", "court judge trial law", "bread oven flour sugar"] * 6
    rule = tenor.VocabularyRule(min_df=1, max_df=1.0)
    return tenor.Corpus.from_texts(texts, labels=["a", "b", "c"] * 6, rule=rule)


@pytest.fixture(scope="module")
def model(corpus: tenor.Corpus) -> Any:
    tiny: dict[str, Any] = {"encoder_sizes": (4,), "min_df": 1, "max_df": 1.0, "device": "cpu"}
    return tenor.NVDM(2, epochs=1, n_topics=2, **tiny).fit(corpus)


def asked(model: Any, corpus: tenor.Corpus) -> dict[str, Callable[[Any], object]]:
    """What is public, each asked with one odd value."""
    topics, texts = model.find_topics(2), ["moon", "law"]
    return {
        "transform": lambda odd: model.transform(texts, refine=odd),
        "posterior": lambda odd: model.posterior(texts, refine=odd),
        "sample": model.sample,
        "most_similar": model.most_similar,
        "most_similar n": lambda odd: model.most_similar("moon", odd),
        "similar id": lambda odd: model.similar_documents(id=odd),
        "similar row": lambda odd: model.similar_documents(row=odd),
        "similar space": lambda odd: model.similar_documents(text="moon", space=odd),
        "keep_out": lambda odd: model.find_topics(2, keep_out=odd),
        "n_topics": model.find_topics,
        "seed": lambda odd: model.clusters(2, seed=odd),
        "space": lambda odd: model.clusters(2, space=odd),
        "by": lambda odd: MapRequest(by=odd),
        "limit": lambda odd: MapRequest(limit=odd),
        "map seed": lambda odd: MapRequest(seed=odd),
        "map space": lambda odd: MapRequest(space=odd),
        "rename": lambda odd: topics.rename(odd, "name"),
        "merge": topics.merge,
        "split": lambda odd: topics.split(0, odd),
        "drop": topics.drop,
        "keep out": topics.keep_out,
        "shares": lambda odd: topics.shares(by=odd),
        "shares seed": lambda odd: topics.shares(seed=odd),
        "compare": topics.compare,
        "export": lambda odd: topics.export(odd, "t.npz"),
        "save": lambda odd: model.save(odd, overwrite=False),
        "load": tenor.load,
        "open": tenor.Corpus.open,
        "read": tenor.Corpus.read,
        "keep": lambda odd: tenor.Corpus.read("nowhere.csv", keep=odd),
        "ids": lambda odd: tenor.Corpus.from_texts(texts, ids=odd),
        "labels": lambda odd: tenor.Corpus.from_texts(texts, labels=odd),
        "tokenizer": lambda odd: tenor.Corpus.from_texts(texts, tokenizer=odd),
        "rule": lambda odd: tenor.Corpus.from_texts(texts, rule=odd),
        "again": lambda odd: corpus.encode_like(["moon"], tokenizer=odd),
        "column": corpus.column,
        "rows": lambda odd: corpus[odd],
        "words": tenor.Vocabulary,
        "file": tenor.Vocabulary.from_file,
        "preset": tenor.preset,
        "data set": datasets.load,
        "remove": lambda odd: datasets.load("python-docs", remove=odd),
    }


@pytest.mark.filterwarnings("ignore")  # of values that are odd and yet allowed
def test_no_exception_of_another(
    model: Any, corpus: tenor.Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused, foreign = 0, []
    for name, ask in asked(model, corpus).items():
        for odd in ODD:
            try:
                ask(odd)
            except TenorError as error:
                refused += 1
                assert "\n" not in str(error), (name, odd)
            except Exception as error:
                foreign.append(f"{name}({odd!r:.40}): {type(error).__name__}: {error}")
    assert not foreign, "\n".join(foreign)
    assert refused > 500
