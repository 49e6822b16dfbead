"""Checksums name the file that is not what was written."""

from __future__ import annotations

import hashlib

import pytest

from tenor.errors import ArtifactError
from tenor.storage.atomic import checksums, sha256_file, verify


def test_sha256_file(tmp_path):
    for data in (b"", b"abc", bytes(range(256)) * 5000):
        (tmp_path / "x").write_bytes(data)
        assert sha256_file(tmp_path / "x") == hashlib.sha256(data).hexdigest()


def test_verify_accepts_what_was_written(tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    found = checksums(tmp_path, ["a", "b"])
    assert list(found) == ["a", "b"]
    verify(tmp_path, found)


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_verify_names_the_first_file_that_is_wrong(tmp_path, harm):
    for name in "abc":
        (tmp_path / name).write_text(name)
    expected = checksums(tmp_path, ["a", "b", "c"])
    if harm == "changed":
        (tmp_path / "b").write_text("B")
    else:
        (tmp_path / "b").unlink()
    with pytest.raises(ArtifactError) as error:
        verify(tmp_path, expected)
    assert str(tmp_path / "b") in str(error.value)
    assert "\n" not in str(error.value)
