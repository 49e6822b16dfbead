"""A small network that was trained for a moment on planted topics, and documents to ask it of."""

from __future__ import annotations

import pytest
import torch

from tenor.documents import Documents
from tenor.networks.models import NVDMConfig, nvdm
from tenor.networks.network import Network
from tenor.networks.noise import Noise


def shape(**settings) -> NVDMConfig:
    plain = {
        "n_words": 40,
        "n_components": 4,
        "encoder_sizes": (12, 12),
        "encoder": "residual",
        "activation": "tanh",
        "input_transform": "log1p",
        "dropout": 0.3,
        "generator_sizes": (5,),
        "generator": "beside",
        "generator_dropout": 0.2,
        "likelihood": "counts",
    }
    return NVDMConfig(**{**plain, **settings})


@pytest.fixture(scope="session")
def trained(planted, bound_of):
    """Settings to a network after 60 plain Adam steps on planted documents."""
    kept = {}

    def train(**settings) -> Network:
        key = tuple(sorted(settings.items()))
        if key not in kept:
            network = nvdm(shape(**settings), seed=1)
            some = Documents(planted(200))
            network.learn(some)
            optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
            batch = network.batch(some)
            for step in range(60):
                optimizer.zero_grad()
                bound_of(network, batch, Noise("cpu", step)).elbo.mean().neg().backward()
                optimizer.step()
            network.zero_grad()
            kept[key] = network.requires_grad_(False)
        return kept[key]

    return train


@pytest.fixture(scope="session")
def documents(planted, as_bag, as_dense):
    """n planted documents the network has not seen; every seventh is empty."""

    def draw(n: int, seed: int = 5):
        dense = as_dense(planted(n, seed))
        dense[3::7] = 0
        return Documents(as_bag(dense))

    return draw
