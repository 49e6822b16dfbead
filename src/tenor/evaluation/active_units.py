"""How many latent dimensions a model uses (Burda, Grosse & Salakhutdinov 2016, section 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tenor.checks import matrix
from tenor.errors import InputError

THRESHOLD = 0.01
"""Burda et al.'s: between the two humps that log Cov_x(E[z|x]) falls into."""


def active_units(posterior_mean: ArrayLike, threshold: float = THRESHOLD) -> int:
    """The number of dimensions whose posterior mean varies over documents.

    Dimension k is active where Cov_x(E[z_k|x]) > ``threshold``, the variance (divisor D) of
    column k. A model whose posterior collapsed onto the prior has none.

    Args:
        posterior_mean: (D, K) E[z|x] of every document.

    Raises:
        InputError: for an empty or non-finite array, or another shape.
    """
    mean = matrix("posterior_mean", posterior_mean).astype(np.float64, copy=False)
    if len(mean) == 0:
        raise InputError("active units need at least one document; posterior_mean has none")
    return int((mean.var(axis=0) > threshold).sum())
