"""What is opened to be read: a file, packed or not, a pipe, or standard input."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, final

from tenor.errors import SourceError
from tenor.sources.facts import STANDARD_INPUT
from tenor.sources.packing import ARCHIVES, PACKINGS, Continued, refuse_archive, unpacked

_HANDLES = re.compile(r"/dev/(stdin|fd/\d+)|/proc/(self|\d+)/fd/\d+")  # open files, by a path
_TERMINAL = (STANDARD_INPUT, "/dev/stdin", "/dev/fd/0", "/dev/tty")


@final
class File:
    """Something that is read from its beginning to its end, in messages called as it was named."""

    def __init__(self, path: Path) -> None:
        """``path``: Path("-") for standard input."""
        self.path = path
        self.suffix = inner(path).suffix.lower()  # without what says that it is packed
        self._packed: IO[bytes] | None = None  # as long as it is being unpacked

    def __str__(self) -> str:
        return "standard input" if self.is_input else str(self.path)

    @property
    def is_input(self) -> bool:
        """Whether it is standard input under its short name."""
        return str(self.path) == STANDARD_INPUT

    @property
    def is_handle(self) -> bool:
        """Whether its path is that of an open file, which is in no folder."""
        return is_handle(str(self.path))

    @property
    def is_stream(self) -> bool:
        """Whether it can be read once only, and nobody knows its size."""
        return is_stream(str(self.path))

    @property
    def is_packed(self) -> bool:
        """Whether its name says that it is compressed."""
        return self.path.suffix.lower() in PACKINGS

    def stat(self) -> os.stat_result:
        """Size and times; a SourceError when it has none, as a link to nowhere."""
        try:
            return self.path.stat()
        except OSError as error:
            raise SourceError(f"cannot read {self}: {error.strerror or error}") from error

    @contextmanager
    def open(self, mode: Literal["rb"]) -> Iterator[IO[bytes]]:
        """Its text's bytes, unpacked; a SourceError also for an archive of files."""
        with self.unpacked() as file:
            refuse_archive(file, str(self))
            yield file

    @contextmanager
    def unpacked(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked. OSError when it cannot be opened, SourceError as for `unpacked`."""
        kept = io.BufferedReader(Continued(b"", sys.stdin.buffer)) if self.is_input else None
        with kept or self.path.open("rb") as raw:
            file = unpacked(raw, str(self), self.path)
            self._packed = None if file is raw or self.is_stream else raw
            yield file

    def read_of(self, unpacked_bytes: int) -> int:
        """So many bytes of the file are read, when this many are that it unpacks to."""
        return unpacked_bytes if self._packed is None else self._packed.tell()


def is_handle(name: str) -> bool:
    """Whether a name is standard input's, or that of another open file."""
    return name == STANDARD_INPUT or _HANDLES.fullmatch(name) is not None


def is_stream(name: str) -> bool:
    """Whether a name is an open file's, or that of a pipe or device."""
    if is_handle(name):
        return True
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116  # a name that cannot be a path is none
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def waiting(name: str) -> str | None:
    """What a person should know who is waited for: at a terminal, or beside a named pipe."""
    if name in _TERMINAL and sys.stdin.isatty():
        return "reading what is typed here; Ctrl-D ends it"
    if is_stream(name) and not is_handle(name) and Path(name).is_fifo():
        return f"waiting for what is written into the pipe {name}"
    return None


def is_archive(path: Path) -> bool:
    """Whether a name says that the file holds others."""
    return path.suffix.lower() in ARCHIVES or inner(path).suffix.lower() in ARCHIVES


def inner(path: Path) -> Path:
    """The path without the ending that says it is packed."""
    return path.with_suffix("") if path.suffix.lower() in PACKINGS else path
