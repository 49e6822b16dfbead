"""Where documents come from: finds the reader for a file, a folder or standard input."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tenor.errors import InputError, SourceError
from tenor.text.decoding import check_encoding_errors, decode, decoded_lines, read_text, reading
from tenor.text.documents import Columns, RawDocument

STANDARD_INPUT = "-"
FOLDER_SUFFIXES = (".txt", ".text", ".md", "")
LINE_SUFFIXES = (".txt", ".text")
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


def documents(
    source: str | Path, columns: Columns | None = None, errors: str = "strict"
) -> Iterator[RawDocument]:
    """The documents of a folder, a file or standard input, in order, one at a time.

    Args:
        source: a folder of text files, a .txt file (a document a line), .csv, .tsv, .jsonl,
            .parquet, or "-" for standard input (a document a line).
        columns: of a table, which columns to read.
        errors: "strict", or "replace" for bytes that are no UTF-8.

    Raises:
        SourceError: when there is nothing to read there; a bad byte, line or column raises it
            when it is come to.
    """
    columns, errors = columns or Columns(), check_encoding_errors(errors)
    if source == STANDARD_INPUT:
        _refuse_columns(columns, "standard input")
        return _lines(sys.stdin.buffer, "standard input", errors)
    path = Path(source)
    if path.is_dir():
        _refuse_columns(columns, f"{path} is a folder of texts and")
        return _folder(path, errors)
    if not path.exists():
        raise SourceError(_missing(path))
    suffix = path.suffix.lower()
    if suffix in LINE_SUFFIXES:
        _refuse_columns(columns, str(path))
        return _lines_of_file(path, errors)
    if suffix in TABLE_SUFFIXES:
        return _table(path, suffix, columns, errors)
    raise SourceError(
        f'{path}: cannot tell what a "{suffix or path.name}" file holds; '
        f"known are {' '.join(LINE_SUFFIXES + TABLE_SUFFIXES)} and folders of text files"
    )


def _table(path: Path, suffix: str, columns: Columns, errors: str) -> Iterator[RawDocument]:
    from tenor.text import tables  # pyarrow only when a table is read

    if suffix == ".parquet":
        return tables.parquet(path, columns, errors)
    if suffix in (".csv", ".tsv"):
        return tables.csv_rows(path, columns, errors)
    return tables.json_lines(path, columns, errors)


def _lines_of_file(path: Path, errors: str) -> Iterator[RawDocument]:
    with reading(path) as file:
        yield from _lines(file, str(path), errors)


def _lines(file: Iterable[bytes], where: str, errors: str) -> Iterator[RawDocument]:
    """A document a line; the id is the line's number counted from 0, as rows are."""
    for row, line in enumerate(decoded_lines(file, where, errors)):
        yield RawDocument(str(row), line.rstrip("\r\n"), None, f"{where}, line {row + 1}")


def _folder(folder: Path, errors: str) -> Iterator[RawDocument]:
    """A document a file, sorted by path; id: the path in the folder, label: the sub-folder.

    Read are .txt, .text, .md and files without a suffix (or with one of digits only, as Usenet
    names its posts); hidden files and folders are not.
    """
    paths, suffixes = _text_files(folder)
    if not paths:
        there = f"; it has {' '.join(sorted(suffixes))} files" if suffixes else ""
        raise SourceError(
            f"{folder} holds no text files ({' '.join(filter(None, FOLDER_SUFFIXES))} "
            f"or no suffix){there}"
        )
    for path in paths:
        inside = path.relative_to(folder)
        label = None if inside.parent == Path() else _name(inside.parent)
        yield RawDocument(_name(inside), read_text(path, errors), label, str(path))


def _text_files(folder: Path) -> tuple[list[Path], set[str]]:
    """The text files under ``folder`` in order, and the suffixes of the files left out."""
    found: list[Path] = []
    others: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in files if not name.startswith(".")):
            suffix = path.suffix.lower()
            if suffix in FOLDER_SUFFIXES or suffix[1:].isdigit():
                found.append(path)
            else:
                others.add(suffix)
    return sorted(found, key=lambda path: path.relative_to(folder).parts), others


def _unreadable(error: OSError) -> None:
    raise SourceError(f"cannot read {error.filename}: {error.strerror}") from error


def _name(path: Path) -> str:
    """A path as an id: forward slashes, and undecodable bytes of the name made visible."""
    return decode(os.fsencode(path.as_posix()), str(path), "backslashreplace")


def _refuse_columns(columns: Columns, what: str) -> None:
    for role in columns.chosen():
        raise InputError(f"{what} has no columns; leave {role}_column out")


def _missing(path: Path) -> str:
    """That ``path`` is not there, with names near it."""
    from tenor.text.datasets import names  # a data set's name may have been meant

    folder = path.parent
    if not folder.is_dir():
        return f"{path} does not exist, nor does the folder {folder}"
    try:
        there = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        there = []
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.6)
    near = [str(folder / name) for name in near]
    if folder == Path():
        near += difflib.get_close_matches(path.name, names(), n=2, cutoff=0.6)
    return f"{path} does not exist{'; near it: ' + ', '.join(near) if near else ''}"
