"""The reader of .jsonl and .ndjson: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tenor.errors import SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves
from tenor.sources.columns import is_usual
from tenor.sources.opening import File
from tenor.sources.tables import Selection, Table
from tenor.text.decoding import Block, blocks_of, reading


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The objects; blank lines are no rows. The first object settles the text column, by its
    usual name whatever the value, else by holding text.
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

        if table is None:
            first = objects[0]
            texts = [k for k, v in first.items() if isinstance(v, str) or is_usual(k)]
            table = selection.table(list(first), texts, place(0))
        for column, use in table.columns.uses():
            if not all(column in given for given in objects):
                keys = ", ".join(objects[0]) or "none"
                raise SourceError(f'{place(0)} has no "{column}" {use}; its keys: {keys}')
        values = {name: [given[name] for given in objects] for name in table.needed}
        return table.batch(values, place, block.end)

    with reading(path) as file:
        for block in blocks_of(file, str(path), batches.BATCH_BYTES):
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
        objects = [json.loads(line) for line in (lines[1:] and lines) or (lines and [text])]
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{block.place()} is not JSON: {said}{column}") from error
    for given in objects:
        if type(given) is not dict:
            kind = type(given).__name__
            raise SourceError(f"{block.place()} is a JSON {kind}, not an object {{…}}")
    return objects, holding
