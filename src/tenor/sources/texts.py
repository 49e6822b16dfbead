"""Readers of bare texts: a document a line, or a folder with a document a file."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenor.sources.batches import TextBatch, batch_of, from_rows
from tenor.sources.blocks import Block, blocks_of, by_halves
from tenor.sources.columns import RawDocument
from tenor.sources.tables import Selection
from tenor.text.decoding import decode, read_text, reading
from tenor.text.scanning import strings

_LINE_END, _RETURN = b"\n", b"\r"


def read(path: Path, selection: Selection) -> Iterator[TextBatch]:
    """The lines of a file; the id is the line's number counted from 0, as rows are."""
    with reading(path) as file:
        yield from lines(file, str(path), selection.errors)


def lines(file: IO[bytes], where: str, errors: str) -> Iterator[TextBatch]:
    """The lines of an open file.

    Raises:
        SourceError: names the line with a bad byte, or that is too long.
    """

    def batch(block: Block) -> TextBatch:
        first = block.line - 1
        return batch_of(_texts(block, errors), None, None, block.place, first, block.end)

    for block in blocks_of(file, where):
        yield from by_halves(block, batch, Block.halves)


def folder(root: Path, paths: Sequence[Path], errors: str) -> Iterator[TextBatch]:
    """The files of a folder; id: the path in the folder, label: the sub-folder.

    Raises:
        SourceError: names the file with a bad byte, or that is too long.
    """

    def document(path: Path) -> RawDocument:
        inside = path.relative_to(root)
        label = None if inside.parent == Path() else as_id(inside.parent)
        return RawDocument(as_id(inside), read_text(path, errors), label, str(path))

    return from_rows(map(document, paths))


def as_id(path: Path) -> str:
    """A path as an id: forward slashes, and undecodable bytes of the name made visible."""
    return decode(os.fsencode(path.as_posix()), str(path), "backslashreplace")


def _texts(block: Block, errors: str) -> Any:
    """The lines without their ends, as an Arrow string array."""
    data = block.data.removeprefix(codecs.BOM_UTF8) if block.offset == 0 else block.data
    try:
        texts = _split(data)
        texts.validate(full=True)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return _split(block.text(errors).encode())
    return texts


def _split(data: bytes) -> Any:
    values = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(values == _LINE_END[0]).astype(np.int32)
    if not data.endswith(_LINE_END):
        ends = np.append(ends, np.int32(len(data)))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int32)
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    texts = strings(offsets, values[values != _LINE_END[0]])
    return pc.ascii_rtrim(texts, "\r") if _RETURN in data else texts
