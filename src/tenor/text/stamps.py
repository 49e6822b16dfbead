"""Whether a file or a folder is what it was: names, sizes and times, not contents."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tenor.errors import SourceError


def stamp(path: Path) -> str:
    """SHA-256 over the name, size and time of change of a file, or of all below a folder.

    Raises:
        SourceError: when it cannot be looked at.
    """
    digest = hashlib.sha256()
    try:
        if not path.is_dir():
            _add(digest, path.name, path.stat())
        for place, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                file = Path(place, name)
                _add(digest, str(file.relative_to(path)), file.stat())
    except OSError as error:
        raise SourceError(f"cannot read {error.filename}: {error.strerror}") from error
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, facts: os.stat_result) -> None:
    digest.update(os.fsencode(name) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
