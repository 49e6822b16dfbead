"""What the decoder says of words: components, centring, probabilities."""

from __future__ import annotations

import pytest
import torch

from tenor.networks.noise import Noise

GENERATORS = [("beside", ()), ("beside", (5,)), ("stacked", (5, 4))]


@pytest.fixture(params=GENERATORS, ids=str)
def network(request, make_network):
    kind, sizes = request.param
    return make_network(generator=kind, generator_sizes=sizes).double()


def test_components_are_the_slope_of_the_centred_logits_at_the_origin(network):
    network.decoder.finish()

    def logits(z):
        p = network.decoder.probabilities(network.generator(z[None]))[0].log()
        return p - p.mean()

    components, step = network.components(), 1e-6
    assert components.shape == (3, 23)
    assert not components.requires_grad
    for k in range(3):
        ahead = step * torch.eye(3, dtype=torch.float64)[k]
        slope = (logits(ahead) - logits(-ahead)) / (2 * step)
        torch.testing.assert_close(components[k], slope.detach(), rtol=1e-6, atol=1e-8)


def test_finish_centres_and_changes_no_probability(network, random_bag, float64_batch, bound_of):
    batch = float64_batch(network, random_bag(6, 23))
    z = Noise("cpu", 1).normal(4, 3).double()

    def seen():
        bound = bound_of(network, batch, Noise("cpu", 0))
        return network.decoder.probabilities(network.generator(z)), bound.reconstruction, bound.kl

    before = seen()
    assert network.decoder.weight.mean(0).abs().min() > 1e-3
    network.decoder.finish()
    assert network.decoder.weight.mean(0).abs().max() < 1e-12
    assert network.decoder.bias.mean().abs() < 1e-12
    for one, other in zip(before, seen(), strict=True):
        torch.testing.assert_close(one, other)
    centred = network.decoder.weight.detach().clone()
    network.decoder.finish()
    torch.testing.assert_close(network.decoder.weight.detach(), centred)


def test_nll_is_that_of_the_word_probabilities(network, random_bag, float64_batch, as_dense):
    bag = random_bag(6, 23)
    features = network.generator(Noise("cpu", 1).normal(6, 3).double())
    p = network.decoder.probabilities(features)
    torch.testing.assert_close(p.sum(1), torch.ones(6, dtype=torch.float64))
    expected = -(torch.as_tensor(as_dense(bag)) * p.log()).sum(1)
    found = network.decoder.nll(features[None], float64_batch(network, bag))
    torch.testing.assert_close(found, expected[None])
