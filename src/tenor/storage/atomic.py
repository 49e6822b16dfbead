"""Files and folders that appear whole or not at all: written beside, synced, then renamed.

A symbolic link in the place of a target is followed: the link stays, what it points to is replaced,
or made where nothing is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tenor.errors import ArtifactError
from tenor.legible import json_for_files

PARTIAL = ".tenor-partial-"


def named(path: Path) -> Path:
    """``path``, refused when it has no name of its own, such as "." or "/"."""
    if not path.name:
        raise ArtifactError(f"cannot write {path}: give the file or folder to be made a name")
    return path


def followed(path: Path) -> Path:
    """Where a target is: what a link points to, over any number of links; itself if it is none."""
    try:
        found = Path(os.path.realpath(path)) if path.is_symlink() else path
        if found.is_symlink():
            raise ArtifactError(f"cannot write {path}: its links go in a circle")
    except OSError as error:
        raise unwritable(path, error) from error
    return found


def beside(path: Path) -> Path:
    """A new hidden name in the folder of ``path``: a rename from there stays on one disk."""
    # The name is cut short, so that the addition does not exceed what the disk allows.
    return path.with_name(f"{PARTIAL}{named(path).name[:40]}-{secrets.token_hex(4)}")


@contextmanager
def replace_file(path: Path | str) -> Iterator[Path]:
    """A temporary path that takes the name ``path`` when the block ends well, else vanishes."""
    path = followed(Path(path))
    partial = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``path`` when the block ends well."""
    path = followed(path)
    partial = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        publish(partial, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def publish(partial: Path, path: Path) -> None:
    """Give the finished folder ``partial`` the name ``path``, in the place of what was there."""
    for file in partial.rglob("*"):
        _sync(file)
    _sync(partial)
    _swap(partial, followed(path))


def set_aside(path: Path) -> None:
    """Move a folder out of its place, until it is brought back or :func:`forget_aside`."""
    forget_aside(path)
    followed(path).replace(_aside(path))


def bring_back(path: Path) -> bool:
    """Put the folder that was set aside in its place again; whether there was one."""
    if not _aside(path).exists():
        return False
    aside, path = _aside(path), followed(path)
    shutil.rmtree(path, ignore_errors=True)
    aside.replace(path)
    return True


def forget_aside(path: Path) -> None:
    """Delete the folder that was set aside."""
    shutil.rmtree(_aside(path), ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Delete a folder; a link to it stays."""
    shutil.rmtree(followed(path))


def clear_partials(folder: Path) -> None:
    """Delete what a run that was killed while it wrote into ``folder`` left half-written."""
    for partial in folder.glob(f"{PARTIAL}*"):
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all."""
    with replace_file(path) as partial:
        partial.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8, half surrogate pairs as escapes, whole or not at all."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` to ``path`` as readable JSON, whole or not at all."""
    write_text(path, json_for_files(value, indent=2) + "\n")


def unwritable(path: Path, error: OSError) -> ArtifactError:
    """One line that names the file and the operating system's reason."""
    return ArtifactError(f"cannot write {path}: {error.strerror or error}")


def _aside(path: Path) -> Path:
    path = followed(path)
    return path.with_name(f".tenor-replaced-{named(path).name}")


def _swap(partial: Path, path: Path) -> None:
    if not path.exists():
        partial.replace(path)
    else:
        old = beside(path)
        path.replace(old)
        try:
            partial.replace(path)
        except BaseException:  # Ctrl-C between the two renames as well
            old.replace(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    _sync(path.parent)


def _sync(path: Path) -> None:
    if path.is_file() or os.name == "posix":  # Windows cannot open a folder to sync it
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
