"""Documents cut into passages: each becomes a row that names its document.

A passage is called DOCUMENT#1, DOCUMENT#2, …: what stands behind the last # is its number, so ids
stay as different as the documents' were. Whatever else the document has is repeated. A document
without a text keeps one row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.errors import InputError, ParameterName
from tenor.sources.batches import Stream, TextBatch
from tenor.sources.facts import ReadFacts
from tenor.text.segmenting import BURMESE, HAN, KANA, KHMER, LAO, THAI
from tenor.text.strings import offsets_of, strings_over

DOCUMENT = "document"  # the column that names it
PARAGRAPHS = "paragraphs"
_BETWEEN = r"\n\s*\n|\r\s*\r|\x{2029}"  # paragraphs
_WORD = 2  # what a word between blanks weighs; a letter of a script without blanks is one
_BATCH_BYTES = 1 << 26  # of passages with all that is repeated, in about


class _Cut(NamedTuple):
    """The passages of some texts: one at least of each."""

    texts: Any  # (P,) Arrow strings
    rows: NDArray[np.int64]  # (P,) the text that each is of, ascending


def in_passages(stream: Stream, split: str | None) -> Stream:
    """The passages of the documents, cut as :class:`tenor.settings.ReadingParameters` says."""
    if split is None:
        return stream
    cut = _paragraphs if split == PARAGRAPHS else partial(_runs, size=int(split.split("-")[0]))
    splitting = _Splitting(stream, cut)
    return replace(stream, batches=iter(splitting), facts=lambda: splitting.facts)


@final
class _Splitting:
    """A stream whose documents are being split."""

    def __init__(self, stream: Stream, cut: Callable[[Any], _Cut]) -> None:
        self._stream, self._cut = stream, cut
        self._documents = 0  # so far

    @property
    def facts(self) -> ReadFacts:
        """Of the stream, and how many documents the passages are of."""
        return replace(self._stream.facts(), n_split=self._documents)

    def __iter__(self) -> Iterator[TextBatch]:
        for batch in self._stream.batches:
            if DOCUMENT in batch.columns:
                raise InputError(
                    f'a column called "{DOCUMENT}" cannot be kept with ',
                    ParameterName("split"),
                    ", which names the document of a passage so; rename it",
                )
            self._documents += len(batch)
            yield from self._split(batch)

    def _split(self, batch: TextBatch) -> Iterator[TextBatch]:
        """The passages of a batch, not so many at a time that what is repeated grows large."""
        texts, rows = self._cut(batch.columns["text"])
        others = {name: column for name, column in batch.columns.items() if name != "text"}
        of_row = sum(column.nbytes for column in others.values()) // max(len(batch), 1) + 1
        step = max(_BATCH_BYTES // of_row, 1)
        numbers = np.arange(len(rows)) - np.searchsorted(rows, rows) + 1
        for start in range(0, len(rows), step):
            some = slice(start, start + step)
            yield _passages(batch, others, texts[some], rows[some], numbers[some])


def _passages(
    batch: TextBatch,
    others: dict[str, Any],
    texts: Any,
    rows: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> TextBatch:
    """Some passages as rows."""
    indices = pa.array(rows)
    columns = {name: column.take(indices) for name, column in others.items()}
    columns[DOCUMENT] = columns["id"]
    numbered = pa.array(numbers).cast(pa.string())
    columns["id"] = pc.binary_join_element_wise(columns[DOCUMENT], numbered, "#")
    place = batch.place
    return TextBatch({**columns, "text": texts}, lambda row: place(int(rows[row])), batch.read)


def _paragraphs(texts: Any) -> _Cut:
    """What stands between blank lines."""
    parts = pc.split_pattern_regex(texts, _BETWEEN)
    offsets = parts.offsets.to_numpy().astype(np.int64)
    rows = np.repeat(np.arange(len(texts)), np.diff(offsets))
    found = pc.utf8_trim_whitespace(parts.flatten())
    wanted = pc.greater(pc.binary_length(found), 0).to_numpy(zero_copy_only=False).copy()
    has_some = np.zeros(len(texts), bool)
    has_some[rows[wanted]] = True
    wanted[(offsets[:-1] - offsets[0])[~has_some]] = True
    return _Cut(found.filter(pa.array(wanted)), rows[wanted])


def _runs(texts: Any, size: int) -> _Cut:
    """So many words each, cut between words only; a rest of less than half joins the last one."""
    offsets = offsets_of(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[int(offsets[0]) : int(offsets[-1])]
    bounds = offsets.astype(np.int64) - int(offsets[0])
    starts, weights = _words(data, bounds)
    rows = np.searchsorted(bounds, starts, side="right") - 1
    before = np.concatenate([[0], np.cumsum(weights)])  # each word
    first = np.searchsorted(starts, bounds)  # word of each text
    numbers = (before[:-1] - before[first[rows]]) // (_WORD * size)
    opens = np.ones(len(starts), bool)  # a passage
    opens[1:] = (rows[1:] != rows[:-1]) | (numbers[1:] != numbers[:-1])
    opening = np.flatnonzero(opens)
    weight = np.diff(before[np.append(opening, len(starts))])
    of = rows[opening]
    is_last, is_first = np.ones((2, len(of)), bool)
    is_last[:-1] = is_first[1:] = of[1:] != of[:-1]
    kept = opening[is_first | ~is_last | (weight >= size)]  # half of size words weigh that
    kept = kept[~np.isin(kept, first[:-1][np.diff(first) > 0])]  # those of a text begin with it
    of = np.concatenate([np.arange(len(texts)), rows[kept]])
    begins = np.concatenate([bounds[:-1], starts[kept]])
    order = np.lexsort((begins, of))
    cuts = np.append(begins[order], bounds[-1]).astype(np.int32)
    return _Cut(pc.utf8_trim_whitespace(strings_over(cuts, data)), of[order])


def _words(
    data: NDArray[np.uint8], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where words begin in the bytes of texts that end at ``bounds``, and what each one weighs.

    They stand between blanks, and in scripts without them between marks as well. There every two
    letters weigh a word.
    """
    blank = _BLANKS[data]
    pairs: NDArray[np.uint16] = np.zeros(0, np.uint16)
    if len(data) and int(data.max()) >= 0x80:
        pairs = np.left_shift(data[:-1], 8, dtype=np.uint16) | data[1:]
        _mark(blank, data, np.flatnonzero(_MAY_PART[pairs]))
    begins = ~blank
    begins[1:] &= blank[:-1]
    edges = bounds[:-1][bounds[:-1] < len(data)]
    begins[edges] = ~blank[edges]  # a text begins with a word whatever the one before ends with
    starts = np.flatnonzero(begins)
    letters = np.flatnonzero(_unspaced()[pairs] & ~blank[: len(pairs)])
    n_letters = np.bincount(
        np.searchsorted(starts, letters, side="right") - 1, minlength=len(starts)
    )
    return starts, np.maximum(n_letters, _WORD)


def _mark(blank: NDArray[np.bool_], data: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
    """Note as blank what parts words and is more than a byte; it may begin at these places."""
    for size, known in _PARTING.items():
        some = places[places <= len(data) - size]
        codes = sum(data[some + at].astype(np.int64) << 8 * (size - 1 - at) for at in range(size))
        found = some[np.isin(codes, known)]
        for at in range(size):
            blank[found + at] = True


@cache  # 30,000 letters: no start of the command should wait for them
def _unspaced() -> NDArray[np.bool_]:
    """(65536,) whether two bytes begin a letter of a script without blanks."""
    table = np.zeros(1 << 16, bool)
    letters = f"[{HAN}{KANA}{THAI}{LAO}{KHMER}{BURMESE}]"
    for start, stop in re.findall(r"(.)(?:-(.))?", letters[1:-1]):
        for code in range(ord(start), ord(stop or start) + 1):
            table[int.from_bytes(chr(code).encode()[:2])] = True
    return table


_BLANKS = np.zeros(256, bool)
_BLANKS[[*range(9, 14), *range(28, 33)]] = True
_WIDE = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_STOPS = "、。，！？；：」』）】》"  # with which Chinese and Japanese end phrases
_CODES = [mark.encode() for mark in _WIDE + _STOPS]
_PARTING = {n: [int.from_bytes(code) for code in _CODES if len(code) == n] for n in (2, 3)}
_MAY_PART = np.zeros(1 << 16, bool)
_MAY_PART[[int.from_bytes(code[:2]) for code in _CODES]] = True
