"""Bytes to text: every reader decodes here, so that a bad byte is always named the same way."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import IO, Literal, NamedTuple, Protocol

from tenor.errors import ParameterName, SourceError

BLOCK_BYTES = 1 << 22  # of a file, read together
REPLACING = ParameterName("encoding_errors", 'encoding_errors="replace"', "replace")
LONGEST = 1 << 30  # bytes of a document: with its neighbours it must stay below Arrow's 2³¹

_PARQUET = b"PAR1"  # how such a file begins
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, where: str, errors: str = "strict", offset: int = 0) -> str:
    """UTF-8 to text, without a byte order mark; ``offset``: where the bytes begin in their file."""
    start = len(codecs.BOM_UTF8) if offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[start:].decode("utf-8", errors)
    except UnicodeDecodeError as error:
        if offset == 0 and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError(f"{where} is UTF-16, not UTF-8; convert it first") from error
        if offset == 0 and data.startswith(_PARQUET):
            raise SourceError(
                f"{where} is a Parquet file; read it with ",
                ParameterName("format", 'format="parquet"', "parquet"),
            ) from error
        place = offset + start + error.start
        raise SourceError(
            f"{where} is not UTF-8: byte 0x{data[start + error.start]:02x} at offset {place}; "
            "convert it, or read it with ",
            REPLACING,
        ) from error


class Bytes(Protocol):
    """What is read from: a binary file."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer; none at the end."""
        ...


class Block(NamedTuple):
    """Whole lines of a file."""

    data: bytes
    where: str  # the file, for messages
    line: int = 1  # the number of the first one, from 1
    offset: int = 0  # where they begin in the file

    @property
    def end(self) -> int:
        """Where they end in the file."""
        return self.offset + len(self.data)

    @property
    def bare(self) -> bytes:
        """Their bytes without the byte order mark of a file."""
        return self.data if self.offset else self.data.removeprefix(codecs.BOM_UTF8)

    @property
    def begin(self) -> Block:
        """Where they begin, without the bytes: what is kept for messages."""
        return self._replace(data=b"")

    def place(self, row: int = 0) -> str:
        """Where a line is, for messages."""
        return f"{self.where}, line {self.line + row}"

    def text(self, errors: str) -> str:
        """The lines as text; an error about a bad byte names the first line."""
        where = self.where if self.line == 1 else f"{self.place()},"
        return decode(self.data, where, errors, self.offset)

    def lines(self, errors: str) -> Iterator[str]:
        """Each line with its end; those before a bad byte come before the error."""
        try:
            self.text(errors)
        except SourceError:
            if not (halves := self.halves()):
                raise
            return chain.from_iterable(half.lines(errors) for half in halves)
        return io.TextIOWrapper(io.BytesIO(self.bare), "utf-8", errors, newline="\n")

    def halves(self) -> tuple[Block, ...]:
        """The lines in two blocks; none when there is one line only."""
        middle, last = len(self.data) // 2, len(self.data) - 1
        cut = self.data.rfind(b"\n", 0, middle) + 1 or self.data.find(b"\n", middle, last) + 1
        if not cut:
            return ()
        first = self._replace(data=self.data[:cut])
        line = self.line + first.data.count(b"\n")
        return first, Block(self.data[cut:], self.where, line, first.end)


def blocks_of(file: Bytes, where: str, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """A binary file in blocks of about so many bytes, which end where a line ends."""
    rest: list[bytes] = []
    next_one = Block(b"", where)
    while data := file.read(size):
        end = data.rfind(b"\n") + 1
        first = data.find(b"\n") if end else len(data)
        refuse_longer(sum(map(len, rest)) + first, next_one.place())
        if end:
            block = next_one._replace(data=b"".join([*rest, data[:end]]))
            yield block
            next_one = Block(b"", where, block.line + data.count(b"\n"), block.end)
        rest = [data[end:]] if end else [*rest, data]
    if last := b"".join(rest):
        yield next_one._replace(data=last)


def decoded_lines(file: IO[bytes], where: str, errors: str = "strict") -> Iterator[str]:
    """Each line of a binary file as text, its line end included."""
    return chain.from_iterable(block.lines(errors) for block in blocks_of(file, where))


def decoded(file: IO[bytes], where: str, errors: str = "strict") -> Iterator[tuple[str, int]]:
    """The text of a binary file in blocks, each with where it ends in the file."""
    offset, rest = 0, b""
    while data := file.read(BLOCK_BYTES):
        data = rest + data
        end = _whole(data)
        rest = data[end:]
        yield decode(data[:end], where, errors, offset), offset + end
        offset += end
    if rest:
        yield decode(rest, where, errors, offset), offset + len(rest)


def _whole(data: bytes) -> int:
    """Where the last character ends that is there with all its bytes."""
    for back in range(1, min(len(data), 3) + 1):
        byte = data[-back]
        if byte >= 0xC0:  # the first byte of two, three or four
            needed = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(data) - back if needed > back else len(data)
        if byte < 0x80:
            break
    return len(data)


class Openable(Protocol):
    """A path, or what is opened like one; ``str`` gives what it is called in messages."""

    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[IO[bytes]]:
        """Its bytes."""


@contextmanager
def reading(path: Openable) -> Iterator[IO[bytes]]:
    """``path`` opened for reading bytes; what the operating system refuses becomes one line."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error


def read_text(path: Openable, errors: str = "strict") -> str:
    """The whole of a UTF-8 file."""
    with reading(path) as file:
        data = file.read(LONGEST + 1)
    refuse_longer(len(data), str(path))
    return decode(data, str(path), errors)


def refuse_longer(size: int, where: str) -> None:
    """Raise SourceError when so many bytes are more than a document may have."""
    if size > LONGEST:
        raise SourceError(
            f"{where} is longer than {LONGEST / (1 << 30):g} GiB, the most that a document may be; "
            "split it"
        )


def is_storable(text: str) -> bool:
    """Whether ``text`` is Unicode that UTF-8 can hold: no lone surrogates."""
    return text.isascii() or _SURROGATE.search(text) is None


def storable(text: str) -> str:
    """``text`` with U+FFFD for every lone surrogate."""
    return text if is_storable(text) else _SURROGATE.sub("\ufffd", text)
