"""Words of scripts that put no blanks between them, by ICU's dictionaries: the extra tenor[icu].

ICU (Unicode's own library) has dictionaries of Chinese and Japanese, Thai, Lao, Khmer and Burmese.
It is asked only for words that hold letters of these; all others stay as they were found. Which
words it finds depends on its version, so a tokenizer keeps that.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, final

from tenor.errors import InputError, ParameterName, TenorWarning
from tenor.text.patterns import marks, straight_words

# Each with its letters as the ranges of a regex, and whether ICU has a dictionary.
HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
THAI, LAO, KHMER = "\u0e01-\u0e5b", "\u0e81-\u0edf", "\u1780-\u17dd"
BURMESE = "\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f"
_LETTERS = f"{HAN}{KANA}{THAI}{LAO}{KHMER}{BURMESE}"
_LETTER, _IDEOGRAPH = re.compile(f"[{_LETTERS}]"), re.compile(f"[{HAN}]")


def weight(word: str) -> int:
    """The length of a word, of which an ideograph is two: many Chinese words are one."""
    return len(word) + (0 if word.isascii() else len(_IDEOGRAPH.findall(word)))


def icu_version() -> str:
    """The version of the ICU that is here, "78.3"; InputError where there is none."""
    try:
        from icu4py import icu_version as version
    except ImportError:
        named = ParameterName("tokenizer", 'tokenizer="icu"', "icu")
        raise InputError(named, ' needs ICU: pip install "tenor[icu]"') from None
    return str(version)


@cache
def segmenter(made_with: str) -> Segmenter:
    """The segmenter here, for words that were first cut by the ICU of that version.

    InputError without one; TenorWarning for another version, once.
    """
    here = icu_version()
    if here != made_with:
        warnings.warn(
            TenorWarning(
                f"these words were cut by ICU {made_with}, and this is ICU {here}: where their "
                "dictionaries differ, texts are cut otherwise now"
            ),
            stacklevel=2,
        )
    return Segmenter()


@final
class Segmenter:
    """Cuts words of scripts without blanks, as ICU does in every language alike."""

    def __init__(self) -> None:
        from icu4py.breakers import WordBreaker

        self._breaker: Any = WordBreaker

    def cut(self, texts: Iterable[Sequence[str]]) -> Iterator[list[str]]:
        """The words of each text, those that ICU knows parts of as these parts."""
        held = [list(_runs(words)) for words in texts]
        found = self._parts([run for runs in held for run in runs if _LETTER.match(run)])
        for runs in held:
            cut: list[str] = []
            for run in runs:
                cut += next(found) if _LETTER.match(run) else (run,)
            yield cut

    def _parts(self, words: Sequence[str]) -> Iterator[list[str]]:
        """Each word in parts; all are cut together, since a line end keeps them apart."""
        parts: list[str] = []
        for part in self._breaker("\n".join(words), "root") if words else ():
            if part == "\n":
                yield parts
                parts = []
            elif part.isalnum():
                parts.append(part)
            else:
                parts += straight_words(part)
        yield parts


def _runs(words: Iterable[str]) -> Iterator[str]:
    """The words, those with letters of these scripts parted from the others' in them.

    ICU sees no end of a word between a letter of Thai and one of Latin.
    """
    for word in words:
        if _LETTER.search(word) is None:
            yield word
            continue
        for run in _of_one_kind().findall(word):
            yield from (run,) if _LETTER.match(run) else straight_words(run)


@cache
def _of_one_kind() -> re.Pattern[str]:
    return re.compile(f"[{_LETTERS}][{_LETTERS}{marks()}\u200c\u200d]*|[^{_LETTERS}]+")
