"""Every change that tenor makes to a disk, a function a kind: nothing else writes.

So there is one place where a test lets a disk fill up, turn read-only or forget what was not
synced, at every change in turn (tests/torture).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO


def create(path: Path) -> IO[bytes]:
    """A new file, or an empty one in the place of what was there."""
    return path.open("wb")


def append(path: Path) -> IO[bytes]:
    """A file that grows, made where it is not."""
    return path.open("ab")


def nameless(folder: Path) -> IO[bytes]:
    """A file on the disk of ``folder`` that goes with its last handle or map."""
    return tempfile.TemporaryFile(dir=folder)


def held_alone(handle: int) -> bool | None:
    """Hold an open file or folder until it is closed or the process ends; False where another
    process does, None where nobody can tell.
    """
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):  # Windows, or a disk without locks
        return None
    return True


def cut(path: Path, size: int) -> None:
    """Leave the first ``size`` bytes of a file."""
    os.truncate(path, size)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, outlive a loss of power."""
    if path.is_file() or os.name == "posix":  # Windows cannot open a folder to sync it
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def rename(path: Path, target: Path) -> None:
    """Give a file or folder another name; a file there, or an empty folder, is replaced."""
    path.replace(target)


def exchange(path: Path, other: Path) -> bool:
    """Two files or folders take each other's name at once; False where the system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes  # not everyone who writes replaces a folder

    here, two_exchanged = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):  # a C library of before 2018
        return False
    return bool(call(here, os.fsencode(path), here, os.fsencode(other), two_exchanged) == 0)


def make_folder(path: Path) -> None:
    """A folder, with those above it that are not there."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)


def remove(path: Path) -> None:
    """Delete a file, if it is there."""
    path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Delete an empty folder."""
    path.rmdir()


def clear_away(path: Path) -> None:
    """Delete a file, or a folder with all in it, as far as the disk lets it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
