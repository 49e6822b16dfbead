"""Columns of strings read where they lie, and repeated ones found in little memory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.corpus.ids import SeenStrings
from tenor.text import strings
from tenor.text.strings import Strings, find_repeated

texts = st.lists(st.text("aé\0", max_size=3), max_size=12)


def chunked(values, cut):
    """The values in two chunks, the second a slice of a longer array."""
    first = pa.array(values[:cut], pa.string())
    second = pa.array(["before", *values[cut:], "after"], pa.string())
    return pa.chunked_array([first, second.slice(1, len(values) - len(first))], pa.string())


@given(texts, st.integers(0, 12), st.integers(-3, 14), st.integers(-3, 14))
def test_they_are_a_sequence(values, cut, start, stop):
    found = Strings(chunked(values, cut))
    assert list(found) == values and len(found) == len(values)
    assert found == values and values == found and found != [*values, "x"]
    assert found[start:stop] == values[start:stop] and found[::-2] == values[::-2]
    for row in range(-len(values), len(values)):
        assert found[row] == values[row]
    assert found.find("é") == (values.index("é") if "é" in values else -1)
    with pytest.raises(IndexError):
        found[len(values)]


def test_nothing_takes_no_memory():
    nothing = Strings.none(10**7)
    assert len(nothing) == 10**7 and nothing[10**7 - 1] is None
    assert nothing.column.chunks[0].buffers()[1].size < 10**6
    assert Strings.none(0) == [] and repr(Strings.none(7)).endswith("None, …]")


@given(texts, st.integers(0, 12))
def test_the_first_repeated_string_is_found(values, cut):
    column = chunked(values, cut)
    found = find_repeated(lambda: column.chunks, np.empty(len(values), np.uint64))
    seconds = [row for row, value in enumerate(values) if value in values[:row]]
    expected = None
    if seconds:
        value = values[seconds[0]]
        expected = (value, values.index(value), seconds[0])
    assert found == expected


def test_far_apart_and_very_long(monkeypatch):
    monkeypatch.setattr(strings, "_AT_ONCE", 16)
    values = [f"id-{number}" for number in range(1000)]
    room = np.empty(1000, np.uint64)
    assert find_repeated(lambda: [pa.array(values)], room) is None
    values[990] = "id-3"
    assert find_repeated(lambda: [pa.array(values)], room) == ("id-3", 3, 990)
    # Beyond the table of coefficients, places must still differ.
    long = ["x" * 4096 + "ab", "x" * 4096 + "ba", "a" + "x" * 4097, "x" * 4096 + "a" + "x"]
    assert len(set(strings._hashes(pa.array(long)).tolist())) == 4
    swapped = ["a" + "x" * 4095 + "b", "b" + "x" * 4095 + "a"]
    assert len(set(strings._hashes(pa.array(swapped)).tolist())) == 2


def test_strings_that_only_share_a_hash_are_different(monkeypatch):
    monkeypatch.setattr(strings, "_hashes", lambda part: np.zeros(len(part), np.uint64))
    values = pa.array(["a", "b", "c"])
    assert find_repeated(lambda: [values], np.empty(3, np.uint64)) is None
    values = pa.array(["a", "b", "a"])
    assert find_repeated(lambda: [values], np.empty(3, np.uint64)) == ("a", 0, 2)


@given(parts=st.lists(st.lists(st.text("aé", max_size=4), min_size=1, max_size=6), max_size=9))
def test_what_was_there_before_is_known_part_by_part(tmp_path_factory, parts):
    folder = tmp_path_factory.getbasetemp()
    seen, before = SeenStrings(folder), []
    for part in parts:
        again = any(text in [*before, *part[:row]] for row, text in enumerate(part))
        assert seen.add(pa.array(part)) == again
        before += part
    sizes = [len(run) for run in seen._runs]
    assert sum(sizes) == len(before)
    assert all(one > other for one, other in pairwise(sizes)), "few runs"
