"""Do flags find what a reader calls everyday talk, or addresses and signatures?

    python benchmarks/topic_flags.py                      # nvdm-20news and raw 20 Newsgroups
    python benchmarks/topic_flags.py --corpora nvdm-20news,20newsgroups,python-docs,summaries

topic_flags.csv holds 50 topics a corpus and seed, each labelled by hand from its ten words before
any score was seen: *talk*, where at least half of them are words of grammar, narration or courtesy
and nothing says what it is about; *signature*, where at least half are names, hosts, institutions,
places or net furniture that stand in headers or below texts; *unclear* (left out of every figure)
or *theme*. The models are fitted again here; a topic has the label of the one with which it shares
at least six words, and without such a one it is left out.

AUC: how often a topic of the label scores higher than one of any other. *found* and *wrong*: how
many topics of the label are flagged so, and how many others are.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywhere
import material
import numpy as np
import tables
from sklearn.metrics import roc_auc_score

import tenor
from tenor.bow import BagOfWords
from tenor.topics.finding import find
from tenor.topics.flags import agreement, edge_scores, everyday_scores, flags, mean_shares
from tenor.topics.space import SharedSpace, shared_space

LABELS = Path(__file__).with_suffix(".csv")
CORPORA = {
    "nvdm-20news": "nvdm-20news",
    "20newsgroups": "20newsgroups",
    "python-docs": "python-docs",
    "summaries": "package summaries",
}
KINDS = {"talk": "everyday talk", "signature": "addresses and signatures"}
TOPICS, EDGE = 50, 0.15
LONG = 20  # tokens that a text must have for its ends to count
COLUMNS = ("corpus", "seed", "topics", "label", "AUC", "found", "wrong", "AUC of other scores")


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--summaries", default=material.SUMMARIES)
    parser.add_argument("--corpora", default="nvdm-20news,20newsgroups", help=", ".join(CORPORA))
    parser.add_argument("--seeds", default="0,1", help="those that are labelled")
    asked = parser.parse_args()
    tables.header(*COLUMNS)
    for name in asked.corpora.split(","):
        corpus = load(name, asked)
        ends = (None, None) if name == "summaries" else early_and_late(corpus)
        for seed in map(int, asked.seeds.split(",")):
            measure(name, seed, corpus, *ends)
    tables.machine()


def load(name: str, asked: argparse.Namespace) -> tenor.Corpus:
    """The training documents of a corpus."""
    if name == "nvdm-20news":
        return tables.benchmark_set(asked.vocabulary)[0]
    if name == "20newsgroups":
        return tenor.datasets.load("20newsgroups", "train")
    if name == "python-docs":
        return anywhere.python_docs()[0]
    return anywhere.summaries(asked.summaries)[0]


def measure(name: str, seed: int, corpus: tenor.Corpus, early: Any, late: Any) -> None:
    """One model's rows."""
    model = tenor.NVDM(random_state=seed).fit(corpus)
    bag = corpus.bag.joined()
    space = shared_space(model.word_vectors_, model.transform(corpus), bag)
    topics = find(space, TOPICS)
    shown = [[word for word, _ in words] for words in topics.top_words(10)]
    labels = matched(CORPORA[name], seed, [{corpus.words[w] for w in topic} for topic in shown])
    raised = flags(topics, space, bag, late, early)
    scores, others = scored(shown, space, bag, late, early)
    for label, kind in KINDS.items():
        if label == "signature" and late is None:
            continue
        flagged = np.array([any(flag.kind == kind for flag in own) for own in raised])
        known = labels != "unclear"
        right = labels == label
        tables.row(
            CORPORA[name],
            seed,
            int(known.sum()),
            label,
            auc(right, scores[label], known),
            f"{int((flagged & right).sum())} of {int(right.sum())}",
            int((flagged & ~right & known).sum()),
            ", ".join(f"{what} {auc(right, other, known)}" for what, other in others[label]),
        )


def scored(
    shown: list[list[int]], space: SharedSpace, bag: BagOfWords, late: Any, early: Any
) -> tuple[dict[str, Any], dict[str, list[tuple[str, Any]]]]:
    """What the flags go by, and what else was thought of, for each label."""
    frequency, agree = bag.document_frequency, agreement(shown, space, bag)
    scores = {"talk": everyday_scores(shown, frequency, agree)}
    log_df = np.log(np.maximum(frequency, 1))
    others = {
        "talk": [
            ("mean r", mean_shares(shown, space.poisson_likeness)),
            ("log df", mean_shares(shown, log_df)),
            ("− agreement", -mean_shares(shown, agree)),
        ]
    }
    if late is not None:
        scores["signature"] = edge_scores(shown, late, early, agree)
        others["signature"] = [
            ("late", mean_shares(shown, late)),
            ("early", mean_shares(shown, early)),
            ("late + early", mean_shares(shown, late + early)),
        ]
    return scores, others


def matched(corpus: str, seed: int, shown: Sequence[set[str]]) -> Any:
    """(T,) the labels; "unclear" also where no labelled topic shares six words."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = [
            (set(row["words"].split()), row["label"])
            for row in csv.DictReader(lines)
            if row["corpus"] == corpus and int(row["seed"]) == seed
        ]
    if not rows:
        raise SystemExit(f"{LABELS.name} has no topics of {corpus}, seed {seed}")
    labels = []
    for words in shown:
        shared, label = max((len(words & theirs), label) for theirs, label in rows)
        labels.append(label if shared >= 6 else "unclear")
    return np.array(labels)


def early_and_late(corpus: tenor.Corpus) -> tuple[Any, Any]:
    """(V,) and (V,) which share of each word's tokens the first and last 15 % of its texts hold."""
    assert corpus.texts is not None and corpus.tokenizer is not None
    ids = {word: place for place, word in enumerate(corpus.words)}
    found = np.zeros((3, len(ids)))  # first, last, all
    for text in corpus.texts:
        tokens = corpus.tokenizer.tokens(text)
        if len(tokens) < LONG:
            continue
        for place, token in enumerate(tokens):
            word = ids.get(token)
            if word is not None:
                middle = (place + 0.5) / len(tokens)
                found[0, word] += middle < EDGE
                found[1, word] += middle > 1 - EDGE
                found[2, word] += 1
    shares = np.full((2, len(ids)), np.nan)
    np.divide(found[:2], found[2], out=shares, where=found[2] > 0)
    return shares[0], shares[1]


def auc(right: Any, scores: Any, known: Any) -> str:
    """The area under the curve; "–" where one of both kinds is missing."""
    known = known & np.isfinite(scores)
    if len(set(right[known])) < 2:
        return "–"
    return f"{roc_auc_score(right[known], scores[known]):.3f}"


if __name__ == "__main__":
    main()
