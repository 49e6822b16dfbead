"""The compiled part of tiled.py: see _tiles.c."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

PANEL: int

def forward(
    weight: Array,
    bias: Array,
    features: Array,
    offsets: Array,
    counts: Array,
    documents: Array,
    different: Array,
    word_offsets: Array,
    order: Array,
    log_z: Array,
    nll: Array,
    n_samples: int,
    n_threads: int,
    /,
) -> None: ...
def backward(
    weight: Array,
    bias: Array,
    features: Array,
    offsets: Array,
    counts: Array,
    documents: Array,
    different: Array,
    word_offsets: Array,
    order: Array,
    log_z: Array,
    upstream: Array,
    by_features: Array,
    by_weight: Array,
    by_bias: Array,
    add: bool,
    n_samples: int,
    n_threads: int,
    /,
) -> None: ...
def only_plain(only: bool, /) -> None: ...
