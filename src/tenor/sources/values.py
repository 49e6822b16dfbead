"""A column's values as one Arrow array: of a table's own types, or Python's.

An error names the first of the rows that were given; see :func:`tenor.sources.batches.by_halves`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenor.checks import amount
from tenor.errors import SourceError
from tenor.text.decoding import REPLACING, refuse_longer, storable
from tenor.text.missing import with_none, with_nulls

BETWEEN = "\n\n"  # texts of several columns that are joined
_NOTHING = type(None)
_CATEGORY = pa.dictionary(pa.int32(), pa.string())
_PLAIN: dict[Any, Any] = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_FITTING = {kind: {plain} for plain, kind in _PLAIN.items()} | {pa.float64(): {float, int}}
_TEXTS = ("is_string", "is_large_string", "is_string_view")
_KEPT = (
    *("is_integer", "is_floating", "is_decimal", "is_boolean"),
    *("is_date", "is_time", "is_timestamp", "is_duration"),
)


def size_of(strings: Any) -> int:
    """The bytes of the strings of an Arrow array, chunked or not."""
    return pc.sum(pc.binary_length(strings)).as_py() or 0


def strings_of(values: Sequence[Any], role: str, where: str, errors: str = "strict") -> Any:
    """(D,) strings of Python's, or None, as an Arrow array."""
    try:
        strings = pa.array(values, pa.string())
    except UnicodeEncodeError:
        if errors == "strict":
            raise SourceError(
                f"{where}: the {role} holds half a surrogate pair, which is not valid Unicode; "
                "mend it, or read a file with ",
                REPLACING,
            ) from None
        strings = pa.array([v if v is None else storable(v) for v in values], pa.string())
    refuse_longer(size_of(strings), where)  # beyond 2³¹ bytes Arrow makes several arrays of them
    return strings


def is_text(kind: Any) -> bool:
    """Whether a column of this Arrow type holds text."""
    return _is(kind.value_type if pa.types.is_dictionary(kind) else kind, _TEXTS)


def texts_of(values: Any, column: str, errors: str, where: str) -> Any:
    """(D,) texts, null where there is none."""
    if isinstance(values, pa.Array):
        if not is_text(values.type):
            kind, values = values.type, with_nulls(values)
            if not pa.types.is_null(values.type):
                raise SourceError(f'{where}: "{column}" holds {kind}, not text')
    elif not set(map(type, values)) <= {str, _NOTHING}:
        values = with_none(values)
        for given in set(map(type, values)) - {str, _NOTHING}:
            raise SourceError(f'{where}: "{column}" is {given.__name__}, not text')
    return _strings(values, column, "text", errors, where)


def joined_texts(parts: Sequence[Any], where: str) -> Any:
    """(D,) texts of several columns as one, a blank line between those that hold something."""
    if len(parts) == 1:
        return parts[0]
    refuse_longer(sum(map(size_of, parts)), where)
    nothing = pa.scalar(None, pa.string())
    joined, *others = (pc.if_else(pc.equal(part, ""), nothing, part) for part in parts)
    for part in others:
        both = pc.binary_join_element_wise(joined, part, BETWEEN)  # null where one is
        joined = pc.coalesce(both, joined, part)
    missing = reduce(pc.and_, (part.is_null() for part in parts))
    return pc.if_else(missing, nothing, joined.fill_null(""))


def names_of(values: Any, column: str, role: str, errors: str, where: str) -> Any:
    """(D,) ids or labels: names and numbers of any plain kind as strings, null where missing."""
    if isinstance(values, pa.Array) and not is_text(values.type):
        # Arrow writes whole numbers as Python does, other things in ways of its own.
        whole = pa.types.is_integer(values.type) or pa.types.is_null(values.type)
        values = values.cast(pa.string()) if whole else values.to_pylist()
    if not isinstance(values, pa.Array):
        values = with_none(values)
        values = [v if v is None or isinstance(v, str) else _name(v, column, where) for v in values]
    return _strings(values, column, role, errors, where)


def kept_of(values: Any, column: str, known: Any | None, errors: str, where: str) -> Any:
    """(D,) values of a kept column, of the type ``known``, or of that of the first one.

    Types of Arrow stay as they are, but all text is Arrow's plain string. A column without any
    value has the null type while none is known.
    """
    if not isinstance(values, pa.Array):
        return _kept_of_python(values, column, known, errors, where)
    category = pa.types.is_dictionary(values.type)
    if is_text(values.type):
        values = _strings(values, column, column, errors, where)
        values = values.dictionary_encode() if category else values
    elif category:
        values = values.dictionary_decode()
    if pa.types.is_null(with_nulls(values).type):
        return pa.nulls(len(values), known)
    if not is_text(values.type) and not _is(values.type, _KEPT):
        raise SourceError(
            f'{where}: "{column}" holds {values.type}; text, numbers, booleans, dates and '
            "categories can be kept"
        )
    if known is None or values.type == known:
        return values
    try:
        if common_type(known, values.type) == known:
            return as_type(values, known)
    except pa.ArrowInvalid:
        pass  # a whole number that no float is
    raise SourceError(f'{where}: "{column}" holds {values.type}, other rows hold {known}')


def plain_type(kind: Any) -> Any:
    """The type that a kept column of this Arrow type comes out with."""
    category = pa.types.is_dictionary(kind)
    if is_text(kind):
        return _CATEGORY if category else pa.string()
    return kind.value_type if category else kind


def common_type(one: Any, other: Any) -> Any | None:
    """The plainest Arrow type that holds the values of both, None where there is none."""
    if one == other:
        return one
    if is_text(one) and is_text(other):
        return pa.string()
    kinds = (one, other)
    for date, time in (kinds, kinds[::-1]):
        if pa.types.is_date(date) and pa.types.is_timestamp(time):
            return time if time.tz is None else None
    if any(map(pa.types.is_decimal, kinds)) and any(map(pa.types.is_floating, kinds)):
        return None  # a float is only near a decimal
    try:
        schemas = [pa.schema([("", kind)]) for kind in kinds]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def as_type(values: Any, kind: Any) -> Any:
    """An Arrow array of another type that holds its values; text may be a category.

    ArrowException where it does not hold them.
    """
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.dictionary_encode() if pa.types.is_dictionary(kind) else values.cast(kind)


def embedding_of(values: Any, column: str, size: int | None, where: str) -> Any:
    """(D,) lists of M finite float32 each, M being ``size`` or that of the first row."""
    what = f'{where}: the embedding "{column}"'
    try:
        lists = values if isinstance(values, pa.Array) else pa.array(values)
    except (pa.ArrowException, OverflowError) as error:
        raise SourceError(f"{what} is no list of numbers") from error
    if lists.null_count:
        raise SourceError(f"{what} is missing")
    if not _is(lists.type, ("is_list", "is_large_list", "is_fixed_size_list")):
        raise SourceError(f"{what} holds {lists.type}, not lists of numbers")
    lengths = pc.list_value_length(lists)
    size = lengths[0].as_py() if size is None else size
    if size == 0:
        raise SourceError(f"{what} is empty")
    for length in {pc.min(lengths).as_py(), pc.max(lengths).as_py()} - {size}:
        raise SourceError(f"{what} has {amount(length, 'number')}, before it had {size}")
    numbers = lists.flatten()
    if not _is(numbers.type, ("is_integer", "is_floating")):
        raise SourceError(f"{what} holds {numbers.type}, not numbers")
    numbers = numbers.cast(pa.float32(), safe=False)
    if numbers.null_count or not np.isfinite(numbers.to_numpy(zero_copy_only=True)).all():
        raise SourceError(f"{what} holds a number that is missing, NaN or infinite")
    return pa.FixedSizeListArray.from_arrays(numbers, size)


def _kept_of_python(
    values: Sequence[Any], column: str, known: Any | None, errors: str, where: str
) -> Any:
    kinds = set(map(type, values)) - {_NOTHING}
    if float in kinds and not kinds <= {float, int}:  # a NaN among others is a missing one
        values = with_none(values)
        kinds = set(map(type, values)) - {_NOTHING}
    if not kinds:
        return pa.nulls(len(values), known)
    first = next(type(value) for value in values if value is not None)
    kind = known or (pa.float64() if kinds == {int, float} else _PLAIN.get(first))
    if not kinds <= _FITTING.get(kind, set()):
        others = f"other rows hold {known}" if known else "text, numbers and booleans can be kept"
        if known == pa.int64() and kinds <= {int, float}:
            others += "; write one of the first numbers as 1.0"
        raise SourceError(f'{where}: "{column}" is {first.__name__}; {others}')
    if kind == pa.string():
        return _strings(values, column, column, errors, where)
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise SourceError(f'{where}: "{column}" is no number that {kind} can hold') from error


def _name(value: Any, column: str, where: str) -> str:
    if isinstance(value, dict | list | bytes):
        kind = type(value).__name__
        raise SourceError(f'{where}: "{column}" is {kind}; a name or number is needed')
    return str(value)


def _strings(values: Any, column: str, role: str, errors: str, where: str) -> Any:
    """Text of either kind as an Arrow string array; Arrow's own is not always UTF-8."""
    if not isinstance(values, pa.Array):
        return strings_of(values, role, where, errors)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    try:
        strings = values.cast(pa.string())
        strings.validate(full=True)
    except pa.ArrowInvalid:
        refuse_longer(values.nbytes, where)
        decoded: list[str | None] = []
        for value in values.cast(pa.binary()).to_pylist():
            try:
                decoded.append(None if value is None else value.decode("utf-8", errors))
            except UnicodeDecodeError as error:
                raise SourceError(
                    f'{where}: "{column}" is not UTF-8 (byte {error.start}); read it with ',
                    REPLACING,
                ) from error
        strings = pa.array(decoded, pa.string())
    refuse_longer(size_of(strings), where)
    return strings


def _is(kind: Any, tests: Sequence[str]) -> bool:
    return any(getattr(pa.types, test)(kind) for test in tests)
