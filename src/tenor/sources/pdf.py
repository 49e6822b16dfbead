"""PDF: the text of all pages, words that were broken at the ends of lines mended."""

from __future__ import annotations

import logging
import re

from tenor.errors import SourceError
from tenor.sources.extracting import extracting
from tenor.sources.opening import File
from tenor.text.decoding import refuse_longer, storable

_BROKEN = re.compile(r"(?<=[^\W\d_])([-\u2010\u00ad])[ \t]*\n[ \t]*(?=[^\W\d_])")
_COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,40}-[^\W\d_]{1,40}(?![^\W\d_])")
_LONGEST = 40  # letters of a word on one side of a hyphen


def text(file: File, errors: str) -> str:
    """The text of a PDF; "" where it has none, as scans have not, or where a password hides it."""
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it can read all the same
    pages, size = [], 0
    with extracting(file, "PDF") as opened:
        reader = PdfReader(opened)
        if reader.is_encrypted and not reader.decrypt(""):
            return ""
        for page in reader.pages:
            try:
                pages.append(storable(page.extract_text()).strip())
            except LimitReachedError as error:
                raise SourceError(f"{file} unpacks to more than is read; leave it out") from error
            size += len(pages[-1])
            refuse_longer(size, str(file))
    return mended("\n".join(pages)).strip()


def mended(text: str) -> str:
    """The text with words that a hyphen breaks at the end of a line made whole.

    One that stands with its hyphen elsewhere in the text keeps it, and so does what goes on with a
    capital.
    """
    compounds = {found[0].lower() for found in _COMPOUND.finditer(text)}

    def joined(broken: re.Match[str]) -> str:
        before = re.search(r"[^\W\d_]+\Z", text[max(broken.start() - _LONGEST, 0) : broken.start()])
        after = re.match(r"[^\W\d_]+", text[broken.end() : broken.end() + _LONGEST])
        assert before and after
        if broken[1] == "\u00ad":
            return ""
        kept = after[0][0].isupper() or f"{before[0]}-{after[0]}".lower() in compounds
        return broken[1] if kept else ""

    return _BROKEN.sub(joined, text)
