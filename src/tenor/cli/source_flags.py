"""The flags that say where documents are and how to read them."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from tenor.cli import output, parameters
from tenor.cli.kinds import PLACE
from tenor.settings import READING, SOURCE

if TYPE_CHECKING:
    from tenor.corpus.source import Source


def declare_sources(parser: argparse.ArgumentParser, about: str, *, optional: bool = False) -> None:
    """Add SOURCE, of which there may be several."""
    rest: dict[str, Any] = {"nargs": "*", "default": []} if optional else {"nargs": "+"}
    parser.add_argument("source", type=PLACE.read, metavar="SOURCE", help=about, **rest)


def declare(
    parser: argparse.ArgumentParser, keeps: bool = False, but: Collection[str] = ()
) -> None:
    """Add the flags of a source; ``keeps``: and of columns that stay beside the counts.

    ``but``: parameters whose flag means something else to the verb.
    """
    declared = [known for known in (READING if keeps else SOURCE) if known.name not in but]
    parameters.declare(parser, declared)
    parser.set_defaults(reading=declared)


def given(options: argparse.Namespace) -> bool:
    """Whether any of these flags was given."""
    return bool(parameters.given(options, options.reading))


def source_of(options: argparse.Namespace) -> Source:
    """The source that the options describe."""
    from tenor.corpus.source import Source
    from tenor.sources.opening import waiting

    for line in filter(None, map(waiting, options.source)):
        output.note(line)
    return Source(tuple(options.source), **parameters.given(options, options.reading))
