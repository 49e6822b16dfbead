"""The spaces in which documents can be compared; cosine is the measure in each of them.

With x a document's vector or, for ``logits``, the features that the decoder's last linear map
receives of it; R (V, H) how each number of x moves the logit of each word; R̄ = R minus its mean
over words (adding one vector to every row of R changes no probability, so only R̄ means something):

- ``latent``: x, as it is.
- ``metric``: x_k · ‖R̄_k‖, scaled by how strongly the decoder reacts to each dimension.
- ``logits``: the logits weighted by idf, idf ⊙ (R̄ x) ∈ ℝ^V. Inner products there are xᵀ M x' with
  M = R̄ᵀ diag(idf²) R̄ (H, H), so x M^½ has exactly the same cosines, and a D × V matrix never
  exists.
- ``smoothed``: x plus the mean of the documents near it, which are needed for it:
  :mod:`tenor.explore.smoothing`. The other three need nothing but the document itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError

SMOOTHED = "smoothed"
SPACES = ("latent", "metric", "logits", SMOOTHED)
BLOCK = 16384  # words in double precision at a time


def document_vectors(
    space: str, documents: ArrayLike, word_vectors: ArrayLike, idf: ArrayLike
) -> NDArray[np.float32]:
    """(D, H) ``documents`` in one of :data:`SPACES` that needs no other documents.

    They come as (D, H) vectors, for "logits" as the decoder's features. ``word_vectors`` (V, H), R
    centred or not, is not read by "latent"; ``idf`` (V,) is read by "logits" only.
    """
    if not isinstance(space, str) or space not in SPACES:
        raise InputError(
            f"there is no space {checks.shown(space)}; choose one of {', '.join(SPACES)}"
        )
    if space == SMOOTHED:
        raise InputError("the smoothed space needs documents to smooth over: use Smoothing")
    rows = checks.matrix("documents", documents)
    if space == "latent":
        return rows.astype(np.float32)
    words = checks.matrix("word_vectors", word_vectors, rows.shape[1])
    weights = np.ones(len(words)) if space == "metric" else checks.vector("idf", idf, len(words))
    gram = weighted_gram(words, weights)
    if space == "metric":
        scale = np.diag(np.sqrt(np.diag(gram)))
    else:  # the symmetric M^½
        values, axes = np.linalg.eigh(gram)
        scale = (axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T
    return np.asarray(rows.astype(np.float64) @ scale, dtype=np.float32)


def weighted_gram(
    word_vectors: NDArray[np.floating[Any]], weights: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """(H, H) M = R̄ᵀ diag(w²) R̄ in double precision, from blocks of words."""
    mean = word_vectors.mean(axis=0, dtype=np.float64)
    gram = np.zeros((len(mean), len(mean)))
    for start in range(0, len(word_vectors), BLOCK):
        block = word_vectors[start : start + BLOCK].astype(np.float64) - mean
        block *= weights[start : start + BLOCK, None]
        gram += block.T @ block
    return gram
