"""The posterior of every document, a block at a time: deterministic, whatever the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tenor.bow import BagOfWords, DocumentCounts
from tenor.inference.refine import Refinement
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.normal import NormalPosterior

# Documents a block; part of what makes the same call bit-identical. The encoder alone is fastest
# on about a thousand; what follows it (samples, logits, gradients) works on fewer at a time.
BLOCK, ENCODED = 256, 1024
MOST_VALUES = 1 << 20  # (document, word) pairs in a block: long documents make smaller ones


@dataclass(frozen=True, eq=False)
class Posteriors:
    """q(z|x) of D documents, as NumPy arrays.

    Attributes:
        mean: μ, (D, K) float32.
        log_sigma: log σ, (D, K) float32.
    """

    mean: NDArray[np.float32]
    log_sigma: NDArray[np.float32]


def posterior_blocks(
    network: VariationalNetwork,
    bag: DocumentCounts,
    refinement: Refinement | None = None,
    size: int = BLOCK,
) -> Iterator[tuple[Batch, NormalPosterior]]:
    """Each block of at most ``size`` documents with its posterior, refined if asked."""
    for start, block in _blocks(bag, size):
        batch = network.batch(block, start)
        with torch.no_grad():
            posterior = network.posterior(batch)
        yield batch, posterior if refinement is None else refinement(network, batch, posterior)


def _blocks(bag: DocumentCounts, size: int) -> Iterator[tuple[int, BagOfWords]]:
    """Runs of at most ``size`` documents and about MOST_VALUES values, with their first rows."""
    start = 0
    while start < len(bag):
        block = bag[start : start + size]
        if block.nnz > MOST_VALUES:
            block = next(block.parts())
        yield start, block
        start += len(block)


def vector_blocks(
    network: VariationalNetwork, bag: DocumentCounts, refinement: Refinement | None = None
) -> Iterator[NDArray[np.float32]]:
    """The posterior means of neighbouring documents, a block (B, K) at a time."""
    size = ENCODED if refinement is None else BLOCK
    for _, posterior in posterior_blocks(network, bag, refinement, size):
        yield posterior.mean.cpu().numpy()


def vectors(
    network: VariationalNetwork, bag: DocumentCounts, refinement: Refinement | None = None
) -> NDArray[np.float32]:
    """(D, K) the posterior mean of every document, row by row."""
    mean = np.empty((len(bag), network.n_components), dtype=np.float32)
    first = 0
    for block in vector_blocks(network, bag, refinement):
        mean[first : first + len(block)] = block
        first += len(block)
    return mean


def encode(
    network: VariationalNetwork, bag: DocumentCounts, refinement: Refinement | None = None
) -> Posteriors:
    """The posterior of every document of ``bag``, row by row."""
    mean = np.empty((len(bag), network.n_components), dtype=np.float32)
    log_sigma = np.empty_like(mean)
    size = ENCODED if refinement is None else BLOCK
    for batch, posterior in posterior_blocks(network, bag, refinement, size):
        first = int(batch.rows[0])
        mean[first : first + len(batch)] = posterior.mean.cpu().numpy()
        log_sigma[first : first + len(batch)] = posterior.log_sigma.cpu().numpy()
    return Posteriors(mean, log_sigma)


def features(network: VariationalNetwork, latent: NDArray[np.float32]) -> NDArray[np.float32]:
    """h(z) of latent vectors (D, K): (D, F) float32."""
    found = np.empty((len(latent), network.decoder_weight().shape[1]), dtype=np.float32)
    with torch.no_grad():
        for start in range(0, len(latent), BLOCK):
            block = torch.tensor(latent[start : start + BLOCK], device=network.device)
            found[start : start + BLOCK] = network.features(block).cpu().numpy()
    return found
