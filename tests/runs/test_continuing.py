"""A model trained further on other documents, in a folder and in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file

import tenor
from tenor.cli import main
from tenor.errors import InputError, TrainingError

TINY = [
    *("--components", "3", "--encoder-sizes", "12,12", "--epochs", "6", "--batch-size", "20"),
    *("--min-df", "1", "--max-df", "1.0", "--device", "cpu", "-q"),
]


def lines(n: int, seed: int, shift: int) -> list[str]:
    """Documents of 12 words of 36; ``shift`` says which words go together."""
    rng = np.random.default_rng(seed)
    words = np.array([f"w{i:02d}" for i in range(36)])
    return [" ".join(rng.choice(np.roll(words, shift * (d % 3))[:12], 15)) for d in range(n)]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A model, and new documents in which other words go together, some of them unknown."""
    home = tmp_path_factory.mktemp("continuing")
    (home / "old.txt").write_text("\n".join(lines(60, 0, 12)) + "\n")
    new = [f"{line} unheard of" if d % 2 else line for d, line in enumerate(lines(80, 1, 17))]
    (home / "new.txt").write_text("\n".join(new) + "\n")
    assert main(["fit", str(home / "old.txt"), "-o", str(home / "old"), *TINY]) == 0
    return home


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def fit_more(home: Path, target: Path, *flags: str) -> list[str]:
    base = ["fit", str(home / "new.txt"), "--continue-from", str(home / "old"), "-o", str(target)]
    return [*base, "--epochs", "8", *flags]


def test_new_documents_are_learned_and_the_old_model_stays(home, tmp_path, capsys):
    before = contents(home / "old")
    assert main([*fit_more(home, tmp_path / "m"), "-q"]) == 0
    assert contents(home / "old") == before
    capsys.readouterr()
    old, new = tenor.load(home / "old"), tenor.load(tmp_path / "m")
    held_out = lines(60, 2, 17)
    assert new.perplexity(held_out).bound > old.perplexity(held_out).bound + 0.02
    assert new.vocabulary_ == old.vocabulary_ and new.components_.shape == old.components_.shape
    assert (new.epochs, new.n_components, new.batch_size) == (8, 3, 20)


def test_figures_and_history_go_on(home, tmp_path, capsys):
    target = tmp_path / "m"
    assert main([*fit_more(home, target), "--validation-fraction", "0.2"]) == 0
    said = capsys.readouterr().err
    assert "80 documents, 1,280 tokens, 1,200 of them in the vocabulary" in said
    share = "6.2 % of the tokens are not in the model's vocabulary (0.0 % in its training documents"
    assert share in said
    old, new = tenor.load(home / "old"), tenor.load(target)
    texts = (home / "new.txt").read_text().splitlines()
    added = tenor.Corpus.from_texts(texts, vocabulary=old.vocabulary_)
    frequency = old.trained_.statistics.word_frequency + added.bag.word_frequency
    np.testing.assert_array_equal(new.trained_.statistics.word_frequency, frequency)
    assert new.trained_.statistics.n_documents == 140
    assert [record["epoch"] for record in new.history_] == list(range(1, 15))
    assert new.history_[:6] == old.history_
    facts = new.trained_.provenance
    assert 7 <= facts["best_epoch"] <= 14 and facts["epochs_done"] == 14
    best = max(r["held_out_bound_per_token"] for r in new.history_[6:])
    assert new.history_[facts["best_epoch"] - 1]["held_out_bound_per_token"] == best
    assert facts["continues"]["n_documents"] == 60
    assert (facts["read"]["coverage"]["n_tokens"], facts["unknown_share"]) == (1280, 0.0)
    assert pq.read_table(target / "documents.parquet").column("text").to_pylist() == texts
    begun = json.loads((target / "fit.json").read_text())["continues"]
    assert begun["folder"] == str(home / "old") and len(begun["weights"]) == 64
    assert main(["info", str(target)]) == 0
    assert "a model of 60 documents, after its 6 epochs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--components", "4"], "--components=4: the model to go on with has 3"),
        (["--encoder-sizes", "9"], "--encoder-sizes"),
        (["--min-df", "3"], "--min-df"),
        (["--preset", "likelihood"], "--generator-sizes"),
        (["--tokenizer", "a-z"], "--tokenizer"),
    ],
)
def test_what_would_make_another_model_is_refused(home, tmp_path, capsys, flags, said):
    assert main([*fit_more(home, tmp_path / "m"), *flags, "-q"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and said in told
    assert not (tmp_path / "m").exists()


def test_the_same_value_is_no_change(home, tmp_path):
    assert main([*fit_more(home, tmp_path / "m"), "--components", "3", "--min-df", "1", "-q"]) == 0


def test_the_model_is_not_replaced_by_its_own_continuation(home, capsys):
    before = contents(home / "old")
    assert main([*fit_more(home, home / "old"), "--overwrite", "-q"]) == 1
    assert "holds the model to continue from" in capsys.readouterr().err
    assert main(["fit", "x.txt", "--continue-from", str(home / "none"), "-o", "m", "-q"]) == 1
    assert "there is no folder" in capsys.readouterr().err
    resume = ["fit", "--resume", str(home / "old"), "--continue-from", str(home / "old")]
    assert main(resume) == 2
    assert contents(home / "old") == before


def test_killed_and_resumed_it_ends_with_the_same_bits(home, tmp_path, capsys):
    jobs = [
        {"arguments": [*fit_more(home, tmp_path / name, *flags), "-q"], "moment": moment}
        for name, moment, flags in (
            ("early", ("step", 2), []),
            ("late", ("step", 17), ["--checkpoint-every", "2"]),
        )
    ]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed.py")), json.dumps(jobs)],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [-9, -9]
    assert main([*fit_more(home, tmp_path / "whole"), "-q"]) == 0
    whole = load_file(tmp_path / "whole" / "weights.safetensors")
    for name in ("early", "late"):
        assert main(["fit", "--resume", str(tmp_path / name), "-q"]) == 0
        found = load_file(tmp_path / name / "weights.safetensors")
        assert all(torch.equal(whole[key], found[key]) for key in whole)
        for file in ("history.jsonl", "vocabulary.parquet", "documents.parquet"):
            whole_file = (tmp_path / "whole" / file).read_bytes()
            assert (tmp_path / name / file).read_bytes() == whole_file


def test_a_changed_model_is_not_continued_from(home, tmp_path, capsys):
    base = tmp_path / "base"
    tenor.load(home / "old").save(base)
    command = fit_more(home, tmp_path / "m")
    command[command.index("--continue-from") + 1] = str(base)
    job = {"arguments": [*command, "-q"], "moment": ("step", 2)}
    script = Path(__file__).with_name("killed.py")
    subprocess.run([sys.executable, str(script), json.dumps([job])], check=True, timeout=120)
    tenor.load(home / "old").partial_fit(["w00 w01"] * 9).save(base, overwrite=True)
    assert main(["fit", "--resume", str(tmp_path / "m"), "-q"]) == 1
    assert "has changed since the fit in" in capsys.readouterr().err


def test_standard_input_can_be_continued_on(home, tmp_path):
    command = fit_more(home, tmp_path / "m", "-q", "--no-documents")
    command[1] = "-"
    done = subprocess.run(
        [sys.executable, "-m", "tenor", *command],
        input=(home / "new.txt").read_bytes(),
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "m" / "corpus").exists()


def test_in_python(home):
    texts = (home / "new.txt").read_text().splitlines()
    model = tenor.load(home / "old", device="cpu")
    before = model.transform(texts)
    assert model.continue_fit(texts, epochs=3, learning_rate=0.01) is model
    assert (model.epochs, len(model.history_), len(model.documents_)) == (3, 9, 80)
    assert not np.array_equal(model.transform(texts), before)
    assert model.similar_documents(3, id="5")
    for wrong in ({"n_components": 4}, {"learning_rate": -1}, {"epoch": 3}):
        weights = model.transform(texts)
        with pytest.raises(InputError, match=next(iter(wrong))):
            model.continue_fit(texts, **wrong)
        assert (model.n_components, model.learning_rate, model.epochs) == (3, 0.01, 3)
        np.testing.assert_array_equal(model.transform(texts), weights)


def test_refused_documents_leave_the_parameters_as_they_were(home):
    model = tenor.load(home / "old", device="cpu")
    before = model.get_params()
    for texts, changes, said in (
        (["unheard of"] * 9, {"epochs": 99}, "no document has a word"),
        (["w00 w01"] * 9, {"epochs": 99, "validation_fraction": 2}, "validation_fraction"),
    ):
        with pytest.raises(InputError, match=said):
            model.continue_fit(texts, **changes)
        assert model.get_params() == before


def test_a_fit_that_explodes_leaves_the_model_it_began_with(home, tmp_path, capsys):
    model = tenor.load(home / "old", device="cpu")
    texts = (home / "new.txt").read_text().splitlines()
    before = model.transform(texts)
    wild = {"learning_rate": 1e38, "warmup": 0.0, "clip_norm": None}
    with pytest.raises(TrainingError):
        model.continue_fit(texts, epochs=2, **wild)
    np.testing.assert_allclose(model.transform(texts), before, rtol=1e-4, atol=1e-5)
    assert len(model.history_) == 6 and model.trained_.provenance["outcome"] != "completed"
    flags = ["--learning-rate", "1e38", "--warmup", "0", "--clip-norm", "none", "-q"]
    assert main([*fit_more(home, tmp_path / "m"), *flags]) == 1
    assert "nothing was written" in capsys.readouterr().err and not (tmp_path / "m").exists()


def test_epochs_that_make_it_worse_leave_the_weights(tmp_path, capsys):
    """The model before is judged too, on the documents held out of the new ones."""
    (tmp_path / "old.txt").write_text("\n".join(lines(300, 0, 12)) + "\n")
    (tmp_path / "new.txt").write_text("\n".join(lines(300, 1, 12)) + "\n")
    fit = ["fit", str(tmp_path / "old.txt"), "-o", str(tmp_path / "old"), *TINY]
    assert main([*fit, "--epochs", "30"]) == 0
    fit = ["fit", str(tmp_path / "new.txt"), "--continue-from", str(tmp_path / "old"), "-q"]
    flags = ["--epochs", "2", "--learning-rate", "0.5", "--validation-fraction", "0.2"]
    assert main([*fit, "-o", str(tmp_path / "worse"), *flags]) == 0
    old, worse = (tenor.load(tmp_path / name) for name in ("old", "worse"))
    for name, value in old.trained_.network.state_dict().items():
        found = worse.trained_.network.state_dict()[name]
        torch.testing.assert_close(found, value, rtol=1e-5, atol=1e-6)  # centred once more
    assert len(worse.history_) == 32
    assert "none better than the model it went on from" in capsys.readouterr().out
