"""A file of lines in blocks of some megabytes; an odd block is halved until the line is found."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple, TypeVar

from tenor.errors import SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch
from tenor.text.decoding import decode, decoded_lines, refuse_longer

_LINE_END = b"\n"
_Rows = TypeVar("_Rows")


class Block(NamedTuple):
    """Whole lines of a file.

    Attributes:
        data: their bytes.
        where: the file, for messages.
        line: the number of the first line, from 1.
        offset: where they begin in the file.
    """

    data: bytes
    where: str
    line: int
    offset: int

    def place(self, row: int = 0) -> str:
        """Where a line is, for messages."""
        return f"{self.where}, line {self.line + row}"

    @property
    def end(self) -> int:
        """Where they end in the file."""
        return self.offset + len(self.data)

    def text(self, errors: str) -> str:
        """The lines decoded.

        Raises:
            SourceError: for a bad byte; names the first line, but not that of the file.
        """
        where = self.where if self.line == 1 else f"{self.place()},"
        return decode(self.data, where, errors, self.offset)

    def lines(self, errors: str) -> Iterator[str]:
        """Each line with its end; those before a bad byte are handed on before it is named."""
        try:
            return io.StringIO(self.text(errors), newline="\n")
        except SourceError:
            file = io.BytesIO(self.data)
            return decoded_lines(file, self.where, errors, self.line, self.offset)

    def halves(self) -> tuple[Block, ...]:
        """The lines in two blocks; none when there is one line only."""
        middle, last = len(self.data) // 2, len(self.data) - 1
        cut = self.data.rfind(_LINE_END, 0, middle) + 1
        cut = cut or self.data.find(_LINE_END, middle, last) + 1
        if not cut:
            return ()
        first, rest = self.data[:cut], self.data[cut:]
        line = self.line + first.count(_LINE_END)
        return self._replace(data=first), Block(rest, self.where, line, self.offset + cut)


def blocks_of(file: IO[bytes], where: str) -> Iterator[Block]:
    """A file in blocks that end where a line ends.

    Raises:
        SourceError: names the line that is longer than a document may be.
    """
    rest: list[bytes] = []
    held = offset = 0
    line = 1
    while data := file.read(batches.BATCH_BYTES):
        end = data.rfind(_LINE_END) + 1
        first = data.find(_LINE_END) if end else len(data)
        refuse_longer(held + first, f"{where}, line {line}")
        if not end:
            rest.append(data)
            held += len(data)
            continue
        yield Block(b"".join([*rest, data[:end]]), where, line, offset)
        offset, line = offset + held + end, line + data.count(_LINE_END)
        rest, held = [data[end:]], len(data) - end
    if last := b"".join(rest):
        yield Block(last, where, line, offset)


def by_halves(
    rows: _Rows,
    read: Callable[[_Rows], TextBatch | None],
    halves: Callable[[_Rows], tuple[Any, ...]],
) -> Iterator[TextBatch]:
    """What ``read`` makes of the rows; where it fails, of their halves and so on.

    Hence an error may name the first row of what was given, and it will be that of the row at
    fault, all rows before it being handed on.

    Raises:
        SourceError: that of ``read`` for a single row.
    """
    try:
        batch = read(rows)
    except SourceError:
        parts = halves(rows)
        if not parts:
            raise
    else:
        if batch is not None:
            yield batch
        return
    for part in parts:
        yield from by_halves(part, read, halves)
