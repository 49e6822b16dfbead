"""A small model of real text."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import tenor


@pytest.fixture(scope="session")
def docs() -> tenor.Corpus:
    """Docstrings of a few modules of the standard library."""
    corpus = tenor.datasets.load("python-docs", rule=tenor.VocabularyRule(3, 0.5, 800))
    assert corpus.labels is not None
    kept = {"email", "decimal", "asyncio", "tkinter", "unittest", "datetime"}
    return corpus[[row for row, label in enumerate(corpus.labels) if label in kept]]


@pytest.fixture(scope="session")
def model(docs: tenor.Corpus) -> Any:
    """Fitted on them; not to be changed."""
    return tenor.NVDM(
        12, encoder_sizes=(64, 64), epochs=30, batch_size=64, device="cpu", random_state=0
    ).fit(docs)


@pytest.fixture
def own(model: Any) -> Any:
    """A copy of the model of docstrings, to do with as one likes."""
    return pickle.loads(pickle.dumps(model))
