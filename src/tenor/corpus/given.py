"""What callers pass (texts, ids, labels, ready counts), checked and made a corpus's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.checks import amount, is_listing, kind_of, shown
from tenor.corpus.containers import (
    is_table,
    named_words,
    refuse_other_names,
    refuse_unordered,
    texts_in,
    without_names,
)
from tenor.errors import InputError, ParameterName, SourceError, VocabularyError
from tenor.sources.batches import Stream, TextBatch, batch_of, by_halves
from tenor.sources.facts import PASSED_TEXTS, ReadFacts
from tenor.sources.values import strings_of
from tenor.text.missing import is_missing, labels_in, with_none
from tenor.text.vocabulary import Vocabulary

_AT_ONCE = 1 << 12
_LARGEST = 2**31 - 1


def stream(
    texts: Sequence[Any],
    ids: list[str] | None,
    labels: list[str | None] | None,
    columns: Mapping[str, Any],
    missing_text: str,
) -> Stream:
    """A sequence of texts, with any other columns of theirs; a missing one is empty or refused."""
    n_missing = 0

    def batch(rows: range) -> TextBatch:
        nonlocal n_missing

        def place(row: int) -> str:
            return _place(rows[row])

        def own(role: str, values: Sequence[Any]) -> Any:
            return strings_of(values[rows.start : rows.stop], role, place(0))

        some = with_none(texts[rows.start : rows.stop])
        refused = str if missing_text == "refuse" else str | None
        if not all(isinstance(text, refused) for text in some):
            raise _no_text(some[0], rows[0])  # by_halves: of the row at fault in the end
        written = strings_of(some, "text", place(0))
        named = None if ids is None else own("id", ids)
        tagged = None if labels is None else own("label", labels)
        made = batch_of(written.fill_null(""), named, tagged, place, rows.start)
        n_missing += written.null_count
        others = {name: column.slice(rows.start, len(rows)) for name, column in columns.items()}
        return replace(made, columns=made.columns | others)

    places = range(len(texts))
    dealt = (places[start : start + _AT_ONCE] for start in places[::_AT_ONCE])
    batches = chain.from_iterable(by_halves(rows, batch) for rows in dealt)

    def facts() -> ReadFacts:
        return ReadFacts((PASSED_TEXTS,), n_missing=n_missing)

    return Stream(batches, unique=ids is None, facts=facts)


def as_ids(ids: Any, n_documents: int) -> list[str] | None:
    """Ids of any plain kind as strings."""
    if ids is None:
        return None
    given = _listed("ids", ids, n_documents)
    for row, identity in enumerate(given):
        if is_missing(identity) or identity == "":
            raise InputError(f"the id of row {row} is missing; every document needs one")
    return [_name("id", row, identity) for row, identity in enumerate(given)]


def as_labels(labels: Any, n_documents: int) -> list[str | None] | None:
    """Labels of any plain kind as strings; what is missing or empty stays none."""
    if labels is None:
        return None
    given = labels_in(_listed("labels", labels, n_documents))
    return [v if v is None else _name("label", row, v) for row, v in enumerate(given)]


def as_texts(texts: Any, n_documents: int) -> list[str] | None:
    """Texts to keep beside counts, all of them Unicode; a missing one is empty."""
    if texts is None:
        return None
    listed = [*with_none(texts_in(texts)[:])]
    _refuse_other_length("texts", listed, n_documents)
    for row, text in enumerate(listed):
        if text is None:
            listed[row] = ""
        elif not isinstance(text, str):
            raise _no_text(text, row)
    return listed


def bag_from_counts(counts: Any) -> BagOfWords:
    """Documents × words as a bag: any SciPy sparse matrix or array, or a small dense one.

    Repeated entries are added up, stored zeros fall away; the caller's matrix stays as it is. An
    entry that is no count is an InputError with its row, column and value.
    """
    from scipy import sparse

    counts = without_names(counts)
    given: Any = counts if sparse.issparse(counts) else _table(counts)
    if given.ndim != 2:
        raise InputError(
            f"counts must have two dimensions, documents × words, not the shape {given.shape}"
        )
    if not given.shape[0]:
        raise InputError("counts hold no documents (0 rows)")
    if given.dtype.kind not in "buif":
        raise InputError(f"counts must be numbers, not {given.dtype}")
    if sparse.issparse(given):
        entries = given.tocoo(copy=False)  # as given: repeated entries are not added up yet
        rows, columns, values = entries.row, entries.col, entries.data
    else:
        rows, columns = np.nonzero(given)
        values = given[rows, columns]
    _refuse_other_than_counts(rows, columns, values)
    matrix = sparse.csr_array((values.astype(np.int64), (rows, columns)), shape=given.shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if matrix.nnz and matrix.data.max() > _LARGEST:
        raise InputError(
            f"repeated entries add up to {matrix.data.max()}, beyond the largest count"
        )
    words, found = matrix.indices.astype(np.int32), matrix.data.astype(np.int32)
    return BagOfWords(matrix.indptr, words, found, matrix.shape[1])


def vocabulary_for(words: Any, counts: Any, n_words: int) -> Vocabulary:
    """The vocabulary of the columns of counts: ``words``, else their names, else word0, word1, …

    Columns that are named otherwise than ``words`` are an InputError.
    """
    if not n_words:
        raise VocabularyError("counts have no columns: a vocabulary needs at least one word")
    if words is None:
        return Vocabulary(named_words(counts) or unnamed(n_words))
    vocabulary = Vocabulary.of(words)
    if len(vocabulary) != n_words:
        raise VocabularyError(
            f"counts have {n_words} columns, but there are {len(vocabulary)} words"
        )
    refuse_other_names(counts, vocabulary.words, "the words given", "list(words)")
    return vocabulary


def unnamed(n_words: int) -> Iterator[str]:
    """What the columns of counts are called that have no names."""
    return (f"word{column}" for column in range(n_words))


def only_rows(index: Any) -> Any:
    """The rows of what a corpus is indexed by: they alone, or as ``rows, ...``."""
    if not isinstance(index, tuple):
        return index
    if len(index) != 2 or not (index[1] is ... or index[1] == slice(None)):
        raise InputError("a corpus is indexed by rows; its words are fixed")
    return index[0]


def row_numbers(rows: Any, n_documents: int) -> NDArray[np.int64]:
    """Integers or a mask as row numbers from 0."""
    try:
        array = np.asarray(rows)
    except (TypeError, ValueError):
        array = np.zeros((0, 0))
    if array.ndim != 1:
        raise InputError(
            f"a corpus is indexed by many rows, not {shown(rows)}; "
            "for one row use corpus[row:row+1]"
        )
    if array.dtype == bool:
        if len(array) != n_documents:
            raise InputError(
                f"a mask of {len(array)} rows does not fit {amount(n_documents, 'document')}"
            )
        return np.flatnonzero(array)
    if array.dtype.kind not in "iu" and array.size:
        raise InputError(f"rows must be whole numbers or a mask, not {array.dtype}")
    array = array.astype(np.int64)
    outside = (array < -n_documents) | (array >= n_documents)
    if outside.any():
        row = int(array[outside][0])
        raise InputError(f"there is no row {row}; the corpus has {amount(n_documents, 'document')}")
    return np.where(array < 0, array + n_documents, array)


def _place(row: int) -> str:
    return f"row {row} of the texts"


def _no_text(value: Any, row: int) -> SourceError:
    """About a row that is no text; never repeats what it holds."""
    if value is None:
        empty = ParameterName("missing_text", 'missing_text="empty"', "empty")
        return SourceError(f"{_place(row)} is missing; pass a text, or let it be empty: ", empty)
    said: tuple[str | ParameterName, ...] = ()
    if isinstance(value, bytes | bytearray):
        said = ("; decode it first: data.decode()",)
    elif isinstance(value, Mapping):
        said = ("; pass the text in it",)
    elif isinstance(value, Path):
        said = ("; pass what the file holds, or read it with tenor.Corpus.read(path)",)
    elif isinstance(value, list | tuple | np.ndarray):
        said = (
            '; join tokens to texts, [" ".join(tokens) for tokens in documents], and pass ',
            ParameterName("tokenizer", "tokenizer=str.split"),
        )
    return SourceError(f"{_place(row)} is {kind_of(value)}, not str", *said)


def _listed(name: str, values: Any, n_documents: int) -> list[Any]:
    refuse_unordered(name, values)
    if not is_listing(values) or is_table(values):
        raise InputError(f"{name} must be a list, one a document, not {kind_of(values)}")
    listed = values.to_pylist() if hasattr(values, "to_pylist") else list(values)
    _refuse_other_length(name, listed, n_documents)
    return listed


def _refuse_other_length(name: str, listed: list[Any], n_documents: int) -> None:
    if len(listed) != n_documents:
        raise InputError(f"there are {len(listed)} {name} for {n_documents} documents")


def _name(role: str, row: int, value: Any) -> str:
    """An id or a label as a string."""
    if isinstance(value, bytes | list | Mapping | Set | np.ndarray):
        raise InputError(f"the {role} of row {row} is {kind_of(value)}, not a name or a number")
    return str(value)


def _table(counts: Any) -> NDArray[Any]:
    """A dense table of numbers; NaN where there is none."""
    try:
        array = np.asarray(counts)
        if array.dtype.kind != "O":
            return array
        numbers = [math.nan if is_missing(value) else value for value in array.ravel().tolist()]
        return np.array(numbers, dtype=np.float64).reshape(array.shape)
    except (TypeError, ValueError):
        raise InputError(
            "counts must be a SciPy sparse matrix or a dense table of numbers, "
            f"documents × words, not this {type(counts).__name__}"
        ) from None


def _refuse_other_than_counts(
    rows: NDArray[Any], columns: NDArray[Any], values: NDArray[Any]
) -> None:
    """Raise for the first value that is no count."""
    if values.dtype.kind == "b":
        return
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values <= _LARGEST)
        if values.dtype.kind == "f":
            good &= values == np.floor(values)
    if good.all():
        return
    place = int(np.argmin(good))
    value = values[place].item()
    shown, fault = repr(value), "a count is a whole number (weights such as tf-idf are none)"
    if math.isnan(value):
        shown, fault = "NaN", "not a number"
    elif value < 0:
        fault = "a count cannot be negative"
    elif value > _LARGEST:
        fault = f"a count is at most {_LARGEST}"
    raise InputError(
        f"row {rows[place]}, column {columns[place]} of the counts is {shown}: {fault}"
    )
