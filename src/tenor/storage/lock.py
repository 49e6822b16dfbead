"""One process at a time: a file that is locked while somebody works in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from tenor.errors import ArtifactError

NAME = "lock"


def locked(folder: Path, what: str) -> IO[bytes]:
    """The folder's lock; it ends when the file is closed, with the process at the latest.

    Raises:
        ArtifactError: when another process holds it; ``what`` says which work it does.
    """
    file = (folder / NAME).open("ab")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # Windows: nobody can tell
        pass
    except OSError as error:
        file.close()
        raise ArtifactError(
            f"another {what} is at work in {folder}; wait for it, or stop it"
        ) from error
    return file
