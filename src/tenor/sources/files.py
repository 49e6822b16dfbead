"""Where documents come from: finds the reader for a file, a folder or standard input."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from tenor.errors import InputError, SourceError
from tenor.sources import columnar
from tenor.sources.batches import Stream, TextBatch, from_rows
from tenor.sources.columns import Columns, RawDocument
from tenor.text.decoding import check_encoding_errors, decode, decoded_lines, read_text, reading

STANDARD_INPUT = "-"
FOLDER_SUFFIXES = (".txt", ".text", ".md", "")
LINE_SUFFIXES = (".txt", ".text")
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_ABOUT = ("readme", "license", "licence", "changelog", "notice")  # beside tables, no documents


def documents(
    source: str | Path, columns: Columns | None = None, errors: str = "strict"
) -> Iterator[RawDocument]:
    """The documents of a folder, a file or standard input, in order, one at a time.

    Args:
        source: a folder of text files or of tables, a .txt file (a document a line), .csv, .tsv,
            .jsonl, .parquet, a pattern such as part-*.parquet, or "-" for standard input (a
            document a line).
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
    files = files_of(Path(source))
    if files is None:
        _refuse_columns(columns, f"{source} is a folder of texts and")
        return _folder(Path(source), errors)
    if files == [Path(source)]:
        return _rows(files[0], columns, errors)
    _refuse_unknown(files, columns)
    return _rows_of_many(files, columns, errors)


def stream(
    source: str | Path, columns: Columns | None = None, errors: str = "strict", rows: bool = False
) -> Stream:
    """The same documents as columns, which is many times faster.

    Args:
        source, columns, errors: as :func:`documents` takes them.
        rows: read row by row, so that every document knows its place.

    Raises:
        SourceError: as :func:`documents`.
    """
    columns, errors = columns or Columns(), check_encoding_errors(errors)
    if source == STANDARD_INPUT:
        _refuse_columns(columns, "standard input")
        if rows:
            return Stream(from_rows(documents(source, columns, errors)), unique=True)
        return Stream(columnar.lines(sys.stdin.buffer, "standard input", errors), unique=True)
    files = files_of(Path(source))
    if files is None:
        return Stream(from_rows(documents(source, columns, errors)), unique=True)
    _refuse_unknown(files, columns)
    total, unique = sum(status(file).st_size for file in files), columns.id is None
    if rows:
        return Stream(from_rows(documents(source, columns, errors)), total, unique)
    if files == [Path(source)]:
        return Stream(_columnar(files[0], columns, errors), total, unique)
    return Stream(_columns_of_many(files, columns, errors), total, unique)


def files_of(source: Path) -> list[Path] | None:
    """The files that a path or pattern stands for, in order; None for a folder of text files.

    A folder stands for the tables in it when it holds no texts, or no texts but a README, a
    LICENSE and the like beside them.

    Raises:
        SourceError: when there is nothing.
    """
    if source.is_dir():
        tables = _tables_in(source)
        return tables or None
    if source.exists():
        return [source]
    if any(mark in str(source) for mark in "*?["):
        found = Path(source.anchor).glob(str(source.relative_to(source.anchor)))
        files = sorted(path for path in found if path.is_file() and path.name[0] != ".")
        if not files:
            raise SourceError(f"no file matches {source}")
        return files
    raise SourceError(_missing(source))


def listing(source: Path) -> list[Path]:
    """Every file that is read, in order."""
    files = files_of(source)
    return _text_files(source)[0] if files is None else files


def status(path: Path) -> os.stat_result:
    """Size and times of a file.

    Raises:
        SourceError: when it cannot be looked at, as a link to nowhere.
    """
    try:
        return path.stat()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error


def nothing_in(source: str | Path) -> str:
    """The message for a source without documents."""
    return f"{'standard input' if source == STANDARD_INPUT else source} holds no documents"


def _rows(path: Path, columns: Columns, errors: str) -> Iterator[RawDocument]:
    suffix = _suffix(path, columns)
    if suffix in LINE_SUFFIXES:
        return _lines_of_file(path, errors)
    return _table(path, suffix, columns, errors)


def _rows_of_many(files: list[Path], columns: Columns, errors: str) -> Iterator[RawDocument]:
    for name, path in _named(files):
        for document in _rows(path, columns, errors):
            numbered = columns.id is None
            yield document._replace(id=f"{name}:{document.id}") if numbered else document


def _columnar(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    suffix = _suffix(path, columns)
    if suffix in LINE_SUFFIXES:
        return _columnar_lines(path, errors)
    if suffix == ".parquet":
        return columnar.parquet(path, columns, errors)
    if suffix in (".csv", ".tsv"):
        return columnar.csv_rows(path, columns, errors)
    return columnar.json_lines(path, columns, errors)


def _columns_of_many(files: list[Path], columns: Columns, errors: str) -> Iterator[TextBatch]:
    """The files one after the other; without an id column a document is called file:row."""
    before = 0
    for name, path in _named(files):
        for batch in _columnar(path, columns, errors):
            named = dict(batch.columns)
            if columns.id is None:
                named["id"] = columnar.prefixed(f"{name}:", named["id"])
            yield replace(batch, columns=named, read=before + batch.read)
        before += status(path).st_size


def _columnar_lines(path: Path, errors: str) -> Iterator[TextBatch]:
    with reading(path) as file:
        yield from columnar.lines(file, str(path), errors)


def _named(files: list[Path]) -> Iterator[tuple[str, Path]]:
    """Each file with its path from the folder that holds all of them."""
    common = Path(os.path.commonpath([path.parent for path in files]))
    for path in files:
        yield _name(path.relative_to(common)), path


def _refuse_unknown(files: list[Path], columns: Columns) -> None:
    """Refuse a file among many that cannot be read before hours are spent on the first ones."""
    for file in files:
        _suffix(file, columns)


def _suffix(path: Path, columns: Columns) -> str:
    suffix = path.suffix.lower()
    if suffix in LINE_SUFFIXES:
        _refuse_columns(columns, str(path))
    elif suffix not in TABLE_SUFFIXES:
        raise SourceError(
            f'{path}: cannot tell what a "{suffix or path.name}" file holds; '
            f"known are {' '.join(LINE_SUFFIXES + TABLE_SUFFIXES)} and folders of text files"
        )
    return suffix


def _table(path: Path, suffix: str, columns: Columns, errors: str) -> Iterator[RawDocument]:
    from tenor.sources import tables  # pyarrow only when a table is read

    if suffix == ".parquet":
        return tables.parquet(path, columns, errors)
    if suffix in (".csv", ".tsv"):
        return tables.csv_rows(path, columns, errors)
    return tables.json_lines(path, columns, errors)


def _lines_of_file(path: Path, errors: str) -> Iterator[RawDocument]:
    with reading(path) as file:
        yield from _lines(file, str(path), errors)


def _lines(file: IO[bytes], where: str, errors: str) -> Iterator[RawDocument]:
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


def _tables_in(folder: Path) -> list[Path]:
    """The tables under a folder that holds no texts."""
    tables: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in files if not name.startswith(".")):
            if path.suffix.lower() in TABLE_SUFFIXES:
                tables.append(path)
            elif _is_text(path) and path.stem.lower() not in _ABOUT:
                return []
    return sorted(tables, key=lambda path: path.relative_to(folder).parts)


def _is_text(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in FOLDER_SUFFIXES or suffix[1:].isdigit()


def _text_files(folder: Path) -> tuple[list[Path], set[str]]:
    """The text files under ``folder`` in order, and the suffixes of the files left out."""
    found: list[Path] = []
    others: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in files if not name.startswith(".")):
            if _is_text(path):
                found.append(path)
            else:
                others.add(path.suffix.lower())
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
    from tenor.sources.catalogue import names  # a data set's name may have been meant

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
