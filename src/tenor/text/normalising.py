"""How a text and a word are made comparable before anything is cut: rules that never change.

A tokenizer names the rule it was made with, so that what was saved goes on meaning the same; a
better rule is a new number. docs/decisions/0011-normalising.md tells why the second is as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from tenor.text.patterns import marks, ranges_of

FIRST, NEWEST = 1, 2

# Letters with accents that careless typing leaves out. In other scripts a mark is a letter's own.
_EUROPEAN = (
    r"A-Za-z\u00aa\u00ba\u00c0-\u02b8\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f"
    r"\u0370-\u0482\u048a-\u052f\u1c80-\u1c8f\u1f00-\u1fff\ua640-\ua66e\ua680-\ua69d"
)
_EUROPEAN_LETTER = re.compile(f"[{_EUROPEAN}]")
# Scripts from Arabic to Adlam in which a zero-width joiner may make another word of it.
_JOINING = (
    r"\u0600-\u109f\u1700-\u1c7f\u1c90-\u1cff\ua840-\uaaff"
    r"\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
_JOINERS = r"\u200c\u200d"
_STRAY_JOINER = re.compile(
    f"(?<![{_JOINING}{_JOINERS}])[{_JOINERS}]+|[{_JOINERS}]+(?![{_JOINING}{_JOINERS}])"
)
_APOSTROPHE = re.compile(r"(?<=\w)\u02bc(?=\w)")
_FIRST = 0xFFFF
_INVISIBLE = ("\u00ad", "\ufeff", "\u2060")  # soft hyphen, zero-width no-break space, word joiner

# The same letters in another shape, by the tag of their decomposition, or one by one: ligatures and
# the long s of print, digraphs of old encodings, Greek variants, radicals that PDFs hold for Han.
_SHAPES = ("wide", "narrow", "font", "initial", "medial", "final", "isolated")
_PRINTED = (
    *(range(0xFB00, 0xFB07), range(0xFB13, 0xFB18), range(0xFB4F, 0xFB50)),
    *(range(0x17F, 0x180), range(0x132, 0x134)),
    *(range(0x1C4, 0x1CD), range(0x1F1, 0x1F4), range(0x3D0, 0x3D2), range(0x3D5, 0x3D7)),
    *(range(0x3F0, 0x3F2), range(0x2F00, 0x2FD6)),
)
_TAGGED = (
    *(range(0x2100, 0x2150), range(0xFB20, 0xFB2A), range(0xFB50, 0xFE00), range(0xFE70, 0xFFEF)),
    *(range(0x1D400, 0x1D800), range(0x1EE00, 0x1EF00), range(0x1FBF0, 0x1FBFA)),
)


def normalised(text: str, rule: int, lowercase: bool, strip_accents: bool) -> str:
    """``text`` by one of the rules."""
    if text.isascii():
        return text.lower() if lowercase else text
    return (_first if rule == FIRST else _second)(text, lowercase, strip_accents)


def _first(text: str, lowercase: bool, strip_accents: bool) -> str:
    if lowercase:
        text = text.lower()
    if not strip_accents or text.isascii():
        return text
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def _second(text: str, lowercase: bool, strip_accents: bool) -> str:
    text = folded(text)
    if lowercase:
        text = text.lower()
    if not strip_accents:
        return text
    text = without_accents(text)
    return text.lower() if lowercase else text


def folded(text: str) -> str:
    """``text`` composed (NFC), letters in their usual shape, without what nobody sees."""
    for sign in _INVISIBLE:
        text = text.replace(sign, "")
    text = unicodedata.normalize("NFC", _shapes()(text))
    if "\u200c" in text or "\u200d" in text:
        text = _STRAY_JOINER.sub("", text)
    return _APOSTROPHE.sub("'", text) if "\u02bc" in text else text


def without_accents(text: str) -> str:
    """Composed ``text`` with bare Latin, Greek and Cyrillic letters: é becomes e, ™ TM, ² 2."""
    return _marks_of_europe().sub("", _accents()(text))


@cache
def _shapes() -> Callable[[str], str]:
    """Writes letters in their usual shape."""
    usual = {chr(point): _decomposed(chr(point))[1] for points in _PRINTED for point in points}
    for point in (point for points in _TAGGED for point in points):
        tag, meant = _decomposed(chr(point))
        if tag in _SHAPES:
            usual[chr(point)] = meant.lstrip(" ")  # a mark alone stands on a blank
    return _writing({sign: "".join(usual.get(c, c) for c in own) for sign, own in usual.items()})


@cache
def _accents() -> Callable[[str], str]:
    """Writes signs that are European letters or digits once decomposed as these."""
    bare: dict[str, str] = {}
    for point in range(0xA0, 0x20000):
        sign = chr(point)
        if 0xAC00 <= point <= 0xD7A3 or not unicodedata.decomposition(sign):
            continue
        decomposed = unicodedata.normalize("NFKD", sign)
        letters = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
        of_europe = all(c in "0123456789" or _EUROPEAN_LETTER.match(c) for c in letters)
        if letters and of_europe:
            bare[sign] = letters
    return _writing(bare)


@cache
def _marks_of_europe() -> re.Pattern[str]:
    return re.compile(rf"(?<=[{_EUROPEAN}0-9])[{marks()}]+")


def _decomposed(sign: str) -> tuple[str, str]:
    """The tag of a sign's compatibility decomposition, and what it decomposes to."""
    tag, _, points = unicodedata.decomposition(sign).partition("> ")
    return tag.removeprefix("<"), "".join(chr(int(point, 16)) for point in points.split())


def _writing(otherwise: dict[str, str]) -> Callable[[str], str]:
    """Writes these signs otherwise.

    A pattern for all of them would be ten times as slow as one for the first 65,536 characters and
    one for whole blocks of the others.
    """
    points = set(map(ord, otherwise))
    first = re.compile(f"[{ranges_of(point for point in points if point <= _FIRST)}]")
    blocks = {point >> 8 for point in points if point > _FIRST}
    further = re.compile(f"[{ranges_of(b << 8 | low for b in blocks for low in range(256))}]")

    def written(text: str) -> str:
        text = first.sub(lambda found: otherwise[found[0]], text)
        return further.sub(lambda found: otherwise.get(found[0], found[0]), text)

    return written
