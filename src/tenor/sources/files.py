"""From a path, a pattern or standard input to the files it stands for, each with its reader."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow.compute as pc

from tenor.errors import SourceError
from tenor.sources import texts
from tenor.sources.batches import Stream, TextBatch
from tenor.sources.catalogue import names
from tenor.sources.columns import Columns
from tenor.sources.facts import STANDARD_INPUT, TEXT, ReadFacts
from tenor.sources.formats import FORMATS, Format
from tenor.sources.tables import Selection

FOLDER_SUFFIXES = (".txt", ".text", ".md", "")
_ABOUT = ("readme", "license", "licence", "changelog", "notice")  # beside tables, no documents


class _Found(NamedTuple):
    """The files that a path or pattern stands for, in order."""

    files: list[Path]
    of_texts: bool = False  # each is a document
    skipped: tuple[tuple[str, str], ...] = ()  # that are not read, each with the reason


def stream(source: str | Path, columns: Columns | None = None, errors: str = "strict") -> Stream:
    """The documents of a folder, file, pattern or standard input; read as they are asked for."""
    columns = columns or Columns()
    if source == STANDARD_INPUT:
        columns.refuse("standard input has no columns")
        batches = texts.lines(sys.stdin.buffer, "standard input", errors)
        read = ReadFacts((TEXT,), "line", (STANDARD_INPUT,))
        return Stream(batches, unique=True, facts=lambda: read)
    found = _found(Path(source))
    if found.of_texts:
        columns.refuse(f"{source} is a folder of texts and has no columns")
        facts = ReadFacts((TEXT,), "file", (str(source),), len(found.files), skipped=found.skipped)
        batches = texts.folder(Path(source), found.files, errors)
        return Stream(batches, unique=True, facts=lambda: facts)
    formats = [_format(file, columns) for file in found.files]  # refused before hours are spent
    selection = Selection(columns, errors)

    def facts_so_far() -> ReadFacts:
        return ReadFacts(
            tuple(dict.fromkeys(kind.name for kind in formats)),
            " or ".join(dict.fromkeys(kind.unit for kind in formats)),
            (str(source),),
            len(found.files),
            selection.names,
            selection.taken,
            selection.taken is not None and columns.text is None,
            skipped=found.skipped,
        )

    total = sum(status(file).st_size for file in found.files)
    if found.files == [Path(source)]:
        batches = formats[0].read(found.files[0], selection)
    else:
        batches = _of_many(found.files, formats, selection)
    return Stream(selection.typed(batches), total, columns.id is None, facts_so_far)


def listing(source: Path) -> list[Path]:
    """Every file that is read, in order; a SourceError when there is nothing."""
    return _found(source).files


def status(path: Path) -> os.stat_result:
    """Size and times of a file; a SourceError when it has none, as a link to nowhere."""
    try:
        return path.stat()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error


def nothing_in(source: str | Path) -> str:
    """The message for a source without documents."""
    return f"{'standard input' if source == STANDARD_INPUT else source} holds no documents"


def _of_many(files: list[Path], formats: list[Format], selection: Selection) -> Iterator[TextBatch]:
    """The files one after the other; without an id column a document is called file:row."""
    common = Path(os.path.commonpath([path.parent for path in files]))
    before = 0
    for path, kind in zip(files, formats, strict=True):
        prefix = f"{texts.as_id(path.relative_to(common))}:"
        for batch in kind.read(path, selection):
            columns = dict(batch.columns)
            if selection.asked.id is None:
                columns["id"] = pc.binary_join_element_wise(prefix, columns["id"], "")
            yield replace(batch, columns=columns, read=before + batch.read)
        before += status(path).st_size


def _format(path: Path, columns: Columns) -> Format:
    suffix = path.suffix.lower()
    kind = FORMATS.get(suffix)
    if kind is None:
        raise SourceError(
            f'{path}: cannot tell what a "{suffix or path.name}" file holds; '
            f"known are {' '.join(FORMATS)} and folders of text files"
        )
    if not kind.has_columns:
        columns.refuse(f"{path} has no columns")
    return kind


def _found(source: Path) -> _Found:
    if source.is_dir():
        return _in_folder(source)
    if source.exists():
        return _Found([source])
    if any(mark in str(source) for mark in "*?["):
        found = Path(source.anchor).glob(str(source.relative_to(source.anchor)))
        files = sorted(path for path in found if path.is_file() and path.name[0] != ".")
        if not files:
            raise SourceError(f"no file matches {source}")
        return _Found(files)
    raise SourceError(_missing(source))


def _in_folder(folder: Path) -> _Found:
    """The texts under a folder; or its tables, when it holds no texts but a README, a LICENSE
    and the like beside them.

    Texts are .txt, .text, .md and files without a suffix (or with one of digits only, as Usenet
    names its posts); hidden files and folders are neither.
    """
    files: list[Path] = []
    for place, folders, here in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in here if not name.startswith(".")]
    files.sort(key=lambda path: path.relative_to(folder).parts)
    own = [path for path in files if _is_text(path)]
    tables = [path for path in files if _is_table(path)]
    of_texts = not tables or any(path.stem.lower() not in _ABOUT for path in own)
    read, why = (own, "not a text file") if of_texts else (tables, "not a table")
    skipped = sorted(set(files) - set(read))
    if not read:
        suffixes = sorted({path.suffix.lower() for path in skipped})
        raise SourceError(
            f"{folder} holds no text files ({' '.join(filter(None, FOLDER_SUFFIXES))} or no suffix)"
            + (f"; it has {' '.join(suffixes)} files" if suffixes else "")
        )
    return _Found(read, of_texts, tuple((str(path), why) for path in skipped))


def _is_text(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in FOLDER_SUFFIXES or suffix[1:].isdigit()


def _is_table(path: Path) -> bool:
    kind = FORMATS.get(path.suffix.lower())
    return kind is not None and kind.has_columns


def _unreadable(error: OSError) -> None:
    raise SourceError(f"cannot read {error.filename}: {error.strerror}") from error


def _missing(path: Path) -> str:
    """That ``path`` is not there, with names near it; a data set's may have been meant."""
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
