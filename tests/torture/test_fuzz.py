"""Whatever bytes come in: a TenorError of one line, or they are taken; soon, and in little memory.

A few inputs of every target each time. With TORTURE, 10⁵ of them: as many guided by coverage, in a
process of their own, where atheris is installed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenor.sources.formats import FORMATS

SCALE = int(os.environ.get("TORTURE", "0"))
SEED = int(os.environ.get("TORTURE_SEED", "0"))
HERE = Path(__file__).parent
INPUTS = {"model": 3_000, "corpus": 6_000, "arguments": 3_000, "tokenizer": 20_000}
USUAL = 7_000  # of a reader
ATHERIS = importlib.util.find_spec("atheris") is not None


@pytest.fixture(scope="module")
def make_target(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A target by its name; the modules stand beside this one, where pytest does not look."""
    sys.path.insert(0, str(HERE))
    import made

    yield lambda name: made.make(name, tmp_path_factory.mktemp("fuzzed") / "room", home)
    sys.path.remove(str(HERE))


NAMES = [
    *(f"read{suffix}" for suffix in FORMATS),
    *("read.csv.gz", "read.txt.zst", "read.jsonl.bz2", "read.json.xz"),
    *("folder", "tokenizer", "model", "corpus", "arguments"),
]


@pytest.mark.filterwarnings("ignore")  # of NumPy's, about numbers that no model holds
@pytest.mark.parametrize("name", NAMES)
def test_what_comes_in_is_taken_or_refused(name: str, make_target: Any) -> None:
    target = make_target(name)
    slow = name in ("model", "corpus", "arguments")
    for seed in target.seeds:
        target(seed)

    @settings(
        max_examples=(3 if slow else 40) * (1 + 9 * SCALE),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.sampled_from(target.seeds), by=st.binary(max_size=60), raw=st.booleans())
    def taken(seed: bytes, by: bytes, raw: bool) -> None:
        target(by if raw else seed[:2] + target.changed(seed[2:], by))

    taken()


@pytest.mark.skipif(not SCALE, reason="long: make torture")
@pytest.mark.skipif(not ATHERIS, reason="atheris has no wheel here")
@pytest.mark.parametrize("name", NAMES)
def test_guided_by_coverage(name: str, home: Path, tmp_path: Path) -> None:
    inputs = INPUTS.get(name, USUAL) * SCALE
    command = [HERE / "fuzz.py", name, home, tmp_path, str(inputs), str(SEED)]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=7200
    )
    found = [path.name for path in tmp_path.glob("*-*") if path.is_file()]
    assert done.returncode == 0 and not found, f"{found}\n{done.stderr[-3000:]}"
