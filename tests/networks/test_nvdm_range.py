"""Every shape that is accepted stays finite; every one that cannot is refused with one line."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch

from tenor.documents import Documents
from tenor.errors import InputError
from tenor.networks.layers import ACTIVATIONS
from tenor.networks.models import NVDMConfig
from tenor.networks.noise import Noise

INPUTS = ("counts", "log1p", "l1", "binary", "tfidf")


def refused(activation, inputs, sizes):
    return inputs == "counts" and (activation != "tanh" or not sizes)


@pytest.fixture(scope="module")
def extreme(as_bag):
    """Empty documents, and counts of 1, several hundred and a million, in one or every word."""
    counts = np.zeros((7, 23), dtype=np.int64)
    counts[1, 0], counts[2, 5], counts[3, :4], counts[4] = 1, 10**6, 700, 10**6
    counts[5] = 1
    return Documents(as_bag(counts))


@pytest.mark.parametrize("encoder", ("plain", "residual"))
@pytest.mark.parametrize("sizes", [(), (6,), (6, 6)], ids=len)
@pytest.mark.parametrize(("activation", "inputs"), list(product(ACTIVATIONS, INPUTS)))
def test_accepted_shapes_are_finite(
    make_network, bound_of, extreme, activation, inputs, sizes, encoder
):
    shape = {
        "activation": activation,
        "input_transform": inputs,
        "encoder_sizes": sizes,
        "encoder": encoder,
    }
    if refused(activation, inputs, sizes):
        with pytest.raises(InputError) as error:
            make_network(**shape)
        assert "raw counts" in str(error.value)
        assert "\n" not in str(error.value)
        return
    network = make_network(**shape, generator_sizes=(4,), dropout=0.3, generator_dropout=0.2)
    network.learn(extreme)
    for likelihood_only in (False, True):
        bound = bound_of(network, network.batch(extreme), Noise("cpu", 0), n_samples=2)
        assert torch.isfinite(bound.elbo).all()
        network.zero_grad()
        (bound.reconstruction if likelihood_only else bound.elbo).sum().neg().backward()
        for name, parameter in network.named_parameters():
            assert torch.isfinite(parameter.grad).all(), name


def test_an_empty_batch_has_gradients_of_zero(make_network, bound_of, extreme):
    """A worker whose share of the last batch is empty must still take part in the sum."""
    for encoder in ("plain", "residual"):
        network = make_network(
            encoder=encoder, generator_sizes=(4,), dropout=0.3, generator_dropout=0.2
        )
        bound = bound_of(network, network.batch(extreme[:0]), Noise("cpu", 0))
        bound.objective(1.0).sum().backward()
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert not parameter.grad.any(), name


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("n_components", 0),
        ("n_components", -3),
        ("n_components", 2.0),
        ("n_components", True),
        ("encoder_sizes", (5, 0)),
        ("generator_sizes", (-1,)),
        ("encoder", "deep"),
        ("activation", "sine"),
        ("input_transform", "sqrt"),
        ("generator", "between"),
        ("likelihood", "poisson"),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("dropout", math.nan),
        ("generator_dropout", 1.0),
    ],
)
def test_bad_settings_are_refused(setting, value):
    with pytest.raises(InputError, match=setting) as error:
        NVDMConfig(**{"n_words": 5, "encoder": "plain", setting: value})
    assert "\n" not in str(error.value)


def test_a_residual_encoder_needs_equal_sizes():
    with pytest.raises(InputError, match="equal sizes"):
        NVDMConfig(n_words=5, encoder="residual", encoder_sizes=(5, 6))
    NVDMConfig(n_words=5, encoder="plain", encoder_sizes=(5, 6))
