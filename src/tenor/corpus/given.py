"""What callers pass (texts, ids, labels, columns, ready counts), checked and made a corpus's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.checks import amount
from tenor.corpus import layout
from tenor.errors import InputError, SourceError, VocabularyError
from tenor.sources.batches import Stream, TextBatch, batch_of, by_halves
from tenor.sources.columns import OWN_NAMES
from tenor.sources.values import is_text, strings_of
from tenor.text.decoding import is_storable
from tenor.text.vocabulary import Vocabulary

_AT_ONCE = 1 << 12
_LARGEST = 2**31 - 1


def stream(
    texts: Sequence[Any],
    ids: list[str] | None,
    labels: list[str | None] | None,
    columns: Mapping[str, Any],
) -> Stream:
    """A list of texts, with any other columns of theirs."""

    def batch(rows: range) -> TextBatch:
        def place(row: int) -> str:
            return _place(rows[row])

        def own(role: str, values: Sequence[Any]) -> Any:
            return strings_of(values[rows.start : rows.stop], role, place(0))

        some = texts[rows.start : rows.stop]
        if not all(isinstance(text, str) for text in some):
            raise _no_text(some[0], place(0))  # by_halves: of the row at fault in the end
        written = own("text", texts)
        named = None if ids is None else own("id", ids)
        tagged = None if labels is None else own("label", labels)
        made = batch_of(written, named, tagged, place, rows.start)
        others = {name: column.slice(rows.start, len(rows)) for name, column in columns.items()}
        return replace(made, columns=made.columns | others)

    places = range(len(texts))
    dealt = (places[start : start + _AT_ONCE] for start in places[::_AT_ONCE])
    batches = chain.from_iterable(by_halves(rows, batch) for rows in dealt)
    return Stream(batches, unique=ids is None)


def as_ids(ids: Any, n_documents: int) -> list[str] | None:
    """Ids of any plain kind as strings."""
    if ids is None:
        return None
    given = _listed("ids", ids, n_documents)
    for row, identity in enumerate(given):
        if _is_missing(identity) or identity == "":
            raise InputError(f"the id of row {row} is {identity!r}; every document needs one")
    return [str(identity) for identity in given]


def as_labels(labels: Any, n_documents: int) -> list[str | None] | None:
    """Labels of any kind as strings; None and NaN stay none."""
    if labels is None:
        return None
    given = _listed("labels", labels, n_documents)
    return [None if _is_missing(label) else str(label) for label in given]


def as_texts(texts: Any, n_documents: int) -> list[str] | None:
    """Texts to keep beside counts, all of them Unicode."""
    if texts is None:
        return None
    listed = _listed("texts", texts, n_documents)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise _no_text(text, _place(row))
        if not is_storable(text):
            raise InputError(
                f"{_place(row)} holds half a surrogate pair, which is not valid Unicode"
            )
    return listed


def as_columns(columns: Mapping[str, Any] | None, n_documents: int) -> dict[str, Any]:
    """Other columns as Arrow arrays: text, numbers, dates, categories, or dense (D, M) arrays."""
    found = {}
    given = {} if columns is None else columns
    if not hasattr(given, "items"):
        raise InputError(f"columns must be a dict of names to values, not a {type(given).__name__}")
    for name, values in given.items():
        if not isinstance(name, str) or not name or name in OWN_NAMES:
            raise InputError(f"a column cannot be called {name!r}; that has a meaning of its own")
        array = _dense(name, values) if _is_matrix(values) else _arrow(name, values)
        if len(array) != n_documents:
            raise InputError(
                f'there are {len(array)} values of the column "{name}" for {n_documents} documents'
            )
        found[name] = array
    return found


def bag_from_counts(counts: Any) -> BagOfWords:
    """Documents × words as a bag: any SciPy sparse matrix or array, or a small dense one.

    Repeated entries are added up, stored zeros fall away; the caller's matrix stays as it is. An
    entry that is no count is an InputError with its row, column and value.
    """
    from scipy import sparse

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


def vocabulary_for(words: Any, n_words: int) -> Vocabulary:
    """The vocabulary of ``n_words`` columns; None calls them word0, word1, …"""
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
            f"a corpus is indexed by many rows; for one row use corpus[{rows}:{rows}+1]"
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


def _no_text(value: Any, where: str) -> SourceError:
    shown = f" ({value})" if value is None or isinstance(value, float) else ""
    return SourceError(f"{where} is {type(value).__name__}{shown}, not str")


def _is_matrix(values: Any) -> bool:
    """Whether they are rows of numbers."""
    if isinstance(values, list | tuple):
        return bool(values) and isinstance(values[0], list | tuple | np.ndarray)
    return getattr(values, "ndim", 1) > 1


def _dense(name: str, values: Any) -> Any:
    """A dense array as lists of fixed size of float32."""
    if isinstance(values, np.ma.MaskedArray):  # what is masked is missing, and refused
        values = np.ma.filled(values.astype(np.float64), np.nan)
    try:
        with np.errstate(over="ignore"):  # infinite then, and refused
            array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f'the column "{name}" is no array of numbers: {error}') from error
    if array.ndim != 2 or not array.shape[1]:
        raise InputError(f'the column "{name}" must have the shape (D, M), not {array.shape}')
    dense = pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])
    return _finite(name, dense)


def _arrow(name: str, values: Any) -> Any:
    """A value a document; Arrow's arrays are taken as they are."""
    try:
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        array = values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
        if is_text(array.type) or pa.types.is_null(array.type):
            category = pa.types.is_dictionary(array.type)
            array = array if category else array.cast(pa.string())
    except (pa.ArrowException, TypeError, OverflowError, UnicodeEncodeError) as error:
        said = str(error).splitlines()[0]
        raise InputError(f'the column "{name}" cannot be kept: {said}') from error
    if layout.is_dense(array.type):
        return _finite(name, array.cast(pa.list_(pa.float32(), array.type.list_size)))
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if any(is_kind(array.type) for is_kind in kinds):
        return _dense(name, array.to_pylist())
    if pa.types.is_nested(array.type) and not pa.types.is_dictionary(array.type):
        raise InputError(
            f'the column "{name}" holds {array.type}; kept are text, numbers, dates, categories '
            "and vectors of one length"
        )
    return array


def _finite(name: str, dense: Any) -> Any:
    row = layout.not_finite(dense)
    if row is not None:
        raise InputError(f'row {row} of the column "{name}" is not finite (NaN or infinite)')
    return dense


def _listed(name: str, values: Any, n_documents: int) -> list[Any]:
    listed = checks.listed(name, values, "list, one a document")
    if len(listed) != n_documents:
        raise InputError(f"there are {len(listed)} {name} for {n_documents} documents")
    return listed


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def _table(counts: Any) -> NDArray[Any]:
    try:
        array = np.asarray(counts)
        return array.astype(np.float64) if array.dtype.kind == "O" else array
    except (TypeError, ValueError) as error:
        raise InputError(
            "counts must be a SciPy sparse matrix or a dense table of numbers, "
            f"documents × words, not this {type(counts).__name__}"
        ) from error


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
