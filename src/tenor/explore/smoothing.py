"""Documents' vectors smoothed over the documents near them.

With x_d a document's vector and N(d) the 20 documents of a collection whose x have the highest
cosine with x_d, d itself never among them:

    w_dj = max(cos(x_d, x_j), 0)^8
    m_d  = Σ_j w_dj x_j / Σ_j w_dj                  j in N(d)
    s_d  = x_d + Σ_j w_dj (x_j + m_j) / Σ_j w_dj

so each neighbour brings its own neighbours along, and the nearest say most. x is not scaled to
unit length before the means. Neighbours are documents of the collection only: s_d depends on no
other document that is smoothed with it. A document without a known word, or a row of zeros, is
nobody's neighbour and keeps its x, as does a document with no other at a cosine above 0. A
collection of fewer than 21 has fewer than 20 neighbours to give, and the means are of those.

Up to :data:`LIMIT` documents the neighbours are exact; beyond, they are sought among a seeded
sample of so many of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.collection import drawn_rows
from tenor.explore.neighbours import Nearest, NeighbourSearch, spans

N_NEIGHBOURS = 20
SHARPNESS = 8  # the power of a cosine that a neighbour weighs
LIMIT = 50_000  # documents to seek among: so many among themselves take some 8 s of one core
BLOCK = 4096  # documents in double precision at a time


@final
class Smoothing:
    """A collection of documents, over which its own and other vectors are smoothed.

    ``silent`` (D,) are those that are no neighbours and have none: without a known word, or
    zeros; ``among`` (M,) the rows of those that can be neighbours, ascending.
    Memory: up to three arrays as large as the vectors, which are kept, and some 30 MiB.
    """

    def __init__(self, vectors: ArrayLike, empty: ArrayLike) -> None:
        """The documents' x (D, K), and (D,) which have no known word; computes nothing yet."""
        self.vectors = checks.matrix("vectors", vectors)
        self.silent = _flags(empty, len(self.vectors)) | ~self.vectors.any(axis=1)
        said = np.flatnonzero(~self.silent)
        self.among = said[drawn_rows(len(said), LIMIT)]

    def stored(self, rows: ArrayLike | None = None) -> NDArray[np.float32]:
        """(D, K) float32: the collection's own documents smoothed, or (n, K) those of ``rows``.

        All of them are kept once they were asked for.
        """
        if rows is None:
            return self._stored
        chosen = np.asarray(rows, dtype=np.int64)
        if "_stored" in self.__dict__:
            return self._stored[chosen]
        return self.smooth(self.vectors[chosen], chosen, self.silent[chosen])

    def smooth(
        self, vectors: ArrayLike, own: ArrayLike | None = None, empty: ArrayLike | None = None
    ) -> NDArray[np.float32]:
        """(Q, K) ``vectors``, of new documents or of the collection, smoothed over the collection.

        ``own`` (Q,) is the row of the collection that each document itself is, −1 for none;
        ``empty`` (Q,) says which have no known word.
        """
        asking = checks.matrix("vectors", vectors, self.vectors.shape[1])
        near = self._search.nearest(asking, self._places(own, len(asking)))
        near.cosines[~asking.any(axis=1)] = 0
        if empty is not None:
            near.cosines[_flags(empty, len(asking))] = 0
        return _added(asking, self._spread, near)

    @cached_property
    def _stored(self) -> NDArray[np.float32]:
        """(D, K); neighbours that are known from the first means are not sought again."""
        result = self.vectors.astype(np.float32)
        result[self.among] = _added(self._search.rows, self._spread, self._near)
        left = ~self.silent
        left[self.among] = False
        rest = np.flatnonzero(left)
        for start, stop in spans(len(rest), LIMIT):
            result[rest[start:stop]] = self.smooth(self.vectors[rest[start:stop]])
        return result

    @cached_property
    def _search(self) -> NeighbourSearch:
        return NeighbourSearch(self.vectors[self.among], N_NEIGHBOURS)

    @cached_property
    def _near(self) -> Nearest:
        """The neighbours of the M documents in ``among``, as places there."""
        return self._search.nearest(self._search.rows, np.arange(len(self.among)))

    @cached_property
    def _spread(self) -> NDArray[np.float32]:
        """(M, K) x_j + m_j of the documents in ``among``."""
        return _added(self._search.rows, self._search.rows, self._near)

    def _places(self, own: ArrayLike | None, n: int) -> NDArray[np.int64]:
        """(n,) where in ``among`` each row of the collection is, −1 where it is not."""
        if own is None:
            return np.full(n, -1, dtype=np.int64)
        rows, there = np.asarray(own), len(self.vectors)
        if rows.dtype.kind not in "iu" or rows.shape != (n,):
            raise InputError(f"own must be {n} rows of the collection, or -1, one a document")
        if n and (rows.min() < -1 or rows.max() >= there):
            raise InputError(f"own must hold rows of the collection, 0 to {there - 1}, or -1")
        place = np.full(there + 1, -1, dtype=np.int64)  # the last one is that of −1
        place[self.among] = np.arange(len(self.among))
        return np.asarray(place[rows])


def _added(vectors: checks.Floats, spread: checks.Floats, near: Nearest) -> NDArray[np.float32]:
    """(Q, K) each vector plus the weighted mean of its neighbours' rows of ``spread``."""
    result = np.empty(vectors.shape, dtype=np.float32)
    for start, stop in spans(len(vectors), BLOCK):
        numbers, cosines = near.between(start, stop)
        weights = np.maximum(cosines.astype(np.float64), 0.0) ** SHARPNESS
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        mean = np.zeros((stop - start, vectors.shape[1]))
        for number, weight in zip(numbers.T, weights.T, strict=True):
            mean += weight[:, None] * spread[number]
        result[start:stop] = vectors[start:stop] + mean
    return result


def _flags(empty: ArrayLike, rows: int) -> NDArray[np.bool_]:
    flags = np.asarray(empty)
    if flags.dtype != np.bool_ or flags.shape != (rows,):
        raise InputError(f"empty must be {rows} truth values, one a document")
    return flags
