"""Bounds on log p(x), document by document: the ELBO and the importance-weighted bound.

    ELBO_S = 1/S Σ_s log p(x|z_s) − KL(q ‖ p),                     z_s ~ q(z|x)
    IW_S   = log 1/S Σ_s p(x|z_s) p(z_s) / q(z_s|x)                Burda et al. 2016, eq. 8

Both are lower bounds in expectation as long as the z_s are drawn independently of how q was
found; refinement therefore uses noise of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tenor.bow import DocumentCounts
from tenor.checks import whole
from tenor.inference.encode import posterior_blocks
from tenor.inference.refine import Refinement
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DocumentBounds:
    """Per document, in nats; (D,) unless said otherwise.

    Attributes:
        elbo: reconstruction − kl.
        importance_weighted: the importance-weighted bound from the same samples.
        reconstruction: mean of log p(x|z) over the samples.
        kl: KL(q ‖ p) in closed form.
        mean: posterior means, (D, K).
        lengths: N_d, tokens (or distinct words under the presence likelihood).
        n_samples: S.
        refine: gradient steps taken on each posterior first.
    """

    elbo: Values
    importance_weighted: Values
    reconstruction: Values
    kl: Values
    mean: Values
    lengths: Values
    n_samples: int
    refine: int


def document_bounds(
    network: VariationalNetwork,
    bag: DocumentCounts,
    n_samples: int = 20,
    seed: int = 0,
    refine: int = 0,
) -> DocumentBounds:
    """Both bounds of every document of ``bag`` from ``n_samples`` posterior samples.

    Raises:
        InputError: unless samples (1 or more) and refinement steps (0 or more) are whole numbers.
    """
    n_samples, refine = whole("n_samples", n_samples, 1), whole("refine", refine, 0)
    refinement = Refinement(refine, seed) if refine else None
    columns: list[tuple[Tensor, ...]] = []
    for batch, posterior in posterior_blocks(network, bag, refinement):
        noise = Noise(network.device, seed, "evaluate", int(batch.rows[0]))
        columns.append(_bounds_of_block(network, batch, posterior, n_samples, noise))
    joined = [torch.cat(parts).cpu().double().numpy() for parts in zip(*columns, strict=True)]
    if not joined:
        empty = np.zeros(0)
        joined = [empty, empty, empty, np.zeros((0, network.n_components))]
    reconstruction, kl, importance_weighted, mean = joined
    return DocumentBounds(
        elbo=reconstruction - kl,
        importance_weighted=importance_weighted,
        reconstruction=reconstruction,
        kl=kl,
        mean=mean,
        lengths=network.observed(bag).lengths.astype(np.float64),
        n_samples=n_samples,
        refine=refine,
    )


def document_elbos(
    network: VariationalNetwork, bag: DocumentCounts, n_samples: int, seed: int
) -> tuple[Values, Values]:
    """(D,) ``elbo`` and ``lengths`` of :func:`document_bounds`, without what else it keeps.

    For judging epochs: 16 bytes a document, not one number for each latent dimension.
    """
    elbo = np.empty(len(bag))
    for batch, posterior in posterior_blocks(network, bag):
        first = int(batch.rows[0])
        noise = Noise(network.device, seed, "evaluate", first)
        reconstruction, kl, *_ = _bounds_of_block(network, batch, posterior, n_samples, noise)
        values = reconstruction.cpu().double().numpy() - kl.cpu().double().numpy()
        elbo[first : first + len(values)] = values
    return elbo, network.observed(bag).lengths.astype(np.float64)


@torch.no_grad()
def _bounds_of_block(
    network: VariationalNetwork,
    batch: Batch,
    posterior: NormalPosterior,
    n_samples: int,
    noise: Noise,
) -> tuple[Tensor, ...]:
    z = posterior.sample(posterior.noise(n_samples, noise))
    log_likelihood = -network.nll(network.features(z), batch.bag)
    log_weight = log_likelihood + network.log_prior(z) - posterior.log_prob(z)
    importance_weighted = torch.logsumexp(log_weight, 0) - math.log(n_samples)
    return (
        log_likelihood.mean(0),
        posterior.kl(),
        importance_weighted,
        posterior.mean,
    )


@torch.no_grad()
def log_likelihood_given(
    network: VariationalNetwork, latent: NDArray[np.float32], bag: DocumentCounts
) -> Values:
    """(D,) log p(x_d | z_d) for given latent vectors (D, K): for document completion."""
    found = np.empty(len(bag))
    step = 256
    for start in range(0, len(bag), step):
        batch = network.batch(bag[start : start + step], start)
        z = torch.as_tensor(latent[start : start + step], device=network.device)
        nll = network.nll(network.features(z), batch.bag)
        found[start : start + step] = -nll.cpu().double().numpy()
    return found
