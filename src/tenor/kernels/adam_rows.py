"""Adam on some rows of a matrix, in place: a step, or the steps that the rows have missed.

Kingma & Ba (2015, arXiv:1412.6980), algorithm 1, on rows w with moments m and v. On a CPU, in
float32, the compiled loops take one pass over the rows; elsewhere torch gathers and scatters them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam

from tenor.kernels.compiled import array_of, can_take
from tenor.kernels.compiled import rows as compiled_rows

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
_CHUNK_ELEMENTS = 1 << 17  # entries at a time: five float32 arrays of them stay in cache

Column = NDArray[np.float64]


class Moving(NamedTuple):
    """A matrix that Adam moves: w, m and v, (V, H) each."""

    values: Tensor
    first: Tensor
    second: Tensor

    @property
    def compiled(self) -> bool:
        """Whether the compiled loops are there and for these."""
        return can_take(*self) and all(matrix.is_contiguous() for matrix in self)

    def chunk(self) -> int:
        """Rows to gather at a time."""
        return max(_CHUNK_ELEMENTS // self.values.shape[1], 1)


@torch.no_grad()
def step_rows(
    moving: Moving, rows: Tensor, slopes: Tensor, rate: float, step: int, scale: float = 1.0
) -> None:
    """Step number t, from 1, of Adam on ``rows`` (R,) alone, int64 without repeats.

    Their gradients are ``scale`` times ``slopes`` (R, H).
    """
    if moving.compiled and can_take(slopes):
        values, first, second = (array_of(matrix) for matrix in moving)
        compiled_rows.update(
            values,
            first,
            second,
            array_of(rows),
            array_of(slopes),
            BETA1,
            BETA2,
            rate / (1 - BETA1**step),
            math.sqrt(1 - BETA2**step),
            EPSILON,
            scale,
            values.shape[1],
            torch.get_num_threads(),
        )
        torch.autograd.graph.increment_version(moving.values)
        return
    size = moving.chunk()
    for chunk, slope in zip(torch.split(rows, size), torch.split(slopes, size), strict=True):
        _step_chunk(moving, chunk, slope if scale == 1 else scale * slope, rate, step)


@torch.no_grad()
def pay_rows(
    moving: Moving, rows: Tensor, nodes: list[tuple[Column, Column]], age: NDArray[np.int32]
) -> None:
    """w −= m Σ weight / (√v place + ε), m *= β₁^age, v *= β₂^age, on ``rows`` (R,), no repeats.

    ``nodes`` are one or two pairs of places and weights (R,), ``age`` (R,) the steps missed.
    """
    if moving.compiled:
        values, first, second = (array_of(matrix) for matrix in moving)
        places, weights = (np.stack(x, axis=1, dtype=np.float32) for x in zip(*nodes, strict=True))
        fade1, fade2 = (_fade(beta, age).astype(np.float32) for beta in (BETA1, BETA2))
        compiled_rows.pay(
            values,
            first,
            second,
            array_of(rows),
            places,
            weights,
            fade1,
            fade2,
            EPSILON,
            values.shape[1],
            torch.get_num_threads(),
        )
        torch.autograd.graph.increment_version(moving.values)
        return
    size = moving.chunk()
    for start in range(0, len(rows), size):
        part = slice(start, start + size)
        _pay_chunk(moving, rows[part], [(p[part], w[part]) for p, w in nodes], age[part])


def _step_chunk(moving: Moving, rows: Tensor, slopes: Tensor, rate: float, step: int) -> None:
    values, first, second = (matrix.index_select(0, rows) for matrix in moving)
    adam(
        [values],
        [slopes],
        [first],
        [second],
        [],
        [torch.tensor(float(step - 1), device=values.device)],
        fused=values.device.type in ("cpu", "cuda"),
        amsgrad=False,
        beta1=BETA1,
        beta2=BETA2,
        lr=rate,
        weight_decay=0.0,
        eps=EPSILON,
        maximize=False,
    )
    for matrix, moved in zip(moving, (values, first, second), strict=True):
        matrix.index_copy_(0, rows, moved)


def _pay_chunk(
    moving: Moving, rows: Tensor, nodes: list[tuple[Column, Column]], age: NDArray[np.int32]
) -> None:
    def column(values: Column) -> Tensor:
        return torch.from_numpy(values[:, None]).to(first.device, first.dtype)

    first, root = moving.first.index_select(0, rows), moving.second.index_select(0, rows)
    moving.second.index_copy_(0, rows, root * column(_fade(BETA2, age)))
    root.clamp_(min=1e-30).sqrt_()  # far below ε; the root of 0 takes ten times as long
    change = torch.zeros((), device=first.device, dtype=first.dtype)
    for place, weight in nodes:
        change = change + column(weight) / (root * column(place)).add_(EPSILON)
    moved = moving.values.index_select(0, rows).addcmul_(first, change, value=-1)
    moving.values.index_copy_(0, rows, moved)
    moving.first.index_copy_(0, rows, first.mul_(column(_fade(BETA1, age))))


def _fade(beta: float, age: NDArray[np.int32]) -> Column:
    faded: Column = beta ** age.astype(np.float64)
    return faded
