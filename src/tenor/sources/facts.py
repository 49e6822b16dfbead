"""What was found in a source, for a person to see: the half of it that a reader knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tenor.checks import amount
from tenor.legible import legible
from tenor.sources.columns import ROLES, Columns

TEXT, DATA_SET, PREPARED = "text", "data set", "prepared corpus"  # formats that are no table's
PASSED_TEXTS, PASSED_COUNTS = "texts passed from Python", "counts passed from Python"
EARLIER = "earlier documents"  # of which a corpus of before says nothing
_NO_FILES = (DATA_SET, PREPARED, PASSED_TEXTS, PASSED_COUNTS, EARLIER)
PASSED = "documents passed from Python"  # what is called so where a source's name would stand
STANDARD_INPUT = "-"
KEEP = "keep"  # columns, beside those that have a role
RECORDED = 100  # skipped files that a record names
_SHOWN = 3  # those that a line names


@dataclass(frozen=True)
class ReadFacts:
    """What was found in a source. Columns are known with the first batch, numbers at the end."""

    formats: tuple[str, ...] = ()  # what people call them: "CSV"; TEXT, DATA_SET, …
    unit: str | None = None  # what a document is: "file", "line" or "row" of one; None: neither
    sources: tuple[str, ...] = ()  # as they were named; "-" is standard input
    files: int = 0  # that are read
    names: tuple[str, ...] = ()  # of the columns of the first table
    taken: Columns | None = None  # those of them that are read, the text's settled
    guessed: bool = False  # nobody named the text's column
    others: tuple[str, ...] = ()  # columns that hold text too, where it was guessed
    n_missing: int = 0  # documents whose text is missing, which are empty ones
    skipped: tuple[tuple[str, str], ...] = ()  # files that are not read, each with the reason
    also_skipped: int = 0  # so many more, which are not named
    n_split: int | None = None  # documents that were split into passages; None: they were not
    notes: tuple[str, ...] = ()  # lines on what a person may have meant otherwise

    @property
    def n_skipped(self) -> int:
        """How many files were not read."""
        return len(self.skipped) + self.also_skipped

    @property
    def what(self) -> str:
        """What was read: "2 CSV files, a document a row"."""
        others = [known for known in self.formats if known in _NO_FILES]
        formats = _listed([known for known in self.formats if known not in _NO_FILES])
        parts = []
        if STANDARD_INPUT in self.sources:
            alone = formats and not self.files
            parts.append(f"standard input as {formats}" if alone else "standard input")
        if self.files:
            parts.append(amount(self.files, f"{formats} file"))
        if not parts and self.sources and {*others} <= {DATA_SET, PREPARED}:
            kind = f"the {_listed(others)}" if others else "documents of"
            parts.append(f"{kind} {', '.join(self.sources)}")
        else:
            parts += [f"a {known}" if known in (DATA_SET, PREPARED) else known for known in others]
        return _listed(parts or ["documents"]) + (
            f", a document a {self.unit}" if self.unit else ""
        )

    @property
    def columns(self) -> str:
        """Which columns were taken: 'text from "review" (guessed), kept: year'; "" of no table."""
        if self.taken is None:
            return ""
        named = {role: getattr(self.taken, role) for role in ROLES}
        said = [f'{role} from "{_named(name)}"' for role, name in named.items() if name]
        if said and self.guessed:
            also = f"; others with text: {', '.join(self.others)}" if self.others else ""
            said[0] += f" (guessed{also})"
        if self.taken.keep:
            said.append(f"kept: {', '.join(self.taken.keep)}")
        return ", ".join(said)

    @property
    def left_out(self) -> str:
        """Which files were skipped, a few of them by name: "columns.txt (not a table)"; or ""."""
        said = [f"{name} ({why})" for name, why in self.skipped[:_SHOWN]]
        more = self.n_skipped - len(said)
        return ", ".join(said) + (f" and {amount(more, 'more file')}" if more else "")

    def plus(self, more: ReadFacts) -> ReadFacts:
        """What was found here and in further sources; columns are those of the first."""
        split = (self.n_split, more.n_split)
        return ReadFacts(
            formats=tuple(dict.fromkeys((*self._kinds, *more._kinds))),
            unit=self.unit if self.unit == more.unit else None,
            sources=(*self.sources, *more.sources),
            files=self.files + more.files,
            names=self.names or more.names,
            taken=self.taken or more.taken,
            guessed=self.guessed or more.guessed,
            others=self.others,
            n_missing=self.n_missing + more.n_missing,
            n_split=None if None in split else sum(filter(None, split)),
            skipped=(*self.skipped, *more.skipped),
            also_skipped=self.also_skipped + more.also_skipped,
            notes=(*self.notes, *more.notes),
        )

    @property
    def _kinds(self) -> tuple[str, ...]:
        """The formats, beside others: of a corpus of before, nobody knows them."""
        known = self.formats or STANDARD_INPUT in self.sources
        return self.formats if known else (EARLIER,)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        taken = self.taken and {part: _plain(getattr(self.taken, part)) for part in (*ROLES, KEEP)}
        return {
            "sources": list(self.sources),
            "formats": list(self.formats),
            "unit": self.unit,
            "n_files": self.files,
            "columns": list(self.names),
            "taken": taken and {part: name for part, name in taken.items() if name},
            "text_guessed": self.guessed,
            "other_texts": list(self.others),
            "n_missing": self.n_missing,
            "n_split": self.n_split,
            "n_skipped": self.n_skipped,
            "skipped": [{"file": name, "why": why} for name, why in self.skipped[:RECORDED]],
            "notes": [legible(note) for note in self.notes],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What :meth:`to_json` described; KeyError, TypeError or ValueError for anything else."""
        taken = values["taken"]
        skipped = tuple((str(one["file"]), str(one["why"])) for one in values["skipped"])
        return cls(
            formats=_strings(values["formats"]),
            unit=values["unit"],
            sources=_strings(values["sources"]),
            files=int(values["n_files"]),
            names=_strings(values["columns"]),
            taken=None if taken is None else Columns(**{k: _frozen(v) for k, v in taken.items()}),
            guessed=bool(values["text_guessed"]),
            others=_strings(values["other_texts"]),
            n_missing=int(values["n_missing"]),
            n_split=None if (n_split := values.get("n_split")) is None else int(n_split),
            skipped=skipped,
            also_skipped=int(values["n_skipped"]) - len(skipped),
            notes=_strings(values["notes"]),
        )


def _listed(parts: Sequence[str]) -> str:
    """One, two and three."""
    *some, last = parts or ("",)
    return " and ".join(filter(None, (", ".join(some), last)))


def _strings(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _named(columns: str | Sequence[str]) -> str:
    """A column, or several that are taken together."""
    return columns if isinstance(columns, str) else '", "'.join(columns)
