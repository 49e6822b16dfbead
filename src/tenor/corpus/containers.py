"""What callers hold documents in: texts and counts told apart, and texts made a sequence.

Tables are pandas' and polars' data frames and Arrow's tables; tenor needs none of the first two, so
it knows them by what they have.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, KeysView, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.checks import amount, expanded, kind_of, shown
from tenor.errors import InputError
from tenor.sources.values import is_text
from tenor.text.missing import is_missing
from tenor.text.strings import Strings

_NUMBERS = "biufc"  # NumPy's kinds
_NAMES = 5  # of columns, in a message


def is_counts(documents: Any) -> bool:
    """Whether documents are numbers, documents × words, rather than texts.

    Nothing is used up: of a generator it is not known, so it must be of texts. InputError for a
    table where that cannot be told.
    """
    if is_table(documents):
        return _text_column(documents) is None
    if isinstance(documents, pa.Array | pa.ChunkedArray):
        return False
    if isinstance(documents, list | tuple):
        row = next((row for row in documents if not is_missing(row)), None)
        return isinstance(row, list | tuple | np.ndarray) and _holds_numbers(row)
    if hasattr(documents, "tocsr"):
        return True
    if not hasattr(documents, "__array__") or len(getattr(documents, "shape", (0, 0))) == 1:
        return False
    array = np.asarray(documents)
    return array.ndim > 1 and not _holds_texts(array)


def texts_in(documents: Any) -> Sequence[Any]:
    """Texts, or what stands for a missing one, as a sequence that is sliced by rows.

    Arrow's arrays stay where they lie. What is no text in a row is found later, when it is read.

    Raises:
        InputError: for what has no rows of texts; says what was passed and what to pass.
    """
    if isinstance(documents, list | tuple | Strings):
        return documents
    _refuse_other_than_texts(documents)
    if is_table(documents):
        column = _text_column(documents)
        if column is None:
            raise InputError(f"{kind_of(documents)} of numbers holds no texts")
        documents = column
    if hasattr(documents, "to_arrow"):  # a Series of polars
        documents = documents.to_arrow()
    if isinstance(documents, pa.Array):
        documents = pa.chunked_array([documents])
    if isinstance(documents, pa.ChunkedArray):
        return Strings(documents)
    if hasattr(documents, "__array__") and not hasattr(documents, "shape"):
        documents = np.asarray(documents)
    if isinstance(documents, np.ndarray) and documents.ndim > 1:
        if documents.shape[1:] != (1,):
            raise InputError(
                f"texts must be a list of str, not an array of the shape {documents.shape}"
            )
        documents = documents.ravel()
    return documents.tolist() if hasattr(documents, "tolist") else list(documents)


def is_table(value: Any) -> bool:
    """Whether it is a data frame or a table of Arrow."""
    if isinstance(value, pa.Table | pa.RecordBatch):
        return True
    if hasattr(value, "collect"):  # polars reads no LazyFrame before it is asked to
        return False
    return hasattr(value, "columns") and hasattr(value, "dtypes") and hasattr(value, "shape")


def column_names(table: Any) -> list[Any]:
    """The names of a table's columns."""
    is_arrow = isinstance(table, pa.Table | pa.RecordBatch)
    return list(table.schema.names if is_arrow else table.columns)


def named_words(counts: Any) -> list[str] | None:
    """The words that the columns of a table of counts are named by; None where they are not.

    pandas numbers columns from 0 that nobody named. Other names that are no str are an InputError.
    """
    if not is_table(counts):
        return None
    names = column_names(counts)
    if names == list(range(len(names))):
        return None
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise InputError(
                f"column {place} of the counts is called {shown(name)}, which is no word; "
                "name all columns by str, or pass the counts without names: counts.to_numpy()"
            )
    return [str(name) for name in names]


def refuse_other_names(counts: Any, words: Sequence[str], whose: str, called: str) -> None:
    """Raise InputError when a table of counts has named columns and they are not ``words``.

    ``whose`` words they are is said in a sentence, and what they are ``called`` in Python.
    """
    names = named_words(counts)
    if names is None or names == list(words):
        return
    if sorted(names) == sorted(words):
        raise InputError(
            f"the columns of the counts are in another order than {whose}; take them by name, "
            f"counts[{called}]"
        )
    known = set(words)
    strange = [name for name in names if name not in known]
    what = f"{amount(len(strange), 'column')} of the counts" if strange else "columns of the counts"
    said = f", such as {shown(strange[0])}, not" if strange else " not once each"
    raise InputError(
        f"{what}{said} among {whose}; count the documents over these words, or pass the counts "
        "without names: counts.to_numpy()"
    )


def without_names(counts: Any) -> Any:
    """The counts of a table: what NumPy or SciPy make of it; anything else as it is."""
    if not is_table(counts):
        return counts
    if hasattr(counts, "sparse"):  # pandas, where every column is sparse
        return counts.sparse.to_coo()
    return np.asarray(pa.table(counts) if isinstance(counts, pa.RecordBatch) else counts)


def refuse_unordered(what: str, values: Any) -> None:
    """Raise InputError for values, one a document, in what has no order of them."""
    if isinstance(values, str | bytes | Mapping):
        raise InputError(f"{what} must be a list, one a document, not {kind_of(values)}")
    if isinstance(values, Set) and not isinstance(values, KeysView):
        raise InputError(f"{what} must be a list, as {kind_of(values)} has no order")


def _is_path(text: str) -> bool:
    """Whether a text is rather the name of what is to be read."""
    try:
        return Path(expanded(text)).exists()
    except (OSError, ValueError):  # a text may be none
        return False


def _refuse_other_than_texts(documents: Any) -> None:
    """Raise InputError for what is known to be no collection of texts in an order."""
    if isinstance(documents, str):
        read = ", or read files with tenor.Corpus.read(path)" * _is_path(documents)
        raise InputError(
            f"expected a list of texts, but got one text; put it in a list: [text]{read}"
        )
    wanted, kind = "texts must be a list of str", kind_of(documents)
    if isinstance(documents, bytes | bytearray | memoryview):
        raise InputError(f"{wanted}, not {kind}; decode it, and put it in a list: [text]")
    if isinstance(documents, Path):
        raise InputError(f"{wanted}, not a path; read files with tenor.Corpus.read(path)")
    if isinstance(documents, Mapping):
        raise InputError(
            f"{wanted}, not {kind}; pass its texts, list(d.values()), or a corpus that has its "
            "keys too: tenor.Corpus.from_texts(list(d.values()), ids=list(d))"
        )
    if isinstance(documents, Set) and not isinstance(documents, KeysView | ItemsView):
        raise InputError(f"{kind} of texts has no order, so no rows; pass a list of str")
    if hasattr(documents, "collect") and hasattr(documents, "collect_schema"):
        raise InputError(f"{wanted}, not {kind}; collect it, and pass the column of the texts")
    if not isinstance(documents, Iterable) and not hasattr(documents, "__array__"):
        raise InputError(f"{wanted}, not {kind}")
    if getattr(documents, "ndim", 1) == 0:
        raise InputError(f"{wanted}, not one value; put it in a list: [text]")
    if getattr(getattr(documents, "dtype", None), "kind", "") in tuple(_NUMBERS) and not all(
        map(is_missing, documents)
    ):
        raise InputError(
            "numbers in one dimension are neither texts nor counts, which are documents × words. "
            "Reshape your data"
        )


def _text_column(table: Any) -> Any | None:
    """The only column of a table, when it holds texts or nothing; None when all hold numbers."""
    names, kinds = column_names(table), _kinds(table)
    n_columns = len(names)
    if n_columns == 1 and not len(table):
        return _column(table, 0)  # of nothing, whatever the type
    others = [place for place, kind in enumerate(kinds) if not _is_number(kind)]
    texts = [place for place in others if _is_text(_column(table, place))]
    if not texts:
        return None
    if n_columns == 1:
        return _column(table, 0)
    listed = ", ".join(str(name)[:40] for name in names[:_NAMES]) + ", …" * (n_columns > _NAMES)
    raise InputError(
        f"{kind_of(table)} of {n_columns} columns ({listed}) is neither texts nor counts; pass the "
        f'column that holds the texts, such as df["{str(names[texts[0]])[:40]}"], or columns of '
        "counts only"
    )


def _column(table: Any, place: int) -> Any:
    if isinstance(table, pa.Table | pa.RecordBatch):
        return table.column(place)
    return table.iloc[:, place] if hasattr(table, "iloc") else table.to_series(place)


def _kinds(table: Any) -> list[Any]:
    """The types of a table's columns, of NumPy, pandas, polars or Arrow."""
    is_arrow = isinstance(table, pa.Table | pa.RecordBatch)
    return list(table.schema.types if is_arrow else table.dtypes)


def _is_number(kind: Any) -> bool:
    if isinstance(kind, pa.DataType):
        return bool(pa.types.is_primitive(kind)) and not pa.types.is_temporal(kind)
    return kind.is_numeric() if hasattr(kind, "is_numeric") else kind.kind in _NUMBERS


def _is_text(column: Any) -> bool:
    """Whether a column of other than numbers holds texts, or nothing at all."""
    if hasattr(column, "to_arrow"):
        column = column.to_arrow()
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return is_text(column.type) or pa.types.is_null(column.type)
    some = next((value for value in column if not is_missing(value)), None)
    return some is None or not isinstance(some, int | float | np.number)


def _holds_numbers(row: Any) -> bool:
    """Whether a row of a list holds numbers, or nothing at all."""
    some = next((value for value in row if not is_missing(value)), None)
    return not isinstance(some, str | bytes | list | tuple | Mapping)


def _holds_texts(array: Any) -> bool:
    """Whether a two-dimensional array is one column of texts."""
    kind = getattr(array.dtype, "kind", _NUMBERS[0])
    if array.ndim != 2 or array.shape[1] != 1 or kind in _NUMBERS:
        return False
    some = next((value for value in array[:, 0].tolist() if not is_missing(value)), None)
    return some is None or isinstance(some, str)
