"""From names on a command line to the files that are read, and what a document is in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources.facts import STANDARD_INPUT
from tenor.sources.formats import FORMATS, LINES, Format, flag_of
from tenor.sources.opening import File
from tenor.sources.searching import TEXT_SUFFIXES, Search, Seen

_FORMAT, _TEXTS = ParameterName("format"), ParameterName("documents")
_ALL_OF_IT = ParameterName("documents", 'documents="files"', "files")
_LINES_OF_IT = ParameterName("documents", 'documents="lines"', "lines")


@final
@dataclass(frozen=True)
class Found:
    """The files that some names stand for, in order, each with its format."""

    files: tuple[tuple[File, Format], ...]
    of_texts: bool  # each file is a document
    is_alone: bool  # one file, which was named itself
    root: str  # what files are called by is relative to it
    skipped: tuple[tuple[str, str], ...] = ()  # files that are not read, each with the reason

    @property
    def is_of_tables(self) -> bool:
        """Whether a document is a row."""
        return self.files[0][1].has_columns

    def inside(self, file: File) -> Path:
        """Where a file is below the root, which is what it is called by; open files are nowhere."""
        return file.path if file.is_handle else Path(os.path.relpath(file.path, self.root))


def find(names: Sequence[str], format: str | None = None, documents: str | None = None) -> Found:
    """The files of some names, which are paths, patterns, or "-" for standard input.

    ``format`` and ``documents`` are as :class:`tenor.settings.ReadingParameters` declares them.

    Raises:
        SourceError: when there is nothing to read, or it cannot be told what the documents are.
        InputError: when what was asked for does not go together.
    """
    search = Search()
    ends = []
    for name in names:
        search.add(name)
        ends.append(len(search.seen))
    _refuse_twice(search.seen, ends)
    is_alone = len(names) == 1 and [seen.was_named for seen in search.seen] == [True]
    if format is not None:
        chosen = _of_format(search, f".{format}", documents)
    elif documents is not None:
        chosen = _of_text(search, is_alone, documents)
    else:
        chosen = _of_one_kind(search, names)
    files = tuple(_readable(search, chosen))
    if not files:
        raise SourceError(_nothing(names, search))
    of_tables = files[0][1].has_columns
    if is_alone and format is documents is None:
        _refuse_unclear(files[0][0])
    of_lines = documents == "lines" or (is_alone and documents is None)
    of_texts = not of_tables and (files[0][1].is_whole or not of_lines)
    parents = [file.path.parent for file, _ in files if not file.is_handle]
    places = search.roots if of_texts else parents
    root = str(places[0]) if len(places) == 1 else _common(places)
    return Found(files, of_texts, is_alone, root, tuple(search.skipped))


def called(names: Sequence[str]) -> str:
    """Some names in a message."""
    shown = ["standard input" if name == STANDARD_INPUT else name for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _refuse_twice(seen: Sequence[Seen], ends: Sequence[int]) -> None:
    """Raise SourceError for a file that two of the names stand for."""
    if len(ends) < 2:
        return
    named: dict[str, int] = {}
    number = 0
    for place, one in enumerate(seen):
        while place >= ends[number]:
            number += 1
        path = str(one.file) if one.file.is_stream else os.path.realpath(one.file.path)
        if named.setdefault(path, number) != number:
            raise SourceError(f"{one.file} is named twice; name it once")


def _of_format(search: Search, suffix: str, documents: str | None) -> list[tuple[File, Format]]:
    """Files of a format: those whose names say so, or all where no name does.

    Beside standard input or a pipe, whose format it is, a table that was named keeps its own.
    """
    wanted = FORMATS[suffix]
    if wanted.has_columns and documents is not None:
        raise InputError(
            _TEXTS, f" is about texts; in {wanted.name} a document is a row; leave it out"
        )
    if wanted.is_whole and documents == "lines":
        raise InputError(_TEXTS, f"=lines is for text; in {wanted.name} a file is a document")
    files = [seen for seen in search.seen if not seen.file.is_stream]
    said = any(seen.kind is wanted for seen in files)
    of_a_pipe = wanted.has_columns and len(files) < len(search.seen)
    chosen = []
    for seen in search.seen:
        if seen.file.is_stream or seen.kind is wanted or (seen.was_named and seen.kind is None):
            chosen.append((seen.file, wanted))
        elif of_a_pipe and seen.was_named and seen.kind is not None and seen.kind.has_columns:
            chosen.append((seen.file, seen.kind))
        elif not said:
            chosen.append((seen.file, wanted))
        else:
            search.skipped.append((str(seen.file), f"not {wanted.name}"))
    return chosen


def _of_text(search: Search, is_alone: bool, documents: str) -> list[tuple[File, Format]]:
    """Text files, by their names or because they were named and ``documents`` was given."""
    chosen = []
    for seen in search.seen:
        is_whole = seen.kind is not None and seen.kind.is_whole
        if seen.kind is LINES or (seen.was_named and seen.kind is None):
            chosen.append((seen.file, LINES))
        elif seen.kind is not None and is_whole and documents == "files":
            chosen.append((seen.file, seen.kind))
        elif is_alone and is_whole:
            raise InputError(f"{seen.file} is a document as a whole; leave ", _TEXTS, " out")
        elif is_alone:
            raise InputError(
                f"{seen.file} is a table, in which a document is a row; leave ",
                _TEXTS,
                " out, or read it as text with ",
                ParameterName("format", 'format="txt"', "txt"),
            )
        else:
            search.skipped.append((str(seen.file), "not a text file"))
    return chosen


def _of_one_kind(search: Search, names: Sequence[str]) -> list[tuple[File, Format]]:
    """Tables or texts; both are a SourceError, but for a README, a LICENSE and the like."""
    known = [seen for seen in search.seen if seen.kind is not None]
    main = [seen for seen in known if not seen.is_about] or known
    tables = [seen for seen in main if seen.kind is not None and seen.kind.has_columns]
    own = [seen for seen in main if seen.kind is not None and not seen.kind.has_columns]
    if tables and own:
        first = tables[0]
        assert first.kind is not None
        here, name = called(names), flag_of(first.kind)
        said = (
            f"{here} hold{'s' * (len(names) == 1)} both tables ({_some(tables)}) and "
            f"texts ({_some(own)}); "
        )
        if all(seen.file.is_stream for seen in own):
            raise SourceError(f"{said}if the latter is a table too, say so with ", _FORMAT)
        raise SourceError(
            f"{said}read its {first.kind.name} files with ",
            ParameterName("format", f'format="{name}"', name),
            ", or its texts with ",
            _ALL_OF_IT,
        )
    rows, chosen = set(map(id, tables)), []
    for seen in search.seen:
        kind = seen.kind
        if kind is not None and (id(seen) in rows or not (tables or kind.has_columns)):
            chosen.append((seen.file, kind))
        elif seen.was_named and kind is None:
            raise SourceError(
                f'{seen.file}: cannot tell what a "{seen.file.suffix or seen.file.path.name}" file '
                f"holds; known are {' '.join(FORMATS)} and folders of text files; name what it is "
                "with ",
                _FORMAT,
            )
        else:
            search.skipped.append((str(seen.file), f"not a {'table' if tables else 'text file'}"))
    return chosen


def _some(seen: Sequence[Seen]) -> str:
    files = [one.file for one in seen[:2]]
    said = ", ".join(str(file) if file.is_input else file.path.name for file in files)
    return said + (", …" if len(seen) > 2 else "")


def _readable(
    search: Search, chosen: Sequence[tuple[File, Format]]
) -> Iterator[tuple[File, Format]]:
    """Those that can be read from the beginning to the end; others are skipped or refused."""
    named = {id(seen.file) for seen in search.seen if seen.was_named}
    for file, kind in chosen:
        if kind.seeks and (file.is_packed or file.is_stream):
            how = "packed" if file.is_packed else "a pipe"
            raise SourceError(
                f"{file} is {how}, and {kind.name} is read from its end; make a plain file of it"
            )
        if id(file) not in named and not stat.S_ISREG(file.stat().st_mode):
            search.skipped.append((str(file), "no regular file"))
            continue
        yield file, kind


def _refuse_unclear(file: File) -> None:
    """Raise SourceError where a text that is named alone may be meant as lines or as a whole."""
    if file.is_stream or file.suffix in FORMATS:
        return
    raise SourceError(
        f"{file} may be one document or a document a line: say ", _ALL_OF_IT, " or ", _LINES_OF_IT
    )


def _common(folders: Sequence[Path]) -> str:
    """The folder that all these are in."""
    places = {os.path.abspath(folder) for folder in folders}  # noqa: PTH100  # Path leaves ".."
    return os.path.commonpath(places) if places else ""


def _nothing(names: Sequence[str], search: Search) -> str:
    """The message where no file can be read."""
    there = [(Path(name).suffix.lower(), name, why) for name, why in search.skipped]
    suffixes = " ".join(sorted({suffix for suffix, *_ in there if suffix} - {*FORMATS}))
    unread = ", ".join(f"{name} ({why})" for suffix, name, why in there if suffix in FORMATS)
    kinds = " ".join(
        [*filter(None, TEXT_SUFFIXES), *(s for s in FORMATS if s not in TEXT_SUFFIXES)]
    )
    return f"{called(names)} hold{'s' * (len(names) == 1)} no text files or tables ({kinds})" + (
        f"; it has {suffixes} files" * bool(suffixes) + f"; skipped: {unread}" * bool(unread)
    )
