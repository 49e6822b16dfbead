"""Ids are unique: repeated ones are found in files and not in memory, whatever the documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.checks import brief
from tenor.storage import disk
from tenor.text.strings import find_repeated, sorted_hashes

_ZEROS = 1 << 20  # numbers written at a time


def refuse_repeated_ids(ids: Any, error: type[Exception]) -> None:
    """Raise ``error``, naming two rows, when an id of a chunked array is there twice."""
    refuse_repeated(lambda: ids.chunks, np.empty(len(ids), dtype=np.uint64), error)


def refuse_repeated(chunks: Callable[[], Iterable[Any]], room: Any, error: type[Exception]) -> None:
    """The same; ``chunks`` gives the arrays of ids anew at every call, see find_repeated."""
    found = find_repeated(chunks, room)
    if found is not None:
        identity, first, row = found
        raise error(
            f'the id "{brief(identity)}" is there twice, in rows {first} and {row} (from 0); '
            "ids must be unique"
        )


def numbers_on_disk(folder: Path, size: int) -> NDArray[np.uint64]:
    """(size,) zeros in a mapped file without a name, which goes with the last view of it.

    The disk is taken beforehand: a full one is an OSError here, and a killed process when it is
    found out by writing to the map.
    """
    if not size:
        return np.zeros(0, dtype=np.uint64)
    with disk.nameless(folder) as file:
        for start in range(0, size, _ZEROS):
            file.write(bytes(8 * min(size - start, _ZEROS)))
        file.flush()
        return np.memmap(file, dtype=np.uint64, mode="r+", shape=(size,))


@final
class SeenStrings:
    """Which strings there were, asked piece by piece: their hashes, 8 bytes each, in mapped files.

    They are sorted runs, each longer than the one after it: a string is looked up in few runs,
    and moved from one to the next few times.
    """

    def __init__(self, folder: Path) -> None:
        """Use the disk of ``folder``; nothing there gets a name."""
        self._folder = folder
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, strings: Any) -> bool:
        """Take in the strings of an Arrow array; whether one of them may have been there before.

        False is certain; True may be two different strings of one hash. A full disk: OSError.
        """
        fresh = sorted_hashes(strings)
        if not len(fresh):
            return False
        again = bool((fresh[1:] == fresh[:-1]).any()) or any(
            (run[np.minimum(np.searchsorted(run, fresh), len(run) - 1)] == fresh).any()
            for run in self._runs
        )
        together = [fresh]
        while self._runs and len(self._runs[-1]) <= sum(map(len, together)):
            together.append(self._runs.pop())
        run = numbers_on_disk(self._folder, sum(map(len, together)))
        np.concatenate(together, out=run)
        run.sort()
        self._runs.append(run)
        return again
