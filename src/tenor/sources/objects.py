"""Rows that are JSON objects: what their readers share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tenor.errors import ParameterName, SourceError
from tenor.sources.batches import TextBatch
from tenor.sources.columns import refuse_absent
from tenor.sources.guessing import LOOKED_AT, is_usual
from tenor.sources.tables import Selection, Table

_ALWAYS = ("id", "embedding")  # what every object must have


class _Repeating(dict[str, Any]):
    """An object that has keys ``twice``; it holds the last value of each."""

    twice: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    repeating = _Repeating(made)
    repeating.twice = {key for key, times in Counter(key for key, _ in pairs).items() if times > 1}
    return repeating


DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _called(value: Any) -> str:
    """What a JSON value is called outside Python."""
    if value is None:
        return "null"
    kinds = {bool: "a truth value", int: "a number", float: "a number", str: "a string"}
    return kinds.get(type(value), "an array")


def no_object(value: Any, where: str, *advice: str | ParameterName) -> SourceError:
    """That a value is no object."""
    return SourceError(f"{where} is {_called(value)}, not an object {{…}}", *advice)


def table_of(selection: Selection, objects: Sequence[dict[str, Any]], where: str) -> Table:
    """Begin a table with its first objects: its columns are the keys that any of them has."""
    names = list(dict.fromkeys(key for given in objects for key in given))

    def sample() -> dict[str, list[Any]]:
        some = objects[:LOOKED_AT]
        columns = {name: [given.get(name) for given in some] for name in names}
        return {
            n: v for n, v in columns.items() if is_usual(n) or any(isinstance(x, str) for x in v)
        }

    return selection.table(names, sample, where)


def batch_of(
    table: Table, objects: Sequence[dict[str, Any]], place: Callable[[int], str], read: int
) -> TextBatch:
    """The next objects as documents. What one has not is missing, but for an id or embedding."""
    needed = table.needed
    for given in objects if _Repeating in set(map(type, objects)) else ():
        if isinstance(given, _Repeating):
            for column in sorted(given.twice.intersection(needed)):
                raise SourceError(f'{place(0)} has the key "{column}" twice')
    always = [(c, f"for the {role}") for role, c in table.columns.chosen() if role in _ALWAYS]
    for column, use in always:
        if not all(column in given for given in objects):
            refuse_absent([(column, use)], list(objects[0]), place(0), "key")
    values = {name: [given.get(name) for given in objects] for name in needed}
    return table.batch(values, place, read)
