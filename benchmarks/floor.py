"""The least time a step can take here: its matrix products and the bytes it must move.

Both at rates measured on this machine with the same threads, in the same run. The products are
timed alone at the very shapes; also in blocks of documents or of words that stay in cache, which
is a lower floor where the B × V result of the whole product does not fit one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

HIDDEN, K = 500, 50
STATES = 8  # read parameter, gradient and two moments; write them again


@dataclass(frozen=True)
class Floor:
    """Seconds: the decoder's products whole and in the best blocks, the rest, and the copying."""

    products: float
    blocked_products: float
    encoder: float
    moving: float

    @property
    def whole(self) -> float:
        return self.products + self.encoder + self.moving

    @property
    def blocked(self) -> float:
        return self.blocked_products + self.encoder + self.moving


def floor(n_words: int, batch: int, nnz: int, distinct: int, repeats: int, copy: float) -> Floor:
    """The floor of a step on ``batch`` documents with ``nnz`` entries of ``distinct`` words.

    ``copy`` is the machine's copy rate, from :func:`copy_rate`.
    """
    products = _decoder(n_words, batch, repeats)
    dense_flops = 6 * batch * HIDDEN * (HIDDEN + 2 * K)
    layers = 3 * (
        _product(batch, HIDDEN, HIDDEN, repeats) + _product(batch, HIDDEN, 2 * K, repeats)
    )
    sums = 4 * nnz * HIDDEN * layers / dense_flops  # at the dense layers' rate
    touched = n_words * (K + 1) + distinct * HIDDEN + HIDDEN * (HIDDEN + 2 * K)
    return Floor(
        products=products["whole"],
        blocked_products=min(products.values()),
        encoder=layers + sums,
        moving=STATES * 4 * touched / copy,
    )


def copy_rate(repeats: int = 5, size: int = 1 << 26) -> float:
    """Bytes read and written a second by ``copy_`` between buffers larger than any cache."""
    source, target = torch.ones(size), torch.zeros(size)
    return 2 * 4 * size / _median(lambda: target.copy_(source), repeats)


def _product(rows: int, inner: int, columns: int, repeats: int) -> float:
    left, right, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(0)
    out = out.resize_(rows, columns)
    return _median(lambda: torch.mm(left, right, out=out), repeats)


def _decoder(n_words: int, batch: int, repeats: int) -> dict[str, float]:
    """Seconds of the three products, by how they are cut."""
    z, weight = torch.randn(batch, K), torch.randn(n_words, K)
    by_z, by_weight = torch.empty(batch, K), torch.empty(n_words, K)
    found = {"whole": _cut(z, weight, by_z, by_weight, batch, n_words, repeats)}
    for rows in (16, 64):
        if rows < batch:
            found[f"{rows} documents"] = _cut(z, weight, by_z, by_weight, rows, n_words, repeats)
    for columns in (1024, 4096):
        if columns < n_words:
            found[f"{columns} words"] = _cut(z, weight, by_z, by_weight, batch, columns, repeats)
    return found


def _cut(
    z: Tensor,
    weight: Tensor,
    by_z: Tensor,
    by_weight: Tensor,
    rows: int,
    columns: int,
    repeats: int,
) -> float:
    """Logits, gradient of z and gradient of R, block by block, each timed over all blocks."""
    logits = torch.zeros(rows, columns)

    def blocks(product: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], object]) -> float:
        def run() -> None:
            for i in range(0, len(z), rows):
                for j in range(0, len(weight), columns):
                    a, b = z[i : i + rows], weight[j : j + columns]
                    part = logits[: len(a), : len(b)]
                    product(a, b, part, by_z[i : i + rows], by_weight[j : j + columns])

        return _median(run, repeats)

    return (
        blocks(lambda a, b, part, da, db: torch.mm(a, b.t(), out=part))
        + blocks(lambda a, b, part, da, db: da.addmm_(part, b))
        + blocks(lambda a, b, part, da, db: db.addmm_(part.t(), a))
    )


def _median(run: Callable[[], object], repeats: int) -> float:
    run()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
