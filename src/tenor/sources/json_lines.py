"""The reader of .jsonl and .ndjson: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tenor.errors import ParameterName, SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves
from tenor.sources.objects import DECODER, batch_of, no_object, table_of
from tenor.sources.opening import File
from tenor.sources.tables import Selection, Table
from tenor.text.decoding import Block, blocks_of, reading


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The objects; blank lines are no rows. The first of them, some megabytes, settle the columns
    of the table.
    """
    table: Table | None = None

    def batch(block: Block) -> TextBatch | None:
        nonlocal table
        objects, lines = _objects(block, selection.errors)
        if not objects:
            return None

        begin = block.begin  # a batch that waits to be counted shall not hold the bytes

        def place(row: int) -> str:
            return begin.place(lines[row])

        table = table or table_of(selection, objects, place(0))
        return batch_of(table, objects, place, block.end)

    with reading(path) as file:
        for block in blocks_of(file, str(path), batches.BATCH_BYTES):
            if table is None and (first := _first(block, selection.errors)):
                table = table_of(selection, first, str(path))
            yield from by_halves(block, batch, Block.halves)


def _objects(block: Block, errors: str) -> tuple[list[dict[str, Any]], Any]:
    """The objects of a block, and which of its lines hold them."""
    text = block.text(errors)
    lines = text.removesuffix("\n").split("\n")
    holding: Any = range(len(lines))
    if not all(map(str.strip, lines)):
        holding = [number for number in holding if lines[number].strip()]
        lines = [lines[number] for number in holding]
    try:
        # A single line keeps its end, as the column that an error names may be beyond it.
        objects = [DECODER.decode(line) for line in (lines[1:] and lines) or (lines and [text])]
    except json.JSONDecodeError as error:
        said = f"{block.place()} is not JSON: {error.msg}, column {error.colno}"
        raise SourceError(said, *_advice(block, text)) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{block.place()} is not JSON: {error}") from error
    if others := [given for given in objects if not isinstance(given, dict)]:
        raise no_object(others[0], block.place(), *_advice(block, text))
    return objects, holding


def _advice(block: Block, text: str) -> tuple[str | ParameterName, ...]:
    """What to do about a fault in the first line that values other than one a line explain."""
    begin = text.strip()
    if block.line > 1 or not (begin.startswith("[") or begin == "{" or "}{" in begin):
        return ()
    as_json = ParameterName("format", 'format="json"', "json")
    return "; JSON that is not one object a line is read with ", as_json


def _first(block: Block, errors: str) -> list[dict[str, Any]]:
    """The objects of a block as far as they are sound, without their places."""
    objects: list[dict[str, Any]] = []
    with suppress(ValueError, RecursionError):  # reading says what is wrong
        objects.extend(DECODER.decode(line) for line in block.lines(errors) if line.strip())
    return [given for given in objects if isinstance(given, dict)]
