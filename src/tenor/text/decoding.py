"""Bytes to text: every reader decodes here, so that a bad byte is always named the same way."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from tenor.checks import one_of
from tenor.errors import ParameterName, SourceError

ENCODING_ERRORS = ("strict", "replace")
REPLACING = ParameterName("encoding_errors", 'encoding_errors="replace"', "replace")
LONGEST = 1 << 30  # bytes of a document: with its neighbours it must stay below Arrow's 2³¹

_SURROGATE = re.compile("[\ud800-\udfff]")


def check_encoding_errors(choice: str) -> str:
    """``choice``, when it is one of the two ways to meet a bad byte."""
    checked: str = one_of("encoding_errors", choice, ENCODING_ERRORS)
    return checked


def decode(data: bytes, where: str, errors: str = "strict", offset: int = 0) -> str:
    """UTF-8 to text, without a byte order mark.

    Args:
        data: the bytes.
        where: what they are, for the message.
        errors: "strict", or "replace" to put U+FFFD for what is no UTF-8.
        offset: where ``data`` begins in its file.

    Raises:
        SourceError: names the place and the offset of the first bad byte.
    """
    start = len(codecs.BOM_UTF8) if offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[start:].decode("utf-8", errors)
    except UnicodeDecodeError as error:
        if offset == 0 and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError(f"{where} is UTF-16, not UTF-8; convert it first") from error
        place = offset + start + error.start
        raise SourceError(
            f"{where} is not UTF-8: byte 0x{data[start + error.start]:02x} at offset {place}; "
            "convert it, or read it with ",
            REPLACING,
        ) from error


def decoded_lines(
    file: IO[bytes], where: str, errors: str = "strict", first: int = 1, offset: int = 0
) -> Iterator[str]:
    """Each line of a binary file as text, its line end included.

    Args:
        file: is read to its end.
        where: what the file is, for the message.
        errors: "strict" or "replace".
        first: the number of the first line given.
        offset: where it begins in the file.

    Raises:
        SourceError: names the place, the line and the offset of the first bad byte, or the line
            that is longer than a document may be.
    """
    lines = iter(partial(file.readline, LONGEST + 2), b"")
    for number, line in enumerate(lines, start=first):
        refuse_longer(len(line) - line.endswith(b"\n"), f"{where}, line {number}")
        try:
            yield decode(line, where, errors, offset)
        except SourceError:
            if number > 1:  # decode again for a message that names the line
                decode(line, f"{where}, line {number},", errors, offset)
            raise
        offset += len(line)


@contextmanager
def reading(path: Path) -> Iterator[IO[bytes]]:
    """``path`` opened for reading bytes; what the operating system refuses becomes one line."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error


def read_text(path: Path, errors: str = "strict") -> str:
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


def refuse_long(text: str, where: str) -> None:
    """Raise SourceError when the text is longer than a document may be."""
    if len(text) > LONGEST // 4:  # a character has four bytes at most
        refuse_longer(len(text.encode("utf-8", "surrogatepass")), where)


def is_storable(text: str) -> bool:
    """Whether ``text`` is Unicode that UTF-8 can hold: no lone surrogates."""
    return text.isascii() or _SURROGATE.search(text) is None


def storable(text: str) -> str:
    """``text`` with U+FFFD for every lone surrogate."""
    return text if is_storable(text) else _SURROGATE.sub("\ufffd", text)
