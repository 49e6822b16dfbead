"""Makes the folders that test_saved_before.py opens; run with the tenor they shall be of.

PYTHONPATH=<that checkout>/src OMP_NUM_THREADS=1 python make_saved.py FOLDER

What is expected of them is written by that tenor too, once with its compiled kernels and once
without, since the two add in another order.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

SUBJECTS = {
    "space": "orbit launch rocket moon shuttle satellite crew engine fuel mission probe comet",
    "hockey": "goal ice puck team season coach playoff score skate league fans rink",
    "kitchen": "bread flour oven butter recipe salt onion pepper sauce dough bake cheese",
    "music": "guitar song melody band drum chord concert album singer piano tune rhythm",
    "faith": "god church faith scripture prayer belief christ gospel sin heaven priest soul",
}
COMMON = "people time year think know good point question problem world"
SMALL = {"n_components": 5, "n_topics": 5, "batch_size": 16, "min_df": 2, "max_df": 1.0}
FLAGS = [
    *("--components", "4", "--encoder-sizes", "10,8", "--encoder", "plain"),
    *("--input-transform", "tfidf", "--generator-sizes", "6", "--likelihood", "presence"),
    *("--batch-size", "16", "--epochs", "6", "--checkpoint-every", "2"),
    *("--min-df", "2", "--max-df", "1.0", "--device", "cpu", "-q"),
]
ABOUT = "expected.json"


def texts(n: int = 100) -> tuple[list[str], list[str]]:
    """Texts of 24 to 35 tokens, every tenth with none that is known, and their labels."""
    rng = np.random.default_rng(10)
    found, labels = [], []
    for row in range(n):
        label = list(SUBJECTS)[row % 5]
        size = int(rng.integers(24, 36))
        words = rng.choice([*SUBJECTS[label].split() * 4, *COMMON.split()], size)
        found.append("" if row % 20 == 19 else " ".join(words).capitalize() + ".")
        labels.append(label)
    return found, labels


def other_texts() -> list[str]:
    """Texts that no model was trained on."""
    sung = "The rocket left for the moon, and the crew sang a gospel!"
    played = "ICE ice ice: the puck and the coach of the league"
    return [sung, "", "Nothing known here", played, "people know the world"]


def make(folder: Path) -> None:
    import tenor

    held, labels = texts()
    ids = [f"text-{row:02d}" for row in range(len(held))]
    corpus = tenor.Corpus.from_texts(held, ids=ids, labels=labels)
    halves = [batch for half in (corpus[:60], corpus[60:]) for batch in half.table.to_batches()]
    table = pa.Table.from_batches(halves)
    two = tenor.Corpus(table, corpus.vocabulary, corpus.tokenizer, None, corpus.placement)
    two.save(folder / "corpus")
    model = tenor.NVDM(**SMALL, encoder_sizes=(12, 12), epochs=2).fit(corpus)
    topics = model.topics_
    topics.measure()
    topics.rename(topics.ids[0], "what comes first")
    topics.merge(topics.ids[1:3])
    topics.keep_out(["people"])
    model.save(folder / "model")
    begin(folder / "unfinished", held)


def begin(folder: Path, held: list[str]) -> None:
    """A fit from standard input, killed right after its second checkpoint."""
    command = [sys.executable, __file__, "--killed", "fit", "-", "-o", str(folder)]
    lines = "".join(text + "\n" for text in held if text)
    done = subprocess.run([*command, *FLAGS], input=lines.encode(), check=False)
    assert done.returncode == -signal.SIGKILL


def killed(arguments: list[str]) -> None:
    from tenor.cli import main
    from tenor.training.checkpoint import Checkpoint

    save, saved = Checkpoint.save, []

    def counted(*of: object) -> None:
        save(*of)
        saved.append(1)
        if len(saved) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    Checkpoint.save = counted
    main(arguments)


def expected(folder: Path) -> None:
    """What this tenor makes of the folders, added to expected.json."""
    import torch

    import tenor
    from tenor.kernels import COMPILED

    about = folder / ABOUT
    known = json.loads(about.read_text()) if about.is_file() else {}
    model = tenor.load(folder / "model", device="cpu")
    corpus = tenor.Corpus.open(folder / "corpus")
    ours = folder / "resumed"
    shutil.copytree(folder / "unfinished", ours)
    command = [sys.executable, "-m", "tenor", "fit", "--resume", str(ours), "-q"]
    if not COMPILED:
        command[1:3] = [__file__, "--plain", "--verb"]
    subprocess.run(command, check=True)
    weights = hashlib.sha256((ours / "weights.safetensors").read_bytes()).hexdigest()
    shutil.rmtree(ours)
    known |= {
        "made_with": {"tenor": tenor.__version__, **platform()},
        "fingerprint": corpus.fingerprint(),
        "vectors": bits(model.transform(other_texts())),
        "corpus_vectors": bits(model.transform(corpus)),
        "topics": model.topics_.words(5),
        "names": model.topics_.names,
        "topic_weights": bits(model.topics_.weights(other_texts())),
        "resumed": {**known.get("resumed", {}), "compiled" if COMPILED else "plain": weights},
    }
    assert torch.get_num_threads() == 1
    about.write_text(json.dumps(known, indent=1) + "\n")


def platform() -> dict[str, str]:
    """What the last bits of a matrix product depend on."""
    import torch

    return {
        "torch": torch.__version__.split("+")[0],
        "capability": torch.backends.cpu.get_cpu_capability(),
    }


def bits(values: np.ndarray) -> str:
    """An array as the hexadecimal digits of a .npy file."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue().hex()


def array(digits: str) -> np.ndarray:
    """What :func:`bits` was given."""
    return np.load(io.BytesIO(bytes.fromhex(digits)))


def main(first: str, *others: str) -> None:
    if first == "--plain":  # as where no compiler was
        sys.modules["tenor.kernels._rows"] = None
        return main(*others)
    if first == "--killed":
        return killed(list(others))
    if first == "--verb":
        from tenor.cli import main as verb

        sys.exit(verb(list(others)))
    if first == "--expected":
        return expected(Path(others[0]))
    make(Path(first))
    for flag in ([], ["--plain"]):
        subprocess.run([sys.executable, __file__, *flag, "--expected", first], check=True)
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
