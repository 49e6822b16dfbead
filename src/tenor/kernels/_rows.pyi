"""The compiled part of adam_rows.py: see _rows.c."""

from typing import Any

from numpy.typing import NDArray

def update(
    values: NDArray[Any],
    first: NDArray[Any],
    second: NDArray[Any],
    numbers: NDArray[Any],
    slopes: NDArray[Any],
    beta1: float,
    beta2: float,
    rate: float,
    root: float,
    epsilon: float,
    scale: float,
    width: int,
    n_threads: int,
    /,
) -> None: ...
def pay(
    values: NDArray[Any],
    first: NDArray[Any],
    second: NDArray[Any],
    numbers: NDArray[Any],
    places: NDArray[Any],
    weights: NDArray[Any],
    fades1: NDArray[Any],
    fades2: NDArray[Any],
    epsilon: float,
    width: int,
    n_threads: int,
    /,
) -> None: ...
