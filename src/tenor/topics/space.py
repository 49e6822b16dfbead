"""The space that words and documents share, as topics are found in it.

With R (V, K) the centred decoder, z (D, K) posterior means, Σ = cov(z), f_v the frequency and df_v
the document frequency of word v, t = log(1 + x), and unit(·) a vector scaled to length one:

    h_v = √(R_vᵀ Σ R_v)                          how far word v's logit spreads over the documents
    ẑ_d = unit(z_d),   d_d = unit(ẑ_d − mean ẑ)  where document d lies
    M_v = Σ_d t_dv ẑ_d / Σ_d t_dv − Σ_dv t_dv ẑ_d / Σ_dv t_dv    where the word's documents lie
    u_v = [unit R_v ; unit M_v] / √2             the word; a document is [d_d ; d_d] / √2 there
    r_v = log(df_v / Σ_d (1 − exp(−f_v N_d / Σ N)))   Poisson-likeness: everyday words are near 0,
                                                 words with a theme far below (Church & Gale 1995)
    w_v ∝ h_v³ √f_v exp(−2 max(0, r_v − median r) / sd r)        how much word v weighs

R says what the model writes, M where it was read: either alone makes worse topics than both.
The figures behind these choices are in docs/decisions/0009-topics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.neighbours import spans, unit_rows

Floats = NDArray[np.float64]

LENGTHS = 256  # groups of documents of like length by which chance occurrences are counted
WORDS = 1024  # words for which they are counted at a time


@dataclass(frozen=True, eq=False)
class SharedSpace:
    """V words and D documents as directions."""

    words: Floats  # (V, 2K) u_v, of length one; zeros for a word in no document
    documents: Floats  # (D, K) d_d, of length one; zeros for a document without words
    mean: Floats  # (K,) mean ẑ, which new documents are measured from
    frequency: Floats  # (V,) f_v, tokens of each word
    poisson_likeness: Floats  # (V,) r_v; 0 for a word in no document
    weights: Floats  # (V,) w_v, which add up to one
    multiplicity: Floats  # (D,) how often each document counts
    typical_length: float  # the median number of tokens of a document that has any


def shared_space(
    word_vectors: ArrayLike,
    vectors: ArrayLike,
    bag: BagOfWords,
    multiplicity: ArrayLike | None = None,
) -> SharedSpace:
    """The space of a model's words and documents, these as (D, K) posterior means and counts.

    ``word_vectors`` are the (V, K) rows of the decoder, centred or not (the slopes of the logits
    at z = 0 where the generator has layers); ``multiplicity`` (D,) says how often each document
    counts, as a bootstrap has it.
    """
    latent = checks.matrix("vectors", vectors).astype(np.float64)
    rows = checks.matrix("word_vectors", word_vectors, latent.shape[1]).astype(np.float64)
    checks.same_length("vectors", latent, len(bag))
    checks.same_length("word_vectors", rows, bag.n_words)
    times = np.ones(len(bag))
    if multiplicity is not None:
        times = checks.vector("multiplicity", multiplicity, len(bag)).astype(np.float64)
    times = times * (bag.distinct > 0)
    if not times.any():
        raise InputError("no document has a word of the vocabulary; there are no topics to find")
    directions = unit_rows(latent)
    mean = times @ directions / times.sum()
    documents = unit_rows(directions - mean) * (times > 0)[:, None]
    frequency = weighed_counts(bag, times).sum(axis=0)
    occurring = frequency > 0
    where_read = unit_rows(_where_read(bag, times, directions)) * np.sqrt(0.5)
    words = np.hstack([decoder_side(rows, occurring), where_read])
    lengths = bag.lengths
    poisson_likeness = _poisson_likeness(bag, times, frequency, lengths)
    spread = _spread(rows - rows.mean(axis=0), latent, times)
    return SharedSpace(
        words=words,
        documents=documents,
        mean=mean,
        frequency=frequency,
        poisson_likeness=poisson_likeness,
        weights=_weights(spread, frequency, poisson_likeness),
        multiplicity=times,
        typical_length=float(np.median(lengths[lengths > 0])),
    )


def decoder_side(word_vectors: ArrayLike, occurring: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(V, K) float32, the first half of u_v: what the weights alone say of the words."""
    rows = np.asarray(word_vectors, dtype=np.float64)
    side = unit_rows(rows - rows.mean(axis=0)) * np.sqrt(0.5) * occurring[:, None]
    return np.asarray(side, dtype=np.float32)


def directions_from(mean: ArrayLike, vectors: ArrayLike, wordless: NDArray[np.bool_]) -> Floats:
    """(D, K) d_d of documents by their posterior means, measured from ``mean``.

    A document without words, whose vector says nothing about it, becomes a row of zeros.
    """
    latent = checks.matrix("vectors", vectors)
    moved = unit_rows(unit_rows(latent) - np.asarray(mean, dtype=np.float64))
    return moved * ~wordless[:, None]


def weighed_counts(bag: BagOfWords, times: Floats, transform: Any = np.positive) -> Any:
    """(D, V) sparse counts, a document as often as it counts, perhaps transformed before."""
    from scipy.sparse import csr_array

    bag = bag.compact()
    values = transform(bag.counts.astype(np.float64)) * np.repeat(times, bag.distinct)
    return csr_array((values, bag.words, bag.offsets), shape=bag.shape)


def _where_read(bag: BagOfWords, times: Floats, directions: Floats) -> Floats:
    """(V, K) M_v; zeros for a word in no document."""
    transformed = weighed_counts(bag, times, np.log1p)
    totals = transformed.sum(axis=0)
    sums = np.asarray(transformed.T @ directions)
    means = sums / np.where(totals > 0, totals, 1.0)[:, None]
    return np.asarray((means - sums.sum(axis=0) / totals.sum()) * (totals > 0)[:, None])


def _spread(rows: Floats, latent: Floats, times: Floats) -> Floats:
    """(V,) h_v."""
    centred = latent - times @ latent / times.sum()
    covariance = (centred * times[:, None]).T @ centred / times.sum()
    squares = np.einsum("vk,kl,vl->v", rows, covariance, rows)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def _poisson_likeness(
    bag: BagOfWords, times: Floats, frequency: Floats, lengths: NDArray[np.int64]
) -> Floats:
    """(V,) r_v."""
    found = np.bincount(bag.words, np.repeat(times, bag.distinct), minlength=bag.n_words)
    groups, sizes = _by_length(lengths, times)
    share = groups / (groups @ sizes)
    expected = np.zeros(bag.n_words)
    for start, stop in spans(bag.n_words, WORDS):
        expected[start:stop] = -np.expm1(-np.outer(frequency[start:stop], share)) @ sizes
    occurring = found > 0
    return np.log(np.where(occurring, found, 1.0) / np.where(occurring, expected, 1.0))


def _by_length(lengths: NDArray[np.int64], times: Floats) -> tuple[Floats, Floats]:
    """Mean length and number of the documents in each of some groups of like length."""
    filled = times > 0
    logs = np.log(lengths[filled])
    low, span = logs.min(), max(float(np.ptp(logs)), 1e-12)
    group = np.minimum(((logs - low) / span * LENGTHS).astype(np.intp), LENGTHS - 1)
    sizes = np.bincount(group, times[filled], minlength=LENGTHS).astype(np.float64)
    tokens = np.bincount(group, times[filled] * lengths[filled], minlength=LENGTHS)
    used = sizes > 0
    return tokens[used] / sizes[used], sizes[used]


def _weights(spread: Floats, frequency: Floats, poisson_likeness: Floats) -> Floats:
    """(V,) w_v."""
    occurring = frequency > 0
    scale = float(poisson_likeness[occurring].std()) or 1.0
    usual = np.median(poisson_likeness[occurring])
    above = np.maximum(poisson_likeness - usual, 0.0) / scale
    weights = spread**3 * np.sqrt(frequency) * np.exp(-2.0 * above)
    if not weights.any():  # a model that learnt nothing still has words
        weights = frequency.copy()
    return np.asarray(weights / weights.sum())
