"""How the fields of a CSV file are told apart, as its first lines show."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any, NamedTuple, final

from tenor.errors import ParameterName, SourceError
from tenor.sources.columns import AUTO, Dialect
from tenor.sources.opening import File

_DELIMITERS = ",;\t|"
_LOOKED_AT = 64  # lines
_HEAD = 1 << 16  # bytes that show how lines end
_NO_QUOTES = ParameterName("quote", 'quote="none"', "none")
UNQUOTED = ("if quotes do not enclose fields, read it with ", _NO_QUOTES)
_SAID = re.compile('"?sep=(.)"?\r?\n?')  # the first line that Excel writes and reads


class Opened(NamedTuple):
    """The rows of a CSV file, and what was settled about it."""

    rows: Any  # a csv.reader, before the header
    path: File
    delimiter: str
    dialect: Dialect
    before: int  # lines that were passed over

    @property
    def line(self) -> int:
        """The number of the last line that was read."""
        return int(self.before + self.rows.line_num)

    def fault(self, error: csv.Error, first: int) -> SourceError:
        """What is wrong in a row that begins with the line ``first``."""
        said = f"{self.path}, line {self.line}: {error}"
        if "unexpected end" in str(error):
            said = f"{self.path}, line {first}: a quoted field is never closed"
        elif "field limit" in str(error):
            said = f"{self.path}, line {first}: a field is longer than a document may be"
        elif "new-line" in str(error):
            return SourceError(f"{self.path}, line {self.line}: a carriage return stands alone")
        elif first < self.line:
            said += f", in the row that begins with line {first}"
        return SourceError(f"{said}; ", *UNQUOTED)

    def refuse_doubtful(self, rows: Sequence[list[str]], lines: Sequence[int]) -> None:
        """Raise SourceError for a row over several lines between tabs, each of which is a whole
        row where quotes mean nothing: in such files they often do.
        """
        if self.delimiter != "\t" or self.dialect.quote != AUTO:
            return
        for fields, line in zip(rows, lines, strict=True):
            parts = "\t".join(fields).split("\n")
            if len(parts) > 1 and {part.count("\t") + 1 for part in parts} == {len(fields)} != {1}:
                raise SourceError(
                    f"{self.path}: a quoted field goes from line {line} on to line "
                    f"{line + len(parts) - 1}, and each of these lines would be a row; say whether "
                    "quotes enclose fields: ",
                    ParameterName("quote", "quote='\"'", "'\"'"),
                    " or ",
                    _NO_QUOTES,
                )


@final
class Newlines:
    """A file with LF in the place of the CR that alone ends the lines of some, as on old Macs."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._head = file, file.read(_HEAD)
        self._are_old = b"\r" in self._head[:-1] and b"\n" not in self._head

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data, self._head = self._head[:size], self._head[size:]
        data = data or self._file.read(size)
        return data.replace(b"\r", b"\n") if self._are_old else data


def opened(text: Iterable[str], dialect: Dialect, path: File) -> Opened:
    """Begin to read lines of CSV.

    The delimiter, where none was chosen, is that by which most of the first lines have as many
    fields as the header, and it the most.
    """
    likely = "\t" if path.suffix == ".tsv" else ","
    head, lines = _ahead(text)
    said = _SAID.fullmatch("".join(head[:1]))
    if said:
        del head[0]
    delimiter = dialect.delimiter
    if delimiter == AUTO:
        delimiter = said[1] if said else _found(head, dialect, likely)
    rows = csv.reader(chain(head, lines), strict=True, **_settings(delimiter, dialect))
    return Opened(rows, path, delimiter, dialect, 1 if said else 0)


def _ahead(lines: Iterable[str]) -> tuple[list[str], Iterator[str]]:
    """The first lines, and those after them: an error comes when it is come to."""
    head: list[str] = []
    rest = iter(lines)
    try:
        head.extend(islice(rest, _LOOKED_AT))
    except SourceError as error:
        fault = error

        def after() -> Iterator[str]:
            yield from ()
            raise fault

        return head, after()
    return head, rest


def _found(head: list[str], dialect: Dialect, likely: str) -> str:
    def agreement(delimiter: str) -> tuple[float, int, bool]:
        widths = [len(row) for row in _parsed(head, delimiter, dialect)]
        width = widths[0] if widths else 0
        if width < 2:
            return 0.0, 0, delimiter == likely
        same = sum(other == width for other in widths) / len(widths)
        return same, width, delimiter == likely

    return max(_DELIMITERS, key=agreement)


def _parsed(head: list[str], delimiter: str, dialect: Dialect) -> Iterator[list[str]]:
    """The rows of some lines, but for the last one, which may go on, and those after a fault."""
    whole = head if len(head) < _LOOKED_AT else head[:-1]
    try:
        for row in csv.reader(whole, strict=False, **_settings(delimiter, dialect)):
            if row:
                yield row
    except csv.Error:
        return


def _settings(delimiter: str, dialect: Dialect) -> dict[str, Any]:
    if dialect.quote == "none":
        return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}
    return {"delimiter": delimiter, "quotechar": '"' if dialect.quote == AUTO else dialect.quote}
