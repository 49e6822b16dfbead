"""Who writes what: one process a target, and the others are told at once.

The claim of a target is a lock in a hidden folder beside it, where a :class:`tenor.storage.job.Job`
keeps its pieces. A process that ends, however it does, gives it up.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Self, final

from tenor.errors import ArtifactError
from tenor.storage import disk
from tenor.storage.atomic import PARTIAL, followed, named, unwritable

LOCK = "lock"
_ENDING = "-to-go-on-"  # and a hash of the whole name


@final
class Claim:
    """The right to write one target, with a hidden folder beside it; as a block, until its end."""

    def __init__(self, what: str, target: Path) -> None:
        """Take it; the folders above the target are made where they are not.

        Raises:
            ArtifactError: when another process has it, or the folder it is in, or something in a
                folder that is to be replaced, or the place cannot be written.
        """
        target, said = followed(named(target)), target
        self.folder = _beside(target)
        try:
            self._made = [folder for folder in target.parents if not folder.exists()]
            self._lock = Lock(self.folder / LOCK, what, said)
            try:
                around = _beside(followed(target.absolute().parent)) / LOCK
                within = target.glob(f"{PARTIAL}*{_ENDING}*/{LOCK}")
                for other in (*within, *[around] * around.exists()):
                    Lock(other, what, said).close()
            except BaseException:
                self.remove()
                raise
        except OSError as error:
            raise unwritable(said, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def close(self) -> None:
        """Let others have it; the folder stays as it is."""
        self._lock.close()

    def remove(self) -> None:
        """The same, and delete the folder when it is empty, and those that were made in vain."""
        with suppress(OSError):
            disk.remove(self.folder / LOCK)
            disk.remove_folder(self.folder)
            for folder in self._made:
                disk.remove_folder(folder)
        self.close()


def _beside(target: Path) -> Path:
    """The hidden folder of a target's claim."""
    mark = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:8]
    return target.parent / f"{PARTIAL}{target.name[:40]}{_ENDING}{mark}"


@final
class Lock:
    """A file that no other process locks until this is closed, or the process ends."""

    def __init__(self, path: Path, what: str, target: Path) -> None:
        """Lock the file, made with its folder where it is not; who has it is written into it."""
        file = _locked(path)
        while file is not None and not _is_there(path, file):
            file.close()  # of a folder that was being removed
            file = _locked(path)
        if file is None:
            raise ArtifactError(
                f"another {_holder(path)} is at work on {target}; wait for it, stop it, or write "
                "somewhere else"
            )
        self._file = file
        disk.cut(path, 0)
        file.write(what.encode())
        file.flush()
        if os.name == "nt":  # has no such locks, and deletes no open file
            self.close()

    def close(self) -> None:
        """Let others have it."""
        self._file.close()


def _holder(path: Path) -> str:
    """The command that has the lock; it may not have said so yet, or be done."""
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace") or "command"
    return "command"


def _locked(path: Path) -> IO[bytes] | None:
    """The file, None when another process holds it."""
    file = None
    while file is None:
        disk.make_folder(path.parent)
        with suppress(FileNotFoundError):  # removed in between
            file = disk.append(path)
    if disk.held_alone(file.fileno()) is False:
        file.close()
        return None
    return file


def _is_there(path: Path, file: IO[bytes]) -> bool:
    """Whether it still has its name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
