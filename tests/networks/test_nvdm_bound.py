"""NVDM's bound against the docstrings' equations, written again in dense float64."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tenor.documents import Documents
from tenor.networks.noise import Noise
from tenor.networks.parts import Batch

EPSILON = 1e-5  # of layer normalisation


def layer_norm(values, gain, shift):
    centred = values - values.mean(-1, keepdims=True)
    return gain * centred / np.sqrt(values.var(-1, keepdims=True) + EPSILON) + shift


ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "softplus": lambda a: np.logaddexp(a, 0),
}


def dense_inputs(x, name, idf):
    if name == "counts":
        return x
    if name == "log1p":
        return np.log(1 + x)
    if name == "binary":
        return np.minimum(x, 1)
    scaled = x if name == "l1" else np.log(1 + x) * idf
    norm = scaled.sum(1) if name == "l1" else np.sqrt((scaled**2).sum(1))
    return scaled / np.where(norm > 0, norm, 1)[:, None]


def dense_posterior(network, x):
    """(μ, log σ) from Encoder's docstring."""
    settings, p = network.config, parameters(network)
    f, residual = ACTIVATIONS[settings["activation"]], settings["encoder"] == "residual"

    def normed(number, values):
        if not residual:
            return values
        name = f"encoder.norms.{number}"
        return layer_norm(values, p[f"{name}.weight"], p[f"{name}.bias"])

    idf = p.get("encoder.transform.idf")
    raw = dense_inputs(x, settings["input_transform"], idf) @ p["encoder.embedding"]
    raw = raw + p["encoder.bias"]
    if settings["encoder_sizes"]:
        h = f(normed(0, raw))
        for i in range(len(settings["encoder_sizes"]) - 1):
            layer = h @ p[f"encoder.hidden.{i}.weight"].T + p[f"encoder.hidden.{i}.bias"]
            h = f(normed(i + 1, layer)) + (h if residual else 0)
        raw = h @ p["encoder.head.weight"].T + p["encoder.head.bias"]
    k = settings["n_components"]
    return raw[:, :k], 5 * np.tanh(raw[:, k:] / 5)


def dense_features(network, z):
    """h(z) from Generator's docstring."""
    settings, p = network.config, parameters(network)
    hidden = z
    for i in range(len(settings["generator_sizes"])):
        weight, bias = p[f"generator.layers.{i}.weight"], p[f"generator.layers.{i}.bias"]
        hidden = np.tanh(hidden @ weight.T + bias)
    if settings["generator"] == "stacked" or not settings["generator_sizes"]:
        return hidden
    return np.concatenate([z, hidden], -1)


def parameters(network):
    return {name: value.detach().numpy() for name, value in network.state_dict().items()}


def dense_terms(network, x, epsilon, seen=None):
    """(reconstruction, kl) of every document under the noise ε (S, D, K)."""
    p = parameters(network)
    mean, log_sigma = dense_posterior(network, x if seen is None else seen)
    h = dense_features(network, mean + np.exp(log_sigma) * epsilon)
    logits = h @ p["decoder.weight"].T + p["decoder.bias"]
    top = logits.max(-1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True))
    x = np.minimum(x, 1) if network.config["likelihood"] == "presence" else x
    kl = 0.5 * (mean**2 + np.exp(2 * log_sigma) - 1 - 2 * log_sigma).sum(1)
    return (x * log_p).sum(-1).mean(0), kl


ENCODERS = [("plain", (6, 4)), ("residual", (6, 6)), ("plain", ()), ("residual", (6,))]
INPUTS = ["counts", "log1p", "l1", "binary", "tfidf"]
GENERATORS = [("beside", ()), ("beside", (5,)), ("stacked", (5, 4)), ("stacked", ())]


def settings():
    plain = {"encoder": "plain", "encoder_sizes": (6, 4), "generator_sizes": ()}
    for (encoder, sizes), inputs in product(ENCODERS, INPUTS):
        if sizes or inputs != "counts":
            changed = {"encoder": encoder, "encoder_sizes": sizes, "input_transform": inputs}
            yield {**plain, **changed}
    for (generator, sizes), likelihood in product(GENERATORS, ["counts", "presence"]):
        changed = {"generator": generator, "generator_sizes": sizes, "likelihood": likelihood}
        yield {**plain, **changed}
    for activation in ["relu", "softplus"]:
        yield {**plain, "activation": activation, "input_transform": "log1p"}


@pytest.mark.parametrize("changed", list(settings()), ids=lambda s: "-".join(map(str, s.values())))
def test_the_bound(make_network, float64_batch, bound_of, random_bag, as_dense, changed):
    bag = random_bag(12, 23)
    network = make_network(**changed)
    network.learn(Documents(random_bag(30, 23, seed=7)))
    network = network.double()
    key = (3, "test")
    batch = float64_batch(network, bag)
    found = bound_of(network, batch, Noise("cpu", *key), n_samples=2)
    x = as_dense(bag).astype(np.float64)
    if changed.get("likelihood") == "presence":
        x = np.minimum(x, 1)  # what the network observes, encoder included
    epsilon = Noise("cpu", *key).normal(2, 12, 3).double().numpy()
    reconstruction, kl = dense_terms(network, x, epsilon)
    np.testing.assert_allclose(found.reconstruction.detach(), reconstruction, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.kl.detach(), kl, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.elbo.detach(), reconstruction - kl, rtol=1e-9)
    np.testing.assert_allclose(found.objective(0.25).detach(), reconstruction - kl / 4, rtol=1e-9)


def test_a_thinned_self_is_what_the_encoder_sees_and_nothing_else(
    make_network, float64_batch, bound_of, random_bag, as_dense
):
    bag, thin = random_bag(12, 23), random_bag(12, 23, seed=1, rate=0.3)
    network = make_network().double()
    whole, seen = float64_batch(network, bag), float64_batch(network, thin)
    batch = Batch(whole.bag, whole.rows, thinned=seen.bag)
    found = bound_of(network, batch, Noise("cpu", 3), n_samples=2)
    epsilon = Noise("cpu", 3).normal(2, 12, 3).double().numpy()
    reconstruction, kl = dense_terms(network, as_dense(bag), epsilon, seen=as_dense(thin))
    np.testing.assert_allclose(found.reconstruction.detach(), reconstruction, rtol=1e-9)
    np.testing.assert_allclose(found.kl.detach(), kl, rtol=1e-9)


def test_idf_and_first_bias_come_from_the_documents_learned(make_network, as_bag):
    network = make_network(n_words=3, input_transform="tfidf", stir=False)
    network.learn(Documents(as_bag([[1, 5, 0], [0, 2, 0], [0, 0, 0]])))
    idf = np.log((1 + 3) / (1 + np.array([1, 2, 0]))) + 1
    np.testing.assert_allclose(network.encoder.transform.idf, idf, rtol=1e-6)
    p = network.decoder.probabilities(network.generator(network.decoder.weight.new_zeros(1, 3)))
    np.testing.assert_allclose(p.detach()[0], np.array([2, 8, 1]) / 11, rtol=1e-5)
