"""Words of a given vocabulary that no text can hold, as the tokenizer never makes them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from tenor.checks import amount
from tenor.errors import TenorWarning
from tenor.text.tokenizer import JOINT, Tokenizer

_EXAMPLES = 3
_LETTERS = 30  # of a word, in a message


def uncountable(words: Iterable[str], tokenizer: Tokenizer) -> list[str]:
    """Those words that the tokenizer does not make of themselves, so of no text.

    What a tokenizer function makes of texts nobody can know: none are found. Where words are cut
    by a dictionary, what is around one decides; a word is let pass that could be one.
    """
    if tokenizer.function_name is not None:
        return []

    def is_made(word: str) -> bool:
        parts = word.split(JOINT) if tokenizer.phrases and word.count(JOINT) == 1 else [word]
        return all(tokenizer.word_of(part) == part and tokenizer.keeps(part) for part in parts)

    return [word for word in words if not is_made(word)]


def warn_of_uncountable(words: Iterable[str], tokenizer: Tokenizer) -> None:
    """Warn, once, of words that will have no counts, whatever the texts."""
    words = tuple(words)
    found = uncountable(words, tokenizer)
    if not found:
        return
    examples = ", ".join(_what_becomes_of(word, tokenizer) for word in found[:_EXAMPLES])
    more = ", …" if len(found) > _EXAMPLES else ""
    warnings.warn(
        TenorWarning(
            f"{len(found):,} of {amount(len(words), 'word')} of the vocabulary can never be "
            f"counted: the tokenizer makes {examples}{more}; write them as it cuts texts"
        ),
        stacklevel=4,
    )


def _what_becomes_of(word: str, tokenizer: Tokenizer) -> str:
    made = " and ".join(map(_quoted, tokenizer.tokens(word))) or "nothing"
    return f"{made} of {_quoted(word)}"


def _quoted(word: str) -> str:
    one_line = "".join(letter if letter.isprintable() else " " for letter in word)
    return f'"{one_line[:_LETTERS]}{"…" * (len(one_line) > _LETTERS)}"'
