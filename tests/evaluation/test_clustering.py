from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tenor.errors import InputError
from tenor.evaluation import by_label
from tenor.evaluation.by_label import cluster_scores, purity


def blobs(seed=0):
    """Three directions at very different distances from the origin."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.eye(3), 20, axis=0)
    points = centres + 0.05 * rng.standard_normal((60, 3))
    return points * rng.uniform(0.1, 50, size=(60, 1)), [f"g{i // 20}" for i in range(60)]


def test_directions_far_and_near_are_told_apart():
    vectors, labels = blobs()
    for given in (vectors, csr_matrix(vectors)):
        found = cluster_scores(given, labels, 3)
        assert found.purity == found.nmi == found.ari == (1.0, 0.0)
        assert (found.n_documents, found.n_unlabelled, found.seeds) == (60, 0, 5)


def test_scores_of_a_known_table(monkeypatch):
    # clusters (a a b) and (b b b): purity 5/6, NMI and ARI by hand
    monkeypatch.setattr(by_label, "k_means", lambda *_: (np.array([0, 0, 0, 1, 1, 1]), None))
    found = cluster_scores(np.eye(6), list("aabbbb"), 2, seeds=2)
    mutual = 2 / 6 * math.log(2 / (3 * 2 / 6)) + 1 / 6 * math.log(1 / (3 * 4 / 6))
    mutual += 3 / 6 * math.log(3 / (3 * 4 / 6))
    label_entropy = -(2 / 6 * math.log(2 / 6) + 4 / 6 * math.log(4 / 6))
    assert found.purity.mean == pytest.approx(5 / 6)
    assert found.nmi.mean == pytest.approx(mutual / ((label_entropy + math.log(2)) / 2))
    index, rows, columns, pairs = 1 + 0 + 3, 1 + 6, 3 + 3, 15
    expected = rows * columns / pairs
    assert found.ari.mean == pytest.approx((index - expected) / ((rows + columns) / 2 - expected))


def test_mean_and_sd_are_over_seeds(monkeypatch):
    outcomes = {0: [0, 0, 1, 1], 1: [0, 1, 0, 1], 2: [0, 0, 1, 1]}
    monkeypatch.setattr(
        by_label, "k_means", lambda _v, _n, seed, _s: (np.array(outcomes[seed]), None)
    )
    found = cluster_scores(np.eye(4), list("aabb"), 2, seeds=3)
    assert found.purity == pytest.approx((5 / 6, math.sqrt(1 / 12)))
    assert json.loads(json.dumps(found.to_json()))["purity"]["mean"] == pytest.approx(5 / 6)


def test_unlabelled_documents_are_left_out_and_reported():
    vectors, labels = blobs()
    noise = np.random.default_rng(1).standard_normal((30, 3))
    found = cluster_scores(np.vstack([noise, vectors]), [None] * 30 + labels, 3)
    assert found.purity.mean == 1.0
    assert (found.n_documents, found.n_unlabelled) == (60, 30)


def test_rows_of_zeros_are_kept():
    vectors, labels = blobs()
    vectors[40:] = 0
    assert cluster_scores(vectors, labels, 3).purity.mean == 1.0


def test_purity_equals_a_loop():
    rng = np.random.default_rng(2)
    truth, found = rng.integers(0, 5, 80), rng.integers(0, 7, 80)
    looped = sum(np.bincount(truth[found == c]).max() for c in range(7)) / 80
    assert purity(truth, found) == pytest.approx(looped)


@pytest.mark.parametrize(
    ("vectors", "labels", "n", "says"),
    [
        (np.eye(3), ["a", "b"], 2, "labels has 2 entries"),
        (np.eye(3), [None] * 3, 2, "no label"),
        (np.eye(3), list("abc"), 4, "4 clusters"),
        (np.eye(3), list("abc"), 0, "n_clusters"),
        (np.full((3, 3), np.nan), list("abc"), 2, "NaN"),
        (csr_matrix([[1.0], [np.nan], [0.0]]), list("abc"), 2, "NaN"),
        (np.ones(3), list("abc"), 2, "shape"),
    ],
)
def test_bad_input_gets_one_line(vectors, labels, n, says):
    with pytest.raises(InputError, match=says):
        cluster_scores(vectors, labels, n)
