"""What is tortured, and how much: a sample, or with TORTURE=n a great deal.

TORTURE     1: all of ``make torture``; more: so many times as much at random (default: a sample)
TORTURE_SEED    of all that is drawn (default 0); it is in what a failure says
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCALE = int(os.environ.get("TORTURE", "0"))
SEED = int(os.environ.get("TORTURE_SEED", "0"))
WORDS = [f"w{i:02d}" for i in range(30)]
TINY = [
    *("--components", "3", "--encoder-sizes", "8", "--epochs", "3", "--batch-size", "20"),
    *("--min-df", "1", "--max-df", "1.0", "--topics", "2", "--device", "cpu"),
    *("--checkpoint-every", "1", "-q"),
]


def pytest_report_header() -> str:
    return f"torture: TORTURE={SCALE} TORTURE_SEED={SEED}"


@pytest.fixture(scope="session")
def some():
    """(what, everything) to a part of it, drawn by the seed; all of it with TORTURE."""

    def draw(what: str, everything: Any, few: int, many: int | None = None) -> list[Any]:
        everything = list(everything)
        most = (many or len(everything)) * max(1, SCALE) if SCALE else few
        if len(everything) <= most:
            return everything
        return sorted(random.Random(f"{SEED} {what}").sample(everything, most))

    return draw


class Workers:
    """Commands in forks of a process that has loaded everything."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("forked.py")
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def run(self, folder: Path, arguments: list[str], **how: Any) -> dict[str, Any]:
        """One command in a folder; sources by their whole paths, which a resumed fit has too."""
        assert self._process.stdin is not None and self._process.stdout is not None
        whole = [
            str(folder / part) if part.endswith((".txt", ".csv")) else part for part in arguments
        ]
        job = {"arguments": whole, "folder": str(folder), **how}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    own = Workers()
    yield own
    own.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, workers: Workers) -> Path:
    """texts.txt, table.csv, a model and a corpus of the texts; not to be changed."""
    home = tmp_path_factory.mktemp("torture")
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(WORDS[10 * (d % 3) :][:10], 15)) for d in range(90)]
    (home / "texts.txt").write_text("".join(line + "\n" for line in lines))
    rows = [f"key-{d},{'' if d % 4 else 'group'},{line}" for d, line in enumerate(lines)]
    (home / "table.csv").write_text("\n".join(["name,kind,text", *rows]) + "\n")
    for arguments in (
        ["fit", "texts.txt", "-o", "model", *TINY],
        ["topics", "model", "--rename", "0=first", "-q"],
        ["fit", "texts.txt", "-o", "older", *TINY, "--seed", "7"],
        ["prepare", "table.csv", "-o", "corpus", "--keep", "kind", "-q"],
        ["prepare", "texts.txt", "-o", "older-corpus", "--min-df", "2", "-q"],
    ):
        done = workers.run(home, arguments)
        assert done["status"] == 0, done
    return home


@pytest.fixture(scope="session")
def bits():
    """A file's bytes, or those of all files in a folder but what is under way; None for nothing."""

    def read(path: Path) -> Any:
        if path.is_file():
            return path.read_bytes()
        if not path.exists():
            return None
        files = {str(own.relative_to(path)): own for own in path.rglob("*") if own.is_file()}
        under_way = ".tenor-"
        return {name: files[name].read_bytes() for name in files if under_way not in name}

    return read


@pytest.fixture(scope="session")
def unfinished(workers, home, tmp_path_factory):
    """(what, folder): make the folder as a killed fit (m, after its second checkpoint) or a killed
    transform (v.parquet, after two of its parts) leaves it.
    """
    fit = ["fit", "texts.txt", "-o", "m", *TINY]
    transform = ["transform", "model", "texts.txt", "-o", "v.parquet", "-q"]
    known: dict[str, Path] = {}

    def make(what: str, folder: Path) -> Path:
        if what not in known:
            room, album = (tmp_path_factory.mktemp(f"{what}-{part}") for part in ("room", "album"))
            for name in ("texts.txt", "model"):
                own = home / name
                (shutil.copytree if own.is_dir() else shutil.copy2)(own, room / name)
            done = workers.run(room, fit if what == "fit" else transform, album=str(album))
            assert done["status"] == 0, done
            sign = "rename .tenor-partial-" + ("state" if what == "fit" else "part")
            nth = [n for n, change in enumerate(done["changes"], 1) if change.startswith(sign)]
            known[what] = album / f"{nth[2]:04d}-killed"
        return Path(shutil.copytree(known[what], folder))

    return make
