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
    try:
        with file.unpacked() as opened:
            yield opened if opened.seekable() else io.BytesIO(_all_of(opened, str(file)))
    except TenorError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise SourceError(f"cannot read {file}: {error.strerror}") from error
        raise SourceError(  # not in the library's words, which may be the user's text
            f"{file} is damaged, or no {kind} ({type(error).__name__}); mend it or leave it out"
        ) from error


def _all_of(opened: IO[bytes], where: str) -> bytes:
    data = opened.read(LONGEST + 1)
    refuse_longer(len(data), where)
    return data
