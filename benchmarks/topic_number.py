"""How far the number of topics that is estimated lies from the one that was put in, in octaves.

    python benchmarks/topic_number.py

Planted: documents of one main topic, a fifth of another, and half everyday words; some words are
two topics' own. A model is fitted to each. Newsgroups: the posts of some of the twenty groups of
nvdm-20news, drawn with seeds, in the space of one model fitted to all training posts.
A group is no topic: some hold several, and some are one together, so the figures there compare
estimators with one another and say little of how right they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tables
from scipy.sparse import csr_array, vstack

import tenor
from tenor.bow import BagOfWords
from tenor.topics.number import NumberOfTopics, estimate_number

GROUPS = 20


@dataclass(frozen=True)
class Case:
    """Documents of which the number of topics is known, as a fitted model sees them."""

    kind: str
    truth: int
    word_vectors: Any
    vectors: Any
    bag: BagOfWords


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--planted", type=int, nargs="*", default=[5, 10, 20, 40, 80])
    parser.add_argument("--groups", type=int, nargs="*", default=[3, 5, 8, 12, 20])
    parser.add_argument("--draws", type=int, default=2, help="of each planted number and subset")
    asked = parser.parse_args()
    found: list[tuple[Case, NumberOfTopics]] = []
    names: list[str] = []
    for case in cases(asked):
        started = time.perf_counter()
        number = estimate_number(case.word_vectors, case.vectors, case.bag)
        seconds = time.perf_counter() - started
        if not found:
            names = list(number.estimates)
            tables.header("data", "put in", "median", *names, "octaves apart", "documents", "s")
        found.append((case, number))
        answers = [number.estimates.get(name) for name in names]
        spread = f"{number.spread:.1f}"
        size = len(case.bag)
        tables.row(case.kind, case.truth, number.n, *answers, spread, size, f"{seconds:.0f}")
    print("\nmean octaves from what was put in (no answer counts as none)\n")
    tables.header("data", "cases", "median", *names)
    for kind in dict.fromkeys(case.kind for case, _ in found):
        own = [(case, number) for case, number in found if case.kind == kind]
        tables.row(kind, len(own), *(f"{error(own, name):.2f}" for name in ("", *names)))
    tables.machine()


def error(found: list[tuple[Case, NumberOfTopics]], name: str) -> float:
    """Mean |log₂(estimate / truth)| of an estimator, or of the median for ""."""
    answers = [
        (number.estimates.get(name) if name else number.n, case.truth) for case, number in found
    ]
    return float(np.mean([abs(np.log2(n / truth)) for n, truth in answers if n is not None]))


def cases(asked: Any) -> Iterator[Case]:
    """All of them, one after the other."""
    for truth in asked.planted:
        for draw in range(asked.draws):
            counts = planted(truth, draw)
            # The same for all, and enough for eighty topics: after 30 they were not learnt.
            model = fitted(counts, draw, validation_fraction=0, patience=None, epochs=60)
            yield _case("planted", truth, model, model.transform(counts), counts)
    if not asked.groups:
        return
    train, _ = tables.benchmark_set(asked.vocabulary)
    model, labels = fitted(train, 0), np.array(train.labels)
    vectors, counts = model.transform(train), csr_array(train.counts)
    for truth in asked.groups:
        for draw in range(asked.draws if truth < GROUPS else 1):
            rng = np.random.default_rng([truth, draw])
            chosen = rng.choice(np.unique(labels), truth, replace=False)
            rows = np.flatnonzero(np.isin(labels, chosen))
            yield _case("newsgroups", truth, model, vectors[rows], counts[rows])


def fitted(documents: Any, seed: int, **parameters: Any) -> tenor.NVDM:
    """A model of the documents at the defaults but for ``parameters``."""
    return tenor.NVDM(random_state=seed, keep_documents=False, **parameters).fit(documents)


def _case(kind: str, truth: int, model: tenor.NVDM, vectors: Any, counts: Any) -> Case:
    counts.sort_indices()
    bag = BagOfWords(counts.indptr, counts.indices, counts.data.astype(np.int64), counts.shape[1])
    return Case(kind, truth, model.word_vectors_, vectors, bag)


def planted(n_topics: int, seed: int) -> csr_array:
    """(2500, 1500) counts of so many topics; the largest has some times the smallest's documents.

    A topic has at least 12 words, more where there are fewer topics, by Zipf's law, some of them
    its neighbour's too; everyday words, half of every document, follow another.
    """
    documents, words = 2500, 1500
    rng = np.random.default_rng([n_topics, seed])
    everyday = 1 / (5 + np.arange(words)) ** 0.9
    everyday /= everyday.sum()
    order, own = rng.permutation(words), max(12, int(0.7 * words / n_topics))
    topics = np.zeros((n_topics, words))
    for topic, row in enumerate(topics):
        places = (np.arange(own) + int(topic * words * 0.8 / n_topics)) % int(words * 0.9)
        row[order[places]] = rng.permutation(1 / (3 + np.arange(own)))
        row /= row.sum()
    share = (rng.dirichlet(np.full(n_topics, 3.0)) + 1 / n_topics) / 2
    first, second = rng.choice(n_topics, documents, p=share), rng.integers(n_topics, size=documents)
    lengths = rng.integers(30, 120, documents)
    rows = []
    for one, other, length in zip(first, second, lengths, strict=True):
        p = 0.5 * everyday + 0.4 * topics[one] + 0.1 * topics[other]
        rows.append(csr_array(rng.multinomial(length, p / p.sum())[None]))
    return csr_array(vstack(rows))


if __name__ == "__main__":
    main()
