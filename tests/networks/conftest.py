"""Small NVDM networks whose every parameter is away from its starting value."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import Bag
from tenor.networks.models import NVDMConfig, nvdm
from tenor.networks.network import Network
from tenor.networks.parts import Batch

SHAPE = {
    "n_words": 23,
    "n_components": 3,
    "encoder_sizes": (6, 6),
    "encoder": "plain",
    "activation": "tanh",
    "input_transform": "log1p",
    "dropout": 0.0,
    "generator_sizes": (),
    "generator": "beside",
    "generator_dropout": 0.0,
    "likelihood": "counts",
}


@pytest.fixture(scope="session")
def make_network():
    """Settings that differ from SHAPE, and a seed, to a network; ``stir`` moves every number."""

    def make(seed: int = 0, stir: bool = True, **settings) -> Network:
        network = nvdm(NVDMConfig(**{**SHAPE, **settings}), seed)
        if stir:
            generator = torch.Generator().manual_seed(99)
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
        return network

    return make


@pytest.fixture(scope="session")
def float64_batch():
    """A network and a NumPy bag to a batch in float64."""

    def make(network, bag) -> Batch:
        observed = Bag.of(network.decoder.observed(bag), dtype=torch.float64)
        return Batch(observed, torch.arange(len(bag)))

    return make
