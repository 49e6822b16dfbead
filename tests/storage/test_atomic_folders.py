"""Folders appear whole or not at all, and take another's place only when told to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tenor.errors import ArtifactError
from tenor.storage import disk, target


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def old(tmp_path):
    """A folder with something in it."""
    path = tmp_path / "model"
    (path / "sub").mkdir(parents=True)
    (path / "config.json").write_text("old")
    (path / "sub" / "deep.txt").write_text("deep")
    return path


def test_a_new_folder_with_all_it_holds(tmp_path):
    path = tmp_path / "a" / "b" / "model"
    with target.new_folder(path) as partial:
        (partial / "sub").mkdir()
        (partial / "sub" / "x.txt").write_text("x")
        assert partial.parent == path.parent
        assert not path.exists()
    assert tree(tmp_path) == {"a/b/model/sub/x.txt": "x"}


def test_an_empty_folder_may_be_taken(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    with target.new_folder(path) as partial:
        (partial / "x.txt").write_text("x")
    assert tree(tmp_path) == {"model/x.txt": "x"}
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_an_occupied_folder_is_refused_before_any_work(old):
    with (
        pytest.raises(ArtifactError, match=r"not empty.*overwrite=True") as error,
        target.new_folder(old),
    ):
        pytest.fail("the work must not begin")
    assert "\n" not in str(error.value)
    assert tree(old) == {"config.json": "old", "sub/deep.txt": "deep"}


def test_overwrite_leaves_nothing_of_the_old_one(old):
    with target.new_folder(old, overwrite=True) as partial:
        (partial / "new.txt").write_text("new")
        assert "config.json" in tree(old)
    assert tree(old.parent) == {"model/new.txt": "new"}
    assert [p.name for p in old.parent.iterdir()] == ["model"]


def test_a_file_is_never_replaced_by_a_folder(tmp_path):
    path = tmp_path / "model"
    path.write_text("a file")
    for overwrite in (False, True):
        with (
            pytest.raises(ArtifactError, match="is a file"),
            target.new_folder(path, overwrite=overwrite),
        ):
            pytest.fail("the work must not begin")
    assert path.read_text() == "a file"


@pytest.mark.parametrize("error", [RuntimeError("stop"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_folder(old, error):
    with pytest.raises(type(error)), target.new_folder(old, overwrite=True) as partial:
        (partial / "half.txt").write_text("half")
        raise error
    assert tree(old.parent) == {"model/config.json": "old", "model/sub/deep.txt": "deep"}
    assert [p.name for p in old.parent.iterdir()] == ["model"]


def test_a_rename_that_fails_puts_the_old_folder_back(old, monkeypatch):
    """Where the system cannot exchange two folders at once."""
    monkeypatch.setattr(disk, "exchange", lambda path, other: False)
    replace = os.replace

    def fails_for_the_new_one(source, target):
        if Path(target) == old and (Path(source) / "new.txt").exists():
            raise OSError(5, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails_for_the_new_one)
    with (
        pytest.raises(ArtifactError, match=r"cannot write.*Input/output"),
        target.new_folder(old, overwrite=True) as partial,
    ):
        (partial / "new.txt").write_text("new")
    assert tree(old.parent) == {"model/config.json": "old", "model/sub/deep.txt": "deep"}


@pytest.mark.parametrize("place", ["file/model", "file/a/model", "n" * 300])
def test_what_cannot_be_made_says_so(tmp_path, place):
    (tmp_path / "file").write_text("a file is no folder")
    with (
        pytest.raises(ArtifactError, match="cannot write") as error,
        target.new_folder(tmp_path / place),
    ):
        pytest.fail("the work must not begin")
    assert "\n" not in str(error.value)
    assert tree(tmp_path) == {"file": "a file is no folder"}


def test_the_working_directory_has_no_name_to_take(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for overwrite in (False, True):
        with pytest.raises(ArtifactError) as error, target.new_folder(Path(), overwrite=overwrite):
            pytest.fail("the work must not begin")
        assert "\n" not in str(error.value)
