"""What the model expects and what it makes up: reconstructions and samples, as words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tenor.checks import whole
from tenor.documents import Documents
from tenor.inference.encode import posterior_blocks
from tenor.networks.network import Network
from tenor.networks.noise import Noise, numpy_generator

WordCounts = list[tuple[str, int]]

AT_ONCE = 1 << 22  # probabilities held at a time: 16 MiB, whatever the collection


@torch.no_grad()
def expected_counts(
    network: Network, documents: Documents, words: Sequence[str], top: int
) -> list[list[tuple[str, float]]]:
    """For each document the ``top`` highest expected counts N_d · p(v | μ_d), as (word, count)."""
    top = min(whole("top", top, 1), network.n_words)
    size = max(1, AT_ONCE // network.n_words)
    found: list[list[tuple[str, float]]] = []
    for batch, posterior in posterior_blocks(network, documents):
        lengths = batch.bag.lengths
        for start in range(0, len(batch), size):
            features = network.generator(posterior.mean[start : start + size])
            probabilities = network.decoder.probabilities(features)
            expected = probabilities * lengths[start : start + size, None]
            values, places = expected.topk(top, dim=1)
            for row_values, row_places in zip(values.tolist(), places.tolist(), strict=True):
                pairs = zip(row_places, row_values, strict=True)
                found.append([(words[place], value) for place, value in pairs])
    return found


@torch.no_grad()
def sample_documents(
    network: Network, words: Sequence[str], n: int, length: int, seed: int
) -> list[WordCounts]:
    """``n`` documents of ``length`` tokens: z ~ p(z), words ~ p(v | z), the commonest first."""
    n, length = whole("n", n, 1), whole("length", length, 1)
    documents: list[WordCounts] = []
    for number in range(n):
        noise = Noise(network.device, seed, "sample", number)
        features = network.generator(network.prior.sample(1, noise))
        p = network.decoder.probabilities(features)[0].cpu().double().numpy()
        counts = numpy_generator(seed, "sample", number).multinomial(length, p / p.sum())
        present = np.flatnonzero(counts)
        order = present[np.argsort(-counts[present], kind="stable")]
        documents.append([(words[word], int(counts[word])) for word in order])
    return documents
