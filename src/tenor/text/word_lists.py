"""What callers hold the words of a vocabulary in: put in the order of their places."""

from __future__ import annotations

from collections import Counter
from collections.abc import ItemsView, Iterable, KeysView, Mapping, Set
from typing import Any

from tenor.checks import amount, is_whole, kind_of, shown
from tenor.errors import ParameterName, VocabularyError


def words_in_order(words: Any) -> tuple[str, ...]:
    """What a caller holds words in, in the order of their places; VocabularyError for no order."""
    if isinstance(words, Mapping):
        return _by_place(words)
    if isinstance(words, Set) and not isinstance(words, KeysView | ItemsView):
        raise VocabularyError(
            ParameterName("vocabulary"),
            f" is {kind_of(words)}, which has another order in every run; pass sorted(words)",
        )
    if isinstance(words, str | bytes) or not isinstance(words, Iterable) or _is_table(words):
        raise no_words(words)
    if hasattr(words, "to_pylist"):  # Arrow's
        words = words.to_pylist()
    # NumPy's strings become Python's.
    return tuple(str(word) if isinstance(word, str) else word for word in words)


def _by_place(place_of: Mapping[Any, Any]) -> tuple[str, ...]:
    """The words of a dict that gives each its place."""
    if isinstance(place_of, Counter):
        raise VocabularyError(
            ParameterName("vocabulary"),
            " is a Counter, which says how often words occur, not in which order; pass a list",
        )
    words: list[Any] = [None] * len(place_of)
    taken: set[int] = set()
    for word, place in place_of.items():
        fits = is_whole(place) and 0 <= place < len(words)
        if not fits or place in taken:
            has = f"{shown(place)}, as another has" if fits else shown(place)
            raise VocabularyError(
                ParameterName("vocabulary"),
                f" as a dict of {amount(len(words), 'word')} must give each a place of its own, a "
                f"whole number from 0 to {len(words) - 1}; {shown(word)} has {has}",
            )
        words[place] = str(word) if isinstance(word, str) else word
        taken.add(int(place))
    return tuple(words)


def _is_table(words: Any) -> bool:
    return len(getattr(words, "shape", (1,))) != 1 or hasattr(words, "column_names")


def no_words(given: Any) -> VocabularyError:
    """About what cannot be the words of a vocabulary."""
    return VocabularyError(
        ParameterName("vocabulary"),
        " must be a list of words, a dict of their places or the path of a file of them, "
        f"not {shown(given)}",
    )
