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

from tenor.checks import whole
from tenor.documents import Documents
from tenor.inference.encode import BLOCK, posterior_blocks
from tenor.inference.refine import Refinement
from tenor.networks.network import Bound, Network
from tenor.networks.noise import Noise
from tenor.networks.parts import Batch, Posterior

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DocumentBounds:
    """Per document, in nats; (D,) unless said otherwise."""

    elbo: Values  # reconstruction − kl
    importance_weighted: Values  # from the same samples
    reconstruction: Values  # mean of log p(x|z) over the samples
    kl: Values  # KL(q ‖ p) in closed form
    mean: Values  # (D, K) posterior means
    lengths: Values  # N_d, tokens (or distinct words under the presence likelihood)
    n_samples: int  # S
    refine: int  # gradient steps taken on each posterior first


def document_bounds(
    network: Network,
    documents: Documents,
    n_samples: int = 20,
    seed: int = 0,
    refine: int = 0,
) -> DocumentBounds:
    """Both bounds of every document of ``documents`` from ``n_samples`` posterior samples."""
    n_samples, refine = whole("n_samples", n_samples, 1), whole("refine", refine, 0)
    refinement = Refinement.of(refine, seed)
    columns: list[tuple[Tensor, ...]] = []
    for batch, posterior in posterior_blocks(network, documents, refinement):
        bound = _bound(network, batch, posterior, n_samples, seed)
        z = bound.latent
        with torch.no_grad():
            log_prior = network.prior.log_prob(z, batch)
            log_weight = bound.log_likelihood + log_prior - posterior.log_prob(z)
            weighted = torch.logsumexp(log_weight, 0) - math.log(n_samples)
        columns.append((bound.reconstruction, bound.kl, weighted, posterior.mean))
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
        lengths=network.decoder.observed(documents.bag).lengths.astype(np.float64),
        n_samples=n_samples,
        refine=refine,
    )


def document_elbos(
    network: Network,
    documents: Documents,
    n_samples: int,
    seed: int,
    share: tuple[int, int] = (0, 1),
) -> tuple[Values, Values]:
    """(D,) ``elbo`` and ``lengths`` of :func:`document_bounds`, without what else it keeps.

    For judging epochs: 16 bytes a document, not one number for each latent dimension. The share
    (i, n) is block i of every n; ``elbo`` is 0 elsewhere.
    """
    elbo = np.zeros(len(documents))
    for batch, posterior in posterior_blocks(network, documents, share=share):
        bound = _bound(network, batch, posterior, n_samples, seed)
        terms = (bound.reconstruction, bound.kl)
        reconstruction, kl = (term.cpu().double().numpy() for term in terms)
        first = int(batch.rows[0])
        elbo[first : first + len(batch)] = reconstruction - kl
    return elbo, network.decoder.observed(documents.bag).lengths.astype(np.float64)


@torch.no_grad()
def _bound(
    network: Network, batch: Batch, posterior: Posterior, n_samples: int, seed: int
) -> Bound:
    noise = Noise(network.device, seed, "evaluate", int(batch.rows[0]))
    return network.bound(posterior, batch, posterior.noise(n_samples, noise))


@torch.no_grad()
def log_likelihood_given(
    network: Network, vectors: NDArray[np.float32], documents: Documents
) -> Values:
    """(D,) log p(x_d | h_d) for given vectors (D, n_vector): for document completion."""
    found = np.empty(len(documents))
    for start in range(0, len(documents), BLOCK):
        batch = network.batch(documents[start : start + BLOCK], start)
        known = torch.as_tensor(vectors[start : start + BLOCK], device=network.device)
        nll = network.decoder.nll(network.generator.of_vector(known), batch)
        found[start : start + BLOCK] = -nll.cpu().double().numpy()
    return found
