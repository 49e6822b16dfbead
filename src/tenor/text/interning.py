"""From words as they stand in the text to ids: every different word is looked at once.

Arrow's hash table compares the words themselves, so equal ids are equal words, always.
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
from tenor.text.scanning import Scanned, unpacked
from tenor.text.tokenizer import Tokenizer


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a block in the order of its texts: the document each is in, and its word."""

    n_documents: int
    documents: NDArray[np.int32]  # (T,) ascending
    ids: NDArray[np.int32]  # (T,)

    @classmethod
    def kept(
        cls, n_documents: int, documents: NDArray[np.int32], ids: NDArray[np.int32], n_words: int
    ) -> Tokens:
        """The tokens that are words: ids from ``n_words`` on fall away."""
        words = ids < n_words
        return cls(n_documents, documents[words], ids[words])


def intern(blocks: Sequence[Scanned], tokenizer: Tokenizer) -> tuple[Any, Iterator[Tokens]]:
    """The different words of all blocks that the tokenizer keeps, and the tokens as their ids.

    Returns:
        The words as an Arrow string array in alphabetical (code point) order, and the tokens of
        each block, made when it is asked for; one that is no word is left out.
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
        return Tokens.kept(block.n_documents, documents, ids, len(words))

    return words, map(tokens, range(len(blocks)))


def keeping(words: Any, tokenizer: Tokenizer) -> Any:
    """Which of the words the tokenizer keeps; as :meth:`Tokenizer.keeps`, column-wise."""
    lengths = pc.utf8_length(words)
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
