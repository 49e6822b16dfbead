"""A table on its way to standard output and, when asked, to its section of RESULTS.md."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import tables

RESULTS = Path(__file__).parent / "RESULTS.md"
# The order of the sections, whichever command ran first.
SECTIONS = ("step", "epoch", "prepare", "summaries", "transform", "growth", "topics")
HEAD = """# Results of the last run

Each section is written by the command it names, run with `--save`; `make bench` writes all.
"""


class Report:
    """One table's Markdown, printed as it comes and kept for :meth:`save`."""

    def __init__(self, name: str, title: str, asked: argparse.Namespace) -> None:
        self.name, self.asked = name, asked
        self.lines: list[str] = []
        self.line(f"## {title}\n")
        self.line(f"`{_command(name)}`\n")
        if asked.quick:
            self.line("**Tiny sizes, to see that it works: no figures to quote.**\n")
        for fact in tables.circumstances():
            self.line(f"- {fact}")
        self.line()

    def line(self, text: str = "") -> None:
        """A line of Markdown."""
        print(text, flush=True)
        self.lines.append(text)

    def row(self, *cells: object) -> None:
        """A row of a table."""
        self.line("| " + " | ".join(str(cell) for cell in cells) + " |")

    def header(self, *cells: str) -> None:
        """The head of a table."""
        self.line()
        self.row(*cells)
        self.row(*["---"] * len(cells))

    def save(self) -> None:
        """Put the section into the results' file, if that was asked for."""
        if not self.asked.save:
            return
        path = Path(self.asked.results)
        before = path.read_text(encoding="utf-8") if path.exists() else HEAD
        path.write_text(with_section(before, self.name, "\n".join(self.lines)), encoding="utf-8")
        print(f"\nsaved in {path}")


def _command(name: str) -> str:
    """How the table was made, as it was asked for."""
    given = sys.argv[1:] if Path(sys.argv[0]).stem == name else []
    if "--results" in given:
        place = given.index("--results")
        given = given[:place] + given[place + 2 :]
    given = [one for one in given if one != "--save"]
    return " ".join(["python", f"benchmarks/{name}.py", *given])


def with_section(text: str, name: str, body: str) -> str:
    """``text`` with section ``name`` replaced, or put in its place among the others."""
    block = f"<!-- {name} -->\n{body.strip()}\n<!-- /{name} -->\n"
    mark = re.compile(f"<!-- {name} -->\n.*?<!-- /{name} -->\n", re.DOTALL)
    if mark.search(text):
        return mark.sub(lambda _: block, text, count=1)
    for later in SECTIONS[SECTIONS.index(name) + 1 :]:
        start = text.find(f"<!-- {later} -->\n")
        if start >= 0:
            return text[:start] + block + "\n" + text[start:]
    return text.rstrip() + "\n\n" + block


def parser(description: str | None) -> argparse.ArgumentParser:
    """What every table's command takes."""
    made = tables.parser(description)
    made.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    made.add_argument("--save", action="store_true", help="write the section into the results")
    made.add_argument("--results", default=str(RESULTS), help="the file for --save")
    return made
