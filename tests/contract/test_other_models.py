"""Nothing is wired to NVDM: prior, map, vector and decoder of other models, against their words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp, softmax
from scipy.stats import norm

from tenor.documents import Documents
from tenor.explore.spaces import SMOOTHED, SPACES
from tenor.inference.bounds import document_bounds
from tenor.inference.encode import encode, features, vectors
from tenor.inference.generate import sample_documents
from tenor.networks.models import build_network
from tenor.networks.noise import Noise

S = 5


@pytest.fixture(params=["mixture", "shifted"])
def network(request: pytest.FixtureRequest) -> Any:
    """Untrained, every parameter stirred."""
    network = build_network(request.param, {"n_words": 40, "n_components": 4})
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return network.requires_grad_(False)


def parameters(network: Any) -> dict[str, Any]:
    tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    return {name: value.double().numpy() for name, value in tensors.items()}


def log_p(network: Any, z: Any) -> Any:
    """log p(v|z), (…, V), from the module's docstring."""
    p = parameters(network)
    if "decoder.weight" in p:
        return np.log(softmax(z, -1) @ softmax(p["decoder.weight"], 0).T)
    h = z @ p["generator.weight"].T
    return log_softmax(h @ p["decoder.linear.weight"].T + p["decoder.linear.bias"], -1)


def vector(network: Any, z: Any) -> Any:
    p = parameters(network)
    return z @ p["generator.weight"].T if "generator.weight" in p else softmax(z, -1)


def test_bounds_are_those_of_the_model(network: Any, documents: Any, as_dense: Any) -> None:
    found = document_bounds(network, documents, S, seed=2)
    q = encode(network, documents)
    mean, sigma = q.mean.astype(np.float64), np.exp(q.log_sigma.astype(np.float64))
    epsilon = Noise("cpu", 2, "evaluate", 0).normal(S, *mean.shape).double().numpy()
    z = mean + sigma * epsilon
    x = as_dense(network.observed(documents).bag)
    likelihood = (x * log_p(network, z)).sum(-1)
    p = parameters(network)
    m, s = p["prior.mean"], np.exp(p["prior.log_sigma"])
    kl = np.log(s / sigma) + (sigma**2 + (mean - m) ** 2) / (2 * s**2) - 0.5
    weight = likelihood + norm.logpdf(z, m, s).sum(-1) - norm.logpdf(z, mean, sigma).sum(-1)
    np.testing.assert_allclose(found.reconstruction, likelihood.mean(0), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.kl, kl.sum(1), rtol=1e-4, atol=1e-4)
    expected = logsumexp(weight, 0) - np.log(S)
    np.testing.assert_allclose(found.importance_weighted, expected, rtol=1e-5, atol=1e-3)


def test_a_vector_is_the_map_at_the_posterior_mean(network: Any, documents: Any) -> None:
    latent, found = (
        encode(network, documents).mean,
        vectors(network, documents),
    )
    assert latent.shape == (len(documents), 4) == (len(documents), network.n_components)
    np.testing.assert_allclose(found, vector(network, latent), rtol=1e-5, atol=1e-6)
    direct = network.generator(torch.tensor(latent)).numpy()
    np.testing.assert_allclose(features(network, found), direct, rtol=1e-4, atol=1e-5)


def test_components_are_the_slope_along_the_vector(network: Any) -> None:
    origin = torch.tensor(vector(network, np.zeros(4)))

    def centred(at: Any) -> Any:
        h = network.double().generator.of_vector(at)
        logarithms = network.decoder.probabilities(h[None])[0].log()
        return logarithms - logarithms.mean()

    network.double()
    found = network.components()
    found = found - found.mean(1, keepdim=True)
    assert found.shape == (network.n_vector, 40)
    for k, step in enumerate(1e-6 * torch.eye(network.n_vector, dtype=torch.float64)):
        slope = (centred(origin + step) - centred(origin - step)) / 2e-6
        torch.testing.assert_close(found[k], slope, rtol=1e-5, atol=1e-7)


def test_documents_are_drawn_from_the_prior(network: Any) -> None:
    words = [f"w{v}" for v in range(40)]
    network.prior.mean.copy_(torch.tensor([3.0, -2.0, 0.0, 1.0]))
    network.prior.log_sigma.fill_(-20.0)
    (pairs,) = sample_documents(network, words, 1, 10**6, seed=0)
    expected = np.exp(log_p(network, np.array([3.0, -2.0, 0.0, 1.0])))
    share = np.zeros(40)
    for word, count in pairs:
        share[words.index(word)] = count / 1e6
    assert expected.std() > 0.01
    np.testing.assert_allclose(share, expected, atol=0.003)


def test_every_space_compares_documents(others: Any) -> None:
    for model in others:
        for space in SPACES:
            found = model.similar_documents(3, row=0, space=space)
            assert len(found) == 3 and all(np.isfinite(one.score) for one in found)
        assert model.clusters(3, space=SMOOTHED).clusters.labels.shape == (200,)


def test_poles_are_the_model_s_word(others: Any) -> None:
    mixture, shifted = others
    assert not any(topic.negative for topic in mixture.top_words(3))
    assert all(topic.negative for topic in shifted.top_words(3))
    assert shifted.get_feature_names_out().tolist()[-1] == "shifted10"


@pytest.fixture(scope="module")
def others(planted: Any, other_models: Any) -> list[Any]:
    """Both, fitted for a moment."""
    made = (other_models.Mixture, other_models.Shifted)
    return [model(epochs=2).fit(planted.counts[:200]) for model in made]


@pytest.fixture(scope="module")
def documents(random_bag: Any) -> Documents:
    return Documents(random_bag(30, 40))


def test_a_decoder_is_told_of_training_and_of_nothing_else(
    network: Any, documents: Documents, bound_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Noise | None] = []
    nll = network.decoder.nll

    def listen(features: Any, batch: Any, noise: Noise | None = None) -> Any:
        told.append(noise)
        return nll(features, batch, noise)

    monkeypatch.setattr(network.decoder, "nll", listen)
    noise = Noise("cpu", 0)
    bound_of(network, network.batch(documents), noise)
    assert told == [noise]
    document_bounds(network, documents, 2, refine=2)
    assert set(told[1:]) == {None}
