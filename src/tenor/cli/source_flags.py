"""The flags that say where documents are and how to read them."""

from __future__ import annotations

import argparse
import csv
from typing import TYPE_CHECKING, Any

from tenor.cli.kinds import choice

if TYPE_CHECKING:
    from tenor.corpus.source import Source

PARTS = ("headers", "footers", "quotes")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a source."""
    add = parser.add_argument_group("source").add_argument
    for role, about in (
        ("text", "column of a table that holds the text (found by itself where it is evident)"),
        ("id", "column that names the documents (their row numbers)"),
        ("label", "column that groups them (none)"),
    ):
        add(f"--{role}-column", metavar="C", help=about)
    errors, about = choice("strict", "replace"), "refuse bytes that are no UTF-8, or replace them"
    known: dict[str, Any] = {"type": errors.read, "metavar": errors.placeholder}
    add("--encoding-errors", default="strict", help=f"{about} (strict)", **known)
    subset = choice("train", "test", "all")
    add("--subset", type=subset.read, metavar=subset.placeholder, help="part of a data set")
    about = "parts of 20newsgroups posts to leave out: headers,footers,quotes"
    add("--remove", type=_parts, metavar="PART,PART", default=(), help=about)


def declare_kept(parser: argparse.ArgumentParser) -> None:
    """Add the flags of columns that are kept beside the counts."""
    add = parser.add_argument_group("kept beside the counts").add_argument
    about = (
        "columns of a table, under their names: text, numbers, dates, categories (none); a name "
        "with a comma in double quotes"
    )
    kept: dict[str, Any] = {"dest": "kept", "action": "extend", "default": []}
    add("--keep", type=_columns, metavar="C,C", help=about, **kept)
    about = "column of a table with as many numbers in every row (none)"
    add("--embedding-column", metavar="C", help=about)


def given(options: argparse.Namespace) -> bool:
    """Whether any of these flags was given."""
    columns = (options.text_column, options.id_column, options.label_column)
    others = (options.subset, options.remove, options.encoding_errors != "strict")
    return any((*columns, *others, *_kept(options).values()))


def source_of(options: argparse.Namespace) -> Source:
    """The source that the options describe."""
    from tenor.corpus.source import Source

    same = ("text_column", "id_column", "label_column", "encoding_errors", "subset", "remove")
    asked = {name: getattr(options, name) for name in same}
    return Source(name=options.source, **asked, **_kept(options))


def _kept(options: argparse.Namespace) -> dict[str, Any]:
    """The columns to keep, where the command has flags for them."""
    asked = vars(options)
    kept, embedding = tuple(asked.get("kept", ())), asked.get("embedding_column")
    return {"keep": kept, "embedding_column": embedding}


def _columns(text: str) -> list[str]:
    (columns,) = csv.reader([text], skipinitialspace=True)
    if not all(columns):
        raise argparse.ArgumentTypeError(f"{text!r} is no C,C")
    return columns


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(part for part in text.split(",") if part)
    for part in parts:
        if part not in PARTS:
            raise argparse.ArgumentTypeError(f"{part!r} is none of {', '.join(PARTS)}")
    return parts
