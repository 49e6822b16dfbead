"""Thinning: each document keeps each token with one probability of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tenor.documents import Documents
from tenor.networks.noise import numpy_generator
from tenor.training.shares import BatchSource, thinned
from tenor.training.world import World


def test_never_more_never_zero_never_other_words(random_bag, as_dense):
    bag = random_bag(60, 20, rate=2.0)
    thin = thinned(bag, 0.3, numpy_generator(0))
    dense, kept = as_dense(bag), as_dense(thin)
    assert kept.shape == dense.shape
    assert (kept <= dense).all()
    assert thin.counts.min() >= 1
    assert kept.sum() < 0.8 * dense.sum()
    for d in range(60):
        words = thin.words[thin.offsets[d] : thin.offsets[d + 1]]
        assert (np.diff(words) > 0).all()


def test_a_document_never_loses_all_its_words(as_bag, as_dense):
    dense = np.ones((500, 1), dtype=np.int64)
    dense[::5] = 0
    np.testing.assert_array_equal(as_dense(thinned(as_bag(dense), 0.01, numpy_generator(0))), dense)


def test_rates_are_uniform_and_one_for_a_document(as_bag, as_dense):
    """With 10⁶ tokens of each word the kept share is the document's rate itself."""
    bag = as_bag(np.full((2000, 3), 10**6))
    share = as_dense(thinned(bag, 0.4, numpy_generator(0))) / 1e6
    assert np.ptp(share, axis=1).max() < 0.01
    rates = share.mean(1)
    assert rates.min() > 0.39
    assert rates.max() <= 1
    assert rates.mean() == pytest.approx(0.7, abs=0.02)
    assert np.quantile(rates, 0.25) == pytest.approx(0.55, abs=0.02)


def test_counts_are_binomial(as_bag, as_dense):
    """At a rate all but fixed, small counts have the binomial's mean and variance."""
    bag = as_bag(np.full((20_000, 1), 8))

    class Fixed:
        """A generator whose rates are all one half."""

        def __init__(self):
            self.inner = numpy_generator(0)

        def uniform(self, least, most, size):
            return np.full(size, 0.5)

        def binomial(self, n, p):
            return self.inner.binomial(n, p)

    kept = as_dense(thinned(bag, 0.5, Fixed()))[:, 0]
    assert kept.mean() == pytest.approx(4, abs=0.08)
    assert kept.var() == pytest.approx(2, abs=0.15)


def source(bag, settings, rank=0, size=1):
    return BatchSource(Documents(bag), settings, World(torch.device("cpu"), rank, size))


def visible(batch):
    return batch.seen.words.tolist(), batch.seen.counts.tolist()


@pytest.mark.parametrize("what", ["input", "document"])
def test_thinning_is_keyed_by_seed_epoch_step_and_rank(random_bag, plain, what):
    bag = random_bag(32, 20, rate=3.0)
    settings = replace(plain, thinning=0.5, thinned=what)
    order = np.tile(np.arange(16), 2)  # the same documents at both steps

    def seen(epoch, step, seed=0):
        return visible(source(bag, replace(settings, seed=seed)).draw(order, epoch, step).batch)

    assert seen(0, 0) == seen(0, 0)
    assert seen(0, 0) != seen(1, 0)
    assert seen(0, 0) != seen(0, 1)
    assert seen(0, 0) != seen(0, 0, seed=1)
    same_rows = np.zeros(16, dtype=np.int64)
    ranks = [source(bag, settings, r, 2).draw(same_rows, 0, 0).batch for r in (0, 1)]
    assert visible(ranks[0]) != visible(ranks[1])


def test_what_is_thinned(random_bag, plain):
    bag = random_bag(16, 20, rate=3.0)
    order = np.arange(16)
    whole = source(bag, replace(plain, thinning=1.0)).draw(order, 0, 0).batch
    assert whole.seen is whole.bag
    for what in ("input", "document"):
        batch = source(bag, replace(plain, thinning=0.3, thinned=what)).draw(order, 0, 0).batch
        assert batch.seen.counts.sum() < whole.bag.counts.sum()
        if what == "input":
            assert torch.equal(batch.bag.counts, whole.bag.counts)
        else:
            assert batch.seen is batch.bag
