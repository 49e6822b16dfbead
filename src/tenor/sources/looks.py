"""What lines look like: a table that is read as lines is said, and never guessed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence

LOOKED_AT = 20  # lines
_LONGEST = 1 << 16  # characters of them that are looked at
_FEWEST = 5  # rows of a table, its header with them
_ARRAY = re.compile(r'\s*\[\s*\{\s*"')  # of objects, or the beginning of one
_NAME = re.compile(r"[^\W\d_][\w.-]{0,39}( [\w.()-]{1,20}){0,2}")  # a column's, in a header


def looks_like(lines: Sequence[str]) -> str | None:
    """What ``format`` calls the format that all of the first lines of a text are of; None where
    they are just lines.
    """
    shown = [line[:_LONGEST] for line in lines[:LOOKED_AT] if line.strip()]
    if not shown:
        return None
    if all(map(_is_object, shown)):
        return "jsonl"
    if _ARRAY.match("".join(shown)):
        return "json"
    for delimiter, name in ((",", "csv"), ("\t", "tsv"), (";", "csv")):
        if _is_table(shown, delimiter):
            return name
    return None


def _is_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
    try:
        return type(json.loads(line)) is dict
    except (ValueError, RecursionError):
        return False


def _is_table(lines: Sequence[str], delimiter: str) -> bool:
    """Whether rows of one width stand below a header; strict, as prose has commas too."""
    if delimiter not in lines[0]:
        return False
    rows: list[list[str]] = []
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error:
        if reader.line_num < len(lines):
            return False  # else its last row goes on below the lines that are looked at
    header, *rest = rows or [[]]
    if header[:1] == [""]:  # the index of a data frame
        header = ["index", *header[1:]]
    short = len(header) > 2 or delimiter == "\t" or not any(" " in name for name in header)
    return (
        len(rows) >= _FEWEST
        and {len(row) for row in rest} == {len(header)}
        and len(set(header)) == len(header)
        and all(map(_NAME.fullmatch, header))
        and short
    )
