"""Document completion: how well one half of a document foretells the other.

The bound of an auto-encoder sees the very tokens it is judged on; here it does not. A model
reads the first half, and is judged by log p(second half | what it read): by the perplexity
exp(−Σ log p(second half | first) / Σ N_second) of :func:`tenor.evaluation.perplexity.perplexity`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.bow import BagOfWords, Integers
from tenor.checks import whole
from tenor.errors import InputError

_MOST_TOKENS = 10**9 - 1  # of a document: what NumPy can draw from


def halves(
    bag: BagOfWords, seed: int = 0, rows: ArrayLike | None = None
) -> tuple[BagOfWords, BagOfWords]:
    """Each document's tokens, split once at random into two halves that add up to ``bag``.

    The split is a function of the seed, the document and its row alone, whoever asks and in
    whatever batch: every method is judged on the same halves. Of an odd number of
    tokens the first half has one more, so nothing is ever foretold from an empty half. Both
    keep all D rows.

    Args:
        rows: (D,) each document's row in its corpus, where ``bag`` is a part of one; by
            default 0 … D − 1.

    Raises:
        InputError: for a bad seed, rows that are not one whole number a document, or a document
            of a thousand million tokens.
    """
    seed = whole("seed", seed, 0)
    own = np.arange(len(bag)) if rows is None else np.asarray(rows)
    whole_numbers = own.dtype.kind in "iu" and own.shape == (len(bag),)
    if not whole_numbers or (len(bag) and own.min() < 0):
        raise InputError(f"rows must be {len(bag)} whole numbers of at least 0, one a document")
    if len(bag) == 0:
        return bag, bag
    if bag.lengths.max() > _MOST_TOKENS:
        raise InputError(
            f"document {own[bag.lengths.argmax()]} has {int(bag.lengths.max()):,} tokens; "
            f"halves are drawn of at most {_MOST_TOKENS:,}"
        )
    bag = bag.compact()
    first = _first_halves(bag, seed, own.astype(np.uint64))
    return bag.with_counts(first), bag.with_counts(bag.counts - first)


def _first_halves(bag: BagOfWords, seed: int, rows: NDArray[np.uint64]) -> Integers:
    """(nnz,) how many of each entry's tokens go to the first half.

    Drawn without replacement from each document's counts, so memory grows with the entries and
    not with the tokens; each document has random numbers of its own, keyed by seed and row.
    """
    counts = bag.counts.astype(np.int64)
    drawn = np.zeros_like(counts)
    bounds, sizes = bag.offsets.tolist(), ((bag.lengths + 1) // 2).tolist()
    bits = np.random.Philox(key=np.array([seed % (1 << 64), 0], dtype=np.uint64))
    generator, start_state = np.random.Generator(bits), bits.state
    key = start_state["state"]["key"]
    for document, size in enumerate(sizes):
        if not size:
            continue
        start, stop = bounds[document : document + 2]
        key[1] = rows[document]
        bits.state = start_state  # a third of the time that a new generator takes
        drawn[start:stop] = generator.multivariate_hypergeometric(
            counts[start:stop], size, method="marginals"
        )
    return drawn.astype(bag.counts.dtype)
