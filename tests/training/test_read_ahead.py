"""One item is made ahead: same items, same errors, nothing left running."""

from __future__ import annotations

import threading
import time

import pytest

from tenor.training.read_ahead import read_ahead


def test_the_same_items_in_order():
    assert list(read_ahead(iter(range(50)))) == list(range(50))
    assert list(read_ahead(iter([]))) == []
    assert list(read_ahead(iter([None, None]))) == [None, None]


def test_errors_arrive_where_the_items_are_used():
    def failing():
        yield 1
        raise ValueError("of the source")

    found = read_ahead(failing())
    assert next(found) == 1
    with pytest.raises(ValueError, match="of the source"):
        next(found)


def test_only_a_few_items_are_ever_ahead():
    made = []

    def source():
        for number in range(100):
            made.append(number)
            yield number

    found = read_ahead(source())
    next(found)
    time.sleep(0.05)
    assert len(made) <= 4
    found.close()


def test_closing_ends_the_thread():
    found = read_ahead(iter(range(10**9)))
    next(found)
    found.close()
    deadline = time.monotonic() + 10
    while any(thread.name == "tenor-read-ahead" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
