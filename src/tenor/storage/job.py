"""Long work for a target: in a hidden folder beside it, one process at a time, after a kill too.

    lock            held while somebody works there
    journal.jsonl   the key that the work was begun with, and every finished piece; a line's "sum"
                    is the CRC-32 of its other bytes, begun with the number of lines before it

A piece is written down once its files are there, with their checksums. The same work goes on after
its last piece; other work, or files that are not what was written, begin afresh.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, final

from tenor.errors import ArtifactError
from tenor.storage import disk
from tenor.storage.atomic import verify
from tenor.storage.claim import LOCK, Claim

JOURNAL = "journal.jsonl"
STARTED = "started"


@final
class Job:
    """The work for one target: its folder, and the journal of what is done."""

    def __init__(self, what: str, target: Path) -> None:
        """Take the folder beside the target, with what an earlier run left there.

        The command ``what`` works there; another one is told so in an ArtifactError.
        """
        self._claim = Claim(what, target)
        self.folder = self._claim.folder
        try:
            self.journal = Journal(self.folder)
        except BaseException:
            self._claim.close()
            raise

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there."""
        return not self._entries()

    @property
    def started(self) -> dict[str, Any] | None:
        """What was said when it was begun, if it is."""
        return self.journal.one(STARTED)

    def begin(self, key: str | None, **facts: Any) -> None:
        """Keep pieces from here on; ``key``: what must be the same to go on, None: never do."""
        self.journal.add(STARTED, key=key, **facts)

    def take_up(self, key: str | None) -> bool:
        """Whether the work of this key goes on from what is there; if not, that is deleted."""
        same = self.started is not None and key is not None and self.started["key"] == key
        if not (same and self.journal.is_sound()):
            self.clear()
            return False
        return True

    def clear(self) -> None:
        """Delete what is there, to begin anew; the journal first, or it would tell of the rest."""
        self.journal.clear()
        for path in self._entries():
            disk.clear_away(path)

    def leave(self) -> bool:
        """Stop: work that can go on stays, any other is deleted. Whether it stays."""
        if self.started is None or self.started["key"] is None:
            self.remove()
            return False
        self.close()
        return True

    def close(self) -> None:
        """Leave the folder as it is to whoever comes next."""
        self._claim.close()

    def remove(self) -> None:
        """Delete the folder; nobody else can have it before it is gone."""
        with suppress(OSError):
            self.clear()
        self._claim.remove()

    def _entries(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.name != LOCK]


@final
class Journal:
    """Lines of JSON in a folder, each written when what it tells of is on disk."""

    def __init__(self, folder: Path) -> None:
        """Read what is there. Half a line at the end was being written and is cut off, as is a
        line that is damaged, with all after it.
        """
        self.folder, self._path = folder, folder / JOURNAL
        self._entries: dict[str, list[dict[str, Any]]] = {}
        self._files: dict[str, str] = {}
        whole = 0
        if self._path.is_file():
            for line in self._path.read_bytes().splitlines(keepends=True):
                try:
                    self._take_down(self._checked(line))
                except (ValueError, TypeError, LookupError):
                    break
                whole += len(line)
            disk.cut(self._path, whole)

    def of(self, what: str) -> list[dict[str, Any]]:
        """The entries of one kind, in their order; not a copy, for this is asked for each piece."""
        return self._entries.setdefault(what, [])

    def one(self, what: str) -> dict[str, Any] | None:
        """The entry of a kind that there is one of, if there is."""
        return next(iter(self.of(what)), None)

    def add(
        self,
        what: str,
        *,
        files: Mapping[str, str] | None = None,
        instead_of: Iterable[str] = (),
        **facts: Any,
    ) -> None:
        """Write an entry of a kind down: the files it tells of with their checksums, those of
        earlier entries that it replaces, which are deleted, and anything else as JSON values.
        """
        entry = {"what": what, "files": dict(files or {}), "instead_of": [*instead_of], **facts}
        line = json.dumps(entry).encode()
        with disk.append(self._path) as file:
            file.write(line[:-1] + f', "sum": {self._sum(line)}}}\n'.encode())
        self._take_down(entry)
        for name in entry["instead_of"]:
            disk.remove(self.folder / name)

    def is_sound(self) -> bool:
        """Whether the files that are told of are what was written."""
        try:
            verify(self.folder, self._files)
        except ArtifactError:
            return False
        return True

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._files.clear()
        disk.remove(self._path)

    def _checked(self, line: bytes) -> dict[str, Any]:
        """The next line as an entry; ValueError for one that is not what was written there."""
        written, found, rest = line.rpartition(b', "sum": ')
        written += b"}"
        if not found or rest != f"{self._sum(written)}}}\n".encode():
            raise ValueError(line)
        entry: dict[str, Any] = json.loads(written)
        return entry

    def _sum(self, line: bytes) -> int:
        """Of an entry in its place: the n-th one is sound nowhere else."""
        return zlib.crc32(line, sum(map(len, self._entries.values())))

    def _take_down(self, entry: dict[str, Any]) -> None:
        self.of(entry["what"]).append(entry)
        self._files |= entry.get("files", {})
        for name in entry.get("instead_of", ()):
            self._files.pop(name, None)
