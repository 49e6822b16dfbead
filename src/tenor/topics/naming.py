"""What topics are called: their names, and the numbers they keep when they are found anew.

A name is a person's, a namer's, or the three most telling words; no two are the same.

Which topic of before is which topic of now is told by the words they show, one to one, compared as
strings, so that vocabularies may differ. Pairs share as many words as can be in all; a pair that
shares fewer than four of ten is no pair. On nvdm-20news, between three fits with 20, 50 and 100
topics, most pairs that share four or five are nearest to each other by their weights in the
documents as well, and none correlates below .49; of those that share three, half are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.telling import BETWEEN, distinct_names
from tenor.topics.topics import Topics

IN_A_NAME = 3  # words
LEAST = 4  # shared words
SHOWN = 10  # words compared
_RANK = 1e-3  # less than a word: among equals the pair that shares better words

WordLists = Sequence[Sequence[str]]
Namer = Callable[[list[str], list[str]], str]  # (words, documents) → name


def name_topics(
    words: Sequence[Sequence[str]],
    given: Sequence[str | None] | None = None,
    documents: Sequence[Sequence[str]] | None = None,
    namer: Namer | None = None,
    ids: Sequence[int] | None = None,
) -> list[str]:
    """A name for each of T topics.

    A name given by a person stays as it is. For the others ``namer`` is asked, if there is one,
    and its answer made one line; answers that are another topic's name get the topic's words
    behind them. Without a namer a name is the first three words, or more where these are the same.

    For each topic ``words`` are those it shows, the best first, ``given`` is a person's name or
    None, and ``documents`` are texts that show it; topics without ``ids`` are 0 to T − 1.
    """
    given = [None] * len(words) if given is None else given
    documents = [()] * len(words) if documents is None else documents
    ids = range(len(words)) if ids is None else ids
    for name, values in (("given", given), ("documents", documents), ("ids", ids)):
        checks.same_length(name, values, len(words))
    taken = {name for name in given if name is not None}
    rest = [place for place, name in enumerate(given) if name is None]
    if namer is None:
        numbers = [f"topic {ids[place]}" for place in rest]
        found = distinct_names([words[place] for place in rest], IN_A_NAME, numbers, taken)
    else:
        found = []
        for place in rest:
            answer = namer(list(words[place]), list(documents[place]))
            name = _cleaned(answer, ids[place], words[place])
            found.append(_told_apart(name, words[place], ids[place], {*taken, *found}))
    named = dict(zip(rest, found, strict=True))
    return [named[place] if name is None else name for place, name in enumerate(given)]


def checked_name(name: object) -> str:
    """A person's name for a topic, one printable line, without spaces around it."""
    if not isinstance(name, str):
        raise InputError(f"a topic's name must be a string, not {type(name).__name__}")
    stripped = name.strip()
    if not stripped:
        raise InputError("a topic's name must not be empty")
    if not stripped.isprintable():
        raise InputError(f"a topic's name must be one line of printable characters, not {name!r}")
    return stripped


def described(topic: int, words: Sequence[str]) -> str:
    """A topic in a message: ``3 (space nasa orbit …)``."""
    more = " …" if len(words) > IN_A_NAME else ""
    return f"{topic} ({' '.join(words[:IN_A_NAME])}{more})"


def _cleaned(answer: object, topic: int, words: Sequence[str]) -> str:
    """The answer on one line."""
    asked = f"the namer was asked for a name of topic {described(topic, words)}"
    if not isinstance(answer, str):
        raise InputError(f"{asked} and returned {type(answer).__name__}; it must return a string")
    printable = "".join(sign if sign.isprintable() else " " for sign in answer)
    line = " ".join(printable.split())
    if not line:
        raise InputError(f"{asked} and returned an empty string")
    return line


def _told_apart(name: str, words: Sequence[str], topic: int, taken: set[str]) -> str:
    candidates = [BETWEEN.join([name, *words[:n]]) for n in range(len(words) + 1)]
    candidates.append(f"{name}{BETWEEN}{topic}")
    return next((free for free in candidates if free not in taken), candidates[-1])


def match(old_words: WordLists, new_words: WordLists, least: int = LEAST) -> list[int | None]:
    """For each old topic the new one it has become, or None, by the words that each shows.

    Two topics are not the same below ``least`` shared words; where one shows fewer words than
    that, below all of its words.
    """
    least = checks.whole("least", least)
    shared = _shared(old_words, new_words)
    sizes = [np.array([len(set(own)) for own in lists]) for lists in (old_words, new_words)]
    enough = np.minimum(least, np.minimum.outer(*sizes))
    shared[(shared < enough) | (shared < 1)] = 0.0
    found: list[int | None] = [None] * len(old_words)
    if not shared.any():  # edits that name topics as they are, for instance
        return found
    from scipy.optimize import linear_sum_assignment

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
    own. ``highest`` is the highest number that was ever a topic's, if not among the old ones.
    """
    matched = match(shown_words(old, old_vocabulary), shown_words(new, new_vocabulary))
    became = {place: before for before, place in enumerate(matched) if place is not None}
    fresh = count(max(highest, *old.ids) + 1)
    ids, names = [], list(new.names)
    for place in range(len(new)):
        before = became.get(place)
        ids.append(next(fresh) if before is None else old.ids[before])
        if before is not None and names[place] is None and old.names[before] not in new.names:
            names[place] = old.names[before]
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
