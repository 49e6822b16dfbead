"""Memory given back is used again, and nothing that is in use is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.kernels import Bag, bag_linear, recycled, softmax_nll

LIKE = torch.empty(0)
SIZE = 4 * recycled.LEAST


@pytest.fixture(autouse=True)
def nothing_kept():
    recycled.forget()
    yield
    recycled.forget()


def kept():
    return sorted(len(flat) for flat in recycled._kept)


def test_what_is_given_back_is_used_again():
    one = recycled.empty(SIZE // 8, 8, like=LIKE)
    place = one.data_ptr()
    assert one.shape == (SIZE // 8, 8) and one.dtype == LIKE.dtype and one.is_contiguous()
    recycled.give_back(one)
    other = recycled.empty(SIZE, like=LIKE)
    assert other.data_ptr() == place
    assert recycled.empty(SIZE, like=LIKE).data_ptr() != place, "it is in use"


def test_given_back_twice_it_is_there_once():
    one = recycled.empty(SIZE, like=LIKE)
    recycled.give_back(one)
    recycled.give_back(one)
    assert len(kept()) == 1


def test_memory_from_elsewhere_is_not_kept():
    recycled.give_back(torch.empty(SIZE))
    recycled.give_back(recycled.empty(recycled.LEAST - 1, like=LIKE))
    assert kept() == []


def test_other_types_do_not_share():
    one = recycled.empty(SIZE, like=LIKE)
    recycled.give_back(one)
    other = recycled.empty(SIZE // 2, like=LIKE.double())
    assert other.dtype == torch.float64 and other.data_ptr() != one.data_ptr()


def test_a_block_too_small_makes_room_for_a_larger():
    recycled.give_back(recycled.empty(SIZE, like=LIKE))
    larger = recycled.empty(2 * SIZE, like=LIKE)
    assert kept() == []
    recycled.give_back(larger)
    assert len(kept()) == 1 and kept()[0] >= 2 * SIZE


def test_those_never_given_back_are_not_remembered_for_ever():
    for _ in range(3 * recycled.MOST_LENT):
        recycled.empty(recycled.LEAST, like=LIKE)
        recycled._lent.add(-len(recycled._lent))  # as if it had come from elsewhere
    assert len(recycled._lent) <= recycled.MOST_LENT + 1


def test_blocks_in_use_never_overlap():
    rng, held = np.random.default_rng(0), []
    for _ in range(300):
        if held and rng.random() < 0.5:
            block, value = held.pop(rng.integers(len(held)))
            assert (block == value).all()
            recycled.give_back(block)
        else:
            value = float(rng.integers(1 << 20))
            size = recycled.LEAST * int(rng.integers(1, 4))
            held.append((recycled.empty(size, like=LIKE).fill_(value), value))
    assert all((block == value).all() for block, value in held)


@pytest.mark.parametrize("sparse", [False, True])
def test_gradients_are_not_copied_on_their_way(as_bag, way, sparse):
    if way == "torch":
        pytest.skip("torch's own loops bring their own memory")
    counts = np.random.default_rng(0).poisson(0.1, (20, 2000)) + np.eye(20, 2000, dtype=int)
    bag = Bag.of(as_bag(counts))
    embedding = torch.nn.Parameter(torch.randn(2000, 128))
    decoder = torch.nn.Parameter(torch.randn(2000, 50))
    hidden = bag_linear(bag, bag.counts, embedding, sparse_gradient=sparse)
    softmax_nll(hidden[:, :50], decoder, torch.zeros(2000), bag).sum().backward()
    gradients = [embedding.grad._values() if sparse else embedding.grad, decoder.grad]
    for gradient in gradients:
        recycled.give_back(gradient)
    assert len(kept()) == 2
