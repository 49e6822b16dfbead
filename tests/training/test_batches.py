"""Batches: every document once an epoch, in an order that the seed and the epoch fix."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from tenor.documents import Documents
from tenor.training.shares import BatchSource
from tenor.training.world import World


def source(bag, settings, rank=0, size=1):
    return BatchSource(Documents(bag), settings, World(torch.device("cpu"), rank, size))


@pytest.fixture
def bag(random_bag):
    return random_bag(37, 12)


def test_an_order_is_a_permutation_fixed_by_seed_and_epoch(bag, plain):
    first = source(bag, plain).order(3)
    np.testing.assert_array_equal(np.sort(first), np.arange(37))
    np.testing.assert_array_equal(first, source(bag, plain, rank=1, size=2).order(3))
    assert (first != source(bag, plain).order(4)).any()
    assert (first != source(bag, replace(plain, seed=1)).order(3)).any()


@pytest.mark.parametrize(("device", "ahead"), [("cpu", False), ("cuda", True)])
def test_batches_are_drawn_ahead_of_a_gpu_alone(bag, plain, monkeypatch, device, ahead):
    def in_which_thread(source, order, epoch, step):
        return step, threading.current_thread() is threading.main_thread()

    monkeypatch.setattr(BatchSource, "draw", in_which_thread)
    found = BatchSource(Documents(bag), replace(plain, batch_size=9), World(torch.device(device)))
    assert list(found.shares(0, 2)) == [(step, not ahead) for step in (2, 3, 4)]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_every_document_goes_to_one_worker(bag, plain, size):
    settings = replace(plain, batch_size=9)
    workers = [source(bag, settings, rank, size) for rank in range(size)]
    steps = workers[0].steps_per_epoch
    assert steps == 5  # 4 whole batches and one document
    dealt = []
    for step in range(steps):
        shares = [worker.draw(worker.order(0), 0, step) for worker in workers]
        assert {share.n_documents for share in shares} == {9 if step < 4 else 1}
        assert sum(len(share.batch) for share in shares) == shares[0].n_documents
        assert max(len(s.batch) for s in shares) - min(len(s.batch) for s in shares) <= 1
        assert len({share.total for share in shares}) == 1
        dealt += [row for share in shares for row in share.batch.rows.tolist()]
    assert sorted(dealt) == list(range(37))


def test_a_batch_holds_the_documents_of_its_rows(bag, plain, as_dense):
    dense = as_dense(bag)
    whole = source(bag, plain)
    batch = whole.draw(whole.order(2), 2, 1).batch
    found = np.zeros((len(batch), 12))
    found[batch.bag.documents, batch.bag.words] = batch.bag.counts
    np.testing.assert_array_equal(found, dense[batch.rows])
    np.testing.assert_array_equal(batch.rows, whole.order(2)[16:32])


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_what_a_document_weighs(bag, plain, power):
    """A document of N tokens weighs N^−a; an empty one as a document of one token."""
    worker = source(bag, replace(plain, length_weighting=power))
    order = worker.order(0)
    share = worker.draw(order, 0, 1)
    lengths = bag.lengths[share.batch.rows.numpy()]
    expected = np.maximum(lengths, 1) ** -power
    np.testing.assert_allclose(share.weights, expected, rtol=1e-6)
    assert share.total == pytest.approx((expected * lengths).sum())
