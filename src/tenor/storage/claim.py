"""One process at a time: a folder of work beside its target, locked while somebody works in it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, final

from tenor.errors import ArtifactError

LOCK = "lock"


@final
class Claim:
    """A folder that no other process works in until this is closed, or the process ends."""

    def __init__(self, folder: Path, what: str, target: Path) -> None:
        """Take the folder, and make it if it is not there.

        Args:
            folder: the folder.
            what: the command that works in it, for the message to another one.
            target: what the work is for, for the same.

        Raises:
            ArtifactError: when another process has it.
            OSError: when it cannot be made.
        """
        self.folder = folder
        file = _locked(folder)
        while file is not None and not _is_there(folder, file):
            file.close()  # of a folder that was being removed
            file = _locked(folder)
        if file is None:
            raise ArtifactError(
                f"another {what} is at work on {target}; wait for it, stop it, or write "
                "somewhere else"
            )
        self._file = file

    def is_empty(self) -> bool:
        """Whether nothing was left there."""
        return not self._entries()

    def clear(self) -> None:
        """Delete what is in the folder."""
        for path in self._entries():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the folder as it is to whoever comes next."""
        self._file.close()

    def remove(self) -> None:
        """Delete the folder; nobody else can have it before it is gone."""
        with suppress(OSError):
            self.clear()
        if os.name == "nt":  # deletes no open file
            self.close()
        with suppress(OSError):
            (self.folder / LOCK).unlink(missing_ok=True)
            self.folder.rmdir()
        self.close()

    def _entries(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.name != LOCK]


def _locked(folder: Path) -> IO[bytes] | None:
    """The folder's lock, None when another process holds it."""
    file = None
    while file is None:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # removed in between
            file = (folder / LOCK).open("ab")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except (ImportError, OSError):  # Windows, or a disk without locks: nobody can tell
        pass
    return file


def _is_there(folder: Path, file: IO[bytes]) -> bool:
    """Whether the lock still lies in the folder."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), (folder / LOCK).stat())
    except FileNotFoundError:
        return False
