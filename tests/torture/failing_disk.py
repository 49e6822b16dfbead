"""Disks that fail: in the place of tenor.storage.disk's functions, each change one step.

    Counted         how many changes there are
    Failing         the n-th change fails with an error number, that one alone or all from there on
    Remembered      copies of the folder as it would be found after each change: as a killed process
                    leaves it, and as a loss of power does

A write of a file is a change; half of it is there when it fails. After a loss of power a file has
the bytes it had when it was last synced. Two worst cases: ``names-stay`` (every name is as it was
last, whatever it names may be empty) and ``names-go`` (a folder has the names it had when that
folder was last synced).
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tenor.storage import disk

CHANGES = (
    *("create", "append", "nameless", "cut", "sync", "rename", "exchange", "make_folder"),
    *("remove", "remove_folder", "clear_away"),
)


class Disk:
    """What a disk does, counted; it does it all."""

    def __init__(self) -> None:
        self.changes: list[str] = []
        self._real: dict[str, Callable[..., Any]] = {name: getattr(disk, name) for name in CHANGES}

    def mount(self) -> None:
        """Be the disk of this process from here on."""
        for name in CHANGES:
            setattr(disk, name, self._counting(name))

    def _counting(self, name: str) -> Callable[..., Any]:
        if name == "clear_away":
            return self._clear_away

        def change(path: Path, *more: Any) -> Any:
            self.changes.append(f"{name} {path.name}")
            self.before(name, path)
            made = self._real[name](path, *more)
            if name in ("create", "append", "nameless"):
                made.close()
                made = io.BufferedWriter(Told(self, path, name))
            self.after(name, path, *more)
            return made

        return change

    def _clear_away(self, path: Path) -> None:
        """File by file, in the order of their names: a kill comes between any two."""
        is_folder = path.is_dir() and not path.is_symlink()
        inside = (
            sorted(path.rglob("*"), key=lambda own: (-len(own.parts), own)) if is_folder else []
        )
        for gone in [*sorted(inside, key=lambda own: (-len(own.parts), own)), path]:
            self.changes.append(f"delete {gone.name}")
            with suppress(OSError):
                self.before("delete", gone)
                gone.rmdir() if gone.is_dir() and not gone.is_symlink() else gone.unlink()
                self.after("delete", gone)

    def before(self, name: str, path: Path) -> None:
        """A change is about to be made."""

    def after(self, name: str, path: Path, *more: Any) -> None:
        """It is made."""

    def write(self, file: Told, data: bytes) -> None:
        """A file is written to."""
        self.changes.append(f"write {file.place.name}")
        self.before("write", file.place)
        os.write(file.fileno(), data)
        self.after("write", file.place)


class Told(io.FileIO):
    """A file that tells its disk of every write."""

    def __init__(self, disk: Disk, path: Path, kind: str) -> None:
        self.disk, self.place = disk, path
        if kind == "nameless":
            import tempfile

            with tempfile.TemporaryFile(dir=path) as file:
                super().__init__(os.dup(file.fileno()), "r+b")
        else:
            super().__init__(path, "r+b")
            if kind == "append":
                self.seek(0, os.SEEK_END)

    def write(self, data: Any) -> int:
        self.disk.write(self, bytes(data))
        return len(data)


class Failing(Disk):
    """The n-th change, from 1, fails; with ``for_good`` all from there on."""

    def __init__(self, number: int, error: int, for_good: bool) -> None:
        super().__init__()
        self.number, self.error, self.for_good = number, error, for_good

    def before(self, name: str, path: Path) -> None:
        n = len(self.changes)
        if n == self.number or (self.for_good and n > self.number):
            raise OSError(self.error, os.strerror(self.error))

    def write(self, file: Told, data: bytes) -> None:
        try:
            super().write(file, data)
        except OSError:
            os.write(file.fileno(), data[: len(data) // 2])
            raise

    def _counting(self, name: str) -> Callable[..., Any]:
        change = super()._counting(name)

        def exchange(path: Path, other: Path) -> bool:
            try:
                return bool(change(path, other))
            except OSError:  # as the real one says it
                return False

        return exchange if name == "exchange" else change


class Remembered(Disk):
    """Copies of ``folder`` into ``album``, NNNN-killed, NNNN-names-stay and NNNN-names-go, each as
    it would be found if everything ended before the NNNN-th change.
    """

    def __init__(self, folder: Path, album: Path) -> None:
        super().__init__()
        self.folder, self.album = folder, album
        self._lasting: dict[int, bytes] = {}  # of a file, by its own number, as last synced
        self._names: dict[int, dict[str, int]] = {}  # of a folder, as last synced
        self._numbers: dict[int, int] = {}  # of what is there, by the system's, which come again
        self._folders: set[int] = set()
        self._next = 0
        for path in [folder, *folder.rglob("*")]:
            self._number(path)
        for path in [folder, *folder.rglob("*")]:
            self._synced(path)

    def before(self, name: str, path: Path) -> None:
        self._photograph()

    def after(self, name: str, path: Path, *more: Any) -> None:
        if name == "sync" and path.absolute().is_relative_to(self.folder):
            self._synced(path.absolute())
        if name in ("create", "append", "make_folder"):
            for made in self.folder.rglob("*"):
                if made.stat().st_ino not in self._numbers:
                    self._number(made)
        for gone in set(self._numbers) - {p.stat().st_ino for p in self._there()}:
            del self._numbers[gone]

    def finish(self) -> None:
        """Copy what is left when all is done."""
        self.changes.append("the end")
        self._photograph()

    def _there(self) -> list[Path]:
        return [self.folder, *self.folder.rglob("*")]

    def _number(self, path: Path) -> int:
        self._numbers[path.stat().st_ino] = self._next = self._next + 1
        if path.is_dir():
            self._folders.add(self._next)
        return self._next

    def _synced(self, path: Path) -> None:
        number = self._numbers[path.stat().st_ino]
        if path.is_file():
            self._lasting[number] = path.read_bytes()
        else:
            here = {child.name: self._numbers[child.stat().st_ino] for child in path.iterdir()}
            self._names[number] = here

    def _photograph(self) -> None:
        name = f"{len(self.changes):04d}"
        shutil.copytree(self.folder, self.album / f"{name}-killed")
        stay = self.album / f"{name}-names-stay"
        shutil.copytree(self.folder, stay)
        for path in self.folder.rglob("*"):
            if path.is_file():
                lasting = self._lasting.get(self._numbers[path.stat().st_ino], b"")
                (stay / path.relative_to(self.folder)).write_bytes(lasting)
        self._unfold(self._numbers[self.folder.stat().st_ino], self.album / f"{name}-names-go")

    def _unfold(self, number: int, place: Path) -> None:
        place.mkdir()
        for name, child in self._names.get(number, {}).items():
            if child in self._lasting:
                (place / name).write_bytes(self._lasting[child])
            elif child in self._folders:
                self._unfold(child, place / name)
            else:
                (place / name).touch()
