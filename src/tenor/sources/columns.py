"""A document that comes alone, and which columns of a table documents come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tenor.errors import InputError, ParameterName, SourceError

ROLES = ("text", "id", "label", "embedding")
TEXT_COLUMNS = (
    *("text", "body", "content", "abstract"),
    *("document", "description", "message", "summary"),
)
OWN_NAMES = ("id", "text", "label", "words", "counts", "vector", "empty", "topics", "like_none")


def is_usual(column: str) -> bool:
    """Whether a column of this name is taken for the text, whatever it holds."""
    return column.lower() in TEXT_COLUMNS


class RawDocument(NamedTuple):
    """A document that comes alone, as out of a folder or a data set."""

    id: str
    text: str
    label: str | None
    where: str  # it was read from, for messages


@dataclass(frozen=True)
class Columns:
    """The columns of a table that are read."""

    text: str | None = None  # None: chosen by resolve
    id: str | None = None  # None: the row's number
    label: str | None = None
    keep: tuple[str, ...] = ()  # others, kept under their own names
    embedding: str | None = None  # as many numbers in every row

    def __post_init__(self) -> None:
        named = [*self.keep, *([] if self.embedding is None else [self.embedding])]
        for place, column in enumerate(named):
            if column in OWN_NAMES:
                raise InputError(
                    f'a column called "{column}" cannot be kept: a corpus or a table of vectors '
                    "has its own of that name; rename it"
                )
            if column in named[:place]:
                raise InputError(f'column "{column}" is asked for twice')

    def chosen(self) -> dict[str, str]:
        """The columns that were named for a role, by that role."""
        named = {role: getattr(self, role) for role in ROLES}
        return {role: column for role, column in named.items() if column is not None}

    def uses(self) -> list[tuple[str, str]]:
        """Every column that was named, with what it is needed for in words."""
        roles = [(column, f"for the {role}") for role, column in self.chosen().items()]
        return [*roles, *((column, "to keep") for column in self.keep)]

    def refuse(self, what: str) -> None:
        """Raise InputError when a column was named; ``what`` says what has none."""
        for role in self.chosen():
            raise InputError(f"{what}; leave ", ParameterName(f"{role}_column"), " out")
        if self.keep:
            raise InputError(f"{what}; leave ", ParameterName("keep"), " out")

    def resolve(self, names: Sequence[str], texts: Sequence[str], where: str) -> Columns:
        """These columns with the text column settled.

        Without a choice it is the one that is called text, body, content, … (the first of
        ``TEXT_COLUMNS``, in any case), else the only one of ``names`` that is in ``texts``.
        """
        there = ", ".join(names) or "none"
        for column, use in self.uses():
            if column not in names:
                raise SourceError(f'{where} has no column "{column}" {use}; it has: {there}')
        if self.text is not None:
            return self
        by_name = {name.lower(): name for name in reversed(texts)}
        usual = [by_name[name] for name in TEXT_COLUMNS if name in by_name]
        others = [name for name in texts if name not in dict(self.uses())]
        if usual or len(others) == 1:
            return replace(self, text=(usual or others)[0])
        raise SourceError(
            f"{where}: cannot tell which column holds the text; name it with ",
            ParameterName("text_column"),
            f"; it has: {there}",
        )
