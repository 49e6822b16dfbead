"""Counts that somebody else made: checked, then taken as they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.errors import InputError, VocabularyError
from tenor.text.vocabulary import Vocabulary

_LARGEST = 2**31 - 1


def bag_from_counts(counts: Any) -> BagOfWords:
    """Documents × words as a bag: any SciPy sparse matrix or array, or a small dense one.

    Repeated entries are added up, stored zeros fall away; the caller's matrix stays as it is.

    Raises:
        InputError: when it has not two dimensions or no rows, or an entry is no count: not a
            number, negative, fractional or beyond int32 (names row, column and value).
    """
    from scipy import sparse

    given: Any = counts if sparse.issparse(counts) else _dense(counts)
    if given.ndim != 2:
        raise InputError(
            f"counts must have two dimensions, documents × words, not the shape {given.shape}"
        )
    if not given.shape[0]:
        raise InputError("counts hold no documents (0 rows)")
    if given.dtype.kind not in "buif":
        raise InputError(f"counts must be numbers, not {given.dtype}")
    if not sparse.issparse(given):
        return _from_dense(given)
    entries = given.tocoo(copy=False)  # as given: repeated entries are not added up yet
    rows, columns = entries.row, entries.col
    _refuse_other_than_counts(entries.data, lambda place: (int(rows[place]), int(columns[place])))
    matrix = sparse.csr_array((entries.data.astype(np.int64), (rows, columns)), shape=given.shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if matrix.nnz and matrix.data.max() > _LARGEST:
        raise InputError(
            f"repeated entries add up to {matrix.data.max()}, beyond the largest count"
        )
    return _bag(matrix.indptr, matrix.indices, matrix.data, matrix.shape[1])


def vocabulary_for(words: Any, n_words: int) -> Vocabulary:
    """The vocabulary of ``n_words`` columns; None calls them word0, word1, …

    Raises:
        VocabularyError: when there are not as many words as columns.
    """
    if not n_words:
        raise VocabularyError("counts have no columns: a vocabulary needs at least one word")
    if words is None:
        return Vocabulary(f"word{column}" for column in range(n_words))
    vocabulary = Vocabulary.of(words)
    if len(vocabulary) != n_words:
        raise VocabularyError(
            f"counts have {n_words} columns, but there are {len(vocabulary)} words"
        )
    return vocabulary


def _dense(counts: Any) -> NDArray[Any]:
    try:
        array = np.asarray(counts)
        return array.astype(np.float64) if array.dtype.kind == "O" else array
    except (TypeError, ValueError) as error:
        raise InputError(
            "counts must be a SciPy sparse matrix or a dense table of numbers, "
            f"documents × words, not this {type(counts).__name__}"
        ) from error


def _from_dense(array: NDArray[Any]) -> BagOfWords:
    width = array.shape[1]
    _refuse_other_than_counts(array.ravel(), lambda place: (place // width, place % width))
    rows, columns = np.nonzero(array)
    offsets = np.zeros(len(array) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=len(array)), out=offsets[1:])
    return _bag(offsets, columns, array[rows, columns], width)


def _bag(offsets: Any, words: Any, counts: Any, n_words: int) -> BagOfWords:
    return BagOfWords(offsets, words.astype(np.int32), counts.astype(np.int32), n_words)


def _refuse_other_than_counts(
    values: NDArray[Any], locate: Callable[[int], tuple[int, int]]
) -> None:
    """Raise for the first value that is no count; ``locate`` gives its row and column."""
    if values.dtype.kind == "b":
        return
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values <= _LARGEST)
        if values.dtype.kind == "f":
            good &= values == np.floor(values)
    if good.all():
        return
    place = int(np.argmin(good))
    row, column = locate(place)
    value = values[place].item()
    shown = "NaN" if math.isnan(value) else repr(value)
    raise InputError(f"row {row}, column {column} of the counts is {shown}: {_fault(value)}")


def _fault(value: float) -> str:
    if math.isnan(value):
        return "not a number"
    if value < 0:
        return "a count cannot be negative"
    if value > _LARGEST:
        return f"a count is at most {_LARGEST}"
    return "a count is a whole number (weights such as tf-idf are none)"
