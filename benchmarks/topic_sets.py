"""What topics are found in and judged by: documents to learn from, and references."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import tables
from numpy.typing import NDArray

import tenor
from tenor.bow import BagOfWords, concatenate

REFERENCE = 100_000  # summaries beside the 20,000 that are learnt from


@dataclass(frozen=True)
class TopicSet:
    """One data set.

    Attributes:
        train: the documents that topics are found in.
        test: others over the same vocabulary, for the columns "test".
        both: the counts of all of them, for the columns "all".
        tokens: token ids of all of them, in the order of the text, for C_v.
    """

    name: str
    train: tenor.Corpus
    test: tenor.Corpus
    both: BagOfWords
    tokens: list[NDArray[np.int32]]

    @classmethod
    def of(cls, name: str, train: tenor.Corpus, test: tenor.Corpus) -> TopicSet:
        """A set from its two corpora, which hold their texts."""
        both = concatenate([train.bag.joined(), test.bag.joined()])
        return cls(name, train, test, both, [*token_ids(train), *token_ids(test)])

    def __str__(self) -> str:
        return f"{self.train} to find topics in, {len(self.test):,} other documents"


def token_ids(corpus: tenor.Corpus) -> list[NDArray[np.int32]]:
    """Each text's tokens as ids, in order; those outside the vocabulary are left out."""
    assert corpus.texts is not None and corpus.tokenizer is not None
    index, cut = corpus.vocabulary.index, corpus.tokenizer.tokens
    return [
        np.array([index[token] for token in cut(text or "") if token in index], dtype=np.int32)
        for text in corpus.texts
    ]


def nvdm_20news(asked: argparse.Namespace) -> TopicSet:
    """Bodies of the posts over the 2,000 words of the NVDM paper."""
    train, test = tables.benchmark_set(asked.vocabulary)
    return TopicSet.of("nvdm-20news", *_fewer(asked, train, test))


def newsgroups_raw(asked: argparse.Namespace) -> TopicSet:
    """Posts with their headers, as anybody would read them; up to 20,000 words."""
    rule = tenor.VocabularyRule(max_words=20_000)
    train = tenor.datasets.load("20newsgroups", "train", rule=rule)
    test = tenor.datasets.load("20newsgroups", "test", vocabulary=train.vocabulary)
    return TopicSet.of("20news-raw", *_fewer(asked, train, test))


def python_docs(asked: argparse.Namespace) -> TopicSet:
    """Docstrings of Python's standard library."""
    train = tenor.datasets.load("python-docs", "train")
    test = tenor.datasets.load("python-docs", "test", vocabulary=train.vocabulary)
    return TopicSet.of("python-docs", *_fewer(asked, train, test))


def summaries(asked: argparse.Namespace) -> TopicSet:
    """20,000 one-line package summaries drawn with seed 0, and 100,000 others."""
    texts = pq.read_table(asked.summaries, columns=["text"]).column("text")
    n_train, n_test = (500, 500) if asked.quick else (20_000, REFERENCE)
    rows = np.random.default_rng(0).choice(len(texts), n_train + n_test, replace=False)
    drawn: list[str] = texts.take(rows).to_pylist()
    train = tenor.Corpus.from_texts(drawn[:n_train])
    test = tenor.Corpus.from_texts(drawn[n_train:], vocabulary=train.vocabulary)
    return TopicSet.of("summaries", train, test)


SETS: dict[str, Callable[[argparse.Namespace], TopicSet]] = {
    "nvdm-20news": nvdm_20news,
    "20news-raw": newsgroups_raw,
    "python-docs": python_docs,
    "summaries": summaries,
}


def missing(name: str, asked: argparse.Namespace) -> str | None:
    """Why a set cannot be had here, if it cannot."""
    needed = {"nvdm-20news": asked.vocabulary, "summaries": asked.summaries}.get(name)
    return f"{needed} is not there" if needed and not Path(needed).exists() else None


def resampled(corpus: tenor.Corpus, seed: int) -> tenor.Corpus:
    """As many documents drawn with replacement; counts only."""
    rows = np.random.default_rng(seed).integers(0, len(corpus), len(corpus))
    return tenor.Corpus.from_counts(corpus.counts[rows], words=corpus.vocabulary)


def ids_of(corpus: tenor.Corpus, topics: Sequence[Sequence[str]]) -> list[list[int]]:
    """Words as ids of the corpus's vocabulary."""
    index = corpus.vocabulary.index
    return [[index[word] for word in topic] for topic in topics]


def words_of(corpus: tenor.Corpus, topics: Sequence[Sequence[int]]) -> list[list[str]]:
    """Ids as words, which is what is kept for people to read."""
    listed = {word: corpus.words[word] for word in set(chain.from_iterable(topics))}
    return [[listed[word] for word in topic] for topic in topics]


def _fewer(
    asked: argparse.Namespace, train: tenor.Corpus, test: tenor.Corpus
) -> tuple[tenor.Corpus, tenor.Corpus]:
    return (train[::20], test[::20]) if asked.quick else (train, test)
