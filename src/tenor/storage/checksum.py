"""Checksums: how a folder knows that its files are the ones that were written."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tenor.errors import ArtifactError


def sha256_file(path: Path | str) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums(folder: Path, names: list[str]) -> dict[str, str]:
    """The checksum of each of ``names`` in ``folder``."""
    return {name: sha256_file(folder / name) for name in names}


def verify(folder: Path, expected: dict[str, str]) -> None:
    """Check every file of ``expected`` against its checksum."""
    for name, checksum in expected.items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(f"{path} is missing; the folder is damaged")
        if sha256_file(path) != checksum:
            raise ArtifactError(f"{path} is not what was written; the folder is damaged")
