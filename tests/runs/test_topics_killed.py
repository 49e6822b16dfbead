"""A fit that is killed while its topics are found, measured or written ends as any other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tenor
from tenor.cli import main
from tenor.model.topic_files import ABOUT, ARRAYS, EDITS, FOLDER

MOMENTS = ["found", "measured", "stop", "topics", "written"]
TINY = [
    *("--components", "4", "--encoder-sizes", "12", "--epochs", "3", "--batch-size", "20"),
    *("--min-df", "1", "--max-df", "1.0", "--topics", "3", "--device", "cpu", "-q"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Documents, a model of them with a topic that has a name, and it trained further."""
    home = tmp_path_factory.mktemp("topics-killed")
    rng = np.random.default_rng(0)
    words = [f"w{i:02d}" for i in range(30)]
    lines = [" ".join(rng.choice(words[10 * (d % 3) :][:10], 15)) for d in range(90)]
    (home / "texts.txt").write_text("".join(line + "\n" for line in lines))
    assert main(["fit", str(home / "texts.txt"), "-o", str(home / "whole"), *TINY]) == 0
    shutil.copytree(home / "whole", home / "named")
    assert main(["topics", str(home / "named"), "--rename", "0=first", "-q"]) == 0
    assert main([*further(home, "named-further"), "-q"]) == 0
    return home


def further(home: Path, target: str) -> list[str]:
    base = ["--continue-from", str(home / "named"), "-o", str(home / target)]
    return ["fit", str(home / "texts.txt"), *base, "--epochs", "1", "--device", "cpu"]


@pytest.fixture(scope="module")
def killed(home) -> dict[str, tuple[Path, int, str]]:
    """Each fit's folder as it was left, how the process ended, and all that was said."""
    jobs = {
        name: {
            "arguments": ["fit", str(home / "texts.txt"), "-o", str(home / name), *TINY],
            "moment": (name, 1),
        }
        for name in MOMENTS
    }
    jobs["further"] = {"arguments": [*further(home, "further"), "-q"], "moment": ("written", 1)}
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("killed.py")),
            json.dumps(list(jobs.values())),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    ends = json.loads(done.stdout.splitlines()[-1])
    return {name: (home / name, end, done.stderr) for name, end in zip(jobs, ends, strict=True)}


def assert_same_topics(folder: Path, whole: Path) -> None:
    for name in (ABOUT, ARRAYS):
        assert (folder / FOLDER / name).read_bytes() == (whole / FOLDER / name).read_bytes()


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_goes_on_and_has_the_same_topics(home, killed, capsys, moment) -> None:
    folder, end, said = killed[moment]
    assert end == (130 if moment == "stop" else -signal.SIGKILL)
    assert not (folder / "config.json").exists()
    capsys.readouterr()
    assert main(["info", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["what"], facts["epochs_done"]) == ("unfinished fit", 3), "no epoch is lost"
    if moment == "stop":
        assert f"before its topics were found; go on with: tenor fit --resume {folder}" in said
        assert "Traceback" not in said
    assert main(["fit", "--resume", str(folder), "-q"]) == 0
    assert_same_topics(folder, home / "whole")
    assert not any("partial" in path.name for path in folder.rglob("*"))
    assert len(tenor.load(folder, device="cpu").topics_) == 3


def test_a_further_fit_goes_on_with_names_and_edits(home, killed) -> None:
    folder, end, _ = killed["further"]
    assert end == -signal.SIGKILL
    assert main(["fit", "--resume", str(folder), "-q"]) == 0
    assert_same_topics(folder, home / "named-further")
    assert (folder / EDITS).read_bytes() == (home / "named-further" / EDITS).read_bytes()
    topics = tenor.load(folder, device="cpu").topics_
    assert "first" in topics.names and topics.lost == ()


def test_a_kill_while_topics_are_replaced_leaves_a_model(home, tmp_path, capsys) -> None:
    folder = Path(shutil.copytree(home / "named", tmp_path / "m"))
    job = {"arguments": ["topics", str(folder), "--topics", "2", "--keep", "-q"]}
    script = str(Path(__file__).with_name("killed.py"))
    jobs = json.dumps([{**job, "moment": ("topics", 1)}])
    subprocess.run([sys.executable, script, jobs], check=True, timeout=120)
    assert_same_topics(folder, home / "named")
    capsys.readouterr()
    assert main(["topics", str(folder), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["topics"]) == 3
    assert main([*job["arguments"]]) == 0
    assert len(tenor.load(folder, device="cpu").topics_) == 2
