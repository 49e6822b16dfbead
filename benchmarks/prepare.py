"""Preparing a corpus: the whole `tenor prepare` process, and peers that count texts in memory.

    python benchmarks/prepare.py
    python benchmarks/prepare.py --gigabytes 0        # without the generated file
    python benchmarks/prepare.py --format jsonl       # the generated file as JSON lines

tenor: from starting Python to the finished folder, texts kept (not those of the generated file).
CountVectorizer: fit_transform alone, on a list in memory. gensim: simple_preprocess, Dictionary,
filter_extremes and doc2bow, on a list in memory. MB are 10^6 bytes of UTF-8 text.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from pathlib import Path

import generated
import material
import results
import watching
from tables import mebibytes, megabytes

import tenor

TENOR, PEERS = "tenor prepare", ("CountVectorizer", "gensim")
CEILING = 10 * 2**30  # bytes; a child beyond it is ended, for the machine's sake
COLUMNS = ("texts", "who", "MB/s", "tenor / this", "seconds", "peak anonymous MiB",
           "peak resident MiB", "documents", "words")  # fmt: skip


def main() -> None:
    parser = results.parser(__doc__)
    material.declare(parser)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--documents", type=int, help="of each real set, from its beginning")
    parser.add_argument("--gigabytes", type=float, help="of the generated file (5); 0 for none")
    parser.add_argument("--format", choices=["parquet", "jsonl"], default="parquet")
    parser.add_argument("--limit", type=float, default=600, help="seconds a process may take")
    asked = parser.parse_args()
    if asked.quick:
        asked.repeats, asked.documents = 1, asked.documents or 2000
        asked.gigabytes = 0.01 if asked.gigabytes is None else asked.gigabytes
    report = results.Report("prepare", "3. Preparing a corpus", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    report.header(*COLUMNS)
    with material.workplace(asked) as folder:
        path = folder / "texts.parquet"
        compare(report, "20 Newsgroups", path, material.newsgroups(path, asked.documents), asked)
        if Path(asked.summaries).exists():
            size = material.summaries(asked.summaries, path, asked.documents)
            compare(report, "package summaries", path, size, asked)
        else:
            report.row(f"{asked.summaries} is not there", *[""] * (len(COLUMNS) - 1))
        path.unlink()
        size = 5 if asked.gigabytes is None else asked.gigabytes
        if size:
            _generated(report, folder, size, asked)
    report.save()


def compare(
    report: results.Report, name: str, path: Path, size: int, asked: argparse.Namespace
) -> None:
    """All contestants in turn, medians."""
    found: dict[str, list[watching.Outcome]] = {who: [] for who in (TENOR, *PEERS)}
    for _ in range(asked.repeats):
        found[TENOR].append(tenor_prepares(path, asked.limit, keep_texts=True))
        for who in PEERS:
            if not any(outcome.failure for outcome in found[who]):
                command = watching.script("prepare_peers.py", who, path)
                found[who].append(watching.watch(command, asked.limit, ceiling=CEILING))
    speeds = {who: speed(outcomes, size) for who, outcomes in found.items()}
    for who, outcomes in found.items():
        _row(report, f"{name}, {megabytes(size):.0f} MB", who, outcomes, speeds)


def _row(
    report: results.Report,
    name: str,
    who: str,
    outcomes: list[watching.Outcome],
    speeds: dict[str, float | None],
) -> None:
    last, own, best = outcomes[-1], speeds[who], speeds[TENOR]
    if own is None:
        report.row(name, who, last.failure or "no result", *[""] * (len(COLUMNS) - 3))
        return
    report.row(
        name,
        who,
        f"{own:.1f}",
        f"**{best / own:.1f}×**" if best and who != TENOR else "",
        f"{statistics.median(outcome.result['seconds'] for outcome in outcomes):.1f}",
        mebibytes(max(outcome.peak.anonymous for outcome in outcomes)),
        mebibytes(max(outcome.peak.resident for outcome in outcomes)),
        f"{last.result['documents']:,}",
        f"{last.result['words']:,}",
    )


def speed(outcomes: list[watching.Outcome], size: int) -> float | None:
    """MB/s, the median; None when one of them failed."""
    if any(outcome.failure or not outcome.result for outcome in outcomes):
        return None
    seconds = statistics.median(outcome.result["seconds"] for outcome in outcomes)
    return float(megabytes(size) / seconds)


def tenor_prepares(path: Path, limit: float, *flags: str, keep_texts: bool) -> watching.Outcome:
    """The whole process, from the command to the finished folder."""
    folder = path.with_name("corpus")
    command = [sys.executable, "-m", "tenor", "prepare", str(path), "-o", str(folder), "-q"]
    command += [*flags, *([] if keep_texts else ["--no-texts"])]
    outcome = watching.watch(command, limit, ceiling=CEILING)
    if outcome.failure is None:
        corpus = tenor.Corpus.open(folder, verify=False)
        outcome.result = {
            "seconds": outcome.seconds,
            "documents": len(corpus),
            "words": len(corpus.vocabulary),
        }
        del corpus
    shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _generated(
    report: results.Report, folder: Path, gigabytes: float, asked: argparse.Namespace
) -> None:
    needed, free = 1.6e9 * gigabytes, shutil.disk_usage(folder).free
    if free < needed:
        report.row(f"generated: {needed:,.0f} bytes needed, {free:,} free", *[""] * 8)
        return
    path = folder / f"generated.{asked.format}"
    size = generated.write(path, gigabytes)
    outcome = tenor_prepares(path, asked.limit, keep_texts=False)
    name = f"generated {asked.format}, {megabytes(size):,.0f} MB"
    _row(report, name, TENOR, [outcome], {TENOR: speed([outcome], size)})
    path.unlink()


if __name__ == "__main__":
    main()
