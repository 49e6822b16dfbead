"""What may be written: one rule for every file and folder that a person names.

What is finished stays unless it may be overwritten, and then only a folder of tenor's goes, or a
plain file. Folders above are made. Links are followed (:mod:`tenor.storage.atomic`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tenor.errors import ArtifactError, InputError, ParameterName
from tenor.storage.atomic import named, replaced_folder, unwritable
from tenor.storage.claim import Claim

OURS = ("config.json", "fit.json", "manifest.json")  # one of them marks a folder of tenor's
OVERWRITE = ParameterName("overwrite", "overwrite=True")


def refuse_occupied(path: Path, overwrite: bool) -> None:
    """Raise ArtifactError when the folder ``path`` is taken and may not be replaced.

    A folder that is none of tenor's is never replaced.
    """
    try:
        is_file = path.exists() and not path.is_dir()
        occupied = path.is_dir() and any(path.iterdir())
        ours = [mark for mark in OURS if (path / mark).is_file()]
    except OSError as error:
        raise unwritable(path, error) from error
    if is_file:
        raise ArtifactError(f"{path} is a file; name a folder that does not exist yet")
    if occupied and not ours:
        raise ArtifactError(f"{path} holds files that are not tenor's; choose another folder")
    if not occupied or overwrite:
        return
    if ours == ["fit.json"]:
        raise ArtifactError(
            f"{path} holds a fit that has not finished; go on with: tenor fit --resume {path}, or "
            "begin it anew with ",
            OVERWRITE,
        )
    raise ArtifactError(f"{path} is not empty; choose another folder or pass ", OVERWRITE)


@contextmanager
def new_folder(path: Path, overwrite: bool = False, what: str = "save") -> Iterator[Path]:
    """A temporary folder that becomes ``path`` when the block ends well, else vanishes."""
    with Claim(what, path):
        refuse_occupied(path, overwrite)
        with replaced_folder(path) as partial:
            yield partial


def check_file(path: Path, overwrite: bool, what: str, suffixes: Sequence[str]) -> Path:
    """``path``, where ``what`` may be written, by one of these endings.

    Raises:
        InputError: for another ending.
        ArtifactError: when it is taken and may not be replaced.
    """
    if path.suffix.lower() not in suffixes:
        *others, last = suffixes
        endings = f"{', '.join(others)} or {last}" if others else last
        raise InputError(f"{path}: {what} is written as {endings}")
    try:
        taken, is_file = path.exists(), path.is_file()
    except OSError as error:
        raise unwritable(path, error) from error
    if taken and not is_file:
        kind = "a folder; name a file in it" if path.is_dir() else "no plain file"
        raise ArtifactError(f"{named(path)} is {kind}")
    if taken and not overwrite:
        raise ArtifactError(f"{path} exists already; choose another name or pass ", OVERWRITE)
    return path
