"""The baseline every document model must beat: word frequencies alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tenor.bow import BagOfWords
from tenor.checks import Doubles, vector
from tenor.errors import InputError

SMOOTHING = 0.5
"""Jeffreys' prior for a multinomial (Krichevsky & Trofimov 1981)."""


def unigram_log_probability(word_frequency: ArrayLike, smoothing: float = SMOOTHING) -> Doubles:
    """(V,) log p(word), from how often each word occurred in the training documents.

    Where every word of the vocabulary occurred, these are the plain frequencies, exactly.
    Only where some word never did is ``smoothing`` added to the frequency of *every* word: a
    function of the training documents alone, so that each test set meets the same baseline.
    Without it a single unseen word would make the perplexity infinite.

    Args:
        word_frequency: (V,) the training documents' ``bag.word_frequency``.
        smoothing: the pseudo-count, in tokens; 0 leaves an unseen word at −inf.

    Raises:
        InputError: for negative or non-finite frequencies, or when all are 0.
    """
    frequency = vector("word_frequency", word_frequency)
    if not np.isfinite(smoothing) or smoothing < 0:
        raise InputError(f"smoothing must be a number of at least 0, not {smoothing}")
    if (frequency < 0).any():
        raise InputError("word_frequency must not be negative")
    if frequency.sum() == 0:
        raise InputError("word_frequency is 0 for every word: the training documents are empty")
    if (frequency == 0).any():
        frequency = frequency + smoothing
    with np.errstate(divide="ignore"):
        result: Doubles = np.log(frequency) - np.log(frequency.sum())
    return result


def unigram_bound(
    train_word_frequency: ArrayLike, bag: BagOfWords, smoothing: float = SMOOTHING
) -> Doubles:
    """(D,) log p(x_d) = Σ_v x_dv log p(v), in nats, under the training documents' frequencies.

    For presence, pass ``train.document_frequency`` and ``bag.presence()``.

    Args:
        train_word_frequency: (V,) how often each word occurred in the training documents.
        bag: the D documents to score.
        smoothing: see :func:`unigram_log_probability`.

    Raises:
        InputError: when the vocabularies differ in size, or a word of ``bag`` was never seen in
            training and ``smoothing`` is 0.
    """
    log_p = unigram_log_probability(train_word_frequency, smoothing)
    if len(log_p) != bag.n_words:
        raise InputError(
            f"train_word_frequency has {len(log_p)} words, but the documents have {bag.n_words}: "
            "count both over one vocabulary"
        )
    bag = bag.compact()
    terms = bag.counts * log_p[bag.words]
    if not np.isfinite(terms).all():
        word = int(bag.words[int(np.argmin(np.isfinite(terms)))])
        raise InputError(f"word {word} never occurred in training; smoothing must be above 0")
    documents = np.repeat(np.arange(len(bag)), bag.distinct)
    bound: Doubles = np.bincount(documents, weights=terms, minlength=len(bag)).astype(np.float64)
    return bound
