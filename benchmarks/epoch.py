"""One epoch, and the time to a held-out perplexity, on 20 Newsgroups: tenor and dense PyTorch.

    python benchmarks/epoch.py
    python benchmarks/epoch.py --epochs 20,2          # of 2,000 words, of the full vocabulary

Both train the same network with the same settings, batches of 200 and schedule: no dropout,
documents whole. A tenth of the training posts is held out; after every epoch the clock stands
still while their perplexity (per document, 4 samples of the bound) is measured by one and the
same code. The targets are what both reach: the worse of the two best perplexities, and 3 % and
10 % above it. Seconds include drawing or densifying the batches.
"""

from __future__ import annotations

import statistics

import results
import tables
import watching
from tables import mebibytes

MARGINS = (1.10, 1.03, 1.0)


def main() -> None:
    parser = results.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--epochs", default="20,2", help="of 2,000 words, of the full vocabulary")
    parser.add_argument("--sizes", default="2000,full", help="which of the two vocabularies")
    parser.add_argument("--limit", type=float, default=300, help="seconds a process may take")
    asked = parser.parse_args()
    if asked.quick:
        asked.epochs, asked.sizes = "2,1", "2000"
    report = results.Report("epoch", "2. One epoch, and time to a perplexity", asked)
    report.line((__doc__ or "").split("\n\n")[-1].strip())
    epochs = dict(zip(("2000", "full"), asked.epochs.split(","), strict=True))
    for size in asked.sizes.split(","):
        compare(report, size, int(epochs[size]), asked.vocabulary, asked.limit)
    report.save()


def compare(report: results.Report, size: str, epochs: int, vocabulary: str, limit: float) -> None:
    """Both contestants on one vocabulary."""
    found = {}
    for who in ("tenor", "dense"):
        command = watching.script("epoch_child.py", who, size, epochs, vocabulary)
        found[who] = watching.watch(command, limit)
        if not found[who].result.get("seconds"):
            report.line(f"\n{who}, {size}: {found[who].failure or 'no epoch was finished'}")
    known = {who: outcome for who, outcome in found.items() if outcome.result.get("seconds")}
    if not known:
        return
    told = next(iter(known.values())).result
    report.line(
        f"\nV = {told['words']:,}: {told['documents']:,} posts to train on, {told['held']:,} "
        f"held out, {epochs} epochs:"
    )
    worst_best = max(min(outcome.result["perplexity"]) for outcome in known.values())
    targets = [margin * worst_best for margin in MARGINS]
    report.header(
        "who", "s an epoch", *(f"s to {target:.0f}" for target in targets), "best perplexity",
        "peak anonymous MiB", "peak resident MiB",
    )  # fmt: skip
    for who, outcome in known.items():
        seconds, perplexity = outcome.result["seconds"], outcome.result["perplexity"]
        report.row(
            who + (f" ({len(seconds)} epochs, then {outcome.failure})" if outcome.failure else ""),
            f"{statistics.median(seconds):.2f}",
            *(_until(target, seconds, perplexity) for target in targets),
            f"{min(perplexity):.1f}",
            mebibytes(outcome.stages["train"].anonymous),
            mebibytes(outcome.stages["train"].resident),
        )
    if len(known) == len(found):
        times = {who: statistics.median(one.result["seconds"]) for who, one in known.items()}
        report.line(f"\ndense / tenor, an epoch: **{times['dense'] / times['tenor']:.1f}×**")


def _until(target: float, seconds: list[float], perplexity: list[float]) -> str:
    """Seconds of training until the first epoch that ends at ``target`` or below."""
    spent = 0.0
    for taken, reached in zip(seconds, perplexity, strict=True):
        spent += taken
        if reached <= target * (1 + 1e-9):
            return f"{spent:.1f}"
    return "not reached"


if __name__ == "__main__":
    main()
