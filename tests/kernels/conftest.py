"""Every kernel test runs on every case of reference.CASES, and with tiny blocks on demand."""

from __future__ import annotations

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tenor.kernels import COMPILED, Bag


def load_reference():
    """reference.py as a module: pytest's importlib mode puts no test folder on the path."""
    spec = spec_from_file_location("kernel_reference", Path(__file__).with_name("reference.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = load_reference()


@pytest.fixture(scope="session")
def reference():
    """The kernels as plain dense float64 formulas."""
    return REFERENCE


@pytest.fixture(params=REFERENCE.CASES, ids=lambda name: name.replace(" ", "-"))
def counts(request):
    """(B, V) dense counts, NumPy."""
    return REFERENCE.CASES[request.param]


@pytest.fixture
def to_bag(as_bag):
    """Dense counts to a Bag, float64 unless said otherwise."""

    def convert(dense, dtype=torch.float64):
        return Bag.of(as_bag(dense), dtype=dtype)

    return convert


@pytest.fixture(params=["compiled", "torch"])
def way(request, monkeypatch):
    """Whether compiled code may do it."""
    if request.param == "torch":
        monkeypatch.setattr("tenor.kernels.compiled.COMPILED", False)
    elif not COMPILED:
        pytest.skip("no compiled kernels")
    return request.param


@pytest.fixture(params=[1, 40, 1 << 19], ids=["blocks-of-1", "small-blocks", "one-block"])
def blocks(request, monkeypatch):
    """How many logits torch's softmax_nll holds at a time."""
    kernel = import_module("tenor.kernels.blocked")
    monkeypatch.setattr(kernel, "BLOCK_ELEMENTS", request.param)
    monkeypatch.setattr(kernel, "FEWEST_ROWS", 1)
    return request.param


@pytest.fixture
def parameters():
    """(shape of the counts, S or None) to random h, R and b, all asking for gradients."""

    def draw(shape, n_samples=None, n_features=4, dtype=torch.float64, scale=1.0):
        generator = torch.Generator().manual_seed(0)
        leading = () if n_samples is None else (n_samples,)
        shapes = ((*leading, shape[0], n_features), (shape[1], n_features), (shape[1],))
        return [
            (scale * torch.randn(s, generator=generator, dtype=torch.float64))
            .to(dtype)
            .requires_grad_(True)
            for s in shapes
        ]

    return draw


class Products(TorchDispatchMode):
    """Counts the matrix products that run, in place or not, forward or backward."""

    NAMES = frozenset({"mm", "mm_", "addmm", "addmm_", "bmm", "baddbmm", "baddbmm_"})

    def __init__(self):
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.number += func.overloadpacket.__name__ in self.NAMES
        return func(*args, **(kwargs or {}))


@pytest.fixture
def products_of():
    """How many matrix products a call makes."""

    def count(run):
        with Products() as products:
            run()
        return products.number

    return count
