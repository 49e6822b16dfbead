"""What counts as a word: the named patterns, and how text is made ready for them.

``unicode``: a run of letters and digits of any script with their combining marks, so that
Devanagari vowel signs or a decomposed accent do not cut a word in two. An apostrophe between
two such runs stays inside the token (don't, l'été), a typographic one is written straight,
and so do the zero-width joiners of Persian and Indic scripts. Soft hyphens vanish; underscores
separate.

``icu``: the same, and what stands between blanks in scripts that put none between words (Chinese,
Japanese, Thai, Khmer) is cut further; see :mod:`tenor.text.segmenting`.

``a-z``: a run of the 26 letters (both cases when lower-casing is off); all else separates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

PATTERNS = ("unicode", "icu", "a-z")

_JOINERS = "'\u200c\u200d"
_WRITTEN_STRAIGHT = (("\u2019", "'"), ("\u00ad", ""), ("\ufeff", ""), ("_", " "))
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")
_LATIN_LOWER = re.compile(r"[a-z]+")
_LATIN = re.compile(r"[A-Za-z]+")


def latin_words(text: str, lowered: bool) -> list[str]:
    """The matches of ``[a-z]+``, or of ``[A-Za-z]+`` in text that kept its capitals."""
    return (_LATIN_LOWER if lowered else _LATIN).findall(text)


def unicode_words(text: str) -> list[str]:
    """The words of ``text`` in any script, composed (NFC)."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return straight_words(straightened(text))


def straightened(text: str) -> str:
    """``text`` composed (NFC), its typographic apostrophes straight, without soft hyphens."""
    for written, meant in _WRITTEN_STRAIGHT:
        text = text.replace(written, meant)
    return unicodedata.normalize("NFC", text)


def straight_words(text: str) -> list[str]:
    """The words of a text in any script that is :func:`straightened`."""
    return _any_script().findall(text)


@cache
def _any_script() -> re.Pattern[str]:
    letter, mark = r"\w", marks()  # underscores are blanks by now
    run = rf"{letter}[{letter}{mark}]*"
    return re.compile(rf"{run}(?:[{_JOINERS}]{run})*")


@cache
def marks() -> str:
    """The combining marks as regex ranges; emoji variation selectors are not among them."""
    return ranges_of(
        point
        for block in (range(0x300, 0x20000), range(0xE0100, 0xE01F0))
        for point in block
        if unicodedata.category(chr(point)) in ("Mn", "Mc") and not 0xFE00 <= point <= 0xFE0F
    )


def ranges_of(points: Iterable[int]) -> str:
    """Code points as what stands between the brackets of a regex."""
    ranges: list[list[int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)
