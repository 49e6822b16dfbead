"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os

import pytest

from tenor.errors import ArtifactError
from tenor.storage import atomic


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def one_line(error) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


def test_write_and_replace(tmp_path):
    path = tmp_path / "a.txt"
    atomic.write_bytes(path, b"\x00old")
    assert path.read_bytes() == b"\x00old"
    atomic.write_text(str(path), "né")
    assert path.read_bytes() == "né".encode()
    assert names(tmp_path) == ["a.txt"]


def test_write_json(tmp_path):
    value = {"word": "Ünder", "numbers": [1, 0.1, None]}
    atomic.write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text("utf-8")
    assert json.loads(text) == value
    assert "Ünder" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), atomic.new_file(path) as file:
        file.write(b"half")
        assert path.read_text() == "old"
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactError) as error:
        atomic.write_text(path, "new")
    assert one_line(error) == f"cannot write {path}: No space left on device"
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_the_new_file_is_synced_before_it_takes_the_name(tmp_path, monkeypatch):
    path, events = tmp_path / "a.txt", []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda h: (events.append("sync"), fsync(h)))
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("rename"), replace(a, b)))
    atomic.write_text(path, "new")
    assert events == ["sync", "rename", "sync"]  # the file, its name, the folder's entry


def test_folders_above_are_made(tmp_path):
    atomic.write_text(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "text"


@pytest.mark.parametrize("place", ["file/a.txt", "folder", "n" * 300])
def test_what_cannot_be_written_says_so(tmp_path, place):
    (tmp_path / "file").write_text("a file is no folder")
    (tmp_path / "folder").mkdir()
    before = names(tmp_path)
    with pytest.raises(ArtifactError, match="cannot write") as error:
        atomic.write_text(tmp_path / place, "text")
    assert place in one_line(error)
    assert names(tmp_path) == before


def test_a_long_name_that_the_disk_allows(tmp_path):
    path = tmp_path / ("n" * 250)
    atomic.write_text(path, "text")
    assert path.read_text() == "text"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ArtifactError, match="Permission denied") as error:
        atomic.write_text(tmp_path / "a.txt", "text")
    one_line(error)
    tmp_path.chmod(0o700)
    assert names(tmp_path) == []


def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path):
    """And only that: not what somebody is writing, nor what is for another file."""
    left, other = atomic.beside(tmp_path / "a.txt"), atomic.beside(tmp_path / "b.txt")
    for path in (left, other):
        path.write_text("half")
    with atomic.new_file(tmp_path / "a.txt") as file:
        file.write(b"first")
        held = set(names(tmp_path)) - {left.name, other.name}
        atomic.write_text(tmp_path / "a.txt", "second")
        assert set(names(tmp_path)) == {other.name, "a.txt", *held} and len(held) == 1
    assert names(tmp_path) == sorted([other.name, "a.txt"])
    assert (tmp_path / "a.txt").read_text() == "first"
