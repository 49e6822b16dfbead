"""What --overwrite and a failing fit do to what was there before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenor
from tenor import runs
from tenor.corpus.source import Source
from tenor.errors import ArtifactError, InputError, TrainingError

TINY = {"encoder_sizes": (4,), "min_df": 1, "max_df": 1.0, "device": "cpu", "epochs": 2}
BLOWS_UP = {"learning_rate": 1e38, "warmup": 0.0, "clip_norm": None, "validation_fraction": 0}


@pytest.fixture
def texts(tmp_path: Path) -> Source:
    file = tmp_path / "texts.txt"
    file.write_text("red green blue\nblue green\nred red\nyellow blue\n" * 10)
    return Source(str(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_failing_fit_leaves_the_replaced_model_as_it_was(tmp_path: Path, texts: Source) -> None:
    folder = tmp_path / "model"
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    before = contents(folder)
    with pytest.raises(TrainingError, match="is as it was"):
        runs.start(tenor.NVDM(2, **TINY, **BLOWS_UP), texts, folder, overwrite=True)
    assert contents(folder) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "texts.txt"]


def test_two_at_once_are_refused(
    tmp_path: Path, texts: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the second goes on with the fit or is to replace it, the first one's stays."""
    folder, said = tmp_path / "model", r"another tenor fit is at work on .*model; wait for it"
    finish, refused = runs._finish, []

    def finished(*given: object) -> None:
        for second in (
            runs.resume,
            lambda to: runs.start(tenor.NVDM(3, **TINY), texts, to, overwrite=True),
        ):
            with pytest.raises(ArtifactError, match=said):
                second(folder)
            refused.append(second)
        finish(*given)

    monkeypatch.setattr(runs, "_finish", finished)
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    assert len(refused) == 2 and tenor.load(folder).n_components == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "texts.txt"]


def test_a_finished_fit_replaces_the_model(tmp_path: Path, texts: Source) -> None:
    folder = tmp_path / "model"
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    runs.start(tenor.NVDM(3, **TINY), texts, folder, overwrite=True)
    assert tenor.load(folder).n_components == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "texts.txt"]


def test_the_replaced_model_stays_until_the_new_fit_is_there(
    tmp_path: Path, texts: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen = tmp_path / "model", []
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    write = runs.write_edits

    def written(*given: object) -> None:
        seen.append((folder / "config.json").is_file())
        write(*given)

    monkeypatch.setattr(runs, "write_edits", written)
    runs.start(tenor.NVDM(3, **TINY), texts, folder, overwrite=True)
    assert seen == [True]


def test_a_model_whose_replacement_was_killed_comes_back(tmp_path: Path, texts: Source) -> None:
    folder = tmp_path / "model"
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    before = contents(folder)
    folder.rename(folder.with_name(".tenor-replaced-model"))  # between two renames
    with pytest.raises(ArtifactError, match="not empty"):
        runs.start(tenor.NVDM(3, **TINY), texts, folder)
    assert contents(folder) == before


def test_a_fit_that_fails_at_once_writes_nothing(tmp_path: Path, texts: Source) -> None:
    with pytest.raises(TrainingError, match="nothing was written"):
        runs.start(tenor.NVDM(2, **TINY, **BLOWS_UP), texts, tmp_path / "model")
    assert [p.name for p in tmp_path.iterdir()] == ["texts.txt"]


def test_a_folder_of_other_files_is_never_replaced(tmp_path: Path, texts: Source) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.tex").write_text("precious")
    with pytest.raises(ArtifactError, match="not tenor's"):
        runs.start(tenor.NVDM(2, **TINY), texts, tmp_path / "docs", overwrite=True)
    assert (tmp_path / "docs" / "thesis.tex").read_text() == "precious"


def test_changed_labels_are_a_changed_source(tmp_path: Path) -> None:
    rows = ["text,label", *["red green,a", "blue red,b", "green blue,a"] * 8]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(rows) + "\n")
    source = Source(str(file), label_column="label")
    folder = tmp_path / "model"
    runs.start(tenor.NVDM(2, **TINY), source, folder)
    (folder / "config.json").unlink()  # as if killed before the last file
    assert runs.resume(folder).trained_.provenance["outcome"] == "completed"
    (folder / "config.json").unlink()
    file.write_text("\n".join(rows).replace(",a", ",z") + "\n")
    with pytest.raises(ArtifactError, match="has changed"):
        runs.resume(folder)


def test_a_tokenizer_function_is_refused(tmp_path: Path, texts: Source) -> None:
    with pytest.raises(InputError, match="function"):
        runs.start(tenor.NVDM(2, **TINY, tokenizer=str.split), texts, tmp_path / "model")
    assert np.array_equal([p.name for p in tmp_path.iterdir()], ["texts.txt"])


def test_edits_of_the_replaced_model_are_applied_to_the_new_topics(
    tmp_path: Path, texts: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    model = runs.start(tenor.NVDM(2, **TINY), texts, folder)
    model.topics_.rename(0, "colours")
    model.save(folder, overwrite=True)
    again = runs.start(tenor.NVDM(3, **TINY), texts, folder, overwrite=True)
    assert again.topics_.names == ["colours"] and tenor.load(folder).topics_.names == ["colours"]
    with monkeypatch.context() as patch:  # stopped before its topics are found

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(runs, "_finish", stop)
        with pytest.raises(runs.Interrupted):
            runs.start(tenor.NVDM(2, **TINY), texts, folder, overwrite=True)
    assert runs.resume(folder).topics_.names == ["colours"]
    assert tenor.load(folder).topics_.names == ["colours"]


def test_an_unfinished_fit_hands_its_edits_on(
    tmp_path: Path, texts: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    model = runs.start(tenor.NVDM(2, **TINY), texts, folder)
    model.topics_.rename(0, "colours")
    model.save(folder, overwrite=True)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runs, "_finish", stop)
        with pytest.raises(runs.Interrupted):
            runs.start(tenor.NVDM(2, **TINY), texts, folder, overwrite=True)
    anew = runs.start(tenor.NVDM(3, **TINY), texts, folder, overwrite=True)
    assert anew.topics_.names == ["colours"]


def test_damaged_edits_stop_a_fit_before_it_replaces_anything(
    tmp_path: Path, texts: Source
) -> None:
    folder = tmp_path / "model"
    runs.start(tenor.NVDM(2, **TINY), texts, folder)
    (folder / "topic-edits.json").write_text("[]")
    before = contents(folder)
    with pytest.raises(ArtifactError, match=r"topic-edits\.json is damaged"):
        runs.start(tenor.NVDM(2, **TINY), texts, folder, overwrite=True)
    assert contents(folder) == before
