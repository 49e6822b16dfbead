"""What a prepare has done so far, so that the same command after a kill goes on from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"
STARTED, COUNTED, READ, VOCABULARY, ENCODED = (
    "started", "counted", "read", "vocabulary", "encoded",
)  # fmt: skip


class Journal:
    """Lines of JSON, each written when what it tells of is on disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._entries: dict[str, list[dict[str, Any]]] = {}
        whole = 0
        if self.path.is_file():
            for line in self.path.read_bytes().splitlines(keepends=True):
                try:
                    self._take_down(json.loads(line if line.endswith(b"\n") else b""))
                except ValueError:
                    break  # the line that was being written
                whole += len(line)
            with self.path.open("r+b") as file:
                file.truncate(whole)

    def of(self, what: str) -> list[dict[str, Any]]:
        """The entries of one kind, in their order; not a copy, for this is asked for each part."""
        return self._entries.setdefault(what, [])

    def one(self, what: str) -> dict[str, Any] | None:
        """The entry of a kind that there is one of, if there is."""
        return next(iter(self.of(what)), None)

    def add(self, what: str, **facts: Any) -> dict[str, Any]:
        """Write an entry down."""
        entry = {"what": what, **facts}
        with self.path.open("ab") as file:
            file.write(json.dumps(entry).encode() + b"\n")
        self._take_down(entry)
        return entry

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self.path.unlink(missing_ok=True)

    def _take_down(self, entry: dict[str, Any]) -> None:
        self.of(entry["what"]).append(entry)
