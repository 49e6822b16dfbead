"""Topics beside those of NMF, LDA and neural topic models, on four sets.

    python benchmarks/topics.py                            # three seeds, hours
    python benchmarks/topics.py --sets nvdm-20news --topics 50 --peers nmf,tomotopy --seeds 1
    python benchmarks/topics.py --keep topics.json         # also keeps the words, to be read

Ten words a topic. NPMI: over documents, all and the others than those learnt from; a pair that
never meets counts −1. C_v: windows of 110 of the vocabulary's tokens, over all documents, as
published, and as gensim computes it (which loses sight of words that repeat). df: how many of all
documents hold a top word, the mean and the median. Tokens: share of the other documents' tokens
that are top words; documents: share of them with three words of one topic. Shared: of ten words,
between topics of two seeds matched one to one, and of two bootstraps of the documents with all of
it fitted anew. Seconds: what serves any number of topics (tenor's fit, embeddings) + finding so
many (+ measuring their support, where that can be had). Mean ± sd over seeds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Collection
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import results
import tables
import topic_sets
from material import SUMMARIES
from topic_peers import (
    TOP,
    Contestant,
    FactorisedFromChance,
    FactorisedFromSVD,
    Tenor,
    Tomotopy,
    Topics,
)
from topic_peers_neural import ECRTM, Embedded, FASTopic, KeyNMF
from topic_sets import TopicSet

import tenor
from tenor.evaluation.coherence import diversity, matched_words, npmi, topic_coverage
from tenor.evaluation.windowed import c_v

PEERS: dict[str, tuple[type[Contestant], ...]] = {
    "nmf": (FactorisedFromSVD, FactorisedFromChance),
    "tomotopy": (Tomotopy,),
    "keynmf": (KeyNMF,),
    "fastopic": (FASTopic,),
    "ecrtm": (ECRTM,),
}
COLUMNS = ("", "NPMI all", "NPMI test", "C_v", "C_v gensim", "diversity", "df mean", "df median",
           "tokens", "documents", "shared, seeds", "shared, bootstraps", "s")  # fmt: skip
DIGITS = (3, 3, 3, 3, 3, 0, 0, 2, 2)


class Run(NamedTuple):
    """One seed's topics and what they took."""

    topics: Topics
    before: float
    seconds: float
    support: float | None = None


def main() -> None:
    asked = arguments()
    report = results.Report("topics", "7. Topics", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    kept = []
    for name in asked.sets.split(","):
        if reason := topic_sets.missing(name, asked):
            report.line(f"\n{name}: left out, {reason}.")
            continue
        made = topic_sets.SETS[name](asked)
        report.line(f"\n**{name}**: {made}.")
        kept += compare(report, made, asked)
    if asked.keep:
        Path(asked.keep).write_text(json.dumps(kept, indent=1), encoding="utf-8")
    report.save()


def arguments() -> argparse.Namespace:
    """What was asked for, the sizes of --quick put in."""
    parser = results.parser(__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--bootstraps", type=int, default=3, help="fits on documents drawn anew")
    parser.add_argument("--topics", default="50,20,100", help="how many, a,b,…")
    parser.add_argument("--sets", default=",".join(topic_sets.SETS))
    parser.add_argument("--peers", default=",".join(PEERS), help="or none")
    parser.add_argument("--no-tenor", action="store_true", help="peers alone")
    parser.add_argument("--preset", choices=["likelihood", "vectors"], help="tenor's")
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--summaries", default=SUMMARIES)
    parser.add_argument("--embeddings", type=Path, help="a folder that keeps texts' embeddings")
    parser.add_argument("--keep", help="a JSON file for all topics' words")
    asked = parser.parse_args()
    if asked.quick:
        asked.seeds, asked.bootstraps, asked.topics = 2, 2, "5"
        asked.sets = "python-docs"
    _known(parser, "sets", asked.sets, topic_sets.SETS)
    _known(parser, "peers", asked.peers, [*PEERS, "none"])
    Tenor.preset, Embedded.folder = asked.preset, asked.embeddings
    return asked


def _known(parser: argparse.ArgumentParser, what: str, given: str, known: Collection[str]) -> None:
    if strange := sorted(set(given.split(",")) - set(known)):
        parser.error(f"--{what}: there is no {', '.join(strange)}; there are {', '.join(known)}")


def compare(
    report: results.Report, made: TopicSet, asked: argparse.Namespace
) -> list[dict[str, object]]:
    """One data set's tables, a number of topics each; the words for --keep."""
    numbers = [int(n) for n in asked.topics.split(",")]
    who = [] if asked.no_tenor else [Tenor]
    who += [one for peer in asked.peers.split(",") for one in PEERS.get(peer, ())]
    rows, kept = defaultdict(list), []
    for one in who:
        if reason := one.missing():
            for n in numbers:
                rows[n].append((f"{one.name} ({reason})", *["–"] * (len(COLUMNS) - 1)))
            continue
        found = runs(one, made.train, numbers, asked)
        again = bootstraps(one, made.train, numbers, asked)
        for n in numbers:
            rows[n].append((one.name, *cells(made, found[n], [run.topics for run in again[n]])))
            kept += [
                {
                    "set": made.name,
                    "who": one.name,
                    "seed": seed,
                    "topics": topic_sets.words_of(made.train, run.topics),
                }
                for seed, run in enumerate(found[n])
            ]
    for n in numbers:
        report.line(f"\n{made.name}, {n} topics:")
        report.header(*COLUMNS)
        for row in rows[n]:
            report.row(*row)
    return kept


def runs(
    one: type[Contestant], corpus: tenor.Corpus, numbers: list[int], asked: argparse.Namespace
) -> dict[int, list[Run]]:
    """Every seed's topics, for each number of them; one seed where it does not matter."""
    found = defaultdict(list)
    for seed in range(asked.seeds if one.varies else 1):
        for n, run in _runs(one(seed, asked.quick), corpus, numbers):
            found[n].append(run)
    return found


def bootstraps(
    one: type[Contestant], corpus: tenor.Corpus, numbers: list[int], asked: argparse.Namespace
) -> dict[int, list[Run]]:
    """The same on documents drawn with replacement, a seed a draw."""
    found = defaultdict(list)
    for seed in range(asked.bootstraps if one.by_counts else 0):
        drawn = topic_sets.resampled(corpus, seed)
        for n, run in _runs(one(seed, asked.quick), drawn, numbers, judged=False):
            found[n].append(run)
    return found


def _runs(
    one: Contestant, corpus: tenor.Corpus, numbers: list[int], judged: bool = True
) -> list[tuple[int, Run]]:
    began = time.perf_counter()
    one.begin(corpus)
    before = time.perf_counter() - began
    before = getattr(one, "spent", before)  # embeddings may be kept from another run
    found = []
    for n in numbers:
        began = time.perf_counter()
        topics = one.find(n)
        ended = time.perf_counter()
        supported = judged and one.support()
        support = time.perf_counter() - ended if supported else None
        run = Run(topics, before, ended - began, support)
        print(f"{one.name}, seed {one.seed}: {run.before:.1f} + {run.seconds:.1f} s for {n} topics",
              file=sys.stderr, flush=True)  # fmt: skip
        found.append((n, run))
    return found


def cells(made: TopicSet, found: list[Run], again: list[Topics]) -> list[str]:
    """A row's figures."""
    columns = zip(*(figures(made, run.topics) for run in found), strict=True)
    shown = [tables.mean_sd(values, n) for values, n in zip(columns, DIGITS, strict=True)]
    seconds = tables.mean_sd([run.seconds for run in found], 1)
    before = [run.before for run in found]
    if np.mean(before) >= 0.5:
        seconds = f"{tables.mean_sd(before, 1)} + {seconds}"
    support = [run.support for run in found if run.support is not None]
    if support:
        seconds += f" (+ {tables.mean_sd(support, 1)})"
    return [*shown, shared([run.topics for run in found]), shared(again), seconds]


def figures(made: TopicSet, topics: Topics) -> tuple[float, ...]:
    """What one run's topics are worth, in the order of the columns."""
    everywhere, others = topic_coverage(topics, made.both), topic_coverage(topics, made.test.bag)
    return (
        npmi(topics, made.both).mean,
        npmi(topics, made.test.bag).mean,
        c_v(topics, made.tokens, as_gensim=False).mean,
        c_v(topics, made.tokens).mean,
        diversity(topics, TOP),
        everywhere.mean_document_frequency,
        everywhere.median_document_frequency,
        others.token_share,
        others.document_share,
    )


def shared(topics: list[Topics]) -> str:
    """Words of ten that topics of two runs share: mean ± sd over all pairs of runs."""
    pairs = [matched_words(one, other, TOP).mean for one, other in combinations(topics, 2)]
    return tables.mean_sd(pairs, 2) if pairs else "–"


if __name__ == "__main__":
    main()
