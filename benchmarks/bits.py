"""Whether two versions of tenor make the same models bit by bit, on one machine.

    python benchmarks/bits.py --save before.json       # with the one
    python benchmarks/bits.py --against before.json    # with the other: what differs is named

Two epochs, by the command, of nvdm-20news with the defaults and with the likelihood preset and of
python-docs, from their texts, seeds 0 and 1 each: three minutes on two cores. Another torch,
processor or number of threads gives other bits. Exit status 1 where something differs.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import tables

import tenor

Digests = dict[str, dict[str, str]]


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--only", default="", help="fits whose names hold this")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the digests as JSON")
    parser.add_argument("--against", type=Path, metavar="FILE", help="digests saved before")
    asked = parser.parse_args()
    before = json.loads(asked.against.read_text()) if asked.against else None
    found: Digests = {}
    tables.header("fit", "weights.safetensors", "document vectors", "topics")
    for name, flags in fits(asked.vocabulary).items():
        if asked.only in name:
            found[name] = digests_of([*flags, "--epochs", str(asked.epochs)])
            tables.row(name, *(digest[:16] for digest in found[name].values()))
    tables.machine()
    if asked.save:
        asked.save.write_text(json.dumps(found, indent=2) + "\n")
    if before is not None:
        told = differences(before, found)
        print("\n".join(told) or "the same bits")
        sys.exit(bool(told))


def fits(vocabulary: str) -> dict[str, list[str]]:
    """What is fitted, by name: the command's arguments."""
    posts = ["nvdm-20news", "--vocabulary", vocabulary, "--tokenizer", "a-z"]
    kinds = {
        "nvdm-20news, defaults": posts,
        "nvdm-20news, likelihood": [*posts, "--preset", "likelihood"],
        "python-docs": ["python-docs"],
    }
    return {
        f"{name}, seed {seed}": [*flags, "--seed", str(seed)]
        for name, flags in kinds.items()
        for seed in (0, 1)
    }


def digests_of(flags: list[str]) -> dict[str, str]:
    """Fit, and take the digests of what is saved."""
    with TemporaryDirectory(prefix="tenor-bits-") as place:
        folder = Path(place) / "model"
        command = [sys.executable, "-m", "tenor", "fit", *flags, "-o", str(folder), "-q", "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return digests(folder)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of a model's weights, of its documents' vectors and of its topics."""
    vectors = pq.read_table(folder / "documents.parquet", columns=["vector"]).column("vector")
    topics = tenor.load(folder).topics_
    arrays = (folder / "topics" / "topics.safetensors").read_bytes()
    return {
        "weights": _sha256((folder / "weights.safetensors").read_bytes()),
        "vectors": _sha256(vectors.combine_chunks().flatten().to_numpy().tobytes()),
        "topics": _sha256(arrays + json.dumps([topics.ids, topics.words(10)]).encode()),
    }


def differences(before: Digests, now: Digests) -> list[str]:
    """A line for everything that is not the same; fits that were not asked for now are left out."""
    told: list[str] = []
    for fit, found in now.items():
        known: dict[str, Any] = before.get(fit, {})
        parts = [part for part, digest in found.items() if known.get(part) != digest]
        told += [f"{fit}: {', '.join(parts)} differ"] * bool(parts)
    return told


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
