"""Short names out of telling words, no two the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence

BETWEEN = " · "


def distinct_names(
    words: Sequence[Sequence[str]],
    size: int,
    otherwise: Sequence[str],
    taken: Collection[str] = (),
) -> list[str]:
    """Names that differ: more words where the first ones are the same.

    Args:
        words: for each thing its words, the most telling first.
        size: words in a name.
        otherwise: for each thing its name where its words do not tell it from the others.
        taken: names that are others' already.
    """
    names: list[str] = []
    for name, ranked in zip(otherwise, words, strict=True):
        for length in range(min(size, len(ranked)), len(ranked) + 1):
            candidate = BETWEEN.join(ranked[:length])
            if candidate and candidate not in names and candidate not in taken:
                name = candidate
                break
        names.append(name)
    return names
