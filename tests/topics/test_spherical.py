"""Weighted spherical k-means against a plain loop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tenor.explore.neighbours import unit_rows
from tenor.topics.finding import lloyd, nearest
from tenor.topics.topics import folded

N, D, K, T = 50, 70, 4, 5


@pytest.fixture
def points():
    rng = np.random.default_rng(0)
    words, documents = unit_rows(rng.normal(size=(N, 2 * K))), unit_rows(rng.normal(size=(D, K)))
    documents[3] = 0.0
    times = rng.poisson(1.0, D).astype(float)
    times[3] = 0.0
    return words, rng.random(N), documents, times, unit_rows(rng.normal(size=(T, 2 * K)))


def reference(words, weights, documents, times, centres, share, steps):
    both = [*words, *(np.concatenate([d, d]) / np.sqrt(2) for d in documents)]
    all_weights = [*(weights / weights.sum() * (1 - share)), *(times / times.sum() * share)]
    for _ in range(steps):
        sums = np.zeros_like(centres)
        for point, weight in zip(both, all_weights, strict=True):
            sums[np.argmax([point @ c for c in centres])] += weight * point
        centres = np.array(
            [s / np.linalg.norm(s) if np.any(s) else c for s, c in zip(sums, centres, strict=True)]
        )
    return centres


def value(words, weights, documents, times, centres, share):
    cosines = documents @ folded(centres, K).T
    return (1 - share) * weights @ (words @ centres.T).max(axis=1) / weights.sum() + (
        share * times @ cosines.max(axis=1) / times.sum()
    )


@pytest.mark.parametrize("steps", [1, 4, 30])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_it_is_the_plain_loop(points, share, steps):
    *material, centres = points
    got = lloyd(*material, centres, share=share, steps=steps)
    np.testing.assert_allclose(got, reference(*material, centres, share, steps), atol=1e-10)


def test_no_step_makes_it_worse(points):
    *material, centres = points
    values = [
        value(*material, lloyd(*material, centres, share=0.3, steps=steps), 0.3)
        for steps in range(8)
    ]
    assert all(b >= a - 1e-12 for a, b in pairwise(values))
    assert values[-1] > values[0] + 0.05


def test_a_pinned_word_belongs_where_it_was_put(points):
    words, weights, documents, times, centres = points
    pinned = np.full(N, -1)
    pinned[7] = 2
    weights[7] = 100.0
    got = lloyd(words, weights, documents, times, centres, pinned=pinned)
    assert words[7] @ got[2] > 0.9
    assert nearest(words[7:8], got)[0] == 2


def test_a_centre_without_points_stays():
    words, documents = np.eye(4)[[0, 0, 1]], np.eye(2)[[0, 1]]
    lonely = np.array([-0.6, -0.8, 0.0, 0.0])
    centres = np.vstack([np.eye(4)[:2], lonely])
    got = lloyd(words, np.ones(3), documents, np.ones(2), centres)
    np.testing.assert_array_equal(got[-1], lonely)


def test_a_documents_cosine_is_that_of_both_halves(points):
    _, _, documents, _, centres = points
    doubled = np.hstack([documents, documents]) / np.sqrt(2)
    np.testing.assert_allclose(documents @ folded(centres, K).T, doubled @ centres.T, atol=1e-12)
