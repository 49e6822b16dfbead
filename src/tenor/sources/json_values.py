"""The reader of .json: an array of objects, an object that holds such an array, or objects one
after the other. Values are decoded one at a time, so memory does not grow with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, final

from tenor.errors import SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves, halved
from tenor.sources.columns import Columns
from tenor.sources.guessing import is_usual
from tenor.sources.objects import DECODER, batch_of, no_object, table_of
from tenor.sources.opening import File
from tenor.sources.tables import Selection, Table
from tenor.text.decoding import decoded, reading, refuse_longer

_TAIL = 16  # characters: a fault so near the end may be one because the rest is not read yet
_BLANKS = re.compile(r"[ \t\n\r]*")
_END = ""  # of the file, where a character is looked for


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The objects. One that stands alone is a row where it has a column that was asked for or a
    usual name for the text; else the only array of objects in it holds the rows.
    """
    table: Table | None = None

    def batch(rows: _Rows) -> TextBatch:
        assert table is not None
        first, lines = table.row, rows.lines

        def place(row: int) -> str:
            return f"{path}, row {first + row} (line {lines[row]})"

        if others := [value for value in rows.values if not isinstance(value, dict)]:
            raise no_object(others[0], place(0))  # by_halves: of the row at fault in the end
        return batch_of(table, rows.values, place, rows.read)

    with reading(path) as file:
        values = _Values(file, path, selection.errors)
        for rows in _gathered(_rows(values, selection.asked), values):
            if table is None:
                objects = [value for value in rows.values if isinstance(value, dict)]
                if not objects:
                    raise no_object(rows.values[0], f"{path}, row 0 (line {rows.lines[0]})")
                table = table_of(selection, objects, str(path))
            yield from by_halves(rows, batch, _Rows.halves)


class _Rows(NamedTuple):
    """Values, the line that each begins in, and how much of the file was read for them."""

    values: list[Any]
    lines: list[int]
    read: int

    def halves(self) -> tuple[_Rows, ...]:
        pairs = zip(halved(self.values), halved(self.lines), strict=True)
        return tuple(_Rows(values, lines, self.read) for values, lines in pairs)


@final
class _Values:
    """JSON values in a file, read one at a time."""

    def __init__(self, file: IO[bytes], path: File, errors: str) -> None:
        self.path, self.read = path, 0  # so many bytes
        self._more = decoded(file, str(path), errors)
        self._text, self._ended = "", False
        self._at = 0  # the place in the text
        self._pin: int | None = None  # an earlier one, to go back to
        self._before = 0  # characters, before the text
        self._column = 1  # of the text's first character
        self._line, self._counted = 1, 0  # the line of a place, up to which lines were counted

    @property
    def passed(self) -> int:
        """How many characters were passed over."""
        return self._before + self._at

    @property
    def line(self) -> int:
        """The line that the next character is in."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """The next character that is no blank."""
        while True:
            self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return _END

    def skip(self, wanted: str) -> str:
        """Pass over the next character that is no blank, one of these."""
        found = self.peek()
        if found == _END or found not in wanted:
            either = "' or '".join(wanted)
            raise self.fault(f"'{either}' is missing")
        self._at += 1
        return found

    def value(self) -> Any:
        """Pass over the next value."""
        self.peek()
        while (found := self._decoded()) is None:
            self._grow()
        value, self._at = found
        return value

    def ends_within(self, most: int) -> bool:
        """Whether the next value takes no more than so many characters, about."""
        self.peek()
        while self._decoded() is None:
            if len(self._text) - self._at > most:
                return False
            self._grow()
        return True

    def pin(self) -> None:
        """Remember this place, once."""
        self._pin = self._at

    def back(self) -> None:
        """Go back to it."""
        assert self._pin is not None
        self._at, self._pin = self._pin, None
        if self._counted > self._at:
            self._line -= self._text.count("\n", self._at, self._counted)
            self._counted = self._at

    def fault(self, said: str, at: int | None = None) -> SourceError:
        """That this is not JSON, and where."""
        at = self._at if at is None else at
        line = self._line + self._text.count("\n", self._counted, at)
        start = self._text.rfind("\n", 0, at)
        column = self._column + at if start < 0 else at - start
        return SourceError(f"{self.path}, line {line} is not JSON: {said}, column {column}")

    def _decoded(self) -> tuple[Any, int] | None:
        """The value here and where it ends; None where more of the file is needed for that."""
        try:
            value, end = DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            near = error.pos >= len(self._text) - _TAIL or error.msg.startswith("Unterminated")
            if near and not self._ended:
                return None
            raise self.fault(error.msg, error.pos) from error
        except (ValueError, RecursionError) as error:
            raise self.fault(str(error)) from error
        whole = self._ended or end < len(self._text)  # digits may follow a number
        return (value, end) if whole or isinstance(value, dict | list | str) else None

    def _grow(self) -> bool:
        """Read as much again as is there, or a block; whether there was anything."""
        at = self._at if self._pin is None else self._pin
        lines = self._text.count("\n", 0, at)
        self._column = at - self._text.rfind("\n", 0, at) if lines else self._column + at
        _ = self.line
        self._before, self._at, self._counted = self._before + at, self._at - at, self._counted - at
        self._pin = None if self._pin is None else 0
        least = len(self._text) - at
        refuse_longer(least, f"{self.path}, line {self._line}: a value")
        parts = [self._text[at:]]
        for data, end in self._more:
            self.read = end
            parts.append(data)
            least -= len(data)
            if least <= 0:
                break
        else:
            self._ended = True
        self._text = "".join(parts)
        return len(parts) > 1


def _rows(values: _Values, asked: Columns) -> Iterator[tuple[Any, int]]:
    """What the rows are, each with the line that it begins in."""
    if values.peek() == "[":
        yield from _elements(values)
    elif values.peek() == "{" and _holds_rows(values, asked):
        yield from _inside(values, asked)
    else:
        while values.peek() != _END:
            line = values.line
            yield values.value(), line
    if values.peek() != _END:
        raise values.fault("there is more after its end")


def _elements(values: _Values) -> Iterator[tuple[Any, int]]:
    values.skip("[")
    if values.peek() == "]":
        values.skip("]")
        return
    mark = ","
    while mark == ",":
        values.peek()
        line = values.line
        yield values.value(), line
        mark = values.skip(",]")


def _holds_rows(values: _Values, asked: Columns) -> bool:
    """Whether an object, the first one, is none of the rows, but holds them: it stands alone, or
    is so long that only a look into it tells.
    """
    if not values.ends_within(batches.BATCH_BYTES):
        return True
    values.pin()
    given = values.value()
    alone = values.peek() == _END
    values.back()
    if not alone or _is_row(given, asked):
        return False
    if given and all(isinstance(value, dict) for value in given.values()):
        raise SourceError(
            f"{values.path} holds columns, not rows; write an array of objects "
            '(in pandas: to_json(…, orient="records"))'
        )
    return any(_is_array(value) for value in given.values())


def _inside(values: _Values, asked: Columns) -> Iterator[tuple[Any, int]]:
    """The rows that an object holds; itself, where it holds no array of objects."""
    line = values.line
    others: dict[str, Any] = {}
    found: str | None = None
    values.skip("{")
    mark = values.skip("}") if values.peek() == "}" else ","
    while mark == ",":
        if values.peek() != '"':
            raise values.fault("a key is missing")
        key = values.value()
        values.skip(":")
        values.peek()
        if _is_row(others, asked) or not _opens_array(values):
            others[key] = values.value()
        elif found is not None:
            raise SourceError(
                f'{values.path} holds two arrays of objects, "{found}" and "{key}"; write the one '
                "that is meant to a file of its own"
            )
        else:
            found = key
            yield from _elements(values)
        mark = values.skip(",}")
    if found is None:
        yield others, line
        while values.peek() != _END:
            line = values.line
            yield values.value(), line


def _is_row(given: dict[str, Any], asked: Columns) -> bool:
    if asked.texts:
        return any(column in given for name in asked.texts for column in (name, *name.split(",")))
    return any(is_usual(key) and isinstance(value, str) for key, value in given.items())


def _is_array(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _opens_array(values: _Values) -> bool:
    """Whether an array of objects comes next, by its first two characters."""
    values.pin()
    opens = values.skip("[") == "[" and values.peek() == "{" if values.peek() == "[" else False
    values.back()
    return opens


def _gathered(rows: Iterator[tuple[Any, int]], values: _Values) -> Iterator[_Rows]:
    """Rows of about a batch's size together; those before a fault come before it is raised."""
    fault: SourceError | None = None
    more = True
    while more:
        gathered: list[Any] = []
        lines: list[int] = []
        end = values.passed + batches.BATCH_BYTES
        try:
            for value, line in rows:
                gathered.append(value)
                lines.append(line)
                if values.passed >= end:
                    break
            else:
                more = False
        except SourceError as error:
            fault, more = error, False
        if gathered:
            yield _Rows(gathered, lines, values.read)
    if fault is not None:
        raise fault
