"""A document that comes alone, and which columns of a table documents come from."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources.guessing import guess_text

ROLES = ("text", "id", "label", "embedding")
OWN_NAMES = ("id", "text", "label", "words", "counts", "vector", "empty", "topics", "like_none")
AUTO = "auto"
_SHOWN, _CHARACTERS = 30, 40  # of columns, in a message: names, and of each so much

Sample = Callable[[], Mapping[str, Sequence[Any]]]  # of columns with text: the first rows' values


class RawDocument(NamedTuple):
    """A document that comes alone, as out of a folder or a data set."""

    id: str
    text: str
    label: str | None
    where: str  # it was read from, for messages


@dataclass(frozen=True)
class Dialect:
    """How the fields of a CSV file are told apart; see the parameters of these names."""

    delimiter: str = AUTO
    quote: str = AUTO
    header: bool = True

    def refuse(self, what: str) -> None:
        """Raise InputError when it was chosen; ``what`` says what has no fields."""
        for option in fields(self):
            if getattr(self, option.name) != option.default:
                raise InputError(f"{what}; leave ", ParameterName(option.name), " out")


@dataclass(frozen=True)
class Columns:
    """The columns of a table that are read, and how."""

    text: str | tuple[str, ...] | None = None  # several are joined; None: chosen by resolve
    id: str | None = None  # None: the row's number
    label: str | None = None
    keep: tuple[str, ...] = ()  # others, kept under their own names
    embedding: str | None = None  # as many numbers in every row
    missing_text: str = "empty"  # or "refuse"
    dialect: Dialect = Dialect()

    def __post_init__(self) -> None:
        named = [*self.keep, *([] if self.embedding is None else [self.embedding])]
        for column in named:
            if column in OWN_NAMES:
                raise InputError(
                    f'a column called "{column}" cannot be kept: a corpus or a table of vectors '
                    "has its own of that name; rename it"
                )
        for several in (self.texts, named):
            for place, column in enumerate(several):
                if column in several[:place]:
                    raise InputError(f'column "{column}" is asked for twice')

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that are joined to the text."""
        return (self.text,) if isinstance(self.text, str) else self.text or ()

    def chosen(self) -> list[tuple[str, str]]:
        """Every role that columns were named for, and the column."""
        others = ((role, getattr(self, role)) for role in ROLES[1:])
        named = [(role, column) for role, column in others if column is not None]
        return [*(("text", column) for column in self.texts), *named]

    def uses(self) -> list[tuple[str, str]]:
        """Every column that was named, with what it is needed for in words."""
        roles = [(column, f"for the {role}") for role, column in self.chosen()]
        return [*roles, *((column, "to keep") for column in self.keep)]

    def refuse(self, what: str) -> None:
        """Raise InputError when a column was named; ``what`` says what has none."""
        for role, _ in self.chosen():
            raise InputError(f"{what}; leave ", ParameterName(f"{role}_column"), " out")
        if self.keep:
            raise InputError(f"{what}; leave ", ParameterName("keep"), " out")
        self.dialect.refuse(what)

    def resolve(self, names: Sequence[str], sample: Sample, where: str) -> Resolved:
        """These columns with the text column settled, for a table of columns so called.

        A name with commas that no column has stands for several. Without a choice the text is found
        by :func:`tenor.sources.guessing.guess_text`.
        """
        settled = self._split(names)
        others: tuple[str, ...] = ()
        refuse_absent(settled.uses(), names, where)
        if settled.text is None:
            roles = {column for role, column in self.chosen()}
            looked_at = {n: values for n, values in sample().items() if n not in roles}
            found = guess_text(looked_at, self.keep)
            if found.column is None:
                holding = f"; text is in: {_listed(found.others)}" if found.others else ""
                raise SourceError(
                    f"{where}: cannot tell which column holds the text; name it with ",
                    ParameterName("text_column"),
                    f"; it has: {_listed(names)}{holding}",
                )
            settled, others = replace(settled, text=found.column), found.others
        for column, use in settled.uses():
            places = [str(place) for place, name in enumerate(names, 1) if name == column]
            if len(places) > 1:
                raise SourceError(
                    f'{where} has more than one column "{column}" {use}: the columns '
                    f"{' and '.join(places)}; rename one of them"
                )
        return Resolved(settled, others)

    def _split(self, names: Sequence[str]) -> Columns:
        if not isinstance(self.text, str) or self.text in names or "," not in self.text:
            return self
        parts = tuple(part.strip() for part in self.text.split(",") if part.strip())
        return replace(self, text=parts or self.text)


class Resolved(NamedTuple):
    """The columns that are read of a table."""

    columns: Columns
    others: tuple[str, ...] = ()  # where the text was guessed: that hold text as well


def refuse_absent(
    uses: Sequence[tuple[str, str]], names: Sequence[str], where: str, what: str = "column"
) -> None:
    """Raise SourceError for the first column of ``uses`` that is none of ``names``."""
    for column, use in uses:
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1, cutoff=0.7)
            meant = f' (did you mean "{near[0]}"?)' if near else ""
            raise SourceError(
                f'{where} has no {what} "{column}" {use}{meant}; it has: {_listed(names)}'
            )


def _listed(names: Sequence[str]) -> str:
    shown = [_cut(name) or "(no name)" for name in names[:_SHOWN]]
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return ", ".join([*shown, *more]) or "none"


def _cut(name: str) -> str:
    return name if len(name) <= _CHARACTERS else f"{name[:_CHARACTERS]}…"
