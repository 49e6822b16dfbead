"""Which topic of before is which topic of now: by the words they show, one to one.

Words are compared as strings, so that vocabularies may differ. Pairs share as many words as can be
in all; a pair that shares fewer than four of ten is no pair. On nvdm-20news, between three fits
with 20, 50 and 100 topics, most pairs that share four or five are nearest to each other by
their weights in the documents as well, and none correlates below .49; of those that share three,
half are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.topics.topics import Topics

LEAST = 4  # shared words
SHOWN = 10  # words compared
_RANK = 1e-3  # less than a word: among equals the pair that shares better words

WordLists = Sequence[Sequence[str]]


def match(old_words: WordLists, new_words: WordLists, least: int = LEAST) -> list[int | None]:
    """For each old topic the new one it has become, or None.

    Args:
        old_words, new_words: the words that each topic shows, the best first.
        least: shared words below which two topics are not the same; where one shows fewer words
            than that, all of its words.
    """
    from scipy.optimize import linear_sum_assignment

    least = checks.whole("least", least)
    shared = _shared(old_words, new_words)
    sizes = [np.array([len(set(own)) for own in lists]) for lists in (old_words, new_words)]
    enough = np.minimum(least, np.minimum.outer(*sizes)) if shared.size else shared
    shared[(shared < enough) | (shared < 1)] = 0.0
    found: list[int | None] = [None] * len(old_words)
    for old, new in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[old, new] > 0:
            found[int(old)] = int(new)
    return found


def shown_words(topics: Topics, vocabulary: Sequence[str]) -> list[list[str]]:
    """For each topic the ten words that tell what it is."""
    return [[vocabulary[word] for word in shown] for shown in topics.word_ids(SHOWN)]


def carry_ids(
    old: Topics,
    new: Topics,
    old_vocabulary: Sequence[str],
    new_vocabulary: Sequence[str],
    highest: int = -1,
) -> Topics:
    """The new topics with the ids and names of the old ones that they match.

    The others get numbers that no topic ever had; a name that a new topic has already stays its
    own. The topics stand where they stood, the largest first.

    Args:
        old, new: topics found before and now.
        old_vocabulary, new_vocabulary: the words of each.
        highest: the highest number that was ever a topic's, if it is not among the old ones.
    """
    matched = match(shown_words(old, old_vocabulary), shown_words(new, new_vocabulary))
    became = {place: before for before, place in enumerate(matched) if place is not None}
    fresh = max(highest, *old.ids)
    ids, names = [], list(new.names)
    for place in range(len(new)):
        before = became.get(place)
        if before is None:
            fresh += 1
            ids.append(fresh)
            continue
        ids.append(old.ids[before])
        name = old.names[before]
        if names[place] is None and name not in new.names:
            names[place] = name
    return replace(new, ids=tuple(ids), names=tuple(names))


def _shared(old_words: WordLists, new_words: WordLists) -> NDArray[np.float64]:
    """(old, new) shared words, and a little more for those that stand high in both."""
    shared = np.zeros((len(old_words), len(new_words)))
    where: dict[str, list[tuple[int, int]]] = {}
    for new, words in enumerate(new_words):
        for rank, word in enumerate(dict.fromkeys(words)):
            where.setdefault(word, []).append((new, rank))
    for old, words in enumerate(old_words):
        for rank, word in enumerate(dict.fromkeys(words)):
            for new, there in where.get(word, ()):
                shared[old, new] += 1.0 + _RANK / ((1 + rank) * (1 + there) * 10)
    return shared
