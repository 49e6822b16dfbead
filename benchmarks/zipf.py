"""Documents drawn from a Zipf law: any number over any vocabulary, in a moment."""

from __future__ import annotations

import numpy as np

from tenor.bow import BagOfWords

SHIFT, SPREAD = 1.0, 1.0  # of Zipf–Mandelbrot's ranks; of the lengths' logarithm


def documents(n_documents: int, n_words: int, length: float, seed: int = 0) -> BagOfWords:
    """Documents of ``length`` tokens on average over ``n_words`` words.

    A word of rank r has probability ∝ 1 / (r + 1); with 100 tokens over 2,000 words a document
    has about 65 distinct ones, as the posts of 20 Newsgroups have. Word ids are in random order,
    since a vocabulary is in alphabetical order; lengths are log-normal, at least 1.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.lognormal(np.log(length) - SPREAD**2 / 2, SPREAD, n_documents)
    lengths = np.maximum(drawn.round().astype(np.int64), 1)
    cumulated = np.cumsum(1.0 / (np.arange(n_words) + 1.0 + SHIFT))
    ranks = np.searchsorted(cumulated, rng.random(int(lengths.sum())) * cumulated[-1])
    words = rng.permutation(n_words)[np.minimum(ranks, n_words - 1)]
    document = np.repeat(np.arange(n_documents), lengths)
    keys, counts = np.unique(document * n_words + words, return_counts=True)
    offsets = np.searchsorted(keys, np.arange(n_documents + 1) * n_words)
    return BagOfWords(offsets, (keys % n_words).astype(np.int32), counts.astype(np.int32), n_words)
