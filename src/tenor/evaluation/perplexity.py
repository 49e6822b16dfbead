"""Perplexity, always in both forms and always with the name of its estimator.

corpus perplexity = exp(−Σ_d bound_d / Σ_d N_d);
per-document perplexity = exp(−(1/D) Σ_d bound_d / N_d), the one of the NVDM paper's table.
Documents with N_d = 0 enter neither sum nor D. With a lower bound on log p(x) for ``bound``
(the ELBO) both are upper bounds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.bow import BagOfWords
from tenor.checks import Doubles, amount, matrix, one_of, vector, whole
from tenor.errors import InputError

THRESHOLD = 0.01
"""Burda et al.'s: between the two humps that log Cov_x(E[z|x]) falls into."""


def active_units(posterior_mean: ArrayLike, threshold: float = THRESHOLD) -> int:
    """How many dimensions of E[z|x] (D, K) vary over documents: Cov_x(E[z_k|x]) > ``threshold``.

    The variance has the divisor D. A model whose posterior collapsed onto the prior has none.

    Raises:
        InputError: for an empty or non-finite array, or another shape.
    """
    mean = matrix("posterior_mean", posterior_mean).astype(np.float64, copy=False)
    if len(mean) == 0:
        raise InputError("active units need at least one document; posterior_mean has none")
    return int((mean.var(axis=0) > threshold).sum())


SMOOTHING = 0.5
"""Jeffreys' prior for a multinomial (Krichevsky & Trofimov 1981)."""


def unigram_log_probability(word_frequency: ArrayLike, smoothing: float = SMOOTHING) -> Doubles:
    """(V,) log p(word), from how often each word occurred in the training documents.

    Where every word of the vocabulary occurred, these are the plain frequencies, exactly.
    Only where some word never did is ``smoothing``, in tokens, added to the frequency of *every*
    word: a function of the training documents alone, so that each test set meets the same
    baseline. Without it (0) a single unseen word would make the perplexity infinite.

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
    """(D,) log p(x_d) = Σ_v x_dv log p(v), in nats, under the training documents' frequencies (V,).

    For presence, pass ``train.document_frequency`` and ``bag.presence()``.

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


Likelihood = Literal["counts", "presence"]


class Figures(NamedTuple):
    """The two perplexities of one bound."""

    corpus: float
    per_document: float


def perplexity(bound: ArrayLike, lengths: ArrayLike) -> Figures:
    """The corpus and the per-document perplexity.

    Args:
        bound: (D,) log p(x_d) or a bound on it, in nats.
        lengths: (D,) N_d, tokens a document (distinct words for presence).

    Raises:
        InputError: for arrays of different lengths, entries that are not finite, negative
            lengths, or when no document has a token.
    """
    values, tokens = vector("bound", bound), checked_lengths(lengths)
    if len(values) != len(tokens):
        raise InputError(f"bound has {len(values)} entries, but lengths has {len(tokens)}")
    counted = tokens > 0
    values, tokens = values[counted], tokens[counted]
    with np.errstate(over="ignore"):  # hopelessly wrong is inf, not a warning
        corpus = np.exp(-values.sum() / tokens.sum())
        per_document = np.exp(-(values / tokens).mean())
    return Figures(float(corpus), float(per_document))


@dataclass(frozen=True)
class Perplexity:
    """What a model gives on a set of documents; smaller perplexities are better.

    Attributes:
        estimator: what ``corpus`` and ``per_document`` were computed from.
        corpus, per_document: perplexities from the ELBO.
        importance_weighted_corpus, importance_weighted_per_document: from the
            importance-weighted bound; a column beside the ELBO's, never instead of it.
        unigram_corpus, unigram_per_document: of the training documents' word frequencies.
        bound: the mean ELBO of a token, in nats (−log of ``corpus``); what ``score`` returns.
        kl: mean KL(q(z|x) ‖ p(z)) of a document, in nats.
        active_units: latent dimensions in use (Burda et al. 2016).
        n_documents, n_tokens: what entered the figures.
        n_empty: documents without a word of the vocabulary; they entered none.
        likelihood: "counts", or "presence" (x replaced by min(x, 1), N = distinct words).
            Figures of one are never compared with figures of the other.
        refined: the same after refining each document's posterior, with its own estimator.
    """

    estimator: str
    corpus: float
    per_document: float
    bound: float
    n_documents: int
    n_tokens: int
    n_empty: int
    likelihood: Likelihood = "counts"
    importance_weighted_corpus: float | None = None
    importance_weighted_per_document: float | None = None
    unigram_corpus: float | None = None
    unigram_per_document: float | None = None
    kl: float | None = None
    active_units: int | None = None
    refined: Perplexity | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``; ``refined`` is a nested object or None."""
        return asdict(self)

    def __str__(self) -> str:
        likelihood = "" if self.likelihood == "counts" else f" ({self.likelihood}, not counts)"
        lines = [f"{'perplexity' + likelihood:44}{'per document':>14}{'corpus':>10}"]
        lines += [f"{name:44}{first:14.1f}{second:10.1f}" for name, first, second in self.rows()]
        notes = [f"{amount(self.n_documents, 'document')}, {amount(self.n_tokens, 'token')}"]
        if self.n_empty:
            notes.append(f"{self.n_empty:,} without a known word left out")
        if self.kl is not None:
            notes.append(f"KL {self.kl:.2f} nats a document")
        if self.active_units is not None:
            notes.append(f"{amount(self.active_units, 'active unit')}")
        return "\n".join([*lines, "; ".join(notes)])

    def rows(self) -> list[tuple[str, float, float]]:
        """The lines of a table: what it is, per document, corpus."""
        found: list[tuple[str, float | None, float | None]] = []
        for one in (self, self.refined):
            if one is not None:
                weighted = one.importance_weighted_per_document, one.importance_weighted_corpus
                found.append((one.estimator, one.per_document, one.corpus))
                found.append(("  importance-weighted bound", *weighted))
        found.append(("word frequencies alone", self.unigram_per_document, self.unigram_corpus))
        return [(name, a, b) for name, a, b in found if a is not None and b is not None]


def estimator_name(n_samples: int, refine: int = 0) -> str:
    """How the figures' estimator is called: "ELBO, 20 samples, no refinement"."""
    n_samples, refine = whole("n_samples", n_samples, 1), whole("refine", refine, 0)
    steps = amount(refine, "refinement step") if refine else "no refinement"
    return f"ELBO, {amount(n_samples, 'sample')}, {steps}"


def summarise(
    estimator: str,
    elbo: ArrayLike,
    lengths: ArrayLike,
    *,
    importance_weighted: ArrayLike | None = None,
    kl: ArrayLike | None = None,
    posterior_mean: ArrayLike | None = None,
    unigram: ArrayLike | None = None,
    likelihood: Likelihood = "counts",
    refined: Perplexity | None = None,
) -> Perplexity:
    """One result from what a model and the baseline gave for each document.

    Bounds and KL are (D,), in nats; lengths (D,) tokens; the posterior mean is (D, K), for the
    active units; ``refined`` is the result of the same documents after refinement.

    Raises:
        InputError: as :func:`perplexity`; or when ``refined`` is about other documents.
    """
    one_of("likelihood", likelihood, ("counts", "presence"))
    tokens = checked_lengths(lengths)
    counted: NDArray[np.bool_] = tokens > 0
    n_documents, n_tokens = int(counted.sum()), int(tokens.sum())
    figures = perplexity(_of_documents("elbo", elbo, tokens), tokens)
    weighted, baseline = (
        None if bounds is None else perplexity(_of_documents(name, bounds, tokens), tokens)
        for name, bounds in (("importance_weighted", importance_weighted), ("unigram", unigram))
    )
    units = None
    if posterior_mean is not None:
        mean = np.asarray(posterior_mean)
        if len(mean) != len(tokens):
            raise InputError(
                f"posterior_mean has {len(mean)} rows, but there are {len(tokens)} documents"
            )
        units = active_units(mean[counted])
    if refined is not None and (
        (refined.n_documents, refined.n_tokens, refined.likelihood)
        != (n_documents, n_tokens, likelihood)
    ):
        raise InputError("the refined figures are not about the same documents and likelihood")
    return Perplexity(
        estimator=estimator,
        corpus=figures.corpus,
        per_document=figures.per_document,
        bound=float(vector("elbo", elbo).sum(where=counted) / n_tokens),
        n_documents=n_documents,
        n_tokens=n_tokens,
        n_empty=len(tokens) - n_documents,
        likelihood=likelihood,
        importance_weighted_corpus=weighted and weighted.corpus,
        importance_weighted_per_document=weighted and weighted.per_document,
        unigram_corpus=baseline and baseline.corpus,
        unigram_per_document=baseline and baseline.per_document,
        kl=None if kl is None else float(_of_documents("kl", kl, tokens)[counted].mean()),
        active_units=units,
        refined=refined,
    )


def checked_lengths(lengths: ArrayLike) -> Doubles:
    """(D,) numbers of tokens, some of them above 0.

    Raises:
        InputError: when one is negative or not finite, or none is above 0.
    """
    tokens = vector("lengths", lengths)
    if (tokens < 0).any():
        raise InputError(f"lengths must not be negative; document {int(np.argmin(tokens))} is")
    if not (tokens > 0).any():
        raise InputError("no document has a word of the vocabulary, so there is no perplexity")
    return tokens


def _of_documents(name: str, values: ArrayLike, tokens: Doubles) -> Doubles:
    array = vector(name, values)
    if len(array) != len(tokens):
        raise InputError(f"{name} has {len(array)} entries, but there are {len(tokens)} documents")
    return array
