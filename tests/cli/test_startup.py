"""Nothing heavy is loaded before there is work to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tenor.cli.app import VERBS

HEAVY = {"torch", "sklearn", "polars", "pyarrow", "numpy", "scipy", "matplotlib", "rich"}


def loaded_after(code: str) -> set[str]:
    code += "; import sys; print('LOADED', *sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_importing_tenor_loads_nothing_heavy():
    assert not loaded_after("import tenor") & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_the_command_itself_loads_nothing_heavy(arguments):
    assert not loaded_after(f"from tenor.cli import main; main({arguments!r})") & HEAVY


def test_no_verbs_help_loads_anything_heavy():
    helps = "; ".join(f"main([{verb!r}, '--help'])" for verb in VERBS)
    assert not loaded_after(f"from tenor.cli import main; {helps}") & HEAVY


def test_preparing_loads_neither_torch_nor_scikit_learn(tmp_path):
    (tmp_path / "x.txt").write_text("ant bee\nant cat\n")
    arguments = ["prepare", str(tmp_path / "x.txt"), "-o", str(tmp_path / "c"), "--min-df", "1"]
    arguments += ["--max-df", "1.0"]
    loaded = loaded_after(f"from tenor.cli import main; assert main({arguments!r}) == 0")
    assert "pyarrow" in loaded and not loaded & {"torch", "sklearn", "scipy", "matplotlib"}


def test_what_is_looked_for_would_be_found():
    assert "numpy" in loaded_after("import tenor.bow")
