"""What is missing: one rule for every value and array."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tenor.text.missing import is_missing, is_no_label, with_none, with_nulls

MISSING = [
    None,
    float("nan"),
    np.float32("nan"),
    np.longdouble("nan"),
    np.datetime64("NaT"),
    np.timedelta64("NaT", "s"),
    np.ma.masked,
    Decimal("NaN"),
    Decimal("sNaN"),
    pa.scalar(None),
    pa.scalar(None, pa.string()),
    pa.scalar(float("nan")),
]
THERE = ["", "nan", "None", 0, 0.0, False, b"", np.float64(1), np.datetime64("2020"), [], (None,)]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing(value: object) -> None:
    assert is_missing(value)
    assert is_no_label(value)
    assert with_none(["a", value]) == ["a", None]


@pytest.mark.parametrize("value", [*THERE, np.array([np.nan]), pa.scalar("a"), object()], ids=repr)
def test_there(value: object) -> None:
    assert not is_missing(value)
    (same,) = with_none([value])
    assert same is value


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    assert is_missing(pandas.NA)
    assert is_missing(pandas.NaT)
    assert not is_missing(pandas.Timestamp("2020"))


def test_an_empty_label_is_none() -> None:
    assert is_no_label("")
    assert not is_no_label(" ")
    assert not is_no_label(0)


def test_nothing_is_copied_where_nothing_changes() -> None:
    plain = ["a", None, "b"]
    assert with_none(plain) is plain


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1.5, float("nan"), None]), pa.array([1.5, None, None])),
        (pa.array([float("nan")] * 2), pa.nulls(2)),
        (pa.array([None, None], pa.string()), pa.nulls(2)),
        (pa.array([], pa.string()), pa.nulls(0)),
        (pa.array(["a", None]), pa.array(["a", None])),
        (pa.chunked_array([["a"], [None]]), pa.chunked_array([["a"], [None]])),
        (
            pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["a", None])),
            pa.array(["a", None, None]),
        ),
    ],
    ids=repr,
)
def test_arrow(array: pa.Array, expected: pa.Array) -> None:
    assert with_nulls(array).equals(expected)
