"""A document as a reader hands it on, and which columns of a table it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tenor.errors import ParameterName, SourceError

TEXT_COLUMNS = (
    "text",
    "body",
    "content",
    "abstract",
    "document",
    "description",
    "message",
    "summary",
)


def is_usual(column: str) -> bool:
    """Whether a column of this name is taken for the text, whatever it holds."""
    return column.lower() in TEXT_COLUMNS


class RawDocument(NamedTuple):
    """One document of a source, in the source's order.

    Attributes:
        id: its name, unique in the source.
        text: its text; None (a null in the source) is an empty document.
        label: its label, or None.
        where: the place it was read from, for messages.
    """

    id: str
    text: str | None
    label: str | None
    where: str


@dataclass(frozen=True)
class Columns:
    """The columns of a table that hold text, id and label; None: chosen, row number, no label."""

    text: str | None = None
    id: str | None = None
    label: str | None = None

    def chosen(self) -> dict[str, str]:
        """The columns that were named, by what they are for."""
        named = {"text": self.text, "id": self.id, "label": self.label}
        return {role: column for role, column in named.items() if column is not None}

    def resolve(self, names: Sequence[str], texts: Sequence[str], where: str) -> Columns:
        """These columns with the text column settled.

        Without a choice it is the one that is called text, body, content, … (the first of
        ``TEXT_COLUMNS``, in any case), else the only column that holds text.

        Args:
            names: the columns there are.
            texts: those of them that hold text.
            where: the table, for messages.

        Raises:
            SourceError: lists the columns there are when one is missing or none is evident.
        """
        there = ", ".join(names) or "none"
        for role, column in self.chosen().items():
            if column not in names:
                raise SourceError(
                    f'{where} has no column "{column}" for the {role}; it has: {there}'
                )
        if self.text is not None:
            return self
        by_name = {name.lower(): name for name in reversed(texts)}
        usual = [by_name[name] for name in TEXT_COLUMNS if name in by_name]
        others = [name for name in texts if name not in self.chosen().values()]
        if usual or len(others) == 1:
            return Columns((usual or others)[0], self.id, self.label)
        raise SourceError(
            f"{where}: cannot tell which column holds the text; name it with ",
            ParameterName("text_column", "text_column (--text-column)"),
            f"; it has: {there}",
        )
