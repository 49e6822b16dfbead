"""Topics as files for other tools: pyLDAvis, OCTIS and topicwizard. No pickle in any of them.

    pyldavis     .json  what pyLDAvis.prepare takes (Sievert & Shirley 2014)
    octis        .npz   a model's output: topics, topic-word-matrix, topic-document-matrix
    topicwizard  .npz   what its TopicData takes: counts as CSR, θ, β, vectors; texts and names

What is no array stands in an .npz as JSON: the bytes of its entry ``json``. The tools want rows
that add up to one and take logarithms: documents without a known word and words that occur in none
of the others are left out, and every file says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.legible import json_for_files
from tenor.storage.atomic import new_file
from tenor.storage.target import check_file

Floats = NDArray[np.float32]

SUFFIXES = {"pyldavis": ".json", "octis": ".npz", "topicwizard": ".npz"}
DIGITS = "%.7g"  # of float32
FEWEST = 2  # topics that pyLDAvis can lay out


@dataclass(frozen=True, eq=False)
class TopicTables:
    """T topics over V words in D documents: all documents have words, and all words occur."""

    words: Sequence[str]
    ids: Sequence[int]
    names: Sequence[str]
    shown: Sequence[Sequence[str]]  # for each topic its most telling words, the best first
    word_distributions: Floats  # (T, V) β, rows adding up to one
    weights: Floats  # (D, T) θ, rows adding up to one
    bag: BagOfWords
    vectors: Floats  # (D, K) posterior means
    rows: NDArray[np.int64]  # (D,) places of the documents in the collection they are from
    texts: Sequence[str | None]  # None where it was not kept
    wordless: int  # documents left out, since they have no known word
    n_documents: int  # of the collection: more than D + wordless where they were drawn
    n_words: int  # of the vocabulary: V, and those in none of the D or without probability

    def __post_init__(self) -> None:
        n_topics, n_words = self.word_distributions.shape
        if not len(self.bag):
            raise InputError("no document has a known word: there is nothing to export")
        if self.weights.shape != (len(self.bag), n_topics) or self.bag.n_words != n_words:
            raise InputError(
                f"weights {self.weights.shape}, word distributions"
                f" {self.word_distributions.shape} and counts {self.bag.shape} do not fit together"
            )
        for name in ("rows", "texts", "vectors"):
            checks.same_length(name, getattr(self, name), len(self.bag))
        for name in ("ids", "names", "shown"):
            checks.same_length(name, getattr(self, name), n_topics)
        checks.same_length("words", self.words, n_words)
        for name in ("weights", "word_distributions"):
            sums = getattr(self, name).sum(axis=1, dtype=np.float64)
            if np.abs(sums - 1).max() > 1e-3:
                raise InputError(f"the rows of {name} must add up to one, not {sums.min():.3g}")

    @property
    def note(self) -> str:
        """Which documents are in, and which are not, in one line."""
        seen = len(self.bag) + self.wordless
        parts = [f"{len(self.bag):,} of {self.n_documents:,} documents"]
        if seen < self.n_documents:
            parts[0] += f", from {seen:,} drawn at random"
        if self.wordless:
            parts.append(f"left out: {self.wordless:,} without a known word")
        if len(self.words) < self.n_words:
            parts.append(f"{len(self.words):,} of {self.n_words:,} words, those that occur in them")
        return "; ".join(parts)

    @property
    def about(self) -> dict[str, Any]:
        """The topics' numbers and names, and what :attr:`note` says."""
        return {
            "note": self.note,
            "topic_ids": list(self.ids),
            "topic_names": list(self.names),
            "n_documents": self.n_documents,
            "without_words": self.wordless,
        }


@dataclass(frozen=True)
class Exported:
    """What was written: the file, and a note of which documents are in it."""

    path: Path
    note: str


def check_target(kind: str, path: Path, overwrite: bool = False) -> Path:
    """``path``, where an export may be written; refused before any work when it may not."""
    if not isinstance(kind, str) or kind not in SUFFIXES:
        raise InputError(f"topics are exported for {', '.join(SUFFIXES)}, not {kind!r}")
    return check_file(path, overwrite, f"an export for {kind}", [SUFFIXES[kind]])


def write(kind: str, path: Path, tables: TopicTables) -> Exported:
    """Write topics for another tool, whole or not at all, to a path that was checked."""
    with new_file(path) as file:
        _WRITERS[kind](file, tables)
    return Exported(path, tables.note)


def _pyldavis(file: IO[bytes], tables: TopicTables) -> None:
    """The arguments of pyLDAvis.prepare."""
    if len(tables.ids) < FEWEST:
        raise InputError(f"pyLDAvis needs at least {FEWEST} topics; export them for another tool")
    rest = {
        "doc_lengths": tables.bag.lengths.tolist(),
        "vocab": list(tables.words),
        "term_frequency": tables.bag.word_frequency.tolist(),
        "sort_topics": False,  # circle 1 is the first topic here, and so on
        "plot_opts": {"xlab": "PC1", "ylab": "PC2", **tables.about},
    }
    file.write(b'{"topic_term_dists": ')
    file.writelines(_lines(tables.word_distributions))
    file.write(b',\n"doc_topic_dists": ')
    file.writelines(_lines(tables.weights))
    file.write(b",\n" + json_for_files(rest).encode()[1:] + b"\n")


def _lines(matrix: NDArray[np.floating[Any]]) -> Iterable[bytes]:
    """A matrix as JSON, a row at a time: the text of all of it may be larger than the memory."""
    for place, row in enumerate(matrix):
        values = ",".join([DIGITS % value for value in row.tolist()])
        yield f"{',' if place else '['}\n[{values}]".encode()
    yield b"]"


def _octis(file: IO[bytes], tables: TopicTables) -> None:
    """What octis.models.model.load_model_output reads; short topics are filled up with ""."""
    longest = max(1, *(len(words) for words in tables.shown))
    filled = [[*words, *[""] * (longest - len(words))] for words in tables.shown]
    arrays: dict[str, Any] = {
        "topics": np.array(filled, dtype=np.str_),
        "topic-word-matrix": tables.word_distributions,
        "topic-document-matrix": np.ascontiguousarray(tables.weights.T),
        "rows": tables.rows,
        "json": _json_bytes(tables.about | {"vocabulary": list(tables.words)}),
    }
    np.savez_compressed(file, **arrays)


def _topicwizard(file: IO[bytes], tables: TopicTables) -> None:
    """The arrays of topicwizard.data.TopicData, the counts as the parts of a CSR matrix."""
    bag = tables.bag.compact()
    texts = [
        _counted_words(tables, place) if text is None else text
        for place, text in enumerate(tables.texts)
    ]
    unkept = sum(text is None for text in tables.texts)
    told = tables.about | {"vocab": list(tables.words), "corpus": texts, "texts_not_kept": unkept}
    arrays: dict[str, Any] = {
        "document_topic_matrix": tables.weights,
        "topic_term_matrix": tables.word_distributions,
        "document_representation": tables.vectors,
        "data": bag.counts,
        "indices": bag.words,
        "indptr": bag.offsets,
        "rows": tables.rows,
        "json": _json_bytes(told),
    }
    np.savez_compressed(file, **arrays)


def _counted_words(tables: TopicTables, place: int) -> str:
    """What stands for a text that was not kept: its known words, as often as they occur."""
    one = tables.bag[place : place + 1]
    words = np.repeat(one.words, one.counts).tolist()
    return " ".join(tables.words[word] for word in words)


def _json_bytes(value: dict[str, Any]) -> NDArray[np.uint8]:
    return np.frombuffer(json_for_files(value).encode(), dtype=np.uint8)


_WRITERS: dict[str, Callable[[IO[bytes], TopicTables], None]] = {
    "pyldavis": _pyldavis,
    "octis": _octis,
    "topicwizard": _topicwizard,
}
