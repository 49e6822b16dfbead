"""Work has one process in it, also while it comes and goes, and goes on after what is finished."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from tenor.errors import ArtifactError
from tenor.storage.atomic import checksums
from tenor.storage.claim import LOCK, Claim, Lock
from tenor.storage.job import JOURNAL, Job


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
    assert list(tmp_path.iterdir()) == []


def piece(job: Job, number: int, instead_of: tuple[str, ...] = ()) -> None:
    (job.folder / f"piece-{number}").write_text(f"piece {number}")
    files = checksums(job.folder, [f"piece-{number}"])
    job.journal.add("piece", files=files, instead_of=instead_of, number=number)


@pytest.fixture
def left(tmp_path: Path) -> Job:
    """What a process leaves that is killed while it writes its third entry."""
    job = claim(tmp_path)
    assert job.started is None and not job.take_up("key")
    job.begin("key", threads=3)
    for number in range(2):
        piece(job, number)
    job.close()
    with (job.folder / JOURNAL).open("ab") as file:
        file.write(b'{"what": "piece", "numb')
    return job


def numbers(job: Job) -> list[int]:
    return [entry["number"] for entry in job.journal.of("piece")]


def test_the_same_key_goes_on_after_the_last_whole_piece(tmp_path: Path, left: Job) -> None:
    job = claim(tmp_path)
    assert job.take_up("key") and numbers(job) == [0, 1]
    assert job.started is not None and job.started["threads"] == 3
    piece(job, 2, instead_of=("piece-0", "piece-1"))
    assert sorted(path.name for path in job.folder.iterdir()) == [JOURNAL, LOCK, "piece-2"]
    assert job.leave()
    again = claim(tmp_path)
    assert again.take_up("key") and numbers(again) == [0, 1, 2]
    again.remove()


@pytest.mark.parametrize("how", ["key", "no key", "changed", "lost", "before"])
def test_anything_else_begins_afresh(tmp_path: Path, left: Job, how: str) -> None:
    if how == "changed":
        (left.folder / "piece-1").write_text("piece 7")
    if how == "lost":
        (left.folder / "piece-0").unlink()
    if how == "before":  # as an earlier tenor wrote it
        (left.folder / JOURNAL).write_text('{"what": "started", "key": "old"}\n')
    job = claim(tmp_path)
    assert (job.started is None) == (how == "before")
    assert not job.take_up({"key": "other", "no key": None}.get(how, "key"))
    assert job.is_empty and job.started is None and numbers(job) == []
    job.begin(None)
    piece(job, 0)
    assert not job.leave(), "work without a key never goes on"
    assert list((tmp_path / "new").iterdir()) == []


def test_a_lock_says_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / LOCK
    first = Lock(path, "tenor fit", tmp_path)
    with pytest.raises(ArtifactError, match="another tenor fit is at work"):
        Lock(path, "tenor prepare", tmp_path)
    first.close()
    second = Lock(path, "tenor prepare", tmp_path)
    with pytest.raises(ArtifactError, match="another tenor prepare is at work"):
        Lock(path, "tenor fit", tmp_path)
    second.close()


@pytest.mark.parametrize("how", ["a number", "a line gone", "two lines turned", "zeros"])
def test_a_damaged_line_of_the_journal_ends_it(tmp_path: Path, left: Job, how: str) -> None:
    path = left.folder / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    if how == "a number":
        lines[2] = lines[2].replace(b'"number": 1', b'"number": 7')
    elif how == "a line gone":
        del lines[1]
    elif how == "two lines turned":
        lines[1:3] = lines[2:0:-1]
    else:
        lines[2] = bytes(len(lines[2]))
    path.write_bytes(b"".join(lines))
    job = claim(tmp_path)
    assert job.take_up("key") and numbers(job) == ([0] if how in ("a number", "zeros") else [])
    job.remove()


def test_a_claim_keeps_others_out_of_the_folder(tmp_path: Path) -> None:
    """And out of what is around one that is claimed; beside it there is room."""
    folder, link = tmp_path / "m", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    with Claim("tenor fit", folder):
        for one in (folder, link):
            with pytest.raises(ArtifactError, match=r"another tenor fit is at work on .*topics"):
                Claim("tenor topics", one / "topics")
        assert not any(folder.iterdir())
        Claim("tenor fit", tmp_path / "n").remove()
    with Claim("tenor topics", folder / "topics"):
        with pytest.raises(ArtifactError, match="another tenor topics is at work on"):
            Claim("tenor fit", folder)
        Claim("tenor map", folder / "map.png").remove()
    assert not any(folder.iterdir())
