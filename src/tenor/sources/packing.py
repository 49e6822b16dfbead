"""Compressed files, unpacked as they are read: gzip, bzip2, Zstandard and xz.

What is packed is told by a file's first bytes, not by its name. Several packed parts one after the
other are one text, as ``cat a.gz b.gz`` makes them; anything else after a part is damage.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
from abc import abstractmethod
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any, final

from tenor.errors import SourceError

PACKINGS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz"}  # by how names end
ARCHIVES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar")  # of files, to be unpacked
_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # or a frame to skip
    "bz2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
}
_ZIP = b"PK\x03\x04"
_LOOKED_AT = 10  # bytes of a file
_BUFFER = 1 << 20
_MEMORY = 1 << 28  # bytes that xz may take: the highest of its levels takes 65 MiB


def unpacked(file: IO[bytes], where: str, name: PurePath) -> IO[bytes]:
    """A file from its beginning, or what it unpacks to where it is packed.

    SourceError, as it is read, for what is damaged; at once for a file whose name says that it is
    packed and which is not.
    """
    head = file.read(_LOOKED_AT)
    if file.seekable():
        file.seek(0)
    else:
        file = io.BufferedReader(Continued(head, file), _BUFFER)
    packing = next((kind for kind, magic in _MAGIC.items() if magic.match(head)), None)
    if packing is not None:
        read = _UNPACK[packing](file)
        return io.BufferedReader(_Checked(read, f"{where} ({packing})"), _BUFFER)
    suffix = name.suffix.lower()
    if head and suffix in PACKINGS:
        raise SourceError(
            f"{where} is not packed as its name says; rename it to {name.with_suffix('').name}"
        )
    return file


def refuse_archive(file: IO[bytes], where: str) -> None:
    """Raise SourceError where a file, which is at its beginning and buffered, holds others."""
    head: bytes = getattr(file, "peek")(len(_ZIP))  # noqa: B009  # the type IO has no peek
    if head.startswith(_ZIP):
        raise SourceError(
            f"{where} is a zip archive, as spreadsheets are too; unpack it, or export it as CSV"
        )


def _by_arrow(file: IO[bytes], packing: str) -> Callable[[int], bytes]:
    import pyarrow as pa  # the help, which names packings, does without

    read: Callable[[int], bytes]
    read = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), packing).read
    return read


_UNPACK: dict[str, Callable[[IO[bytes]], Callable[[int], bytes]]] = {
    "gzip": lambda file: _by_arrow(file, "gzip"),
    "zstd": lambda file: _by_arrow(file, "zstd"),
    "bz2": lambda file: _Parts(file, bz2.BZ2Decompressor).read,  # Arrow's fails at an empty part
    "xz": lambda file: _Parts(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY)).read,
}


class _Stream(io.RawIOBase):
    """Read once, from the beginning to the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    @abstractmethod
    def _next(self, most: int) -> bytes:
        """Up to so many bytes; none at the end."""


@final
class Continued(_Stream):
    """Bytes that were read of a stream already, and then its rest; it is left open."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def _next(self, most: int) -> bytes:
        head, self._head = self._head[:most], self._head[most:]
        if head:
            return head
        some: bytes = getattr(self._rest, "read1", self._rest.read)(most)
        return some


@final
class _Checked(_Stream):
    """What is unpacked, errors as one line that says where."""

    def __init__(self, read: Callable[[int], bytes], where: str) -> None:
        self._read, self._where, self._done = read, where, 0

    def _next(self, most: int) -> bytes:
        try:
            data = self._read(most)
        except Exception as error:  # of four libraries, some with errors of their own
            said = " ".join(str(error).split()) or type(error).__name__
            raise SourceError(
                f"{self._where} is damaged or cut short: after {self._done:,} bytes of text, {said}"
            ) from error
        self._done += len(data)
        return data


@final
class _Parts:
    """Packed parts one after the other, zeros between them, unpacked by Python's own library."""

    def __init__(self, file: IO[bytes], begin: Callable[[], Any]) -> None:
        """``begin`` makes what unpacks the next part."""
        self._file, self._begin = file, begin
        self._part, self._waiting = begin(), b""

    def read(self, most: int) -> bytes:
        """Some bytes, none at the end; an error for data that is not packed so."""
        while True:
            if self._part.eof and not self._next_part():
                return b""
            if self._part.needs_input and not self._waiting:
                self._waiting = self._file.read(_BUFFER)
                if not self._waiting:
                    raise EOFError("it ends before its end")
            data: bytes = self._part.decompress(self._waiting, most)
            self._waiting = b""
            if data:
                return data

    def _next_part(self) -> bool:
        """Whether there is another part."""
        self._waiting = self._part.unused_data
        while not (rest := self._waiting.lstrip(b"\0")):
            self._waiting = self._file.read(_BUFFER)
            if not self._waiting:
                return False
        self._part, self._waiting = self._begin(), rest
        return True
