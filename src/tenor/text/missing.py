"""What stands for no text and no label, in every container and format: one rule.

None, NaN of any kind, NaT, pandas' NA, a masked value and a null of Arrow are missing, and so is a
whole column without a type. A missing text makes an empty document, which keeps its row; a missing
label joins no measure, nor does an empty one, as a CSV file can write no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NOTHING = type(None)
_ORDINARY = frozenset({str, int, bool, bytes})  # the types of what is never missing


def is_missing(value: Any) -> bool:
    """Whether a value stands for none."""
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, float | np.floating | np.datetime64 | np.timedelta64):
        return bool(value != value)  # noqa: PLR0124  # as NaN and NaT alone are
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, pa.Scalar):
        return not value.is_valid or is_missing(value.as_py())
    kind = type(value)  # pandas is not needed here, so its two are known by name
    return kind.__name__ in ("NAType", "NaTType") and kind.__module__.startswith("pandas.")


def is_no_label(value: Any) -> bool:
    """Whether a document with this label has none."""
    return is_missing(value) or (isinstance(value, str) and not value)


def labels_in(labels: Any) -> list[Any]:
    """The labels that any container holds, in its order, with None for each that is none."""
    listed = labels.to_pylist() if hasattr(labels, "to_pylist") else list(labels)
    return [None if is_no_label(label) else label for label in listed]


def with_none(values: Sequence[Any]) -> Sequence[Any]:
    """Python's values with None for each that is missing; themselves where none need be changed."""
    if set(map(type, values)) <= _ORDINARY | {_NOTHING}:
        return values
    return [None if is_missing(value) else value for value in values]


def with_nulls(values: Any) -> Any:
    """An Arrow array with null for each NaN as well; of the null type where nothing is left.

    A dictionary's values may be null too: it comes out decoded where they are.
    """
    if pa.types.is_dictionary(values.type) and values.dictionary.null_count:
        values = values.dictionary_decode()
    if pa.types.is_floating(values.type):
        nan = pc.is_nan(values)
        values = pc.if_else(nan, pa.scalar(None, values.type), values)
    return pa.nulls(len(values)) if values.null_count == len(values) else values
