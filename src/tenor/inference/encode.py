"""The posterior of every document, a block at a time: deterministic, whatever the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tenor.documents import Documents
from tenor.inference.refine import Refinement
from tenor.networks.network import Network
from tenor.networks.parts import Batch, Posterior

# Documents a block; part of what makes the same call bit-identical. The encoder alone is fastest
# on about a thousand; what follows it (samples, logits, gradients) works on fewer at a time.
BLOCK, ENCODED = 256, 1024
MOST_VALUES = 1 << 20  # (document, word) pairs in a block: long documents make smaller ones


@dataclass(frozen=True, eq=False)
class Posteriors:
    """q(z|x) of D documents, as NumPy arrays.

    Attributes:
        mean: (D, K) float32, of the latent vector.
        log_sigma: (D, K) float32, the logarithms of its standard deviations.
    """

    mean: NDArray[np.float32]
    log_sigma: NDArray[np.float32]


def posterior_blocks(
    network: Network,
    documents: Documents,
    refinement: Refinement | None = None,
    size: int = BLOCK,
    share: tuple[int, int] = (0, 1),
) -> Iterator[tuple[Batch, Posterior]]:
    """Each block of at most ``size`` documents with its posterior, refined if asked.

    With a ``share`` (i, n) block i of every n.
    """
    for start, block in islice(_blocks(documents, size), share[0], None, share[1]):
        batch = network.batch(block, start)
        with torch.no_grad():
            posterior = network.encoder(batch)
        yield batch, posterior if refinement is None else refinement(network, batch, posterior)


def _blocks(documents: Documents, size: int) -> Iterator[tuple[int, Documents]]:
    """Runs of at most ``size`` documents and about MOST_VALUES values, with their first rows."""
    start = 0
    while start < len(documents):
        block = documents[start : start + size]
        if block.bag.nnz > MOST_VALUES:
            block = block[: len(next(block.bag.parts()))]
        yield start, block
        start += len(block)


def vectors(
    network: Network, documents: Documents, refinement: Refinement | None = None
) -> NDArray[np.float32]:
    """(D, n_vector) the vector of every document, h at the posterior mean, row by row."""
    found = np.empty((len(documents), network.n_vector), dtype=np.float32)
    size = ENCODED if refinement is None else BLOCK
    for batch, posterior in posterior_blocks(network, documents, refinement, size):
        first = int(batch.rows[0])
        with torch.no_grad():  # refinement needs gradients
            vector = network.generator.vector(posterior.mean)
        found[first : first + len(batch)] = vector.cpu().numpy()
    return found


@torch.no_grad()
def vectors_at(network: Network, mean: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """(D, n_vector) the vectors of documents by their posterior means (D, K)."""
    found = network.generator.vector(torch.tensor(mean, dtype=torch.float32, device=network.device))
    vectors: NDArray[np.float32] = found.cpu().numpy()
    return vectors


def encode(
    network: Network, documents: Documents, refinement: Refinement | None = None
) -> Posteriors:
    """The posterior of every document of ``documents``, row by row."""
    mean = np.empty((len(documents), network.n_components), dtype=np.float32)
    log_sigma = np.empty_like(mean)
    size = ENCODED if refinement is None else BLOCK
    for batch, posterior in posterior_blocks(network, documents, refinement, size):
        first = int(batch.rows[0])
        mean[first : first + len(batch)] = posterior.mean.cpu().numpy()
        log_sigma[first : first + len(batch)] = posterior.log_sigma.cpu().numpy()
    return Posteriors(mean, log_sigma)


def features(network: Network, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """h, which the decoder reads, of documents by their vectors (D, n_vector): (D, F) float32."""
    found = np.empty((len(vectors), network.generator.n_features), dtype=np.float32)
    with torch.no_grad():
        for start in range(0, len(vectors), BLOCK):
            block = torch.tensor(vectors[start : start + BLOCK], device=network.device)
            found[start : start + BLOCK] = network.generator.of_vector(block).cpu().numpy()
    return found
