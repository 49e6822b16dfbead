"""Which strings there were: asked part by part, so that a repeated one is found when it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.corpus.building import numbers_on_disk
from tenor.text.strings import sorted_hashes


@final
class SeenStrings:
    """The hashes of strings, 8 bytes each, in mapped files.

    They are sorted runs, each longer than the one after it: a string is looked up in few runs,
    and moved from one to the next few times.
    """

    def __init__(self, folder: Path) -> None:
        """Use the disk of ``folder``; nothing there gets a name."""
        self._folder = folder
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, strings: Any) -> bool:
        """Take in the strings of an Arrow array.

        Returns:
            Whether one of them may have been there before. False is certain; True may be two
            different strings of one hash.

        Raises:
            OSError: when the disk is full.
        """
        fresh = sorted_hashes(strings)
        if not len(fresh):
            return False
        again = bool((fresh[1:] == fresh[:-1]).any())
        again = again or any(_have_common(run, fresh) for run in self._runs)
        together = [fresh]
        while self._runs and len(self._runs[-1]) <= sum(map(len, together)):
            together.append(self._runs.pop())
        run = numbers_on_disk(self._folder, sum(map(len, together)))
        np.concatenate(together, out=run)
        run.sort()
        self._runs.append(run)
        return again


def _have_common(run: NDArray[np.uint64], fresh: NDArray[np.uint64]) -> bool:
    """Whether two ascending arrays have a value in common; the first is not empty."""
    places = np.minimum(np.searchsorted(run, fresh), len(run) - 1)
    return bool((run[places] == fresh).any())
