"""k-medoids against trying every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tenor.explore.neighbours import unit_rows
from tenor.topics.finding import medoids


def objective(vectors, weights, chosen, held=None):
    rows = vectors[list(chosen)]
    rows = rows if held is None else np.vstack([rows, held])
    return weights @ (vectors @ rows.T).max(axis=1)


@pytest.fixture(params=range(5))
def points(request):
    rng = np.random.default_rng(request.param)
    vectors = unit_rows(rng.normal(size=(14, 4)))
    return vectors, np.sort(rng.random(14))[::-1].copy()


def test_no_single_swap_is_better(points):
    vectors, weights = points
    chosen = medoids(vectors, weights, 4, 10)
    value = objective(vectors, weights, chosen)
    assert len(set(chosen)) == 4 and max(chosen) < 10
    for place in range(4):
        for other in set(range(10)) - set(chosen):
            swapped = [*chosen[:place], other, *chosen[place + 1 :]]
            assert objective(vectors, weights, swapped) <= value * (1 + 1e-8)


def test_it_comes_near_the_best_of_all_choices(points):
    vectors, weights = points
    best = max(objective(vectors, weights, c) for c in combinations(range(10), 3))
    assert objective(vectors, weights, medoids(vectors, weights, 3, 10)) >= 0.99 * best


def test_groups_that_are_apart_get_one_each():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(5), 8)
    vectors = unit_rows(np.eye(6)[group] + 0.05 * rng.normal(size=(40, 6)))
    chosen = medoids(vectors, np.ones(40), 5, 40)
    assert sorted(group[chosen]) == [0, 1, 2, 3, 4]


def test_what_stands_already_is_not_chosen_again():
    group = np.repeat(np.arange(3), 4)
    vectors = np.eye(4)[group]
    chosen = medoids(vectors, np.ones(12), 2, 12, held=np.eye(4)[:1])
    assert sorted(group[chosen]) == [1, 2]


def test_heavy_points_are_served_first():
    vectors = np.eye(3)
    assert medoids(vectors, np.array([5.0, 2.0, 1.0]), 1, 3).tolist() == [0]
