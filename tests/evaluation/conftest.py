"""Bags for the tests: drawn at random, and the NVDM benchmark set where ../shared has it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tenor.bow import BagOfWords

SHARED = Path(__file__).parents[3] / "shared"


class Subset(NamedTuple):
    bag: BagOfWords
    labels: list[str]


def bag_of(dense) -> BagOfWords:
    dense = np.asarray(dense)
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(len(dense) + 1))
    return BagOfWords(offsets, words, dense[documents, words], dense.shape[1])


def dense_of(bag: BagOfWords) -> np.ndarray:
    dense = np.zeros(bag.shape, dtype=np.int64)
    for d in range(len(bag)):
        own = slice(bag.offsets[d], bag.offsets[d + 1])
        dense[d, bag.words[own]] = bag.counts[own]
    return dense


@pytest.fixture(scope="session")
def as_bag():
    return bag_of


@pytest.fixture(scope="session")
def as_dense():
    return dense_of


@pytest.fixture
def random_counts():
    """(30, 12) counts with a few empty documents."""
    counts = np.random.default_rng(0).poisson(0.8, size=(30, 12))
    counts[[4, 17]] = 0
    return counts


@pytest.fixture(scope="session")
def nvdm_20news():
    """The benchmark set as the data README says it is built: {"train", "test"}."""
    vocabulary, cache = SHARED / "data/nvdm-20news/vocab.txt", SHARED / "scikit_learn_data"
    if not vocabulary.exists() or not cache.exists():
        pytest.skip(f"{SHARED} does not hold the nvdm-20news data")
    ids = {word: i for i, word in enumerate(vocabulary.read_text("utf-8").split())}
    return {subset: _subset(subset, cache, ids) for subset in ("train", "test")}


def _subset(subset: str, cache: Path, ids: dict[str, int]) -> Subset:
    from sklearn.datasets import fetch_20newsgroups

    posts = fetch_20newsgroups(data_home=cache, subset=subset, download_if_missing=False)
    offsets, words, counts, labels = [0], [], [], []
    for text, target in zip(posts.data, posts.target, strict=True):
        body = text.partition("\n\n")[2].lower()
        found = Counter(ids[word] for word in re.findall("[a-z]+", body) if word in ids)
        if found:
            words += sorted(found)
            counts += [found[word] for word in sorted(found)]
            offsets.append(len(words))
            labels.append(posts.target_names[target])
    arrays = [np.array(values, dtype=np.int64) for values in (offsets, words, counts)]
    return Subset(BagOfWords(*arrays, len(ids)), labels)
