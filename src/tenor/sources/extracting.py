"""What the readers of HTML, PDF and Word share: the extra tenor[documents]."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from tenor.errors import SourceError, TenorError
from tenor.sources.opening import File
from tenor.text.decoding import LONGEST, refuse_longer


@contextmanager
def extracting(file: File, kind: str) -> Iterator[IO[bytes]]:
    """A file opened to be read in any order; whatever a library says of it becomes one line."""
    with _opened(file) as opened:
        try:
            yield opened if opened.seekable() else io.BytesIO(_all_of(opened, str(file)))
        except TenorError:
            raise
        except Exception as error:  # not in the library's words, which may be the user's text
            raise SourceError(
                f"{file} is damaged, or no {kind} ({type(error).__name__}); mend it or leave it out"
            ) from error


@contextmanager
def _opened(file: File) -> Iterator[IO[bytes]]:
    try:
        with file.unpacked() as opened:
            yield opened
    except OSError as error:
        raise SourceError(f"cannot read {file}: {error.strerror or error}") from error


def refuse_larger(size: int, most: int, where: str) -> None:
    """Raise SourceError for more bytes, unpacked, than a library may make objects of."""
    if size > most:
        raise SourceError(
            f"{where} is larger than {most >> 20} MiB, the most that is read of such a file; "
            "leave it out, or save its text alone"
        )


def _all_of(opened: IO[bytes], where: str) -> bytes:
    data = opened.read(LONGEST + 1)
    refuse_longer(len(data), where)
    return data
