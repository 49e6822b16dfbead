"""Topics changed by hand: joined, split, dropped, words kept out. Nothing else of them moves.

Ids are kept: a joined topic has its first part's, a dropped one's is nobody's any more, and so is
that of a split one, since neither part is what it was: its parts get numbers of their own. With
θ_dc of the centres, a joined topic has the sum of its parts' weights; where a topic is dropped,
the others' weights grow in proportion, since they are a softmax over the centres that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.topics.centres import nearest
from tenor.topics.parts import owned
from tenor.topics.topics import BLOCK, Topics
from tenor.topics.tree import split_centres

_T = TypeVar("_T")


def renamed(topics: Topics, place: int, name: str | None) -> Topics:
    """The topics with another name for one of them."""
    return replace(topics, names=_with(topics.names, place, [name]))


def joined(topics: Topics, places: Sequence[int]) -> Topics:
    """The topics with several of them made one, in the place of the first of ``places``.

    It has the first one's id and the first name among theirs.
    """
    first, others = places[0], set(places[1:])
    left = [place for place in range(len(topics)) if place not in others]
    now = np.empty(len(topics), dtype=np.int64)
    now[left] = np.arange(len(left))
    now[list(others)] = now[first]
    given = [topics.names[place] for place in places if topics.names[place] is not None]
    names = _with(topics.names, first, given[:1] or [None])
    return replace(
        topics,
        owner=now[topics.owner],
        held=np.where(topics.held >= 0, now[topics.held], -1),
        ids=tuple(topics.ids[place] for place in left),
        names=tuple(names[place] for place in left),
    )


def split(topics: Topics, place: int, ids: Sequence[int]) -> Topics:
    """The topics with one of them split into as many as there are new ``ids``, in its place.

    The heaviest part in words comes first; sizes are shared out by that weight until
    :func:`measured`. A word that was held by hand goes to the nearest part.

    Raises:
        InputError: when the topic has too few words that differ.
    """
    n = len(ids)
    centres, mass = _parts(topics, place, n)
    at = int(np.argmax(topics.owner == place))
    kept = topics.owner != place
    now = np.arange(len(topics)) + (n - 1) * (np.arange(len(topics)) > place)
    before, after = kept & (np.arange(len(kept)) < at), kept & (np.arange(len(kept)) > at)
    held = np.where(topics.held >= 0, now[topics.held], -1)
    own = np.flatnonzero(topics.held == place)
    held[own] = place + nearest(topics.words[own].astype(np.float64), centres.astype(np.float64))
    sizes = topics.topic_sizes[place] * mass
    return replace(
        topics,
        centres=np.vstack([topics.centres[before], centres, topics.centres[after]]),
        owner=np.concatenate(
            [now[topics.owner[before]], place + np.arange(n), now[topics.owner[after]]]
        ),
        sizes=np.concatenate([topics.sizes[before], sizes, topics.sizes[after]]),
        held=held,
        ids=_with(topics.ids, place, ids),
        names=_with(topics.names, place, [None] * n),
    )


def dropped(topics: Topics, place: int) -> Topics:
    """The topics without one of them; its words are the others'.

    Raises:
        InputError: when it is the only one.
    """
    if len(topics) == 1:
        raise InputError(f"topic {topics.ids[place]} is the only topic; it cannot be dropped")
    kept = topics.owner != place
    now = np.arange(len(topics)) - (np.arange(len(topics)) > place)
    sizes = topics.sizes[kept]
    return replace(
        topics,
        centres=topics.centres[kept],
        owner=now[topics.owner[kept]],
        sizes=sizes / (sizes.sum() or 1.0),
        held=np.where((topics.held >= 0) & (topics.held != place), now[topics.held], -1),
        ids=_with(topics.ids, place, []),
        names=_with(topics.names, place, []),
    )


def kept_out(topics: Topics, words: Iterable[int]) -> Topics:
    """The topics, none of which shows these word ids."""
    allowed = topics.allowed.copy()
    allowed[list(words)] = False
    return replace(topics, allowed=allowed)


def measured(topics: Topics, documents: ArrayLike, multiplicity: ArrayLike | None = None) -> Topics:
    """The topics with their sizes, the mean θ, taken anew.

    Args:
        topics: changed by hand.
        documents: (D, K) d_d; a row of zeros for a document without words.
        multiplicity: (D,) how often each document counts; None: once, without words not at all.

    Raises:
        InputError: when the shapes do not fit, or no document has words.
    """
    directions = checks.matrix("documents", documents, len(topics.mean)).astype(np.float64)
    times: NDArray[np.float64] = np.asarray(directions.any(axis=1), dtype=np.float64)
    if multiplicity is not None:
        times = checks.vector("multiplicity", multiplicity, len(directions)).astype(np.float64)
    if times.sum() <= 0:
        raise InputError("no document has a word of the vocabulary; topics have no size")
    sums = np.zeros(len(topics.centres))
    for start in range(0, len(directions), BLOCK):
        rows = slice(start, start + BLOCK)
        sums += topics.weights_of_directions(directions[rows]).T @ times[rows]
    return replace(topics, sizes=sums / times.sum())


def _parts(topics: Topics, place: int, n: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(n, 2K) centres, and (n,) each one's share of the topic's weight in words; largest first."""
    centres = split_centres(topics, place, n)
    words = np.flatnonzero(owned(topics) == place)
    part = nearest(topics.words[words].astype(np.float64), centres.astype(np.float64))
    weights = topics.word_weights[words].astype(np.float64)
    mass = np.bincount(part, weights, minlength=n).astype(np.float64)
    order = np.argsort(-mass, kind="stable")
    return centres[order], mass[order] / mass.sum()


def _with(values: tuple[_T, ...], place: int, instead: Sequence[_T]) -> tuple[_T, ...]:
    return (*values[:place], *instead, *values[place + 1 :])
