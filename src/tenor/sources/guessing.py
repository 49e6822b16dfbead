"""Which column of a table holds the text: by what its columns are called and what is in them.

Of each column the letters of running text are counted in the first rows, and repeated values count
once: an empty column called "text", categories, links, dates and ids hold none. A column called
text, body, review, … counts for several others, one called title or url for half of one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

LOOKED_AT = 256  # rows
USUAL = {
    **dict.fromkeys(("text", "body", "content"), 16.0),
    **dict.fromkeys(("abstract", "document", "review", "comment", "tweet", "message"), 8.0),
    **dict.fromkeys(("sentence", "post", "article", "transcript"), 8.0),
    **dict.fromkeys(("description", "summary"), 4.0),
}
_LITTLE = {
    *("title", "headline", "subject", "name", "author", "user", "id", "url", "link", "uri", "path"),
    *("date", "time", "language", "lang", "label", "category", "class", "type", "source", "tag"),
    *("length", "count", "score", "rating", "hash", "file", "number"),
}
_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\\W\\d_A-Za-z]+")
_ADDRESS = re.compile(r"\S*[/@\\:=_|<>{}]\S*")
_CHARACTERS = 2000  # looked at of a text
_LEAST = 0.25  # letters a row that every column is taken to have: few rows say little
_TEXT = 8  # letters a row, below which a column whose name says nothing is not taken for text


class Guess(NamedTuple):
    """The column that holds the text, if that is evident, and others that hold text too."""

    column: str | None
    others: tuple[str, ...] = ()


def is_usual(column: str) -> bool:
    """Whether a column of this name is taken for the text, whatever it holds."""
    return _usual(column) is not None


def guess_text(sample: Mapping[str, Sequence[Any]], kept: Collection[str] = ()) -> Guess:
    """Choose among columns by their first values, of which only strings count.

    One that is ``kept`` is chosen where it has a usual name. Columns within a factor of two of the
    best one are equally good: of those the first in ``USUAL`` is taken, else the only one whose
    name speaks of text; None where there are several.
    """
    sample = {name: values for name, values in sample.items() if name not in kept or is_usual(name)}
    letters = {name: _letters_a_row(values) for name, values in sample.items()}
    holding = [name for name, amount in letters.items() if amount >= _TEXT]
    if len(sample) < 2:
        return Guess(next(iter(sample), None))
    scores = {name: (letters[name] + _LEAST) * _weight(name) for name in sample}
    best = [name for name, score in scores.items() if score * 2 >= max(scores.values())]
    usual = sorted(filter(is_usual, best), key=lambda name: [*USUAL].index(_usual(name) or ""))
    named = [name for name in best if _weight(name) > 1]
    for found in (usual[:1], named, best):
        if len(found) == 1 and (found[0] in holding or _weight(found[0]) > 1):
            return Guess(found[0], tuple(name for name in holding if name != found[0]))
        if found:
            break
    return Guess(None, tuple(holding))


def _words(column: str) -> list[str]:
    """The words of a name such as reviewText, full_text or "Review Texts", in the singular."""
    lowered = (word.lower() for word in _WORD.findall(column))
    return [word[:-1] if word.endswith("s") and word[:-1] in USUAL else word for word in lowered]


def _usual(column: str) -> str | None:
    words = _words(column)
    return words[0] if len(words) == 1 and words[0] in USUAL else None


def _weight(column: str) -> float:
    words = _words(column)
    if not _LITTLE.isdisjoint(words):
        return 0.5
    weight = max((USUAL[word] for word in words if word in USUAL), default=1.0)
    return weight if len(words) == 1 else max(weight / 2, 1.0)


def _letters_a_row(values: Sequence[Any]) -> float:
    """Letters of running text a row, times the share of values that are different."""
    texts = [stripped for v in values if isinstance(v, str) and (stripped := v.strip())]
    if not texts:
        return 0.0
    return sum(map(_letters, texts)) / len(values) * len(set(texts)) / len(texts)


def _letters(text: str) -> float:
    """The letters of a text, about; of a single word a quarter, of what is no words none."""
    some = text[:_CHARACTERS]
    letters = sum(map(str.isalpha, some))
    if 2 * letters < len(some) or _ADDRESS.fullmatch(some):
        return 0.0
    alone = some.isascii() and not any(map(str.isspace, some))
    return letters * len(text) / len(some) / (4 if alone else 1)
