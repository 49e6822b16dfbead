"""Phrases: pairs of neighbouring words that stand together more than chance, each one word.

Of all N places where two words of the vocabulary are neighbours, c(ab) are the pair a b, c(a·)
begin with a and c(·b) end with b. The pair is as strong as its normalised pointwise mutual
information (Bouma 2009, "Normalized (Pointwise) Mutual Information in Collocation Extraction"),

    npmi(a, b) = ln( c(ab) N / (c(a·) c(·b)) ) / −ln( c(ab) / N ),

which is 1 for words that only ever stand together, and 0 for chance. A phrase is a pair of two
different words, of :data:`STRONG` or more, in as many documents as any word of the vocabulary; of
these the most frequent are taken. In a text they are found from left to right, and a word is in
one of them at most: it is counted there, and no longer by itself.

Neighbours have nothing between them but what the tokenizer cuts at: a stop word, or another token
that it does not keep, parts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.corpus.counting import CountedTexts, encode
from tenor.corpus.sequence import Keys, Sequence
from tenor.text.tokenizer import JOINT
from tenor.text.vocabulary import Vocabulary, VocabularyRule

STRONG = 0.6  # npmi
AT_ONCE = 1 << 25  # places counted together: what bounds the memory

Counts = NDArray[np.int64]


def with_phrases(
    words: Vocabulary,
    rule: VocabularyRule,
    most: int,
    counted: Callable[[], Iterable[CountedTexts]],
) -> Vocabulary:
    """The vocabulary with at most so many phrases, within the limits of ``rule``.

    A word that is hardly ever outside of phrases falls away itself. ``counted`` gives the
    documents, with the order of their words, anew at every call.
    """
    n_documents = sum(map(len, counted()))
    least, highest = rule.bounds(n_documents)
    phrases = chosen(lambda: (_over(some, words) for some in counted()), words, least, most)
    while True:  # joined from left to right, a pair may be taken less often than it is there
        vocabulary = Vocabulary([*words, *phrases])
        found = np.zeros(len(vocabulary), dtype=np.int64)
        for some in counted():
            found += encode(some, vocabulary).document_frequency
        fit = (found >= least) & (found <= highest)
        if fit[len(words) :].all():
            kept = [word for word, fits in zip(vocabulary, fit, strict=True) if fits]
            return Vocabulary(sorted(kept))
        phrases = [phrase for phrase, fits in zip(phrases, fit[len(words) :], strict=True) if fits]


def chosen(
    sequences: Callable[[], Iterable[Sequence]], words: Vocabulary, least: int, most: int
) -> list[str]:
    """The phrases of documents, the most frequent first.

    Args:
        sequences: gives the documents anew at every call, over ``words``.
        words: V of them, of which phrases are made.
        least: in how many places a phrase is at least.
        most: how many phrases there are at most.
    """
    size = len(words)
    before, after = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for sequence in sequences():
        keys = sequence.pairs()
        first, second = np.divmod(keys[keys >= 0], size)
        before += np.bincount(first, minlength=size)
        after += np.bincount(second, minlength=size)
    best, often = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for low, high in _stretches(before):
        keys, counts = _counted(sequences(), low * size, high * size)
        first, second = np.divmod(keys, size)
        strong = npmi(counts, before[first], after[second], int(before.sum())) >= STRONG
        taken = strong & (counts >= least) & (first != second)
        best = np.concatenate([best, keys[taken]])
        often = np.concatenate([often, counts[taken]])
        order = np.lexsort([best, -often])[:most]  # of equally frequent ones the first
        best, often = best[order], often[order]
    return [JOINT.join(words.words[part] for part in divmod(key, size)) for key in best.tolist()]


def npmi(together: Counts, before: Counts, after: Counts, places: int) -> NDArray[np.float64]:
    """(P,) how strong pairs are, of their counts c(ab), c(a·), c(·b) and N; see the module."""
    share = together / places
    chance = (before / places) * (after / places)
    strength = np.ones(len(share))  # of the only pair there is
    np.divide(np.log(share / chance), -np.log(share), out=strength, where=share < 1)
    return strength


def _over(counted: CountedTexts, words: Vocabulary) -> Sequence:
    """Documents in their order over the words of a vocabulary."""
    assert counted.sequence is not None
    places = pc.index_in(counted.words, value_set=words.arrow).fill_null(len(words))
    return counted.sequence.renamed(places.to_numpy().astype(np.int32), len(words))


def _stretches(before: Counts) -> list[tuple[int, int]]:
    """First words from … to …, whose pairs are counted together."""
    passed = np.cumsum(before) // AT_ONCE
    cuts = [0, *(np.flatnonzero(np.diff(passed)) + 1).tolist(), len(before)]
    return list(pairwise(cuts))


def _counted(sequences: Iterable[Sequence], low: int, high: int) -> tuple[Keys, Counts]:
    """The different pairs from ``low`` to below ``high``, and how often each is there."""
    keys, counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    waiting, size = [keys], 0
    for sequence in sequences:
        pairs = sequence.pairs()
        waiting.append(pairs[(pairs >= low) & (pairs < high)])
        size += len(waiting[-1])
        if size > AT_ONCE // 4:
            keys, counts = _added(keys, counts, np.concatenate(waiting))
            waiting, size = [], 0
    return _added(keys, counts, np.concatenate([*waiting, keys[:0]]))


def _added(keys: Keys, counts: Counts, more: Keys) -> tuple[Keys, Counts]:
    """Counts of pairs with those of further places."""
    further, often = np.unique(more, return_counts=True)
    together, place = np.unique(np.concatenate([keys, further]), return_inverse=True)
    sums = np.zeros(len(together), dtype=np.int64)
    np.add.at(sums, place, np.concatenate([counts, often]))
    return together, sums
