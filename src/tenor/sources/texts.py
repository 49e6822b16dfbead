"""Readers of bare texts: a document a line, or a document a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenor.sources import batches
from tenor.sources.batches import TextBatch, batch_of, by_halves
from tenor.sources.columns import RawDocument
from tenor.sources.opening import File
from tenor.sources.tables import Selection
from tenor.text.decoding import Block, blocks_of, decode, read_text, reading
from tenor.text.strings import strings_over


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The lines of a file; the id is the line's number counted from 0, as rows are."""
    with reading(path) as file:
        yield from lines(file, str(path), selection.errors)


def lines(file: IO[bytes], where: str, errors: str) -> Iterator[TextBatch]:
    """The lines of an open file."""

    def batch(block: Block) -> TextBatch:
        try:
            texts = _split(block.bare)
        except pa.ArrowInvalid:
            texts = _split(block.text(errors).encode())
        return batch_of(texts, None, None, block.begin.place, block.line - 1, block.end)

    for block in blocks_of(file, where, batches.BATCH_BYTES):
        yield from by_halves(block, batch, Block.halves)


def text(file: File, errors: str) -> str:
    """A file as one text."""
    return read_text(file, errors)


def document(inside: Path, text: str, where: str) -> RawDocument:
    """A file as a document; id: where it is in its folder, label: the sub-folder."""
    bare = inside.is_absolute() or inside.parent == Path()
    return RawDocument(as_id(inside), text, None if bare else as_id(inside.parent), where)


def as_id(path: Path) -> str:
    """A path as an id: forward slashes, and undecodable bytes of the name made visible."""
    return decode(os.fsencode(path.as_posix()), str(path), "backslashreplace")


def _split(data: bytes) -> Any:
    """The lines without their ends, as an Arrow string array."""
    bounds = np.array([0, len(data) - data.endswith(b"\n")], np.int32)
    whole = strings_over(bounds, np.frombuffer(data, np.uint8))
    whole.validate(full=True)
    texts = pc.split_pattern(whole, "\n").values
    return pc.ascii_rtrim(texts, "\r") if b"\r" in data else texts
