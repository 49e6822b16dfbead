"""What the decoder says of words: components, centring, probabilities."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import Bag
from tenor.networks.noise import Noise

GENERATORS = [("beside", ()), ("beside", (5,)), ("stacked", (5, 4))]


@pytest.fixture(params=GENERATORS, ids=str)
def network(request, make_network):
    kind, sizes = request.param
    return make_network(generator=kind, generator_sizes=sizes).double()


def test_components_are_the_slope_of_the_centred_logits_at_the_origin(network):
    network.finish()

    def logits(z):
        p = network.word_probabilities(network.features(z[None]))[0].log()
        return p - p.mean()

    components, step = network.components(), 1e-6
    assert components.shape == (3, 23)
    assert not components.requires_grad
    for k in range(3):
        ahead = step * torch.eye(3, dtype=torch.float64)[k]
        slope = (logits(ahead) - logits(-ahead)) / (2 * step)
        torch.testing.assert_close(components[k], slope.detach(), rtol=1e-6, atol=1e-8)


def test_finish_centres_and_changes_no_probability(network, random_bag, float64_batch):
    batch = float64_batch(network, random_bag(6, 23))
    z = Noise("cpu", 1).normal(4, 3).double()

    def seen():
        bound = network.bound(batch, Noise("cpu", 0))
        return network.word_probabilities(network.features(z)), bound.reconstruction, bound.kl

    before = seen()
    assert network.decoder_weight().mean(0).abs().min() > 1e-3
    network.finish()
    assert network.decoder_weight().mean(0).abs().max() < 1e-12
    assert network.decoder.bias.mean().abs() < 1e-12
    for one, other in zip(before, seen(), strict=True):
        torch.testing.assert_close(one, other)
    centred = network.decoder_weight().detach().clone()
    network.finish()
    torch.testing.assert_close(network.decoder_weight().detach(), centred)


def test_nll_is_that_of_the_word_probabilities(network, random_bag, as_dense):
    bag = random_bag(6, 23)
    features = network.features(Noise("cpu", 1).normal(6, 3).double())
    p = network.word_probabilities(features)
    torch.testing.assert_close(p.sum(1), torch.ones(6, dtype=torch.float64))
    expected = -(torch.as_tensor(as_dense(bag)) * p.log()).sum(1)
    found = network.nll(features[None], Bag.of(bag, dtype=torch.float64))
    torch.testing.assert_close(found, expected[None])
