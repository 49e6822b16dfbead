"""Whether groups of documents differ in their mean topic weights by more than chance.

A comparison must not depend on the order in which documents come. So rows are put in an order
that only their contents decide before anything is added up or drawn by chance: rows that hold
the same numbers are the same to every mean.

Intervals are percentiles of bootstraps (Efron & Tibshirani 1993, chapter 13). Draws are counted
(a document drawn twice weighs two), so a resample is a row of counts and all means of a block of
resamples are one matrix product. Of many documents bundles are drawn instead, put together by
chance: the mean has the same variance, known to 1 / √(2 · 4,096) of its standard error, and the
work is that of 4,096 documents however many there are.

Weights of a topic are skewed: near zero in most documents, large in a few. The difference of
two means is therefore held against what it would be if the documents were dealt to the two sets
at random. Of that permutation distribution the mean, the variance and the skewness have closed
forms, and a Pearson type III curve through them gives its tail without drawing permutations, so
that p-values far below one in a thousand stay exact enough to be corrected for many tests
(Mielke & Berry 2007, "Permutation Methods"; Winkler et al. 2016, "Faster permutation inference").

Permutations ask whether the sets are alike at all; sets with one mean but unequal spread are
not. So the p-value is the larger of that one and Welch's, which lets each set have its own
spread, with the skewness taken out (Hall 1992, "On the removal of skewness by transformation";
Zhou & Dinh 2005 for two samples). Welch's alone would take ten documents that all lack a rare
topic for a finding; permutations know that this is what chance does. Documents are taken as
independent: copies of one text make differences look surer than they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import spans

RATE = 0.05  # the share of false ones expected among the differences called real

BUNDLES = 4096  # drawn at most
AT_ONCE = 1 << 19  # counts held together
LEVEL = 0.95
FEWEST = 40  # resamples of which one lies beyond each end of a 95 % interval
BLOCK = 1 << 15  # rows looked at together
TOLERANCE = 1e-3  # of a row's sum: weights in half precision pass

Floats = NDArray[np.float64]
_Words = NDArray[np.uint64]


def or_none(value: float) -> float | None:
    """The number as JSON has it, which knows no NaN."""
    return None if np.isnan(value) else float(value)


def checked_weights(weights: ArrayLike) -> tuple[checks.Floats, NDArray[np.bool_]]:
    """(D, T) weights, and (D,) which documents have any: a row sums to one, or is all zero."""
    rows = checks.matrix("weights", weights)
    worded = np.zeros(len(rows), dtype=np.bool_)
    for start, stop in spans(len(rows), BLOCK):
        block = rows[start:stop]
        sums = block.sum(axis=1, dtype=np.float64)
        worded[start:stop] = found = block.any(axis=1)
        wrong = (found & (np.abs(sums - 1) > TOLERANCE)) | (block < 0).any(axis=1)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"weights must be at least 0 and sum to one in every row, or be all zero for a "
                f"document without words; row {start + row} sums to {sums[row]:.4g}"
            )
    return rows, worded


def checked_ids(ids: Sequence[int] | None, n_topics: int) -> tuple[int, ...]:
    """The numbers of T topics; 0 to T − 1 when None."""
    if ids is None:
        return tuple(range(n_topics))
    if len(ids) != n_topics:
        raise InputError(f"ids must have one number for each of {n_topics} topics, not {len(ids)}")
    return tuple(int(topic) for topic in ids)


def canonical_order(rows: checks.Floats) -> NDArray[np.intp]:
    """(D,) row numbers by the rows' contents alone: the same documents, however they came."""
    multipliers = np.random.default_rng(0).integers(1, 1 << 63, rows.shape[1], dtype=np.uint64)
    keys = np.zeros(len(rows), dtype=np.uint64)
    for start, stop in spans(len(rows), BLOCK):
        bits = np.ascontiguousarray(rows[start:stop], dtype=np.float64).view(np.uint64)
        mixed: _Words = (bits ^ (bits >> np.uint64(29))) * (multipliers | np.uint64(1))
        keys[start:stop] = mixed.sum(axis=1, dtype=np.uint64)  # wraps around
    return np.argsort(keys, kind="stable")


def checked_bootstraps(n_bootstrap: int) -> int:
    """``n_bootstrap``, enough for a 95 % interval."""
    if checks.whole("n_bootstrap", n_bootstrap) < FEWEST:
        raise InputError(f"n_bootstrap must be at least {FEWEST} for a 95 % interval")
    return int(n_bootstrap)


def bootstrap_means(rows: checks.Floats, n_bootstrap: int, rng: np.random.Generator) -> Floats:
    """(n_bootstrap, T) the mean of each resample of the (n, T) ``rows``, n at least 1.

    Memory beyond the rows is flat in n and in n_bootstrap, but for what is returned.
    """
    sums, sizes = _bundles(rows, rng)
    n = len(sums)
    means = np.empty((n_bootstrap, sums.shape[1]))
    at_once = max(1, AT_ONCE // n)
    for start, stop in spans(n_bootstrap, at_once):
        drawn = rng.integers(0, n, size=(stop - start, n), dtype=np.int64)
        counts = np.array([np.bincount(draw, minlength=n) for draw in drawn], dtype=np.float64)
        means[start:stop] = (counts @ sums) / (counts @ sizes)[:, None]
    return means


def interval(values: Floats) -> Floats:
    """(T, 2) where the middle 95 % of the resamples (n_bootstrap, T) lie."""
    ends = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.asarray(ends.T, dtype=np.float64)


def _bundles(rows: checks.Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sums (n, T) and sizes (n,) of what is drawn: single documents while they are few."""
    from scipy.sparse import csr_matrix

    if len(rows) <= BUNDLES:
        return rows.astype(np.float64), np.ones(len(rows))
    bundle = rng.permutation(len(rows)) % BUNDLES  # of each row: sizes differ by one at most
    sums = np.zeros((BUNDLES, rows.shape[1]))
    for start, stop in spans(len(rows), BLOCK):
        held = np.ones(stop - start), (bundle[start:stop], np.arange(stop - start))
        members = csr_matrix(held, (BUNDLES, stop - start))
        sums += np.asarray(members @ rows[start:stop].astype(np.float64))
    return sums, np.bincount(bundle, minlength=BUNDLES).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums (3, T) over n documents of (x − c), (x − c)² and (x − c)³, for a given c."""

    n: int
    sums: Floats

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.sums + other.sums)

    def __sub__(self, other: Moments) -> Moments:
        return Moments(self.n - other.n, self.sums - other.sums)


def moments(rows: checks.Floats, centre: Floats) -> Moments:
    """The moments of (n, T) rows about ``centre`` (T,)."""
    total = np.zeros((3, rows.shape[1]))
    for start, stop in spans(len(rows), BLOCK):
        apart = rows[start:stop].astype(np.float64) - centre
        squares = apart * apart
        total[0] += apart.sum(axis=0)
        total[1] += squares.sum(axis=0)
        total[2] += np.einsum("dt,dt->t", squares, apart)
    return Moments(len(rows), total)


def p_values(inside: Moments, pool: Moments) -> Floats:
    """(T,) two-sided p-values: do the documents inside differ in mean from the pool's others?

    Args:
        inside: moments of a part of the pool, about the pool's mean.
        pool: moments of all documents about their mean.

    Returns:
        NaN where a side has fewer than two documents; 1 where all documents weigh the same.
    """
    from scipy.stats import pearson3

    n, m = inside.n, pool.n - inside.n
    if n < 2 or m < 2:  # of one document nobody can say how far chance takes it
        return np.full(pool.sums.shape[1], np.nan)
    variance = permuted_variance(n, pool)
    varies = pool.sums[1] > pool.n * np.finfo(np.float32).eps ** 2
    z = np.divide(inside.sums[0], np.sqrt(variance), out=np.zeros_like(variance), where=varies)
    skew = permuted_skewness(n, pool)
    permuted = 2 * np.minimum(pearson3.cdf(z, skew), pearson3.sf(z, skew))
    return np.where(varies, np.clip(np.maximum(permuted, _welch(inside, pool)), 0.0, 1.0), 1.0)


def permuted_variance(n: int, pool: Moments) -> Floats:
    """(T,) variance of the sum of n documents of the pool, drawn without replacement."""
    size = pool.n
    return np.asarray(n * (size - n) / (size * max(size - 1, 1)) * pool.sums[1])


def permuted_skewness(n: int, pool: Moments) -> Floats:
    """(T,) skewness of the same sum; 0 where nothing varies."""
    size = pool.n
    if size < 3:
        return np.zeros_like(pool.sums[2])
    third: Floats = (
        n * (size - n) * (size - 2 * n) / (size * (size - 1) * (size - 2)) * pool.sums[2]
    )
    scale = permuted_variance(n, pool) ** 1.5
    return np.divide(third, scale, out=np.zeros_like(third), where=scale > 0)


def adjusted(p: Floats) -> Floats:
    """p-values as false discovery rates over all that are not NaN (Benjamini & Hochberg 1995)."""
    from scipy.stats import false_discovery_control

    rates = np.full(p.shape, np.nan)
    asked = ~np.isnan(p)
    if asked.any():
        rates[asked] = false_discovery_control(p[asked], method="bh")
    return rates


def _welch(inside: Moments, pool: Moments) -> Floats:
    """(T,) p-values of the same with each side's own spread; 0 where neither has any."""
    from scipy.special import ndtr

    outside = pool - inside
    n, m = inside.n, outside.n
    own, others = _central(inside), _central(outside)
    variance = own[0] / (n - 1) + others[0] / (m - 1)
    spread = np.sqrt(variance)
    apart: Floats = inside.sums[0] * pool.n / (n * m)  # the difference of the means
    known = spread > 0
    p = np.zeros_like(apart)
    t = apart[known] / spread[known]
    skew = (own[1] / n**2 - others[1] / m**2)[known] / spread[known] ** 3
    straight = t + skew * (t**2 / 3 + 1 / 6) + skew**2 * t**3 / 27
    p[known] = 2 * ndtr(-np.abs(straight))
    return p


def _central(about: Moments) -> tuple[Floats, Floats]:
    """(T,) second and third central moments of the documents, their means over n."""
    n, (first, second, third) = about.n, about.sums
    mean = first / n
    return (
        np.maximum(second / n - mean**2, 0.0),
        third / n - 3 * mean * second / n + 2 * mean**3,
    )
