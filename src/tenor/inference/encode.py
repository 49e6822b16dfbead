"""The posterior of every document, a block at a time: deterministic, whatever the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.inference.refine import Refinement
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.normal import NormalPosterior

BLOCK = 256  # documents a block; part of what makes the same call bit-identical


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
    network: VariationalNetwork, bag: BagOfWords, refinement: Refinement | None = None
) -> Iterator[tuple[Batch, NormalPosterior]]:
    """Each block of documents with its posterior, refined if asked."""
    for start in range(0, len(bag), BLOCK):
        batch = network.batch(bag[start : start + BLOCK], start)
        with torch.no_grad():
            posterior = network.posterior(batch)
        yield batch, posterior if refinement is None else refinement(network, batch, posterior)


def encode(
    network: VariationalNetwork, bag: BagOfWords, refinement: Refinement | None = None
) -> Posteriors:
    """The posterior of every document of ``bag``, row by row."""
    mean = np.empty((len(bag), network.n_components), dtype=np.float32)
    log_sigma = np.empty_like(mean)
    for batch, posterior in posterior_blocks(network, bag, refinement):
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
