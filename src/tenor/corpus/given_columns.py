"""Further columns that callers pass, by name: checked, and made Arrow's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.checks import brief, shown
from tenor.corpus import layout
from tenor.corpus.containers import refuse_unordered
from tenor.errors import InputError
from tenor.sources.columns import OWN_NAMES
from tenor.sources.values import is_text
from tenor.text.missing import is_missing, with_none


def as_columns(columns: Mapping[str, Any] | None, n_documents: int) -> dict[str, Any]:
    """Other columns as Arrow arrays: text, numbers, dates, categories, or dense (D, M) arrays."""
    found = {}
    given = {} if columns is None else columns
    if not hasattr(given, "items"):
        raise InputError(f"columns must be a dict of names to values, not a {type(given).__name__}")
    for name, values in given.items():
        if not isinstance(name, str) or not name or name in OWN_NAMES:
            raise InputError(
                f"a column cannot be called {shown(name)}; that has a meaning of its own"
            )
        array = _dense(name, values) if _is_matrix(values) else _arrow(name, values)
        if len(array) != n_documents:
            raise InputError(
                f'there are {len(array)} values of the column "{brief(name)}" for '
                f"{n_documents} documents"
            )
        found[name] = array
    return found


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
    except (TypeError, ValueError, RuntimeError):  # they repeat what a value says
        raise InputError(
            f'the column "{name}" is no array of numbers, as many in each row'
        ) from None
    if array.ndim != 2 or not array.shape[1]:
        raise InputError(f'the column "{name}" must have the shape (D, M), not {array.shape}')
    dense = pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])
    return _finite(name, dense)


def _arrow(name: str, values: Any) -> Any:
    """A value a document; Arrow's arrays are taken as they are."""
    refuse_unordered(f'the column "{brief(name)}"', values)
    if isinstance(values, list | tuple):
        values = with_none(values)
    try:
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        array = values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
        if is_text(array.type) or pa.types.is_null(array.type):
            category = pa.types.is_dictionary(array.type)
            array = array if category else array.cast(pa.string())
    except UnicodeEncodeError as error:
        raise InputError(
            f'the column "{name}" holds half a surrogate pair, which is not valid Unicode'
        ) from error
    except (pa.ArrowException, TypeError, OverflowError):  # they repeat what a value says
        iterable = isinstance(values, Iterable) and not isinstance(values, str | bytes)
        there = [value for value in values if not is_missing(value)] if iterable else [values]
        said = " and ".join(sorted({type(value).__name__ for value in there})[:3])
        raise InputError(
            f'the column "{name}" cannot be kept: it holds {said}, not values of one plain kind'
        ) from None
    if layout.is_dense(array.type):
        return _finite(name, array.cast(pa.list_(pa.float32(), array.type.list_size)))
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if any(is_kind(array.type) for is_kind in kinds):
        return _dense(name, array.to_pylist())
    if pa.types.is_nested(array.type) and not pa.types.is_dictionary(array.type):
        raise InputError(
            f'the column "{name}" holds {_kind(array.type)}; kept are text, numbers, dates, '
            "categories and vectors of one length"
        )
    return array


def _kind(kind: Any) -> str:
    """An Arrow type without the names of its fields, which the user chose."""
    return str(kind).partition("<")[0]


def _finite(name: str, dense: Any) -> Any:
    row = layout.not_finite(dense)
    if row is not None:
        raise InputError(f'row {row} of the column "{name}" is not finite (NaN or infinite)')
    return dense
