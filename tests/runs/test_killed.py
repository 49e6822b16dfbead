"""A fit that is killed at any moment and resumed ends with the weights of one that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tenor.cli import main
from tenor.storage.sealed import read_sealed, write_sealed

TINY = [
    *("--components", "3"),
    *("--encoder-sizes", "12,12"),
    *("--epochs", "6"),
    *("--batch-size", "20"),
    *("--min-df", "1"),
    *("--max-df", "1.0"),
    *("--dropout", "0.2"),
    *("--device", "cpu"),
    "-q",
]
STEPS = 3  # an epoch: 60 documents less a tenth held out, 20 a step
ALTERNATING = ["--updates", "alternating"]
# A rate so high that every epoch is worse than the first.
WORSENING = [
    *("--schedule", "constant", "--learning-rate", "3", "--warmup", "0", "--epochs", "4"),
    *("--dropout", "0", "--thinning", "1", "--batch-size", "5"),
]

# name: (flags, moment, checkpoint every … epochs, epochs that are safe afterwards)
KILLED = {
    "before-the-first-step": ([], ("step", 1), 2, 0),
    "before-the-first-checkpoint": ([], ("step", STEPS + 2), 2, 0),
    "in-the-first-checkpoint": ([], ("write", 1), 2, 0),
    "right-after-a-checkpoint": ([], ("saved", 1), 2, 2),
    "in-the-second-checkpoint": ([], ("write", 2), 2, 2),
    "mid-epoch": ([], ("step", 4 * STEPS + 2), 1, 4),
    "in-a-decoder-phase": (ALTERNATING, ("step", 2 * STEPS + 2), 1, 2),
    "in-an-encoder-phase": (ALTERNATING, ("step", 3 * STEPS + 2), 1, 3),
    "after-the-best-epoch": (WORSENING, ("step", 25), 1, 2),
    "by-ctrl-c": ([], ("interrupt", 3 * STEPS + 2), 100, 3),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> Path:
    rng = np.random.default_rng(0)
    words = [f"w{i:02d}" for i in range(24)]
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    lines = [" ".join(rng.choice(words[8 * (d % 3) :][:10], 15)) for d in range(60)]
    path.write_text("".join(line + "\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, documents) -> dict[str, tuple[Path, int]]:
    """Each fit's folder as its killer left it, and how the process ended."""
    home = tmp_path_factory.mktemp("killed")
    jobs = [
        {
            "arguments": [
                *("fit", str(documents), "-o", str(home / name), *TINY, *flags),
                *("--checkpoint-every", str(every)),
            ],
            "moment": moment,
        }
        for name, (flags, moment, every, _) in KILLED.items()
    ]
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(jobs)],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    ends = json.loads(done.stdout.splitlines()[-1])
    return {name: (home / name, end) for name, end in zip(KILLED, ends, strict=True)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, documents):
    """Flags to the weights of a fit that was never stopped."""
    home, known = tmp_path_factory.mktemp("whole"), {}

    def fit(flags: list[str]) -> dict[str, torch.Tensor]:
        key = " ".join(flags)
        if key not in known:
            folder = home / str(len(known))
            assert main(["fit", str(documents), "-o", str(folder), *TINY, *flags]) == 0
            known[key] = weights(folder)
        return known[key]

    return fit


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "weights.safetensors")


def assert_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert torch.equal(found[name], values), name


@pytest.mark.parametrize(("name", "flags", "safe"), [(n, k[0], k[3]) for n, k in KILLED.items()])
def test_resumed_is_as_if_never_stopped(stopped, whole, capsys, name, flags, safe):
    folder, end = stopped[name]
    assert end == (130 if name == "by-ctrl-c" else -signal.SIGKILL)
    assert not (folder / "config.json").exists() and not (folder / "weights.safetensors").exists()
    capsys.readouterr()
    assert main(["info", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["what"], facts["epochs_done"]) == ("unfinished fit", safe)
    assert main(["topics", str(folder)]) == 1
    assert f"tenor fit --resume {folder}" in capsys.readouterr().err
    assert main(["fit", "--resume", str(folder), "-q", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert_equal(weights(folder), whole(flags))
    if name == "after-the-best-epoch":
        assert facts["best_epoch"] < safe
    left = {path.name for path in folder.rglob("*")}
    assert "checkpoint" not in left and not any("partial" in file for file in left)


def test_other_seeds_and_phases_give_other_weights(whole):
    """So that the equality above is no accident of weights that never move."""
    key = "decoder.weight"
    plain, seeded = whole([])[key], whole(["--seed", "1"])[key]
    assert not torch.equal(plain, seeded) and not torch.equal(plain, whole(ALTERNATING)[key])


def test_ctrl_c_says_how_to_go_on(tmp_path, documents):
    """A real Ctrl-C, sent while the epochs go by."""
    folder = tmp_path / "m"
    flags = [flag for flag in TINY if flag != "-q"]
    flags[flags.index("--epochs") + 1] = "100000"
    command = [sys.executable, "-m", "tenor", "fit", str(documents), "-o", str(folder), *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True) as fit:
        assert fit.stderr is not None
        while not fit.stderr.readline().startswith("epoch 2/"):
            assert fit.poll() is None
        fit.send_signal(signal.SIGINT)
        rest = fit.stderr.read()
        assert fit.wait(60) == 130
    last = rest.splitlines()[-1]
    assert last.startswith("tenor: stopped at epoch ")
    assert last.endswith(f"go on with: tenor fit --resume {folder}")
    assert "Traceback" not in rest


def test_standard_input_is_kept_until_the_fit_is_done(tmp_path, documents, whole):
    folder = tmp_path / "m"
    flags = [flag for flag in TINY if flag != "-q"]
    command = [sys.executable, "-m", "tenor", "fit", "-", "-o", str(folder), *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--epochs", "100000"], env=environment, **pipes) as fit:
        fit.stdin.write(documents.read_bytes())
        fit.stdin.close()
        deadline = time.monotonic() + 120
        while not (folder / "fit.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        fit.kill()
    assert (folder / "corpus" / "manifest.json").exists()
    settings = read_sealed(folder / "fit.json")
    settings["settings"]["epochs"] = 6
    write_sealed(folder / "fit.json", settings)
    for leftover in (folder / "checkpoint").glob("*"):  # of the long fit, if it came that far
        leftover.unlink()
    assert main(["fit", "--resume", str(folder), "-q"]) == 0
    assert_equal(weights(folder), whole([]))
    assert not (folder / "corpus").exists()


def test_a_changed_source_is_refused(tmp_path, stopped, documents, capsys):
    folder = tmp_path / "m"
    changed = tmp_path / "texts.txt"
    changed.write_bytes(documents.read_bytes())
    job = {"arguments": ["fit", str(changed), "-o", str(folder), *TINY], "moment": ("step", 2)}
    script = Path(__file__).with_name("killed.py")
    subprocess.run([sys.executable, str(script), json.dumps([job])], check=True, timeout=120)
    changed.write_text(documents.read_text().replace("w05", "w06", 1))
    before = sorted(folder.rglob("*"))
    assert main(["fit", "--resume", str(folder), "-q"]) == 1
    said = capsys.readouterr().err
    assert "has changed since" in said and said.count("\n") == 1
    assert sorted(folder.rglob("*")) == before
    changed.write_bytes(documents.read_bytes())
    assert main(["fit", "--resume", str(folder), "-q"]) == 0


def test_a_finished_fit_is_not_resumed(tmp_path, documents, capsys):
    folder = tmp_path / "m"
    assert main(["fit", str(documents), "-o", str(folder), *TINY]) == 0
    before = weights(folder)
    assert main(["fit", "--resume", str(folder), "-q"]) == 1
    assert "is finished" in capsys.readouterr().err
    assert_equal(weights(folder), before)
