"""Finding words in UTF-8 bytes, a block of texts at a time, without a Python object a word.

The words are those of :meth:`tenor.text.tokenizer.Tokenizer.split`. ASCII is scanned column-wise.
A run of non-blanks that holds any other character is handed on whole, for the tokenizer itself:
blanks and control characters cut words under every setting and have no say in what their
neighbours become (they compose with nothing, and end the context in which a final sigma is
found), so cutting there first changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.text.strings import offsets_of

_SHORT = 8  # bytes: such words are kept as one 64-bit integer, which is far faster to look up
_MASKS = np.array([*((1 << 8 * n) - 1 for n in range(_SHORT + 1)), 0], dtype=np.uint64)
_BLANK = 32  # this and below: blanks and control characters
_APOSTROPHE = 39
_END = b"\n"


@dataclass(frozen=True, eq=False)
class Scanned:
    """The words of one block of texts, cut but not yet looked up. A document is a place in it."""

    n_documents: int
    ends: NDArray[np.int64]  # (D,) how many of the ASCII words lie before the end of each document
    short: NDArray[np.uint64]  # (n,) the ASCII words by their bytes, 0 for those longer than 8
    long: Any  # the longer ASCII words, in order
    runs: Any  # of non-blanks with characters beyond ASCII, as strings
    run_documents: NDArray[np.int64]
    run_places: NDArray[np.int64]  # how many of the ASCII words lie before each run


def scan(texts: Any, letters_only: bool, lowercase: bool) -> Scanned:
    """Cut a block of texts into words.

    Args:
        texts: an Arrow string array without nulls, less than 2³⁰ bytes.
        letters_only: words are runs of a-z, not of letters, digits and inner apostrophes.
        lowercase: whether A-Z are lower-cased first; without it they are letters as they are.
    """
    data, places = _joined(texts)
    capitals = (data - np.uint8(65)) < 26
    if lowercase:
        data |= capitals.view(np.uint8) << np.uint8(5)
    inside = (data - np.uint8(97)) < 26
    if not lowercase:
        inside |= capitals
    if not letters_only:
        inside |= (data - np.uint8(48)) < 10
        apostrophe = data == _APOSTROPHE
        apostrophe[1:-1] &= inside[:-2] & inside[2:]
        inside |= apostrophe
    runs, run_starts = _foreign_runs(data, inside)
    edges = np.flatnonzero(inside[1:] != inside[:-1]).astype(np.int32)
    edges += 1
    starts, sizes = edges[0::2], edges[1::2] - edges[0::2]
    long = np.flatnonzero(sizes > _SHORT)
    return Scanned(
        len(texts),
        np.searchsorted(starts, places[1:]),
        _packed(data, starts, sizes),
        _pieces(data, starts[long], sizes[long])[0],
        runs,
        np.searchsorted(places, run_starts, side="right") - 1,
        np.searchsorted(starts, run_starts),
    )


def strings(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> Any:
    """An Arrow string array over these buffers."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def unpacked(keys: NDArray[np.uint64]) -> Any:
    """The words that :class:`Scanned` keeps as integers, as an Arrow string array."""
    data = keys.astype("<u8").view(np.uint8).reshape(-1, _SHORT)
    there = data != 0
    offsets = np.zeros(len(keys) + 1, dtype=np.int32)
    np.cumsum(there.sum(axis=1), out=offsets[1:])
    return strings(offsets, data[there])


def _joined(texts: Any) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The texts' bytes, a line end before and after each; and where each text begins in them.

    Nine bytes more at the end, so that eight may be read from any place.
    """
    bounds = pa.array([0, len(texts)], pa.int32())
    whole = pc.binary_join(pa.ListArray.from_arrays(bounds, texts), _END.decode()).buffers()[2]
    size = 0 if whole is None else len(whole)
    data = np.empty(size + 1 + _SHORT + 1, dtype=np.uint8)
    data[0] = data[size + 1 :] = _END[0]
    if size:
        data[1 : size + 1] = np.frombuffer(whole, dtype=np.uint8)
    offsets = offsets_of(texts)
    places: NDArray[np.int32] = np.arange(1, len(texts) + 2, dtype=np.int32)
    places += offsets - offsets[0]
    return data, places


def _pieces(
    data: NDArray[np.uint8], starts: NDArray[np.int32], sizes: NDArray[np.int32]
) -> tuple[Any, NDArray[np.int32]]:
    """Pieces of ``data`` as an Arrow string array, and the places of their bytes."""
    offsets = np.zeros(len(starts) + 1, dtype=np.int32)
    np.cumsum(sizes, out=offsets[1:])
    places = np.repeat(starts - offsets[:-1], sizes)
    places += np.arange(len(places), dtype=np.int32)
    return strings(offsets, data[places]), places


def _packed(
    data: NDArray[np.uint8], starts: NDArray[np.int32], sizes: NDArray[np.int32]
) -> NDArray[np.uint64]:
    """Up to eight bytes of each word as an integer, little end first; 0 for longer words."""
    shape, step = (len(data) - _SHORT + 1,), (1,)
    eights = np.lib.stride_tricks.as_strided(data[:_SHORT].view("<u8"), shape, step)
    packed: NDArray[np.uint64] = eights[starts]
    packed &= _MASKS[np.minimum(sizes, _SHORT + 1)]
    return packed


def _foreign_runs(
    data: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> tuple[Any, NDArray[np.int32]]:
    """The runs of non-blanks with bytes above 127, and their places; ``inside`` loses them."""
    foreign = np.flatnonzero(data > 127)
    if not len(foreign):
        return pa.array([], pa.string()), np.zeros(0, dtype=np.int32)
    blanks = np.flatnonzero(data <= _BLANK).astype(np.int32)
    after = np.searchsorted(blanks, foreign.astype(np.int32))
    after = after[np.diff(after, prepend=-1) != 0]  # each run once
    starts = blanks[after - 1] + np.int32(1)
    runs, bytes_of_runs = _pieces(data, starts, blanks[after] - starts)
    inside[bytes_of_runs] = False
    return runs, starts
