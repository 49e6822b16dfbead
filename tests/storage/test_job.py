"""A folder of work has one process in it, also while it comes and goes."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from tenor.errors import ArtifactError
from tenor.storage.job import LOCK, Job


def claim(tmp_path: Path) -> Job:
    return Job("tenor test", tmp_path / "new" / "target")


def test_one_at_a_time(tmp_path: Path) -> None:
    first = claim(tmp_path)
    assert first.is_empty
    (first.folder / "file").write_text("kept")
    for _ in range(2):
        with pytest.raises(ArtifactError, match=r"another tenor test is at work on .*target; wait"):
            claim(tmp_path)
    first.close()
    second = claim(tmp_path)
    assert not second.is_empty and (second.folder / "file").read_text() == "kept"
    (second.folder / "sub").mkdir()
    second.clear()
    assert second.is_empty and (second.folder / LOCK).exists()
    second.remove()
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("left", ["folder", "lock"])
def test_a_folder_that_is_removed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    """Whoever had it deletes it between the opening of the lock and the locking."""
    first = claim(tmp_path)
    folder, lock, calls = first.folder, fcntl.flock, []
    first.remove()

    def flock(file, how: int) -> None:
        if not calls:
            shutil.rmtree(folder) if left == "folder" else (folder / LOCK).unlink()
        calls.append(None)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    held = claim(tmp_path)
    assert len(calls) == 2 and (folder / LOCK).exists()
    with pytest.raises(ArtifactError):
        claim(tmp_path)
    held.remove()


def test_a_disk_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(file, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    claim(tmp_path).remove()
    assert list((tmp_path / "new").iterdir()) == []
