"""What a user would pick instead of a neural model, measured on nvdm-20news.

Prints two Markdown tables: tf-idf and 50-dimensional LSA (retrieval: test posts against training
posts by label; clustering: test posts), and the perplexity of word frequencies alone.

    python benchmarks/baselines.py --vocabulary ../shared/data/nvdm-20news/vocab.txt

reads the posts from scikit-learn's cache (SCIKIT_LEARN_DATA) or a download.
"""

from __future__ import annotations

import argparse
from typing import Any

from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer

from tenor.corpus import datasets
from tenor.evaluation.by_label import (
    ClusterScores,
    RetrievalScores,
    cluster_scores,
    retrieval_scores,
)
from tenor.evaluation.completion import halves
from tenor.evaluation.perplexity import perplexity, unigram_bound

GROUPS = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--vocabulary", default="../shared/data/nvdm-20news/vocab.txt")
    parser.add_argument("--dimensions", type=int, default=50, help="of LSA (default 50)")
    parser.add_argument("--no-clustering", action="store_true", help="leave the slow columns out")
    asked = parser.parse_args()
    train, test = (
        datasets.load("nvdm-20news", subset=subset, vocabulary=asked.vocabulary)
        for subset in ("train", "test")
    )
    print("| word frequencies alone | per document | corpus |\n| --- | --- | --- |")
    print(_perplexity_row("perplexity, test", train.bag.word_frequency, test.bag))
    second = halves(test.bag, seed=0)[1]
    print(_perplexity_row("document completion, test", train.bag.word_frequency, second))

    print("\n| vectors | precision@10 | nearest 2 % | NMI | purity | ARI |\n" + "| --- " * 6 + "|")
    # sublinear_tf, 1 + log x for x, is what the published baseline figures were taken with
    tfidf = TfidfTransformer(sublinear_tf=True).fit(_counts(train))
    base, queries = tfidf.transform(_counts(train)), tfidf.transform(_counts(test))
    lsa = TruncatedSVD(asked.dimensions, random_state=0).fit(base)
    assert train.labels is not None and test.labels is not None  # this set has them
    spaces = {
        "tf-idf": (queries, base),
        f"{asked.dimensions}-dimensional LSA": (lsa.transform(queries), lsa.transform(base)),
    }
    for name, (asking, found) in spaces.items():
        near = retrieval_scores(asking, test.labels, found, train.labels)
        groups = None if asked.no_clustering else cluster_scores(asking, test.labels, GROUPS)
        print(_vectors_row(name, near, groups), flush=True)


def _counts(corpus: Any) -> Any:
    bag = corpus.bag.compact()
    return csr_array((bag.counts, bag.words, bag.offsets), shape=bag.shape)


def _perplexity_row(name: str, train_word_frequency: Any, bag: Any) -> str:
    bound = unigram_bound(train_word_frequency, bag)
    figures = perplexity(bound, bag.lengths)
    return f"| {name} | {figures.per_document:.1f} | {figures.corpus:.1f} |"


def _vectors_row(name: str, near: RetrievalScores, groups: ClusterScores | None) -> str:
    cells = [f"{near.precision_at_10:.3f}", f"{near.precision_at_2_percent:.3f}"]
    cells += ["–"] * 3 if groups is None else [str(groups.nmi), str(groups.purity), str(groups.ari)]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
