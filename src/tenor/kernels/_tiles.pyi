"""The compiled part of tiled.py: see _tiles.c."""

from typing import Any

from numpy.typing import NDArray

TILE: int

Entries = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]

def sums(
    weight: NDArray[Any],
    bias: NDArray[Any],
    panels: NDArray[Any],
    rows: NDArray[Any],
    entries: Entries,
    totals: NDArray[Any],
    references: NDArray[Any],
    at_words: NDArray[Any],
    n_documents: int,
    n_samples: int,
    chunk: int,
    n_threads: int,
    /,
) -> None: ...
def gradients(
    weight: NDArray[Any],
    bias: NDArray[Any],
    panels: NDArray[Any],
    log_z: NDArray[Any],
    rows: NDArray[Any],
    shares: NDArray[Any],
    entries: Entries,
    by_features: NDArray[Any],
    by_weight: NDArray[Any],
    by_bias: NDArray[Any],
    n_documents: int,
    n_samples: int,
    chunk: int,
    add: bool,
    n_threads: int,
    /,
) -> None: ...
