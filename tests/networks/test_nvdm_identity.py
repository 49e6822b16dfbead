"""Seeds, dropout, presence, settings and parameters: what makes a network the one it is."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from tenor.documents import Documents
from tenor.errors import ArtifactError
from tenor.networks.models import build_network
from tenor.networks.noise import Noise

SHAPE = {"generator_sizes": (4,), "encoder": "residual", "input_transform": "tfidf"}


def weights_equal(one, other):
    left, right = one.state_dict(), other.state_dict()
    assert left.keys() == right.keys()
    return {name: torch.equal(left[name], right[name]) for name in left}


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_one_seed_gives_one_set_of_weights(make_network, seed):
    torch.manual_seed(5)
    first = make_network(seed, stir=False, **SHAPE)
    torch.manual_seed(6)  # the global generator must not matter, nor be touched
    state = torch.get_rng_state()
    assert all(weights_equal(first, make_network(seed, stir=False, **SHAPE)).values())
    assert torch.equal(state, torch.get_rng_state())


def test_another_seed_gives_others(make_network):
    networks = [make_network(seed, stir=False, **SHAPE) for seed in (0, 1, 2)]
    for other in networks[1:]:
        same = weights_equal(networks[0], other)
        assert not any(equal for name, equal in same.items() if "embedding" in name)
        assert not same["decoder.weight"]


def test_settings_go_through_json(make_network):
    network = make_network(3, **SHAPE)
    settings = json.loads(json.dumps(network.config))
    again = build_network("nvdm", settings)
    assert again.config == network.config
    again.load_state_dict(network.state_dict())
    assert all(weights_equal(network, again).values())


def test_a_config_of_before_stays_as_it_was_saved():
    saved = {"n_words": 5, "n_components": 2}  # without fields that came later
    assert build_network("nvdm", saved).config == saved


def test_an_unknown_kind_is_refused():
    with pytest.raises(ArtifactError, match="'etm'") as error:
        build_network("etm", {})
    assert "\n" not in str(error.value)


def test_dropout_only_with_noise(make_network, random_bag):
    network = make_network(dropout=0.5, generator_dropout=0.5, generator_sizes=(4,))
    batch = network.batch(Documents(random_bag(6, 23)))
    z = Noise("cpu", 1).normal(6, 3)
    for call in (lambda n: network.encoder(batch, n).mean, lambda n: network.generator(z, n)):
        assert torch.equal(call(None), call(None))
        assert not torch.equal(call(None), call(Noise("cpu", 0)))
        assert torch.equal(call(Noise("cpu", 0)), call(Noise("cpu", 0)))
        assert not torch.equal(call(Noise("cpu", 0)), call(Noise("cpu", 1)))


def test_no_dropout_at_rate_zero(make_network, random_bag):
    network = make_network(dropout=0.0)
    batch = network.batch(Documents(random_bag(6, 23)))
    assert torch.equal(network.encoder(batch).mean, network.encoder(batch, Noise("cpu", 0)).mean)


def test_dropout_keeps_the_mean():
    values = torch.full((200_000,), 2.0)
    dropped = Noise("cpu", 0).dropout(values, 0.3)
    assert dropped.unique().tolist() == pytest.approx([0.0, 2 / 0.7], rel=1e-4)
    share = float((dropped == 0).float().mean())
    assert math.isclose(share, 0.3, abs_tol=0.01)
    assert Noise("cpu", 0).dropout(values, 0.0) is values


@pytest.mark.parametrize("rate", [1e-4, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(400_003,), (200, 2001)])
@pytest.mark.parametrize("fill_64_bits", [("cpu",), ()])
def test_every_value_is_dropped_alike_and_alone(monkeypatch, rate, shape, fill_64_bits):
    monkeypatch.setattr("tenor.networks.noise._FILL_64_BITS", fill_64_bits)
    kept = (Noise("cpu", 1).dropout(torch.ones(shape), rate) > 0).double().flatten()
    spread = math.sqrt(rate * (1 - rate))
    for part in (kept, *(kept[start::4] for start in range(4)), kept[:1000]):
        assert abs(float(part.mean()) - (1 - rate)) < 5 * spread / math.sqrt(len(part)) + 1e-5
    for lag in (1, 2, 3, 4):  # of which the first three share one draw
        product = (kept[:-lag] - (1 - rate)) * (kept[lag:] - (1 - rate))
        assert abs(float(product.mean())) < 5 * spread**2 / math.sqrt(len(product)) + 1e-7


def test_dropout_at_its_ends():
    assert Noise("cpu", 0).dropout(torch.ones(0, 5), 0.5).shape == (0, 5)
    assert torch.isfinite(Noise("cpu", 0).dropout(torch.ones(9), 0.9999999)).all()


def test_presence_and_counts(make_network, random_bag, as_dense):
    bag = random_bag(6, 23)
    assert make_network(likelihood="counts").decoder.observed(bag) is bag
    seen = make_network(likelihood="presence").decoder.observed(bag)
    np.testing.assert_array_equal(as_dense(seen), as_dense(bag) > 0)
    batch = make_network(likelihood="presence").batch(Documents(bag), 10)
    assert batch.bag.counts.unique().tolist() == [1.0]
    assert batch.rows.tolist() == list(range(10, 16))
    assert len(batch) == 6


def test_every_parameter_is_of_the_generative_or_the_inference_model(make_network):
    network = make_network(**SHAPE)
    generative = {id(p) for p in network.generative_parameters()}
    inference = {id(p) for p in network.inference_parameters()}
    assert not generative & inference
    assert generative | inference == {id(p) for p in network.parameters()}
    assert {id(p) for p in network.decoder.decayed()} <= generative
    assert id(network.decoder.weight) in generative


def test_noise_depends_on_its_key_alone():
    first = Noise("cpu", 0, "train", 3, 4, 0).normal(8)
    assert torch.equal(first, Noise("cpu", 0, "train", 3, 4, 0).normal(8))
    others = [(1, "train", 3, 4, 0), (0, "evaluate", 3, 4, 0), (0, "train", 4, 3, 0), (0,), ("0",)]
    for key in others:
        assert not torch.equal(first, Noise("cpu", *key).normal(8))
