"""The command line in this process, and a small model it can be asked about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from tenor.cli import main

THEMES = {
    "space": "orbit rocket moon launch shuttle planet engine star",
    "sport": "goal team match player season coach score league",
    "food": "bread cheese recipe oven butter sugar dough flour",
    "law": "court judge trial lawyer appeal verdict crime jury",
}
TINY = [
    *("--components", "4"),
    *("--encoder-sizes", "16"),
    *("--epochs", "4"),
    *("--batch-size", "20"),
    *("--min-df", "2"),
    *("--seed", "3"),
    "-q",
]


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def write_documents(path, n: int = 80, seed: int = 0):
    rng = np.random.default_rng(seed)
    names = list(THEMES)
    with path.open("w") as file:
        for row in range(n):
            label = names[row % len(names)]
            words = rng.choice(THEMES[label].split(), 12).tolist()
            words.append(str(rng.choice(THEMES[str(rng.choice(names))].split())))
            record = {"name": f"doc-{row}", "body": " ".join(words), "kind": label}
            file.write(json.dumps(record) + "\n")
    return path


@pytest.fixture
def tenor(capsys):
    """Arguments to (status, standard output, standard error)."""

    def run(*arguments: Any) -> Result:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        return Result(status, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def shell():
    """The same in a process of its own."""

    def run(*arguments: Any, stdin: bytes = b"", **environment: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "tenor", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def documents(tmp_path_factory):
    return write_documents(tmp_path_factory.mktemp("documents") / "documents.jsonl")


@pytest.fixture(scope="session")
def columns():
    return ["--id-column", "name", "--text-column", "body", "--label-column", "kind"]


@pytest.fixture(scope="session")
def tiny():
    return TINY


@pytest.fixture(scope="session")
def model(tmp_path_factory, documents, columns):
    """A model of 80 labelled documents."""
    folder = tmp_path_factory.mktemp("models") / "model"
    assert main(["fit", str(documents), "-o", str(folder), *columns, *TINY]) == 0
    return folder
