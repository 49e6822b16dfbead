"""Whether the means of two sets of documents differ by more than chance, without normal data.

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

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.topics.document_weights import BLOCK

RATE = 0.05  # the share of false ones expected among the differences called real

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over n documents of (x − c), (x − c)² and (x − c)³, each (T,), for a given c."""

    n: int
    first: Floats
    second: Floats
    third: Floats

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n,
            self.first + other.first,
            self.second + other.second,
            self.third + other.third,
        )


def moments(rows: NDArray[np.floating[Any]], centre: Floats) -> Moments:
    """The moments of (n, T) rows about ``centre`` (T,)."""
    total = np.zeros((3, rows.shape[1]))
    for start in range(0, len(rows), BLOCK):
        apart = rows[start : start + BLOCK].astype(np.float64) - centre
        squares = apart * apart
        total[0] += apart.sum(axis=0)
        total[1] += squares.sum(axis=0)
        total[2] += np.einsum("dt,dt->t", squares, apart)
    return Moments(len(rows), total[0], total[1], total[2])


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
        return np.full(len(pool.first), np.nan)
    variance = permuted_variance(n, pool)
    varies = pool.second > pool.n * np.finfo(np.float32).eps ** 2
    z = np.divide(inside.first, np.sqrt(variance), out=np.zeros_like(variance), where=varies)
    skew = permuted_skewness(n, pool)
    permuted = 2 * np.minimum(pearson3.cdf(z, skew), pearson3.sf(z, skew))
    return np.where(varies, np.clip(np.maximum(permuted, _welch(inside, pool)), 0.0, 1.0), 1.0)


def permuted_variance(n: int, pool: Moments) -> Floats:
    """(T,) variance of the sum of n documents of the pool, drawn without replacement."""
    size = pool.n
    return n * (size - n) / (size * max(size - 1, 1)) * pool.second


def permuted_skewness(n: int, pool: Moments) -> Floats:
    """(T,) skewness of the same sum; 0 where nothing varies."""
    size = pool.n
    if size < 3:
        return np.zeros_like(pool.second)
    third = n * (size - n) * (size - 2 * n) / (size * (size - 1) * (size - 2)) * pool.third
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

    n, m = inside.n, pool.n - inside.n
    outside = Moments(
        m,
        pool.first - inside.first,
        pool.second - inside.second,
        pool.third - inside.third,
    )
    own, others = _central(inside), _central(outside)
    variance = own[0] / (n - 1) + others[0] / (m - 1)
    spread = np.sqrt(variance)
    apart = inside.first * pool.n / (n * m)  # the difference of the means
    known = spread > 0
    p = np.zeros_like(apart)
    t = apart[known] / spread[known]
    skew = (own[1] / n**2 - others[1] / m**2)[known] / spread[known] ** 3
    straight = t + skew * (t**2 / 3 + 1 / 6) + skew**2 * t**3 / 27
    p[known] = 2 * ndtr(-np.abs(straight))
    return p


def _central(sums: Moments) -> tuple[Floats, Floats]:
    """(T,) second and third central moments of the documents, their means over n."""
    n, mean = sums.n, sums.first / sums.n
    second = sums.second / n - mean**2
    third = sums.third / n - 3 * mean * sums.second / n + 2 * mean**3
    return np.maximum(second, 0.0), third
