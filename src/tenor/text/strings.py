"""A column of strings read where it lies: in Arrow's memory, often a mapped file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_AT_ONCE = 1 << 15  # strings hashed together
_COEFFICIENTS = 1 << 12  # bytes of a string that each have a coefficient of their own


@final
class Strings(Sequence[Any]):
    """D strings (or None) that become Python's one at a time, when they are asked for."""

    def __init__(self, column: Any) -> None:
        """Take over a ``pyarrow.ChunkedArray`` of strings, uncopied."""
        self.column = column

    @classmethod
    def none(cls, size: int) -> Strings:
        """``size`` times None, in the memory of a few."""
        some = pa.nulls(min(size, _AT_ONCE), pa.string())
        whole, rest = divmod(size, max(len(some), 1))
        return cls(pa.chunked_array([some] * whole + [some[:rest]], pa.string()))

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step == 1:
                return self.column.slice(start, max(stop - start, 0)).to_pylist()
            return [self[row] for row in range(start, stop, step)]
        row = int(place)
        if not -len(self) <= row < len(self):
            raise IndexError(f"there is no row {row} among {len(self)}")
        return self.column[row].as_py()

    def __iter__(self) -> Iterator[Any]:
        for chunk in self.column.chunks:
            for start in range(0, len(chunk), _AT_ONCE):
                yield from chunk.slice(start, _AT_ONCE).to_pylist()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # compared by what it holds, as lists are

    def __repr__(self) -> str:
        return repr(self[:5])[:-1] + (", …]" if len(self) > 5 else "]")

    def find(self, value: str) -> int:
        """The first row that holds ``value``, −1 where none does."""
        try:
            wanted = pa.scalar(value, pa.string())
        except UnicodeEncodeError:  # no column holds half a surrogate pair
            return -1
        return int(pc.index(self.column, wanted).as_py())

    def any(self) -> bool:
        """Whether there is a string that is not empty."""
        return bool(pc.any(pc.greater(pc.binary_length(self.column), 0)).as_py())


def offsets_of(strings: Any) -> NDArray[np.int32]:
    """(D + 1,) where each string of an Arrow array begins in its bytes, and the last one ends."""
    offsets = np.frombuffer(strings.buffers()[1] or b"", np.int32)
    return offsets[strings.offset :][: len(strings) + 1]


def strings_over(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> Any:
    """An Arrow string array over these buffers."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def find_repeated(
    chunks: Callable[[], Iterable[Any]], room: NDArray[np.uint64]
) -> tuple[str, int, int] | None:
    """The first string that is there twice, and the first two rows that hold it; 8 bytes a string.

    ``chunks`` gives the Arrow arrays of strings anew at every call; ``room``: (D,) to work in, of
    which a mapped file keeps even that out of memory.
    """
    place = 0
    for values in _hashed(chunks()):
        room[place : place + len(values)] = values
        place += len(values)
    room.sort()
    found = [room[:0]]
    for start in range(0, len(room), _AT_ONCE):
        some = room[start : start + _AT_ONCE + 1]
        found.append(np.unique(some[1:][some[1:] == some[:-1]]))
    suspects = np.concatenate(found)
    if not len(suspects):
        return None
    row_of: dict[str, int] = {}
    row = 0
    for strings in _pieces(chunks()):
        for where in np.flatnonzero(np.isin(_hashes(strings), suspects)).tolist():
            text = strings[where].as_py()
            first = row_of.setdefault(text, row + where)
            if first != row + where:
                return text, first, row + where
        row += len(strings)
    return None  # different strings with one hash


def sorted_hashes(strings: Any) -> NDArray[np.uint64]:
    """(n,) 64 bits of each string of an Arrow array, ascending."""
    hashes = np.concatenate([*_hashed([strings]), np.zeros(0, np.uint64)])
    hashes.sort()
    return hashes


def _pieces(chunks: Iterable[Any]) -> Iterator[Any]:
    for chunk in chunks:
        for start in range(0, len(chunk), _AT_ONCE):
            yield chunk.slice(start, _AT_ONCE)


def _hashed(chunks: Iterable[Any]) -> Iterator[NDArray[np.uint64]]:
    return map(_hashes, _pieces(chunks))


def _hashes(strings: Any) -> NDArray[np.uint64]:
    """(n,) Σ (byte + 1) · coefficient of its place, modulo 2⁶⁴."""
    offsets = offsets_of(strings)
    lengths = np.diff(offsets)
    data = strings.buffers()[2]
    if data is None or not int(lengths.sum()):
        return np.zeros(len(strings), np.uint64)
    letters = np.frombuffer(data, np.uint8)[int(offsets[0]) : int(offsets[-1])].astype(np.uint64)
    places = np.arange(len(letters)) - np.repeat(offsets[:-1] - offsets[0], lengths)
    weights = np.random.default_rng(0).integers(0, 2**64, _COEFFICIENTS, np.uint64) | np.uint64(1)
    running = np.zeros(len(letters) + 1, np.uint64)
    # Long strings use the coefficients again, turned into others by their round.
    rounds = (places // _COEFFICIENTS).astype(np.uint64)
    terms = (letters + np.uint64(1)) * weights[places % _COEFFICIENTS]
    terms *= rounds * np.uint64(0x9E3779B97F4A7C16) + np.uint64(1)
    np.cumsum(terms, out=running[1:])
    ends = offsets - offsets[0]
    hashes: NDArray[np.uint64] = running[ends[1:]] - running[ends[:-1]]
    return hashes
