"""Applying a model: documents a second, on the first 100,000 package summaries.

    python benchmarks/transform.py
    python benchmarks/transform.py --documents 20000 --only tenor,topica

K = 50, V = 30,000. tenor: NVDM.transform on a prepared corpus, and the whole command, from
starting Python to the finished Parquet file, on a prepared corpus and on texts. Peers: inference
alone, on documents in their own form; all models were trained on few documents, for speed alone
is measured here. Medians over repeats for tenor, one run for peers.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import material
import results
import summaries
import watching
from peers import PEERS
from tables import mebibytes
from watching import Outcome


def main() -> None:
    parser = results.parser(__doc__)
    material.declare(parser)
    parser.add_argument("--documents", type=int, default=100_000, help="to transform")
    parser.add_argument("--trained-on", type=int, default=10_000, help="documents")
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", help="contestants, by the beginning of their names, a,b,…")
    parser.add_argument("--limit", type=float, default=240, help="seconds a process may take")
    asked = parser.parse_args()
    if asked.quick:
        asked.documents, asked.trained_on, asked.words, asked.repeats = 2000, 500, 1000, 1
    report = results.Report("transform", "5. Applying a model", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    with material.workplace(asked) as folder:
        material.summaries(asked.summaries, folder / "train.parquet", asked.documents)
        material.summaries(asked.summaries, folder / "held.parquet", 10)
        corpus, _ = summaries.prepared(folder, asked.words)
        report.header("who", "documents", "documents a second", "tenor in Python / this",
                      "peak anonymous MiB", "peak resident MiB")  # fmt: skip
        speed = tenor(report, folder, corpus, asked)
        for who in PEERS:
            if not summaries.is_asked(who, asked.only):
                continue
            command = watching.script(
                "peer_child.py", who, corpus, corpus, "--documents", asked.trained_on,
                "--infer", asked.documents,
            )  # fmt: skip
            command += ["--iterations", str(min(20, PEERS[who].iterations))]
            _row(report, who, [watching.watch(command, asked.limit)], speed)
    report.save()


def tenor(
    report: results.Report, folder: Path, corpus: Path, asked: argparse.Namespace
) -> float | None:
    """tenor's rows; documents a second in Python."""
    if not summaries.is_asked("tenor", asked.only):
        return None
    model, vectors = folder / "model", folder / "vectors.parquet"
    summaries.must(
        watching.script("fitting.py", corpus, 1, "--model", model, "--documents", asked.trained_on)
    )

    def command(source: Path) -> Callable[[], Outcome]:
        def run() -> Outcome:
            vectors.unlink(missing_ok=True)
            line = [sys.executable, "-m", "tenor", "transform", str(model), str(source)]
            outcome = watching.watch([*line, "-o", str(vectors), "-q"], asked.limit)
            if outcome.failure is None:
                outcome.result = {"infer": outcome.seconds, "inferred": asked.documents}
            return outcome

        return run

    inside = watching.script("transforming.py", model, corpus)
    contestants: dict[str, Callable[[], Outcome]] = {
        "**tenor**, in Python": lambda: watching.watch(inside, asked.limit),
        "`tenor transform`, prepared corpus": command(corpus),
        "`tenor transform`, texts": command(folder / "train.parquet"),
    }
    found: dict[str, list[Outcome]] = {who: [] for who in contestants}
    for _ in range(asked.repeats):
        for who, run in contestants.items():
            found[who].append(run())
    inside_python, *commands = found.items()
    best = _row(report, *inside_python, None)
    for who, outcomes in commands:
        _row(report, who, outcomes, best)
    return best


def _row(
    report: results.Report, who: str, outcomes: list[Outcome], best: float | None
) -> float | None:
    """One contestant's row; its documents a second."""
    last = outcomes[-1]
    if any(outcome.failure or "infer" not in outcome.result for outcome in outcomes):
        report.row(who, "", last.failure or "no result", "", "", "")
        return None
    seconds = statistics.median(outcome.result["infer"] for outcome in outcomes)
    speed = float(last.result["inferred"] / seconds)
    report.row(
        who,
        f"{last.result['inferred']:,}",
        f"{speed:,.0f}",
        f"**{best / speed:.1f}×**" if best else "",
        mebibytes(max(outcome.peak.anonymous for outcome in outcomes)),
        mebibytes(max(outcome.peak.resident for outcome in outcomes)),
    )
    return speed


if __name__ == "__main__":
    main()
