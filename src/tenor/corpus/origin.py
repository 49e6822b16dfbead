"""Where a corpus is from: the record that goes with it to its folder, a fit and a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from tenor.checks import amount
from tenor.corpus.coverage import Coverage
from tenor.legible import legible
from tenor.sources.facts import PREPARED, ReadFacts


@dataclass(frozen=True)
class Origin:
    """What was read, and how much of it the vocabulary knows; its str is a line that says so."""

    read: ReadFacts = field(default_factory=ReadFacts)
    coverage: Coverage | None = None  # of these documents; None: not known, as of chosen rows
    made_from: Origin | None = None  # what a prepared corpus was once read from

    @classmethod
    def of_prepared(cls, name: str, coverage: Coverage | None, before: Origin | None) -> Self:
        """Of documents that come out of a prepared corpus."""
        return cls(ReadFacts((PREPARED,), sources=(name,)), coverage, before)

    def plus(self, more: Origin) -> Origin:
        """Of these documents and further ones."""
        coverage = self.coverage
        if coverage is not None:
            coverage = None if more.coverage is None else coverage.plus(more.coverage)
        return Origin(self.read.plus(more.read), coverage, self.made_from)

    def of_some(self) -> Origin:
        """The same for some of the documents: nobody counted how much of them is known."""
        return replace(self, coverage=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Lines that a person should see also where nothing else is told."""
        skipped = (f"skipped: {self.read.left_out}",) if self.read.n_skipped else ()
        return (*map(legible, skipped), *self.notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of them on what may have been meant otherwise."""
        return tuple(map(legible, self.read.notes))

    def __str__(self) -> str:
        read = self.read
        made_from = "" if self.made_from is None else f", made from {self.made_from.read.what}"
        counted = "" if self.coverage is None else f": {self._counted(self.coverage)}"
        skipped = f"skipped: {read.left_out}" if read.n_skipped else ""
        parts = (f"{read.what}{made_from}{counted}", read.columns, skipped)
        return legible("; ".join(filter(None, parts)))

    def _counted(self, coverage: Coverage) -> str:
        missing = self.read.n_missing
        empty = coverage.n_empty - missing
        said = [f"{missing:,} without a text"] if missing else []
        if empty > 0:
            said.append(f"{empty:,} {'more ' if missing else ''}without a known word")
        counted = self._documents(coverage) + (f" ({', '.join(said)})" * bool(said))
        if coverage.n_tokens is None:
            return f"{counted}, {amount(coverage.n_known, 'token')}"
        tokens = f"{counted}, {amount(coverage.n_tokens, 'token')}"
        if coverage.n_known == coverage.n_tokens:
            return tokens
        return f"{tokens}, {coverage.n_known:,} of them in the vocabulary"

    def _documents(self, coverage: Coverage) -> str:
        if self.read.n_split is None:
            return amount(coverage.n_documents, "document")
        whole = amount(self.read.n_split, "document")
        return f"{whole} split into {amount(coverage.n_documents, 'passage')}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; "summary" is the line."""
        return {
            "summary": str(self),
            **self.read.to_json(),
            "coverage": None if self.coverage is None else self.coverage.to_json(),
            "made_from": None if self.made_from is None else self.made_from.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What :meth:`to_json` described; KeyError, TypeError or ValueError for anything else."""
        coverage, before = values["coverage"], values["made_from"]
        return cls(
            ReadFacts.from_json(values),
            None if coverage is None else Coverage.from_json(coverage),
            None if before is None else cls.from_json(before),
        )
