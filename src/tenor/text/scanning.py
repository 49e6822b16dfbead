"""From UTF-8 bytes to words as ids, a block of texts at a time, without a Python object a word.

First the words are cut (:func:`scan`), then every different one is looked at once
(:func:`intern`): Arrow's hash table compares the words themselves, so equal ids are equal words.

The words are those of :meth:`tenor.text.tokenizer.Tokenizer.split`. ASCII is scanned column-wise.
A run of non-blanks that holds any other character is handed on whole, for the tokenizer itself:
blanks and control characters cut words under every setting and have no say in what their
neighbours become (they compose with nothing, and end the context in which a final sigma is
found), so cutting there first changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.text.decoding import is_storable
from tenor.text.segmenting import HAN
from tenor.text.strings import offsets_of, strings_over
from tenor.text.tokenizer import Tokenizer

_SHORT = 8  # bytes: such words are kept as one 64-bit integer, which is far faster to look up
_MASKS = np.array([*((1 << 8 * n) - 1 for n in range(_SHORT + 1)), 0], dtype=np.uint64)
_BLANK = 32  # this and below: blanks and control characters
_APOSTROPHE = 39
_END = b"\n"


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a block in the order of its texts: the document each is in, and its word."""

    n_documents: int
    documents: NDArray[np.int32]  # (T,) ascending
    ids: NDArray[np.int32]  # (T,)

    def below(self, n_words: int) -> Tokens:
        """Those that are words: ids from ``n_words`` on fall away."""
        words = self.ids < n_words
        return Tokens(self.n_documents, self.documents[words], self.ids[words])


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


def unpacked(keys: NDArray[np.uint64]) -> Any:
    """The words that :class:`Scanned` keeps as integers, as an Arrow string array."""
    data = keys.astype("<u8").view(np.uint8).reshape(-1, _SHORT)
    there = data != 0
    offsets = np.zeros(len(keys) + 1, dtype=np.int32)
    np.cumsum(there.sum(axis=1), out=offsets[1:])
    return strings_over(offsets, data[there])


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
    return strings_over(offsets, data[places]), places


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


def intern(blocks: Sequence[Scanned], tokenizer: Tokenizer) -> tuple[Any, Iterator[Tokens]]:
    """The different words of all blocks that the tokenizer keeps, and the tokens as their ids.

    The words are an Arrow string array in alphabetical (code point) order. The tokens of a block
    are made when it is asked for; one that is no word has the number of words for its id.
    """
    short, short_ids = _distinct(pa.uint64(), [pa.array(block.short) for block in blocks])
    long, long_ids = _distinct(pa.string(), [block.long for block in blocks])
    runs, run_ids = _distinct(pa.string(), [block.runs for block in blocks])
    found, found_ids, found_ends = _words_in(runs, tokenizer)
    spelt = pa.chunked_array([unpacked(short.to_numpy()), long, found], pa.string())
    words, spelling_ids = _distinct(pa.string(), spelt.chunks) if len(found) else (None, [])
    if words is None:  # the first two have no word in common
        words, whole = pa.concat_arrays(spelt.chunks), np.arange(len(spelt), dtype=np.int32)
        spelling_ids = np.split(whole, [len(short), len(short) + len(long)])
    words, place = _kept_in_order(words, tokenizer)
    of_short, of_long, of_found = (place[ids] for ids in spelling_ids)

    def tokens(number: int) -> Tokens:
        block = blocks[number]
        ids = of_short[short_ids[number]] if len(block.short) else np.zeros(0, np.int32)
        ids[block.short == 0] = of_long[long_ids[number]]
        numbers = np.arange(block.n_documents, dtype=np.int32)
        documents = np.repeat(numbers, np.diff(block.ends, prepend=0))
        if len(block.runs):
            which, inside = _spread(run_ids[number], found_ends)
            before = block.run_places[which]
            ids = np.insert(ids, before, of_found[found_ids[inside]])
            documents = np.insert(documents, before, block.run_documents[which])
        return Tokens(block.n_documents, documents, ids)

    return words, map(tokens, range(len(blocks)))


def keeping(words: Any, tokenizer: Tokenizer) -> Any:
    """Which of the words the tokenizer keeps; as :meth:`Tokenizer.keeps`, column-wise."""
    lengths = pc.utf8_length(words)
    if tokenizer.icu is not None:
        lengths = pc.add(lengths, pc.count_substring_regex(words, f"[{HAN}]"))
    kept = pc.greater_equal(lengths, tokenizer.min_token_length)
    if tokenizer.max_token_length is not None:
        kept = pc.and_(kept, pc.less_equal(lengths, tokenizer.max_token_length))
    stopped = tokenizer.stopped
    if stopped:
        among = pa.array(sorted(filter(is_storable, stopped)), pa.string())
        kept = pc.and_(kept, pc.invert(pc.is_in(words, value_set=among)))
    if tokenizer.digits == "drop":  # what counts as a digit is Python's to say
        doubtful = pc.indices_nonzero(pc.and_(kept, pc.match_substring_regex(words, "^[^a-zA-Z]")))
        judged = [not tokenizer.keeps(word) for word in words.take(doubtful).to_pylist()]
        mask = np.ones(len(words), dtype=bool)
        mask[doubtful.to_numpy()[np.asarray(judged, dtype=bool)]] = False
        kept = pc.and_(kept, pa.array(mask))
    return kept


def _distinct(kind: Any, arrays: Sequence[Any]) -> tuple[Any, list[NDArray[np.int32]]]:
    """The different values in order of appearance, and each array as places among them."""
    none = np.zeros(0, dtype=np.int32)
    encoded = pa.chunked_array([array for array in arrays if len(array)], kind).dictionary_encode()
    if not encoded.num_chunks:
        return pa.array([], kind), [none for _ in arrays]
    chunks = iter(encoded.chunks)  # empty arrays leave none
    dictionary = encoded.chunk(encoded.num_chunks - 1).dictionary
    return dictionary, [next(chunks).indices.to_numpy() if len(a) else none for a in arrays]


def _words_in(runs: Any, tokenizer: Tokenizer) -> tuple[Any, NDArray[np.int32], NDArray[np.int64]]:
    """The tokens of runs that are not ASCII: different ones, ids run by run, and their ends."""
    index: dict[str, int] = {}
    ids: list[int] = []
    ends = []
    for tokens in tokenizer.split_runs(runs.to_pylist()) if len(runs) else ():
        ids += [index.setdefault(token, len(index)) for token in tokens]
        ends.append(len(ids))
    found = pa.array(list(index), pa.string())
    return found, np.array(ids, dtype=np.int32), np.array(ends, dtype=np.int64)


def _spread(
    runs: NDArray[np.int32], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every token of these runs: the run it is in, and its place among all runs' tokens."""
    sizes = np.diff(ends, prepend=0)
    own = sizes[runs]
    which = np.repeat(np.arange(len(runs)), own)
    first = np.cumsum(own) - own
    return which, np.arange(len(which)) - first[which] + (ends - sizes)[runs][which]


def _kept_in_order(words: Any, tokenizer: Tokenizer) -> tuple[Any, NDArray[np.int32]]:
    """The kept words sorted, and the new place of every word; len(kept) for the refused."""
    old = pc.indices_nonzero(keeping(words, tokenizer)).to_numpy()
    kept = words.take(pa.array(old))
    order = pc.sort_indices(kept).to_numpy()
    place = np.full(len(words), len(kept), dtype=np.int32)
    place[old[order]] = np.arange(len(kept), dtype=np.int32)
    return kept.take(pa.array(order)), place
