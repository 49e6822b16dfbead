"""The flags that say where documents are and how to read them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tenor.cli import parameters
from tenor.settings import READING, SOURCE

if TYPE_CHECKING:
    from tenor.corpus.source import Source


def declare(parser: argparse.ArgumentParser, keeps: bool = False) -> None:
    """Add the flags of a source; ``keeps``: and of columns that stay beside the counts."""
    declared = READING if keeps else SOURCE
    parameters.declare(parser, declared)
    parser.set_defaults(reading=declared)


def given(options: argparse.Namespace) -> bool:
    """Whether any of these flags was given."""
    return bool(parameters.given(options, options.reading))


def source_of(options: argparse.Namespace) -> Source:
    """The source that the options describe."""
    from tenor.corpus.source import Source

    return Source(options.source, **parameters.given(options, options.reading))
