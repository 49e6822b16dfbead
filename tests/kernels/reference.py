"""The kernels as plain dense float64 formulas: slow, and plainly right."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def bag_linear(values: Tensor, weight: Tensor) -> Tensor:
    """(B, V) values times (V, H)."""
    return values.double() @ weight.double()


def softmax_nll(features: Tensor, weight: Tensor, bias: Tensor, counts: Tensor) -> Tensor:
    """−Σ_v x_v log softmax(R h + b)_v, (…, B) for features (…, B, F) and counts (B, V)."""
    logits = features.double() @ weight.double().t() + bias.double()
    return -(counts.double() * torch.log_softmax(logits, -1)).sum(-1)


def mixture_nll(log_proportions: Tensor, log_topics: Tensor, counts: Tensor) -> Tensor:
    """−Σ_v x_v log Σ_k θ_k β_kv, (…, B) for θ (…, B, K), β (V, K) and counts (B, V)."""
    joint = log_proportions.double()[..., None, :] + log_topics.double()
    log_p = torch.logsumexp(joint, -1)
    present = counts > 0  # 0 log 0 is 0
    return -torch.where(present, counts.double() * torch.where(present, log_p, 0.0), 0.0).sum(-1)


def _counts(shape: tuple[int, int], seed: int, largest: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(1, largest + 1, size=shape) * (rng.random(shape) < 0.4)


def _some_empty() -> np.ndarray:
    counts = _counts((9, 13), 1)
    counts[[0, 4, 8]] = 0
    return counts


def _huge_counts() -> np.ndarray:
    counts = _counts((6, 17), 2)
    counts[1, 3], counts[2, 3], counts[2, 9] = 10**4, 10**6, 10**6
    return counts


CASES = {
    "several documents": _counts((11, 13), 0),
    "empty documents": _some_empty(),
    "only empty documents": np.zeros((3, 5), dtype=np.int64),
    "one document": np.array([[0, 3, 0, 1, 2]]),
    "one word": np.array([[2], [0], [1]]),
    "empty batch": np.zeros((0, 7), dtype=np.int64),
    "counts to a million": _huge_counts(),
}
