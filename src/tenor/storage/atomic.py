"""Files and folders that appear whole or not at all: written beside, synced, then renamed.

A symbolic link in the place of a target is followed: the link stays, what it points to is replaced,
or made where nothing is there.
"""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tenor.errors import ArtifactError
from tenor.legible import json_for_files
from tenor.storage import disk

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
    return path.with_name(f"{_partials(path)}{secrets.token_hex(4)}")


@contextmanager
def new_file(path: Path | str) -> Iterator[IO[bytes]]:
    """An open file that takes the name ``path`` when the block ends well, else vanishes."""
    path = followed(Path(path))
    partial = beside(path)
    try:
        _clear_stale(path)
        disk.make_folder(path.parent)
        with disk.create(partial) as file, _held(partial):
            yield file
            file.close()  # Windows renames no open file
            disk.sync(partial)
            disk.rename(partial, path)
        disk.sync(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        disk.clear_away(partial)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``path`` when the block ends well."""
    with _new_folder(followed(path)) as partial:
        yield partial
        publish(partial, path)


@contextmanager
def aside_for(path: Path) -> Iterator[Path]:
    """The same; what was there stands aside, to be brought back or for :func:`forget_aside`."""
    path, aside = followed(path), _aside(path)
    forget_aside(path)
    with _new_folder(path) as partial:
        yield partial
        _sync_all(partial)
        new = partial.stat().st_ino
        try:
            disk.rename(partial, aside)  # first, as once the names are exchanged nothing may fail
            if not disk.exchange(aside, path):
                disk.rename(aside, partial)
                _rename_both(partial, path, aside)
        except BaseException:
            if aside.exists() and aside.stat().st_ino == new:
                disk.clear_away(aside)
            raise
        disk.sync(path.parent)


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A folder beside ``path`` that vanishes when it is left there."""
    partial = beside(path)
    try:
        _clear_stale(path)
        disk.make_folder(partial)
        with _held(partial):
            yield partial
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        disk.clear_away(partial)


def publish(partial: Path, path: Path) -> None:
    """Give the finished folder ``partial`` the name ``path``, in the place of what was there."""
    _sync_all(partial)
    _swap(partial, followed(path))


def bring_back(path: Path) -> bool:
    """Put the folder that was set aside in its place again; whether there was one."""
    if not _aside(path).exists():
        return False
    aside, path = _aside(path), followed(path)
    disk.clear_away(path)
    disk.rename(aside, path)
    return True


def forget_aside(path: Path) -> None:
    """Delete the folder that was set aside."""
    disk.clear_away(_aside(path))


def remove_folder(path: Path) -> None:
    """Delete a folder, at once or not at all; a link to it stays."""
    path = followed(path)
    gone = beside(path)
    try:
        disk.rename(path, gone)
        disk.sync(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    disk.clear_away(gone)


def clear_partials(folder: Path) -> None:
    """Delete what a run that was killed while it wrote into ``folder`` left half-written."""
    for partial in folder.glob(f"{PARTIAL}*"):
        disk.clear_away(partial)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all."""
    with new_file(path) as file:
        file.write(data)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8, half surrogate pairs as escapes, whole or not at all."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` to ``path`` as readable JSON, whole or not at all."""
    write_text(path, json_for_files(value, indent=2) + "\n")


def unwritable(path: Path, error: OSError) -> ArtifactError:
    """One line that names the file and the operating system's reason."""
    return ArtifactError(f"cannot write {path}: {error.strerror or error}")


def _partials(path: Path) -> str:
    """How the names of what is to become ``path`` begin, and no other ones."""
    name = named(path).name
    mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    # The name is cut short, so that the addition does not exceed what the disk allows.
    return f"{PARTIAL}{name[:40]}-{mark}-"


@contextmanager
def _held(partial: Path) -> Iterator[None]:
    """Somebody is at work on it, and it is not stale."""
    if os.name != "posix":  # a file that is open cannot take a name
        yield
        return
    handle = os.open(partial, os.O_RDONLY)
    try:
        disk.held_alone(handle)
        yield
    finally:
        os.close(handle)


def _clear_stale(path: Path) -> None:
    """Delete what processes that were killed left of ``path``, where the system can tell."""
    if os.name != "posix":
        return
    with suppress(OSError):
        for partial in path.parent.glob(f"{glob.escape(_partials(path))}*"):
            handle = os.open(partial, os.O_RDONLY)
            try:
                if disk.held_alone(handle):
                    disk.clear_away(partial)
            finally:
                os.close(handle)


def _aside(path: Path) -> Path:
    path = followed(path)
    return path.with_name(f".tenor-replaced-{named(path).name}")


def _swap(partial: Path, path: Path) -> None:
    if not path.exists():
        disk.rename(partial, path)
    elif disk.exchange(partial, path):
        disk.sync(path.parent)  # before the old one goes
        disk.clear_away(partial)
    else:
        old = path.with_name(f".tenor-old-{path.name[:40]}-{secrets.token_hex(4)}")
        _rename_both(partial, path, old)
        disk.sync(path.parent)
        disk.clear_away(old)
    disk.sync(path.parent)


def _rename_both(partial: Path, path: Path, old: Path) -> None:
    disk.rename(path, old)
    try:
        disk.rename(partial, path)
    except BaseException:  # Ctrl-C between the two as well
        disk.rename(old, path)
        raise


def _sync_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        disk.sync(path)
    disk.sync(folder)


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
