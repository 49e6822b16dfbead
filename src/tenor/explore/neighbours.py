"""Nearest rows by cosine: exact, in blocks, with the same answer every time.

A row of zeros points nowhere: its cosine is 0 and it comes after every other row. Rows whose
cosines agree to 12 decimals count as equally near and come in the order of their numbers.

For many rows at once products in single precision say who may be among the nearest, with room for
what these can be wrong by; the candidates' cosines are then taken in double precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.checks import Floats
from tenor.errors import InputError

BLOCK = 8192  # rows in double precision at a time: at 50 columns 3 MB, which stays in cache
DECIMALS = 12  # the same row in another place of a block may differ in the last bits
LAST = -2.0  # ranks rows of zeros below the smallest cosine


def nearest(
    query: ArrayLike, matrix: ArrayLike, n: int, exclude: int | Iterable[int] | None = None
) -> list[tuple[int, float]]:
    """The ``n`` rows of ``matrix`` (D, K) nearest to ``query`` (K,): ``[(row, cosine), …]``.

    Fewer come back when there are fewer; ``exclude`` is a row or rows to leave out, for instance
    the query itself.
    """
    rows = checks.matrix("matrix", matrix)
    direction = checks.vector("query", query, rows.shape[1])
    n = checks.whole("n", n)
    rank, cosines = _rank(direction, rows)
    wanted = exclude if isinstance(exclude, Iterable) else [] if exclude is None else [exclude]
    for row in wanted:
        if not 0 <= row < len(rows):
            raise InputError(f"row {row} cannot be excluded: there are rows 0 to {len(rows) - 1}")
        rank[row] = -np.inf
    return [(int(row), float(cosines[row])) for row in best(rank, n)]


def best(rank: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """The rows of the ``n`` highest ranks, ties by row number; −∞ is never chosen."""
    candidates = np.flatnonzero(rank > -np.inf)
    if n < len(candidates):
        values = rank[candidates]
        threshold = np.partition(values, len(values) - n)[len(values) - n]
        candidates = candidates[values >= threshold]
    order = np.lexsort((candidates, -rank[candidates]))
    return candidates[order[:n]]


def unit_rows(matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """(D, K) every row divided by its length in double precision; zero rows stay zero."""
    rows = np.asarray(matrix, dtype=np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    rows = rows / np.where(largest > 0, largest, 1.0)  # squares of tiny numbers would be zero
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)


def _rank(
    query: NDArray[np.floating[Any]], rows: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(D,) what to sort by, and (D,) the cosines."""
    direction = unit_rows(query[None])[0]
    cosines = np.zeros(len(rows))
    rank = np.full(len(rows), LAST)
    for start, stop in spans(len(rows), BLOCK):
        block = unit_rows(rows[start:stop])
        found = np.clip(np.einsum("ij,j->i", block, direction), -1.0, 1.0)
        cosines[start:stop] = found
        pointing = block.any(axis=1)
        rank[start:stop][pointing] = np.round(found[pointing], DECIMALS)
    return rank, cosines


SCORES = 1 << 22  # cosines in single precision at a time, 16 MiB
ROWS = 512  # rows that ask at a time, at most
GROUP = 64  # cosines of which only the highest is looked at first
GONE = -2.0  # in the place of the cosine of a row that is not to be found
PAIRS = 1 << 14  # candidates in double precision at a time
FEW = 20_000  # rows to search below which a second thread costs more than it brings


class Nearest(NamedTuple):
    """The nearest rows of Q rows, nearest first: (Q, n) each, −1 and 0 where there are no more."""

    numbers: NDArray[np.int32]
    cosines: NDArray[np.float32]

    def between(self, start: int, stop: int) -> Nearest:
        """Those of neighbouring rows."""
        return Nearest(self.numbers[start:stop], self.cosines[start:stop])


@final
class NeighbourSearch:
    """Rows in which the n nearest of many others are sought.

    Time: 100,000 rows of 50 among themselves take about 30 s of one core, growing with the
    product of both numbers. Memory: the rows once more in single precision, and 16 MiB.
    """

    def __init__(self, rows: Floats, n: int) -> None:
        """Prepare the search for the ``n`` nearest of ``rows`` (M, K), none of them zeros."""
        self.rows = rows
        self.n = min(n, len(rows))
        # Enough groups that the highest cosines of most of them are no neighbours'.
        self._size = max(1, min(GROUP, len(rows) // (8 * max(n, 1))))
        whole = -(-len(rows) // self._size) * self._size  # rows of zeros fill the last groups
        self._directions = np.zeros((whole, rows.shape[1]), dtype=np.float32)
        for start, stop in spans(len(rows), PAIRS):
            self._directions[start:stop] = unit_rows(rows[start:stop])

    def nearest(self, asking: Floats, own: NDArray[np.int64]) -> Nearest:
        """The nearest rows of each row of ``asking`` (Q, K).

        ``own`` (Q,) is the row that each one itself is and that is not to be found, or −1.
        """
        from threadpoolctl import threadpool_limits

        shape = len(asking), self.n
        found = Nearest(np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float32))
        if self.n == 0:
            return found
        step = max(1, min(ROWS, SCORES // len(self._directions)))
        # Threads that wait for each other cost more than they do: ten times, on a busy machine.
        with threadpool_limits(1 if len(self.rows) < FEW else None):
            for start, stop in spans(len(asking), step):
                unit = unit_rows(asking[start:stop])
                who, whom = self._candidates(unit, own[start:stop])
                cosines = self._cosines(unit, who, whom)
                _keep_best(found.between(start, stop), who, whom, cosines)
        return found

    def _candidates(
        self, unit: NDArray[np.float64], own: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(P,) and (P,): pairs among which every row's n nearest are.

        The n-th highest of the groups' highest cosines is at most the n-th highest of all, so
        that only the groups which reach it need a look.
        """
        scores = unit.astype(np.float32) @ self._directions.T
        scores[:, len(self.rows) :] = GONE
        there = np.flatnonzero(own >= 0)
        scores[there, own[there]] = GONE
        grouped = scores.reshape(len(scores), self._size, -1)
        highest = grouped.max(axis=1)
        groups = highest.shape[1]
        room = np.float32((unit.shape[1] + 4) * 2.0**-23)  # twice such a product's error
        least = np.partition(highest, groups - self.n, axis=1)[:, groups - self.n]
        least = np.maximum(least, np.float32(-1)) - room  # GONE is never reached
        row, group = np.nonzero(highest >= least[:, None])
        pair, member = np.nonzero(grouped[row, :, group] >= least[row, None])
        return row[pair], member * groups + group[pair]

    def _cosines(
        self, unit: NDArray[np.float64], who: NDArray[np.int64], whom: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """(P,) those of the pairs in double precision, rounded."""
        cosines = np.empty(len(who))
        for start, stop in spans(len(who), PAIRS):
            other = unit_rows(self.rows[whom[start:stop]])
            cosines[start:stop] = np.einsum("ij,ij->i", unit[who[start:stop]], other)
        return np.round(cosines, DECIMALS)


def spans(n: int, step: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of neighbouring blocks of at most ``step`` that make up ``n``."""
    return ((start, min(start + step, n)) for start in range(0, n, step))


def _keep_best(
    found: Nearest, who: NDArray[np.int64], whom: NDArray[np.int64], cosines: NDArray[np.float64]
) -> None:
    """Fill ``found`` with each row's best, ties by number."""
    order = np.lexsort((whom, -cosines, who))
    who, whom, cosines = who[order], whom[order], cosines[order]
    rows, n = found.numbers.shape
    rank = np.arange(len(who)) - np.searchsorted(who, np.arange(rows))[who]
    kept = rank < n
    found.numbers[who[kept], rank[kept]] = whom[kept]
    found.cosines[who[kept], rank[kept]] = cosines[kept]
