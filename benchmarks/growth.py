"""How time and memory grow as documents and vocabulary double four times.

    python benchmarks/growth.py
    python benchmarks/growth.py --documents 56250      # the smallest; the largest is 16 times that

Documents: the first package summaries. Preparing and transforming are the commands as a user runs
them (on a Parquet file), over sizes at which their buffers are full; beyond 900,294 the summaries
come again. The epoch is one of default training on a prepared corpus over one and the same 20,000
words. Vocabulary: one training step on 256 Zipf documents of 100 tokens, its
memory that beyond parameters, gradients and optimiser state. The exponent is fitted to all
doublings on a logarithmic scale (1: linear, 0: constant); beside it that of the last one.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import material
import numpy as np
import results
import watching
from tables import exponent, mebibytes
from watching import Outcome

import tenor

DOUBLINGS, COLUMNS = 4, ("seconds", "peak anonymous MiB", "peak resident MiB")


@dataclass(frozen=True)
class Figure:
    """What one size took: seconds, and bytes anonymous and resident."""

    seconds: float
    anonymous: float
    resident: float


def main() -> None:
    parser = results.parser(__doc__)
    material.declare(parser)
    parser.add_argument("--documents", type=int, default=14_062, help="an epoch's smallest number")
    parser.add_argument("--streamed", type=int, default=225_074, help="preparing's and transform's")
    parser.add_argument("--words", type=int, default=16_000, help="the smallest vocabulary")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=1, help="medians over so many runs")
    parser.add_argument("--only", choices=["documents", "vocabulary"])
    parser.add_argument("--limit", type=float, default=300, help="seconds a process may take")
    asked = parser.parse_args()
    if asked.quick:
        asked.documents, asked.streamed, asked.words, asked.batch = 250, 250, 500, 32
    report = results.Report("growth", "6. Growth", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    if asked.only != "vocabulary":
        documents(report, asked)
    if asked.only != "documents":
        vocabulary(report, asked)
    report.save()


def documents(report: results.Report, asked: argparse.Namespace) -> None:
    """Preparing, an epoch and transform over growing parts of the summaries."""
    sizes = [asked.documents * 2**n for n in range(DOUBLINGS + 1)]
    streamed = [asked.streamed * 2**n for n in range(DOUBLINGS + 1)]
    with material.workplace(asked) as folder:
        files = {size: folder / f"{size}.parquet" for size in (*sizes, *streamed)}
        for size, path in files.items():
            material.summaries(asked.summaries, path, size)
        own, words, model = folder / "own", folder / "words.txt", folder / "model"
        table(report, "preparing", streamed, [
            _repeat(lambda path: _prepare(path, own), files[size], asked) for size in streamed
        ])  # fmt: skip
        _run(_prepare(files[sizes[-1]], own), asked)
        opened = tenor.Corpus.open(own, verify=False)
        words.write_text("\n".join(opened.words) + "\n", encoding="utf-8")
        del opened
        corpora = [folder / f"corpus-{size}" for size in sizes]
        for size, corpus in zip(sizes, corpora, strict=True):
            _run([*_prepare(files[size], corpus), "--vocabulary", str(words)], asked)
        table(report, "a training epoch", sizes, [
            _repeat(lambda corpus: _fit(corpus, model), corpus, asked, "fit") for corpus in corpora
        ])  # fmt: skip
        vectors = folder / "vectors.parquet"
        table(report, "transform", streamed, [
            _repeat(lambda path: _transform(model, path, vectors), files[size], asked)
            for size in streamed
        ])  # fmt: skip
        for made in (*corpora, own, model):
            shutil.rmtree(made, ignore_errors=True)


def vocabulary(report: results.Report, asked: argparse.Namespace) -> None:
    """A training step over growing vocabularies."""
    sizes = [asked.words * 2**n for n in range(DOUBLINGS + 1)]
    found: list[Figure | str] = []
    for size in sizes:
        command = watching.script("step_memory.py", "tenor", size, asked.batch, 100, 1.0)
        outcome = watching.watch(command, asked.limit, interval=0.002)
        told = outcome.result
        found.append(outcome.failure or Figure(
            told["seconds"],
            outcome.stages["steps"].anonymous - told["anonymous"] - told["kept"],
            told["highest"] - told["resident"] - told["kept"],
        ))  # fmt: skip
    table(report, f"a training step, B = {asked.batch}", sizes, found, "V", "word")


def _prepare(path: Path, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "tenor", "prepare", str(path), "-o", str(folder)]
    return [*command, "-q", "--overwrite"]


def _fit(corpus: Path, model: Path) -> list[str]:
    return watching.script("fitting.py", corpus, 1, "--model", model)


def _transform(model: Path, path: Path, vectors: Path) -> list[str]:
    vectors.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tenor", "transform", str(model), str(path)]
    return [*command, "-o", str(vectors), "-q"]


def _run(command: list[str], asked: argparse.Namespace) -> Outcome:
    return watching.watch(command, asked.limit)


def _repeat(
    command: Callable[[Path], list[str]],
    source: Path,
    asked: argparse.Namespace,
    stage: str | None = None,
) -> Figure | str:
    """The medians of some runs: of the whole process, or of one stage of it."""
    outcomes = [_run(command(source), asked) for _ in range(asked.repeats)]
    failures = [outcome.failure for outcome in outcomes if outcome.failure]
    if failures:
        return failures[0]
    peaks = [outcome.stages[stage] if stage else outcome.peak for outcome in outcomes]
    return Figure(
        statistics.median(outcome.result.get("seconds", outcome.seconds) for outcome in outcomes),
        statistics.median(peak.anonymous for peak in peaks),
        statistics.median(peak.resident for peak in peaks),
    )


def table(
    report: results.Report,
    what: str,
    sizes: list[int],
    found: list[Figure | str],
    head: str = "documents",
    unit: str = "document",
) -> None:
    """The figures by size, their exponents, and the bytes that each further unit takes."""
    report.header(f"{what}: {head}", *COLUMNS)
    for size, figure in zip(sizes, found, strict=True):
        if isinstance(figure, str):
            report.row(f"{size:,}", figure, "", "")
            continue
        report.row(
            f"{size:,}",
            f"{figure.seconds:.3g}",
            mebibytes(figure.anonymous),
            mebibytes(figure.resident),
        )
    known = [(s, f) for s, f in zip(sizes, found, strict=True) if isinstance(f, Figure)]
    if len(known) < 2:
        return
    places = [float(size) for size, _ in known]
    cells = []
    for name in ("seconds", "anonymous", "resident"):
        values = [max(float(getattr(figure, name)), 1e-9) for _, figure in known]
        last = np.log(values[-1] / values[-2]) / np.log(places[-1] / places[-2])
        cell = f"**{exponent(places, values):.2f}** ({last:.2f})"
        if name != "seconds":
            cell += f", {np.polyfit(places, values, 1)[0]:,.0f} bytes a {unit}"
        cells.append(cell)
    report.row("exponent (last doubling)", *cells)


if __name__ == "__main__":
    main()
