"""Words that tell two sets of documents apart.

A word is scored by the log-odds of meeting it in the documents of one set against meeting it in
the other's, with both sets together as prior, divided by its standard deviation (Monroe, Colaresi
& Quinn 2008, "Fightin' Words", equations 16, 20 and 22). Documents are counted, not tokens, so
one document that repeats a word tells nothing. Unlike c-TF-IDF it needs no stop-word list: a
word that is everywhere has odds near one.

Names are made of them: short, and no two the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from tenor.explore.neighbours import best

PRIOR = 0.05  # the prior's weight, as a share of both sets: steadies rare words
BETWEEN = " · "  # words of a name

Totals = tuple[float, float]


def telling_words(
    inside: NDArray[np.float64],
    outside: NDArray[np.float64],
    n: int,
    totals: Totals | None = None,
) -> list[tuple[int, float]]:
    """The ``n`` words that speak most for the first set, as (place, z), the best first.

    ``inside`` and ``outside`` (V,) are how many documents of each set hold each word; ``totals``
    are their sums over the whole vocabulary, where the arrays hold a part of it. Fewer words
    come back where fewer speak for the first set (z > 0).
    """
    z = log_odds(inside, outside, totals)
    rank = np.where(z > 0, z, -np.inf)
    return [(int(place), float(rank[place])) for place in best(rank, n)]


def log_odds(
    inside: NDArray[np.float64], outside: NDArray[np.float64], totals: Totals | None = None
) -> NDArray[np.float64]:
    """(V,) z-scores of the log-odds ratio, inside against outside; arguments as above."""
    n_inside, n_outside = totals or (float(inside.sum()), float(outside.sum()))
    prior, n_prior = PRIOR * (inside + outside), PRIOR * (n_inside + n_outside)
    a, n_a = inside + prior, n_inside + n_prior
    b, n_b = outside + prior, n_outside + n_prior
    with np.errstate(divide="ignore", invalid="ignore"):
        # One word alone has no others (log 0), and one in neither set has no odds (0 / 0).
        difference = np.log(a) - np.log(n_a - a) - np.log(b) + np.log(n_b - b)
        z = difference / np.sqrt(1 / a + 1 / b)
    return np.nan_to_num(z, nan=0.0, posinf=0.0, neginf=0.0)


def distinct_names(
    words: Sequence[Sequence[str]],
    size: int,
    otherwise: Sequence[str],
    taken: Collection[str] = (),
) -> list[str]:
    """Names of ``size`` words that differ: more words where the first ones are the same.

    ``words`` are each thing's, the most telling first; ``otherwise`` its name where they do not
    tell it from the others; ``taken`` names are others' already.
    """
    names: list[str] = []
    for name, ranked in zip(otherwise, words, strict=True):
        lengths = range(min(size, len(ranked)), len(ranked) + 1)
        made = (BETWEEN.join(ranked[:length]) for length in lengths)
        free = (one for one in made if one and one not in names and one not in taken)
        names.append(next(free, name))
    return names
