"""Training on 900,000 package summaries, K = 50: time, memory and what the model is worth.

    python benchmarks/summaries.py                              # what fits into minutes
    python benchmarks/summaries.py --peer-documents 0 --limit 1800    # peers on all documents
    python benchmarks/summaries.py --vocabularies 30000 --only tenor --epochs 5

10,000 summaries drawn with seed 0 are held out; words are the V most frequent of the others.
Completion: perplexity of the held-out documents' second halves given the first, the same halves
for all; a mixture's is exp(−Σ log Σ_k θ_k β_kv / N) with θ inferred from the first half. Every
contestant runs in a process of its own, which holds the documents in the form that it takes.
Peers see the first documents only where that is said, tenor then a second time on as many.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import material
import numpy as np
import pyarrow.parquet as pq
import results
import watching
from peers import PEERS
from tables import mebibytes
from watching import Outcome

import tenor

HELD = 10_000
# ProdLDA is dense inside: an epoch of all documents would take a quarter of an hour.
FEWER = {"topica ProdLDA": (0.2, 5)}  # share of the peers' documents, passes
COLUMNS = ("V", "who", "documents", "passes", "s a pass", "s in all", "peak anonymous MiB",
           "peak resident MiB", "completion, corpus", "per document")  # fmt: skip


def main() -> None:
    parser = results.parser(__doc__)
    material.declare(parser)
    parser.add_argument("--vocabularies", default="30000,100000")
    parser.add_argument("--epochs", default="1,1", help="tenor's, for each vocabulary")
    parser.add_argument(
        "--batch-sizes",
        default="200+512,200",
        help="tenor's, for each vocabulary: N+N,N+N,… (200+512,200; 200 is its default)",
    )
    parser.add_argument("--documents", type=int, help="tenor's, from the beginning; default all")
    parser.add_argument("--peer-documents", type=int, default=50_000, help="0 for all")
    parser.add_argument("--peers-at", default="30000", help="vocabularies that peers train on")
    parser.add_argument("--only", help="contestants, by the beginning of their names, a,b,…")
    parser.add_argument("--limit", type=float, default=600, help="seconds a process may take")
    asked = parser.parse_args()
    if asked.quick:
        asked.vocabularies, asked.peers_at, asked.epochs = "1000", "1000", "1"
        asked.batch_sizes = "200"
        asked.documents, asked.peer_documents = 3000, 2000
    given = [asked.vocabularies, asked.epochs, asked.batch_sizes]
    if len({len(one.split(",")) for one in given}) > 1:
        parser.error("give as many --epochs and --batch-sizes as --vocabularies")
    report = results.Report("summaries", "4. Training on 900,000 summaries", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    if not Path(asked.summaries).exists():
        raise SystemExit(f"{asked.summaries} is not there")
    with material.workplace(asked) as folder:
        split(asked.summaries, folder, asked.documents)
        report.header(*COLUMNS)
        for words, passes, sizes in zip(*(one.split(",") for one in given), strict=True):
            corpus, held = prepared(folder, int(words))
            compare(report, corpus, held, int(words), int(passes), sizes.split("+"), asked)
    report.save()


def split(source: str, folder: Path, documents: int | None) -> None:
    """train.parquet and held.parquet in ``folder``."""
    texts = pq.read_table(source, columns=["text"]).column("text")
    held = np.sort(np.random.default_rng(0).choice(len(texts), HELD, replace=False))
    rest = np.setdiff1d(np.arange(len(texts)), held)[:documents]
    material.write_texts(folder / "train.parquet", texts.take(rest))
    material.write_texts(folder / "held.parquet", texts.take(held))


def prepared(folder: Path, words: int) -> tuple[Path, Path]:
    """Both parts counted over the ``words`` most frequent words of the first."""
    corpus, held = folder / f"corpus-{words}", folder / f"held-{words}"
    listed = folder / f"words-{words}.txt"
    command = [sys.executable, "-m", "tenor", "prepare", "-q", "--overwrite", "--no-texts"]
    limits = ["--min-df", "1", "--max-words", str(words)]
    must([*command, str(folder / "train.parquet"), "-o", str(corpus), *limits])
    opened = tenor.Corpus.open(corpus, verify=False)
    listed.write_text("\n".join(opened.words) + "\n", encoding="utf-8")
    must([*command, str(folder / "held.parquet"), "-o", str(held), "--vocabulary", str(listed)])
    return corpus, held


def compare(
    report: results.Report,
    corpus: Path,
    held: Path,
    words: int,
    epochs: int,
    sizes: list[str],
    asked: argparse.Namespace,
) -> None:
    """Every contestant asked for, one after the other."""
    peers = [who for who in PEERS if is_asked(who, asked.only)]
    peers = peers if str(words) in asked.peers_at.split(",") else []
    if is_asked("tenor", asked.only):
        for size in sizes:
            told = _tenor(corpus, held, epochs, ["--batch-size", size], asked)
            _row(report, words, f"**tenor**, batches of {size}", told, epochs)
        if peers and asked.peer_documents:
            passes = 2 * epochs if asked.quick else max(epochs, 5)
            few = ["--batch-size", sizes[0], "--documents", asked.peer_documents]
            told = _tenor(corpus, held, passes, few, asked)
            _row(report, words, f"**tenor**, batches of {sizes[0]}", told, passes)
    for who in peers:
        share, passes = FEWER.get(who, (1.0, PEERS[who].iterations))
        command = watching.script("peer_child.py", who, corpus, held, "--iterations", passes)
        if asked.peer_documents:
            command += ["--documents", str(round(share * asked.peer_documents))]
        _row(report, words, who, watching.watch(command, asked.limit), passes)


def _tenor(
    corpus: Path, held: Path, epochs: int, flags: list[object], asked: argparse.Namespace
) -> Outcome:
    command = watching.script("fitting.py", corpus, epochs, "--held", held, *flags)
    return watching.watch(command, asked.limit)


def _row(report: results.Report, words: int, who: str, outcome: Outcome, passes: int) -> None:
    told = outcome.result
    if "seconds" not in told:
        report.row(f"{words:,}", who, "", passes, outcome.failure, *[""] * 5)
        return
    peaks = [outcome.stages[name] for name in outcome.stages if name not in ("infer", "end")]
    failure = outcome.failure or "not told"
    report.row(
        f"{words:,}",
        who,
        f"{told['documents']:,}",
        passes,
        f"{told['seconds'] / passes:.1f}",
        f"{told['seconds']:.0f}",
        mebibytes(max(peak.anonymous for peak in peaks)),
        mebibytes(max(peak.resident for peak in peaks)),
        *(f"{told[name]:.0f}" if name in told else failure for name in ("corpus", "per_document")),
    )


def is_asked(who: str, only: str | None) -> bool:
    """Whether ``only`` names this contestant, or nobody."""
    return only is None or any(who.startswith(start) for start in only.split(","))


def must(command: list[str]) -> None:
    """Run what everything after depends on."""
    outcome = watching.watch(command)
    if outcome.failure:
        raise SystemExit(f"{' '.join(command)}: {outcome.failure}")


if __name__ == "__main__":
    main()
