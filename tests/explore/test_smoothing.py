"""Smoothed vectors and the search for many neighbours, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.explore import neighbours, smoothing
from tenor.explore.neighbours import NeighbourSearch, nearest
from tenor.explore.smoothing import Smoothing


def plain_neighbours(query, rows, own, n=20):
    """Places of the nearest by a loop: cosines to 12 decimals, ties by number."""
    ranked = []
    for place, row in enumerate(rows):
        if place != own:
            cosine = query @ row / np.sqrt((query @ query) * (row @ row))
            ranked.append((-round(float(cosine), 12), place))
    return [place for _, place in sorted(ranked)[:n]]


def plain(z, empty=None, queries=None, own=None):
    """s of the collection's documents, or of queries, by the docstring's equations."""
    z = np.asarray(z, np.float64)
    empty = np.zeros(len(z), bool) if empty is None else empty
    said = [d for d in range(len(z)) if not empty[d] and z[d].any()]

    def mean_over(query, itself, values):
        near = plain_neighbours(query, z[said], said.index(itself) if itself in said else -1)
        near = [said[place] for place in near]
        unit = query / np.linalg.norm(query)
        weights = [max(unit @ z[j] / np.linalg.norm(z[j]), 0.0) ** 8 for j in near]
        if sum(weights) == 0:
            return 0 * query
        return sum(w * values[j] for w, j in zip(weights, near, strict=True)) / sum(weights)

    spread = {d: z[d] + mean_over(z[d], d, z) for d in said}
    if queries is None:
        return np.array(
            [z[d] + mean_over(z[d], d, spread) if d in said else z[d] for d in range(len(z))]
        )
    asked = np.asarray(queries, np.float64)
    return np.array([q + mean_over(q, o, spread) for q, o in zip(asked, own, strict=True)])


def collection(n=60, size=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, size)).astype(np.float32)


def nothing(z):
    return np.zeros(len(z), dtype=bool)


@pytest.mark.parametrize("n", [400, 60, 21, 20, 3, 2])
def test_stored_documents_are_smoothed_as_by_a_loop(n, monkeypatch):
    monkeypatch.setattr(neighbours, "ROWS", 23)  # several blocks, the last one short
    monkeypatch.setattr(smoothing, "BLOCK", 17)
    z = collection(n)
    found = Smoothing(z, nothing(z)).stored()
    assert (found.dtype, found.shape) == (np.float32, z.shape)
    np.testing.assert_allclose(found, plain(z), rtol=1e-5, atol=1e-6)


def test_new_documents_are_smoothed_over_the_collection():
    z, new = collection(200), collection(7, seed=1)
    both, own = np.vstack([new, z[[3, 0, 199]]]), np.array([-1] * 7 + [3, 0, 199])
    over = Smoothing(z, nothing(z))
    expected = plain(z, queries=both, own=own)
    np.testing.assert_allclose(over.smooth(both, own), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(over.smooth(new), over.smooth(both, own)[:7])
    np.testing.assert_allclose(over.smooth(both, own)[7:], over.stored()[[3, 0, 199]], rtol=1e-6)


def test_a_document_that_is_not_said_to_be_stored_finds_its_like():
    z = collection(200)
    over = Smoothing(z, nothing(z))
    assert not np.allclose(over.smooth(z[:1]), over.smooth(z[:1], np.array([0])), rtol=1e-2)


def test_neither_batch_nor_order_changes_a_document():
    z, new = collection(300), collection(50, seed=1)
    over = Smoothing(z, nothing(z))
    together = over.smooth(new)
    alone = np.vstack([over.smooth(new[row : row + 1]) for row in range(50)])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(over.smooth(new[::-1])[::-1], together, rtol=1e-4, atol=1e-6)
    order = np.random.default_rng(2).permutation(300)
    shuffled = Smoothing(z[order], nothing(z))
    np.testing.assert_allclose(shuffled.smooth(new), together, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(shuffled.stored(), over.stored()[order], rtol=1e-4, atol=1e-6)
    some = Smoothing(z, nothing(z)).stored([5, 299, 5])  # before all of them were asked for
    np.testing.assert_allclose(some, over.stored([5, 299, 5]), rtol=1e-6)


def test_wordless_documents_keep_their_vector_and_are_nobodys_neighbours():
    z = collection(40)
    z[[4, 17, 30]] = z[4]  # all alike, as documents without a word are
    z[8] = 0
    empty = nothing(z)
    empty[[4, 17, 30]] = True
    over = Smoothing(z, empty)
    found = over.stored()
    np.testing.assert_array_equal(found[[4, 8, 17, 30]], z[[4, 8, 17, 30]])
    np.testing.assert_allclose(found, plain(z, empty), rtol=1e-5, atol=1e-6)
    said = ~empty & z.any(axis=1)
    np.testing.assert_allclose(
        found[said], Smoothing(z[said], nothing(z[said])).stored(), rtol=1e-5, atol=1e-6
    )
    new = np.vstack([z[4], z[0], np.zeros(6)]).astype(np.float32)
    smoothed = over.smooth(new, empty=np.array([True, False, False]))
    np.testing.assert_array_equal(smoothed[[0, 2]], new[[0, 2]])
    assert not np.allclose(smoothed[1], new[1])


def test_one_document_and_none_that_says_anything():
    one = collection(1)
    np.testing.assert_array_equal(Smoothing(one, nothing(one)).stored(), one)
    mute = Smoothing(collection(5), np.ones(5, dtype=bool))
    np.testing.assert_array_equal(mute.stored(), collection(5))
    np.testing.assert_array_equal(mute.smooth(one), one)


def test_ties_are_resolved_by_row():
    z = np.zeros((40, 2), dtype=np.float32)
    z[:, 0] = np.arange(1, 41)  # one direction, forty lengths: every cosine is 1
    own = np.arange(40)
    found = NeighbourSearch(z, 10).nearest(z, own).numbers
    for row in range(40):
        assert found[row].tolist() == [other for other in range(11) if other != row][:10]
    np.testing.assert_allclose(Smoothing(z, nothing(z)).stored(), plain(z), rtol=1e-6)


def test_what_fills_the_last_group_is_found_by_nobody():
    rows = np.abs(collection(165))  # 83 groups of 2
    found = NeighbourSearch(rows, 10).nearest(-rows[:3], np.full(3, -1))
    expected = [nearest(-row, rows, 10) for row in rows[:3]]
    assert found.numbers.tolist() == [[place for place, _ in near] for near in expected]
    np.testing.assert_allclose(found.cosines, [[c for _, c in near] for near in expected], 1e-6)
    # nothing at a cosine above 0 is near
    np.testing.assert_array_equal(Smoothing(rows, nothing(rows)).smooth(-rows[:3]), -rows[:3])


def test_the_search_is_that_of_one_query_at_a_time():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(3000, 20)).astype(np.float32) * rng.uniform(1e-3, 1e3, (3000, 1))
    rows[1000:1200] = rows[:200]  # the same documents twice
    rows[2000:2300] = rows[2000] + 1e-6 * rng.normal(size=(300, 20)) * np.abs(rows[2000])
    rows = rows.astype(np.float32)
    asked = np.r_[0:60, 1000:1030, 2000:2060]
    found = NeighbourSearch(rows, 10).nearest(rows[asked], asked).numbers
    for row, near in zip(asked, found, strict=True):
        expected = [place for place, _ in nearest(rows[row], rows, 10, exclude=int(row))]
        assert near.tolist() == expected


def test_beyond_the_limit_neighbours_are_sought_in_a_sample(monkeypatch):
    monkeypatch.setattr(smoothing, "LIMIT", 50)
    z = collection(120)
    over = Smoothing(z, nothing(z))
    assert len(over.among) == 50 and (np.diff(over.among) > 0).all()
    np.testing.assert_array_equal(over.among, Smoothing(z, nothing(z)).among)
    outside = ~np.isin(np.arange(120), over.among)
    expected = np.zeros_like(z)
    expected[over.among] = plain(z[over.among])
    new = z[outside]
    expected[outside] = plain(z[over.among], queries=new, own=[-1] * len(new))
    np.testing.assert_allclose(over.stored(), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(over.smooth(z, np.arange(120)), expected, rtol=1e-5, atol=1e-6)


def test_memory_holds_no_matrix_of_all_cosines():
    import tracemalloc

    z = np.random.default_rng(0).normal(size=(8000, 8)).astype(np.float32)
    Smoothing(z[:100], nothing(z[:100])).stored()  # loads what is lazy
    tracemalloc.start()
    Smoothing(z, nothing(z)).stored()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20  # 8,000² cosines in single precision would be 244 MiB


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda z: Smoothing(z, np.zeros(3, bool)), "empty must be 60 truth values"),
        (lambda z: Smoothing(z, np.zeros(60)), "empty must be 60 truth values"),
        (lambda z: Smoothing(z * np.nan, nothing(z)), "row 0 holds NaN"),
        (lambda z: Smoothing(z, nothing(z)).smooth(z[:, :2]), r"shape \(rows, 6\)"),
        (lambda z: Smoothing(z, nothing(z)).smooth(z[:2], [0, 60]), "rows of the collection, 0 to"),
        (lambda z: Smoothing(z, nothing(z)).smooth(z[:2], [0]), "own must be 2 rows"),
    ],
)
def test_bad_input_gets_one_line(ask, says):
    with pytest.raises(InputError, match=says) as raised:
        ask(collection())
    assert "\n" not in str(raised.value)
