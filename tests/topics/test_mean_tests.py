"""Whether two means differ: closed forms against counting every deal of the documents."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tenor.topics import group_means
from tenor.topics.group_means import Moments, adjusted, moments, p_values


def skewed(n, topics=20, seed=0, concentration=0.1):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(topics, concentration), size=n)


def found_p(rows, n):
    """p-values of the first n rows against the others."""
    centre = rows.mean(axis=0)
    return p_values(moments(rows[:n], centre), moments(rows, centre))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_moments_of_a_random_deal_are_those_of_all_deals(n):
    rows = skewed(9, 4)
    rows -= rows.mean(axis=0)
    pool = moments(rows, np.zeros(4))
    sums = np.array([rows[list(deal)].sum(axis=0) for deal in combinations(range(9), n)])
    np.testing.assert_allclose(group_means.permuted_variance(n, pool), sums.var(axis=0))
    skewness = (sums**3).mean(axis=0) / sums.var(axis=0) ** 1.5
    np.testing.assert_allclose(group_means.permuted_skewness(n, pool), skewness, atol=1e-12)


def test_p_values_are_near_those_of_all_deals():
    rows = skewed(20, 40, seed=3, concentration=1.0)
    rows -= rows.mean(axis=0)
    sums = np.array([rows[list(deal)].sum(axis=0) for deal in combinations(range(20), 8)])
    seen = rows[:8].sum(axis=0)
    above, below = (sums >= seen - 1e-12).mean(axis=0), (sums <= seen + 1e-12).mean(axis=0)
    exact = np.minimum(2 * np.minimum(above, below), 1)
    apart = np.abs(found_p(rows, 8) - exact)
    assert apart.max() < 0.1 and np.median(apart) < 0.03
    small = exact < 0.2  # where it matters
    assert small.sum() >= 5 and apart[small].max() < 0.03


@pytest.mark.parametrize(("n", "of"), [(30, 400), (200, 400), (100, 2000)])
def test_one_in_twenty_is_found_where_there_is_nothing(n, of):
    found = [(found_p(skewed(of, seed=seed), n) < 0.05).mean() for seed in range(150)]
    assert 0.025 < np.mean(found) < 0.06  # 3,000 tests: the rate is known to ± .004 or so


def test_few_documents_find_too_little_rather_than_too_much():
    found = [(found_p(skewed(300, seed=seed), 5) < 0.05).mean() for seed in range(150)]
    assert np.mean(found) < 0.03


def test_unequal_spread_with_one_mean_is_no_difference():
    def rate(n, of):
        rows = [
            np.concatenate([skewed(n, 20, seed), skewed(of - n, 20, seed + 999, 0.6)])
            for seed in range(100)
        ]
        return np.mean([(found_p(both, n) < 0.05).mean() for both in rows])

    assert rate(150, 2000) < 0.065  # permutations alone say .3


def test_a_constant_topic_and_a_lonely_document_show_nothing():
    rows = np.tile(np.array([0.25, 0.75], dtype=np.float32), (30, 1))
    np.testing.assert_array_equal(found_p(rows, 10), [1, 1])
    rows = skewed(30, 2)
    assert np.isnan(found_p(rows, 1)).all() and np.isnan(found_p(rows, 29)).all()
    assert np.isnan(found_p(rows, 0)).all() and np.isfinite(found_p(rows, 2)).all()


def test_sets_without_any_spread_of_their_own_differ():
    rows = np.repeat([[0.2, 0.8], [0.4, 0.6]], 20, axis=0)
    assert (found_p(rows, 20) < 1e-6).all()


def test_moments_add_up():
    rows, centre = skewed(100_000, 3), np.full(3, 0.1)
    whole = moments(rows, centre)
    parts = moments(rows[:70_000], centre) + moments(rows[70_000:], centre)
    dense = (rows - centre).astype(np.float64)
    for sums, added, power in zip(whole.sums, parts.sums, (1, 2, 3), strict=True):
        np.testing.assert_allclose(sums, (dense**power).sum(axis=0))
        np.testing.assert_allclose(sums, added)
    assert isinstance(whole, Moments) and whole.n == parts.n == 100_000


def test_rates_are_benjamini_and_hochbergs_over_what_was_asked():
    p = np.array([[0.01, np.nan, 0.02], [0.5, 0.03, np.nan]])
    expected = [[0.04, np.nan, 0.04], [0.5, 0.04, np.nan]]  # p · 4 / rank, from the largest down
    np.testing.assert_allclose(adjusted(p), expected)
    assert np.isnan(adjusted(np.full((2, 2), np.nan))).all()
