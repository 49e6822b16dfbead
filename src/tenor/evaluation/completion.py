"""Document completion: how well one half of a document foretells the other.

The bound of an auto-encoder sees the very tokens it is judged on; here it does not. A model
reads the first half, and is judged by log p(second half | what it read).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.bow import BagOfWords, Integers, concatenate
from tenor.errors import InputError
from tenor.evaluation.checks import whole
from tenor.evaluation.perplexity import Figures, perplexity

_TOKENS_AT_ONCE = 1 << 22
_WEYL = np.uint64(0x9E3779B97F4A7C15)


def halves(
    bag: BagOfWords, seed: int = 0, rows: ArrayLike | None = None
) -> tuple[BagOfWords, BagOfWords]:
    """Each document's tokens, split once at random into two halves.

    The split is a function of (seed, row, token) alone, whoever asks and in whatever batch:
    every method is judged on the same halves. Of an odd number of tokens the first half has
    one more, so nothing is ever foretold from an empty half. Both keep all D rows.

    Args:
        bag: the D documents.
        seed: a whole number of at least 0.
        rows: (D,) each document's row in its corpus, where ``bag`` is a part of one; by
            default 0 … D − 1.

    Returns:
        The first and the second half: counts that add up to ``bag``'s.

    Raises:
        InputError: for a bad seed, or rows that are not one whole number a document.
    """
    seed = whole("seed", seed, 0)
    own = _rows(rows, len(bag))
    if len(bag) == 0:
        return bag, bag
    pieces = [_split(bag[start:stop], seed, own[start:stop]) for start, stop in _runs(bag.lengths)]
    return concatenate([first for first, _ in pieces]), concatenate(
        [second for _, second in pieces]
    )


def completion_perplexity(log_prob_second: ArrayLike, lengths_second: ArrayLike) -> Figures:
    """exp(−Σ log p(second half | first) / Σ N_second), corpus and per document.

    Args:
        log_prob_second: (D,) Σ_v x_dv log p(v | first half), in nats.
        lengths_second: (D,) tokens of the second halves; rows with 0 enter neither sum nor D.

    Raises:
        InputError: as :func:`~tenor.evaluation.perplexity.perplexity`.
    """
    return perplexity(log_prob_second, lengths_second)


def _rows(rows: ArrayLike | None, documents: int) -> NDArray[np.uint64]:
    own = np.arange(documents) if rows is None else np.asarray(rows)
    whole_numbers = own.dtype.kind in "iu" and own.shape == (documents,)
    if not whole_numbers or (documents and own.min() < 0):
        raise InputError(f"rows must be {documents} whole numbers of at least 0, one a document")
    return own.astype(np.uint64)


def _runs(lengths: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of neighbouring documents with few enough tokens to lay out singly."""
    group = np.cumsum(lengths) // _TOKENS_AT_ONCE
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    stops = np.append(starts[1:], len(lengths))
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]


def _split(bag: BagOfWords, seed: int, rows: NDArray[np.uint64]) -> tuple[BagOfWords, BagOfWords]:
    lengths = bag.lengths
    entry = np.repeat(np.arange(bag.nnz), bag.counts)  # (tokens,) the (document, word) of each
    document = np.repeat(np.arange(len(bag)), lengths)
    begins = np.cumsum(lengths) - lengths
    place = np.arange(len(entry)) - begins[document]
    draw = _random(seed, rows[document], place.astype(np.uint64))
    # tokens stay with their document; `place` now says how many of it drew less
    drawn = entry[np.lexsort((draw, document))]
    in_first = place < ((lengths + 1) // 2)[document]
    counts = np.bincount(drawn[in_first], minlength=bag.nnz).astype(bag.counts.dtype)
    return _with_counts(bag, counts), _with_counts(bag, bag.counts - counts)


def _with_counts(bag: BagOfWords, counts: Integers) -> BagOfWords:
    """The bag with other counts, zeros left out."""
    kept = counts > 0
    running = np.zeros(bag.nnz + 1, dtype=np.int64)
    np.cumsum(kept, out=running[1:])
    return BagOfWords(running[bag.offsets], bag.words[kept], counts[kept], bag.n_words)


def _random(seed: int, rows: NDArray[np.uint64], places: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 random bits for each (seed, row, place): SplitMix64 (Steele, Lea & Flood 2014), nested."""
    start = np.array([seed % (1 << 64)], dtype=np.uint64)
    return _mix(_mix(_mix(start) + rows) + places)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = values + _WEYL  # arrays of unsigned integers wrap around in silence
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
