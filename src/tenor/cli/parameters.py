"""Declared parameters on the command line: flags in, messages and documentation out.

``python -m tenor.cli.parameters`` prints docs/parameters.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tenor.cli.kinds import typed, written
from tenor.errors import Advice, ParameterName
from tenor.parameters import ON, Parameter
from tenor.settings import PARAMETERS, READING

_FLAGS = {p.name: p.option for p in (*PARAMETERS, *READING)} | {
    "overwrite": "--overwrite",
    "n": "-n",
}


def declare(parser: argparse.ArgumentParser, known: Iterable[Parameter] = PARAMETERS) -> None:
    """Add flags under their headings; one that is not given leaves no trace in the options."""
    for heading, own in groupby(known, lambda p: p.group):
        add = parser.add_argument_group(heading).add_argument
        for p in own:
            if p.name == "verbose":
                continue  # --quiet is about the command, which says so itself
            rest: dict[str, Any] = {"dest": p.name, "default": argparse.SUPPRESS}
            if p.is_switch:
                value = p.kind is ON
                about = p.meaning if value else f"do not {p.meaning}"
                add(p.option, action="store_const", const=value, help=about, **rest)
            else:
                about = f"{p.meaning} ({written(p.default)})".replace("%", "%%")
                kind = typed(p.kind)
                rest |= {"type": kind.read, "metavar": kind.placeholder}
                add(p.option, action="extend" if kind.gathers else "store", help=about, **rest)


def given(options: argparse.Namespace, known: Iterable[Parameter] = PARAMETERS) -> dict[str, Any]:
    """The parameters that were given, by their names in Python."""
    return {p.name: vars(options)[p.name] for p in known if p.name in vars(options)}


def flag_of(name: ParameterName | Advice) -> str:
    """What the command calls a parameter of a model or a source; others keep their names."""
    if isinstance(name, Advice):
        return name.command
    if name.name not in _FLAGS:
        return str(name)
    return _FLAGS[name.name] + (f" {name.value}" if name.value else "")


def markdown() -> str:
    """docs/parameters.md."""
    lines = [
        "# Every parameter",
        "",
        "What `tenor.NVDM(...)` takes beside the flag of `tenor fit` that sets it. A switch takes "
        "no value; `none` spells Python's `None` or an empty list. This page is written by "
        "`python -m tenor.cli.parameters` and a test keeps it equal to the constructor.",
    ]
    group = ""
    for p in (*PARAMETERS, *READING):
        if p is READING[0]:
            lines += ["", "What `tenor.Corpus.read` takes, and every verb that reads a SOURCE:"]
        if p.group != group:
            group = p.group
            lines += ["", f"## {group.capitalize()}", ""]
            lines += ["| parameter | flag | default | meaning | when to change it |"]
            lines += ["| - | - | - | - | - |"]
        value = "" if p.is_switch else f" {p.kind.placeholder}"
        flag = f"{p.option}{value}".replace("|", "\\|")
        cells = (f"`{p.name}`", f"`{flag}`", f"`{p.default!r}`", p.meaning, p.advice)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(markdown(), end="")
