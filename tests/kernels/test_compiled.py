"""Compiled kernels are there where they must be, and nobody needs them."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from tenor.kernels import COMPILED, Bag, softmax_nll
from tenor.kernels.compiled import array_of, tiles

WITHOUT = """
import sys
for name in sys.argv[1:]:
    sys.modules["tenor.kernels." + name] = None  # as where it could not be built
import tenor
from tenor.kernels import COMPILED
assert not COMPILED
model = tenor.NVDM(n_components=2, encoder_sizes=(4,), epochs=1, min_df=1, max_df=1.0)
print(model.fit(["one two three", "two three four"] * 10).transform(["one two"]).shape)
"""


@pytest.mark.skipif("TENOR_COMPILED" not in os.environ, reason="a machine may have no compiler")
def test_they_are_there_where_continuous_integration_says_so():
    assert COMPILED


@pytest.mark.parametrize(
    "missing", [["_tiles", "_rows", "_sums"], ["_rows"], ["_sums"], ["_tiles"]]
)
def test_a_build_without_them_works(missing):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *missing], capture_output=True, text=True, check=False
    )
    assert done.stdout == "(1, 2)\n", done.stderr


@pytest.fixture
def arrays(to_bag):
    """What the forward pass takes, by name."""
    if not COMPILED:
        pytest.skip("no compiled kernels")
    bag = to_bag([[1, 0, 2, 0], [0, 3, 1, 0]], torch.float32)
    by_word = bag.by_word
    tensors = {
        "weight": torch.zeros(4, 3),
        "bias": torch.zeros(4),
        "features": torch.zeros(2, 3),
        "offsets": bag.offsets,
        "counts": bag.counts,
        "documents": bag.documents,
        "different": by_word.words,
        "word_offsets": by_word.offsets,
        "order": by_word.order,
        "log_z": torch.zeros(16),
        "nll": torch.zeros(2),
    }
    return {name: array_of(tensor) for name, tensor in tensors.items()}


def test_arrays_that_fit(arrays):
    tiles.forward(*arrays.values(), 1, 1)
    assert arrays["nll"] == pytest.approx([3 * np.log(4), 4 * np.log(4)])


@pytest.mark.parametrize("name", ["weight", "features", "counts", "order", "nll"])
def test_arrays_of_another_size_are_refused(arrays, name):
    arrays[name] = arrays[name].ravel()[:-1].copy()
    with pytest.raises(ValueError, match=f"{name} has .* bytes where"):
        tiles.forward(*arrays.values(), 1, 1)


@pytest.mark.parametrize("value", [-1, 4])
@pytest.mark.parametrize("name", ["documents", "different", "order"])
def test_indices_outside_are_refused(arrays, name, value):
    arrays[name] = arrays[name].copy()
    arrays[name][-1 if value > 0 else 0] = value
    with pytest.raises(ValueError, match=rf"{name}: {value} is not in \[0, "):
        tiles.forward(*arrays.values(), 1, 1)


def test_words_out_of_order_are_refused(arrays):
    arrays["different"] = arrays["different"][::-1].copy()
    with pytest.raises(ValueError, match="different do not ascend"):
        tiles.forward(*arrays.values(), 1, 1)


def test_offsets_that_do_not_ascend_are_refused(arrays):
    arrays["offsets"] = np.array([0, 5, 4])
    with pytest.raises(ValueError, match="offsets do not ascend from 0 to 4"):
        tiles.forward(*arrays.values(), 1, 1)


@pytest.mark.parametrize(
    ("which", "shape"), [(0, (3, 3)), (1, (3, 4)), (1, (4, 2)), (2, (5,))], ids=str
)
def test_shapes_that_do_not_fit_are_refused(to_bag, way, which, shape):
    bag = to_bag([[1, 0, 2, 0], [0, 3, 1, 0]], torch.float32)
    inputs = [torch.zeros(2, 3), torch.zeros(4, 3), torch.zeros(4)]
    inputs[which] = torch.zeros(shape)
    with pytest.raises(ValueError, match=r"of shape .* where .* is due"):
        softmax_nll(*inputs, bag)


def test_a_bag_of_fewer_words_is_refused(to_bag, way):
    bag = to_bag([[1, 0, 2]], torch.float32)
    with pytest.raises(ValueError, match=r"weight of shape \(4, 2\) where \(3, 2\) is due"):
        softmax_nll(torch.zeros(1, 2), torch.zeros(4, 2), torch.zeros(4), bag)


def test_a_bag_with_a_word_outside_is_refused(to_bag):
    if not COMPILED:
        pytest.skip("no compiled kernels")
    bag = to_bag([[1, 0, 2]], torch.float32)
    outside = Bag(bag.offsets, bag.words + 2, bag.counts, bag.documents, 3, bag.bounds)
    with pytest.raises(ValueError, match=r"different: 4 is not in \[0, 3\)"):
        softmax_nll(torch.zeros(1, 2), torch.zeros(3, 2), torch.zeros(3), outside)
