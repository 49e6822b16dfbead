"""Opening what somebody else made runs nothing of theirs."""

from __future__ import annotations

import ast
import json
import os
import pickle
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

import tenor
from tenor.errors import SourceError

SOURCE = Path(tenor.__file__).parent
RUNS = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "subprocess", "runpy"}


def test_hostile_folders(home: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("hostile.py")
    done = subprocess.run(
        [sys.executable, str(script), str(home), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["folders"] > 60 and not found["went_off"] and not found["events"]
    assert any(event.startswith("pickle.find_class") for event in found["control"])
    assert "Traceback" not in done.stderr and "should not have happened" not in done.stderr


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("remove", [(), ("headers",)])
def test_a_hostile_cache_of_the_newsgroups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remove: tuple[str, ...]
) -> None:
    """scikit-learn's own reading of it would make the folder."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    cache = tmp_path / "20news-bydate_py3.pkz"
    for content in (
        zlib.compress(pickle.dumps({"train": Trap(tmp_path / "off"), "test": []})),
        zlib.compress(bytes(1 << 29), 1),
        b"nothing that was compressed",
    ):
        cache.write_bytes(content)
        with pytest.raises(SourceError, match="remove it, and they are downloaded anew"):
            tenor.datasets.load("20newsgroups", "test", remove=list(remove))
        assert not (tmp_path / "off").exists() and cache.read_bytes() == content


def test_one_room_unpickles() -> None:
    """And nothing runs text: no eval, no exec, no process."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        name = str(path.relative_to(SOURCE))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                runs = {alias.name.split(".")[0] for alias in node.names} & RUNS
            elif isinstance(node, ast.ImportFrom):
                runs = {(node.module or "").split(".")[0]} & RUNS
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                runs = {node.func.id} & {"eval", "exec", "compile", "__import__"}
            elif isinstance(node, ast.Attribute):
                called = ast.unparse(node)
                runs = {called} & {"torch.load", "os.system", "os.popen", "np.load", "numpy.load"}
            else:
                continue
            if runs:
                found.setdefault(name, set()).update(runs)
    assert found == {"sources/newsgroups.py": {"pickle"}}
