"""What there is under names: files, folders with what is in them, patterns with what they match."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tenor.errors import SourceError
from tenor.sources.catalogue import names as data_sets
from tenor.sources.formats import FORMATS, HTML, JSON, LINES, Format
from tenor.sources.opening import File, is_archive, is_stream

TEXT_SUFFIXES = (".txt", ".text", ".md", "")  # and digits only, as Usenet names its posts
_ABOUT = (  # names of texts and .json files that are about those beside them
    *("readme", "license", "licence", "copying", "notice", "authors", "contributing"),
    *("changelog", "citation", "metadata", "dataset_info", "dataset_infos", "datapackage"),
    *("dataset-metadata", "package", "config", "state"),
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # of a page or a store, as a path


class Seen(NamedTuple):
    """A file that was come upon."""

    file: File
    was_named: bool  # itself, and not found in a folder or by a pattern
    kind: Format | None  # as its name tells it; None where that does not

    @property
    def is_about(self) -> bool:
        """Whether its name is that of a file about others, such as README.md or metadata.json."""
        name = self.file.path.name.partition(".")[0].lower()
        return name in _ABOUT and self.kind in (LINES, JSON, HTML)


@dataclass
class Search:
    """What was come upon so far."""

    seen: list[Seen] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)  # of each name
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Look up a name."""
        path = Path(name)
        if is_stream(name) or path.is_file():
            file = File(path)
            self._add(file, was_named=True)
            self.roots += [] if file.is_handle else [path.parent]
        elif path.is_dir():
            self._add_folder(path)
            self.roots.append(path)
        elif is_pattern(name):
            base = base_of(path)
            self._add_matching(path, base)
            self.roots.append(base)
        else:
            raise SourceError(_missing(path))

    def _add(self, file: File, was_named: bool) -> None:
        suffix = file.suffix
        if not is_archive(file.path):
            by_name = LINES if suffix in TEXT_SUFFIXES or suffix[1:].isdigit() else None
            self.seen.append(Seen(file, was_named, FORMATS.get(suffix, by_name)))
        elif was_named:
            raise SourceError(f"{file} holds other files; unpack it and name what is in it")
        else:
            self.skipped.append((str(file), "holds other files; unpack it"))

    def _add_folder(self, folder: Path) -> None:
        found: list[Path] = []
        for where, folders, here in os.walk(folder, onerror=_unreadable):
            place = Path(where)
            own = _own(place, here)
            if own is not None and place == folder:
                raise SourceError(f"{folder} is {own}, no documents")
            if own is not None:
                self.skipped.append((where, own))
                folders[:] = []
                continue
            for name in [name for name in folders if name.startswith(".")]:
                self.skipped.append((str(place / name), "hidden"))
                folders.remove(name)
            links = [name for name in folders if (place / name).is_symlink()]
            why = "a link to a folder, which is not followed"
            self.skipped += ((str(place / name), why) for name in links)
            found += (place / name for name in here)
        self._add_found(found, folder)

    def _add_matching(self, pattern: Path, base: Path) -> None:
        found = list(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
        files = [path for path in found if not path.is_dir()]
        if not files:
            inside = f" but folders; {pattern / '*'} are the files in them" if found else ""
            raise SourceError(f"no file matches {pattern}" + inside)
        places = {path.parent for path in files}
        kinds = {
            place: _own(place, [entry.name for entry in place.iterdir()])
            for place in places - {base}
        }
        own = {place: what for place, what in kinds.items() if what is not None}
        entered = {folder for place in places for folder in (place, *place.parents)}
        left = set(found).difference(files, entered)
        self.skipped += (
            (str(folder), "a folder of which nothing matches") for folder in sorted(left)
        )
        self.skipped += ((str(folder), own[folder]) for folder in sorted(own))
        self._add_found([path for path in files if path.parent not in own], base)

    def _add_found(self, files: Sequence[Path], below: Path) -> None:
        depth = len(below.parts)
        for path in sorted(files, key=lambda path: path.parts):
            if any(part.startswith(".") for part in path.parts[depth:]):
                self.skipped.append((str(path), "hidden"))
            else:
                self._add(File(path), was_named=False)


def is_pattern(name: str) -> bool:
    """Whether a name stands for all files it matches; a file of that very name goes first."""
    return any(mark in name for mark in "*?[") and not os.path.lexists(name)


def base_of(pattern: Path) -> Path:
    """The folder that all that a pattern matches is in."""
    plain = pattern.parts
    for place, part in enumerate(plain):
        if any(mark in part for mark in "*?["):
            plain = plain[:place]
            break
    return Path(*plain)


def _own(folder: Path, here: Sequence[str]) -> str | None:
    """What a folder is that tenor wrote, also where a file of it is missing; None: not its own."""
    if "vocabulary.parquet" in here:
        if "weights.safetensors" in here:
            return "a tenor model"
        if "manifest.json" in here:
            return "a prepared corpus" if _says(folder / "manifest.json", "tenor-corpus") else None
        if any(name.startswith("shard-") for name in here):
            return "a prepared corpus without its manifest.json, so unfinished or damaged"
    if "fit.json" in here and _says(folder / "fit.json", "tenor-fit"):
        return "an unfinished tenor model"
    return None


def _says(file: Path, format: str) -> bool:
    """Whether a file of tenor's says near its beginning that it is of this format."""
    try:
        with file.open("rb") as opened:
            return f'"{format}"'.encode() in opened.read(200)
    except OSError:
        return False


def _unreadable(error: OSError) -> None:
    raise SourceError(f"cannot read {error.filename}: {error.strerror}") from error


def _missing(path: Path) -> str:
    """That ``path`` is not there, with names near it; a data set's may have been meant."""
    folder = path.parent
    if _ADDRESS.match(str(path)):
        return f"{path} is no file; tenor reads no addresses: download it first"
    if not folder.is_dir():
        return f"{path} does not exist, nor does the folder {folder}"
    try:
        there = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        there = []
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.6)
    near = [str(folder / name) for name in near]
    if folder == Path():
        near += difflib.get_close_matches(path.name, data_sets(), n=2, cutoff=0.6)
    return f"{path} does not exist{'; near it: ' + ', '.join(near) if near else ''}"
