"""The compiled part of weighted_rows.py: see _sums.c."""

from typing import Any

from numpy.typing import NDArray

def by_run(
    matrix: NDArray[Any],
    rows: NDArray[Any],
    order: NDArray[Any],
    values: NDArray[Any],
    offsets: NDArray[Any],
    at: NDArray[Any],
    out: NDArray[Any],
    width: int,
    n_threads: int,
    /,
) -> None: ...
