"""The same defaults, untouched, on data nobody tuned on, beside word frequencies and LSA.

    python benchmarks/anywhere.py --summaries ../shared/data/package-summaries.parquet

python-docs: the docstrings of Python's standard library, labelled by module; its test subset is
held out. package summaries: a random 20,000 of 900,294 one-line summaries, labelled by registry;
every fifth is held out. LSA is scikit-learn's TruncatedSVD on tf-idf with as many dimensions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import tables
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer

import tenor
from tenor.evaluation.by_label import cluster_scores, retrieval_scores
from tenor.model.spaces import in_space
from tenor.settings import CLUSTER_SPACE, SIMILARITY_SPACE

K = 50


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--summaries", default="../shared/data/package-summaries.parquet")
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    sets = {"python-docs": python_docs()}
    if Path(asked.summaries).exists():
        sets["package summaries"] = summaries(asked.summaries)
    else:
        print(f"{asked.summaries} is not there; its rows are left out\n")
    for name, (train, test) in sets.items():
        compare(name, train, test, asked)
    tables.machine()


def python_docs() -> tuple[tenor.Corpus, tenor.Corpus]:
    """Docstrings to train on, and held-out ones over the same vocabulary."""
    train = tenor.datasets.load("python-docs", "train")
    return train, tenor.datasets.load("python-docs", "test", vocabulary=train.vocabulary)


def summaries(path: str) -> tuple[tenor.Corpus, tenor.Corpus]:
    """20,000 summaries drawn with seed 0: four fifths to train on, one held out."""
    table = pq.read_table(path, columns=["registry", "text"])
    rows = np.random.default_rng(0).choice(len(table), 20_000, replace=False)
    drawn = table.take(rows).to_pydict()
    held_out = np.arange(20_000) % 5 == 4
    texts, labels = np.array(drawn["text"], dtype=object), np.array(drawn["registry"])
    train = tenor.Corpus.from_texts(list(texts[~held_out]), labels=labels[~held_out])
    test = tenor.Corpus.from_texts(
        list(texts[held_out]), labels=labels[held_out], vocabulary=train.vocabulary
    )
    return train, test


def compare(name: str, train: tenor.Corpus, test: tenor.Corpus, asked: argparse.Namespace) -> None:
    """Print one data set's table."""
    print(f"**{name}**: {train} to train on, {len(test):,} documents held out\n")
    tables.header(
        "", "perplexity per document", "corpus", "precision@10", "nearest 2 %", "NMI", "purity"
    )
    models = [
        tenor.NVDM(K, random_state=seed, keep_documents=False).fit(train)
        for seed in range(asked.seeds)
    ]
    results = [model.perplexity(test) for model in models]
    baseline = results[0]
    tables.row(
        "word frequencies",
        f"{baseline.unigram_per_document:.1f}",
        f"{baseline.unigram_corpus:.1f}",
        *["–"] * 4,
    )
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts(train))
    lsa = TruncatedSVD(K, random_state=0).fit(tfidf.transform(counts(train)))
    base, queries = (lsa.transform(tfidf.transform(counts(part))) for part in (train, test))
    tables.row(f"LSA, {K} dimensions", "–", "–", *by_label(train, test, [(base, queries)] * 2))
    columns = [
        by_label(
            train,
            test,
            [
                tuple(in_space(m.trained_, m.transform(part), space) for part in (train, test))
                for space in (SIMILARITY_SPACE, CLUSTER_SPACE)
            ],
        )
        for m in models
    ]
    tables.row(
        "tenor, defaults",
        tables.mean_sd([result.per_document for result in results], 1),
        tables.mean_sd([result.corpus for result in results], 1),
        *(tables.mean_sd([float(c) for c in column], 3) for column in zip(*columns, strict=True)),
    )
    print()


def by_label(train: tenor.Corpus, test: tenor.Corpus, spaces: list) -> list[str]:  # type: ignore[type-arg]
    """Retrieval in the first space, clustering in the second, by label."""
    assert train.labels is not None and test.labels is not None
    (base, queries), (_, clustered) = spaces
    near = retrieval_scores(queries, test.labels, base, train.labels)
    groups = cluster_scores(clustered, test.labels, len(set(test.labels)))
    values = (
        near.precision_at_10,
        near.precision_at_2_percent,
        groups.nmi.mean,
        groups.purity.mean,
    )
    return [f"{value:.3f}" for value in values]


def counts(corpus: tenor.Corpus) -> csr_array:
    """Counts that scikit-learn may write into."""
    return csr_array(corpus.counts, dtype=np.float64)


if __name__ == "__main__":
    main()
