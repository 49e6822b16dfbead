"""softmax_nll: −log p(x | h) under a log-linear decoder, without the documents × words logits.

For document d with counts x, features h and N = Σ_v x_v:

    l = R h + b,   nll = Σ_v x_v (logsumexp(l) − l_v),   ∂nll/∂l = N softmax(l) − x

The sum runs over the words present, each term ≥ 0, so nothing cancels. On a CPU, in float32, the
compiled passes over tiles do it (tiled.py); elsewhere torch does, a block of documents at a time
(blocked.py). Both are exact, and differ by rounding.
The idea is that of cut cross-entropy (Wijmans et al. 2024, arXiv:2411.09009) with counts in
place of one target.
"""

from __future__ import annotations

from torch import Tensor

from tenor.kernels.bag import Bag
from tenor.kernels.blocked import blocked_softmax_nll
from tenor.kernels.tiled import takes, tiled_softmax_nll


def softmax_nll(
    features: Tensor, weight: Tensor, bias: Tensor, bag: Bag, upstream: Tensor | None = None
) -> Tensor:
    """The negative log-likelihood of every document under softmax(R h + b).

    Args:
        features: h, (B, F) or (S, B, F) for S samples a document.
        weight: R, (V, F).
        bias: b, (V,).
        bag: the counts x of the B documents.
        upstream: (B,) the documents' weights in the loss, where they differ and are known: the
            gradient that will come, up to one factor. It can save time and changes no result.

    Returns:
        (B,) or (S, B). Differentiable in features, weight and bias; only the gradients asked
        for are computed, none under ``no_grad``, and no B × V matrix exists at any time.

    Raises:
        ValueError: the shapes do not fit together, or the bag.
    """
    samples = features if features.dim() == 3 else features.unsqueeze(0)
    _refuse_misfits(samples, weight, bias, bag)
    if takes(samples, weight, bias, bag):
        nll = tiled_softmax_nll(samples, weight, bias, bag)
    else:
        nll = blocked_softmax_nll(samples, weight, bias, bag, upstream)
    return nll if features.dim() == 3 else nll.squeeze(0)


def _refuse_misfits(samples: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> None:
    found = (samples.shape[1:], weight.shape, bias.shape)
    n_features = samples.shape[2]
    due = ((len(bag), n_features), (bag.n_words, n_features), (bag.n_words,))
    for name, one, other in zip(("features", "weight", "bias"), found, due, strict=True):
        if tuple(one) != other:
            raise ValueError(f"{name} of shape {tuple(one)} where {other} is due")
