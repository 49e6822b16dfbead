"""Names of topics: a person's, a namer's, or the three most telling words; no two the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenor import checks
from tenor.errors import InputError
from tenor.explore.telling import BETWEEN, distinct_names

IN_A_NAME = 3  # words
Namer = Callable[[list[str], list[str]], str]  # (words, documents) → name


def name_topics(
    words: Sequence[Sequence[str]],
    given: Sequence[str | None] | None = None,
    documents: Sequence[Sequence[str]] | None = None,
    namer: Namer | None = None,
    ids: Sequence[int] | None = None,
) -> list[str]:
    """A name for each of T topics.

    A name given by a person stays as it is. For the others ``namer`` is asked, if there is one,
    and its answer made one line; answers that are another topic's name get the topic's words
    behind them. Without a namer a name is the first three words, or more where these are the same.

    Args:
        words: for each topic the words it shows, the best first.
        given: for each topic the name that a person gave, or None.
        documents: for each topic the texts that show it; none where a namer asks for none.
        namer: any callable from a topic's words and documents to a name.
        ids: the topics' numbers; 0 to T − 1 when None.

    Raises:
        InputError: for lists of other lengths, or when the namer's answer is no name.
    """
    given = [None] * len(words) if given is None else given
    documents = [()] * len(words) if documents is None else documents
    ids = range(len(words)) if ids is None else ids
    for name, values in (("given", given), ("documents", documents), ("ids", ids)):
        checks.same_length(name, values, len(words))
    taken = {name for name in given if name is not None}
    rest = [place for place, name in enumerate(given) if name is None]
    if namer is None:
        numbers = [f"topic {ids[place]}" for place in rest]
        found = distinct_names([words[place] for place in rest], IN_A_NAME, numbers, taken)
    else:
        found = []
        for place in rest:
            answer = namer(list(words[place]), list(documents[place]))
            name = _cleaned(answer, ids[place], words[place])
            found.append(_told_apart(name, words[place], ids[place], {*taken, *found}))
    named = dict(zip(rest, found, strict=True))
    return [named[place] if name is None else name for place, name in enumerate(given)]


def checked_name(name: object) -> str:
    """A person's name for a topic, without spaces around it.

    Raises:
        InputError: when it is not a string, empty, or more than one printable line.
    """
    if not isinstance(name, str):
        raise InputError(f"a topic's name must be a string, not {type(name).__name__}")
    stripped = name.strip()
    if not stripped:
        raise InputError("a topic's name must not be empty")
    if not stripped.isprintable():
        raise InputError(f"a topic's name must be one line of printable characters, not {name!r}")
    return stripped


def described(topic: int, words: Sequence[str]) -> str:
    """A topic in a message: ``3 (space nasa orbit …)``."""
    more = " …" if len(words) > IN_A_NAME else ""
    return f"{topic} ({' '.join(words[:IN_A_NAME])}{more})"


def _cleaned(answer: object, topic: int, words: Sequence[str]) -> str:
    """The answer on one line."""
    asked = f"the namer was asked for a name of topic {described(topic, words)}"
    if not isinstance(answer, str):
        raise InputError(f"{asked} and returned {type(answer).__name__}; it must return a string")
    printable = "".join(sign if sign.isprintable() else " " for sign in answer)
    line = " ".join(printable.split())
    if not line:
        raise InputError(f"{asked} and returned an empty string")
    return line


def _told_apart(name: str, words: Sequence[str], topic: int, taken: set[str]) -> str:
    candidates = [BETWEEN.join([name, *words[:n]]) for n in range(len(words) + 1)]
    candidates.append(f"{name}{BETWEEN}{topic}")
    return next((free for free in candidates if free not in taken), candidates[-1])
