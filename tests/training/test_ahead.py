"""one_ahead: in order, one item early, and whatever fails fails here."""

from __future__ import annotations

import threading

import pytest

from tenor.training.ahead import one_ahead


def test_in_order():
    assert list(one_ahead(lambda key: key * key, range(5))) == [0, 1, 4, 9, 16]
    assert list(one_ahead(str, range(0))) == []


def test_the_next_one_is_made_while_this_one_is_used():
    made = [threading.Event() for _ in range(3)]
    for item in one_ahead(lambda key: (made[key].set(), key)[1], range(3)):
        if item < 2:
            assert made[item + 1].wait(timeout=30)
        if item == 0:
            assert not made[2].is_set()  # one, and not all


def test_an_error_comes_in_its_turn():
    def make(key):
        if key == 2:
            raise ValueError("here")
        return key

    seen = []
    with pytest.raises(ValueError, match="here"):
        seen.extend(iter_into(seen, one_ahead(make, range(4))))
    assert seen == [0, 1]


def iter_into(seen, items):
    for item in items:
        seen.append(item)
    return []


def test_leaving_early_leaves_no_thread():
    before = threading.active_count()
    for _ in one_ahead(str, range(100)):
        break
    assert threading.active_count() == before
