"""Vectors on their way to a file: pieces of a job beside it, so that a kill loses one.

A piece is ``part-NNNNN.arrow``: id, label, empty, vector of neighbouring documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from tenor.corpus.ids import SeenStrings, numbers_on_disk, refuse_repeated
from tenor.corpus.layout import map_batch, write_batch
from tenor.errors import SourceError
from tenor.storage.atomic import replace_file, unwritable
from tenor.storage.checksum import checksums
from tenor.storage.job import Job

_PART = "part"


@final
class VectorParts:
    """The parts of one file of vectors.

    Attributes:
        rows: documents in the parts so far.
        n_empty: those of them without a known word.
        labelled: whether any has a label.
        threads: that the first of them was made with, as the others must be.
        started_afresh: whether parts of another job were thrown away.
    """

    def __init__(self, target: Path, facts: dict[str, Any], threads: int) -> None:
        """Take up the job where it was left, or begin it.

        Args:
            target: the file that is to be written.
            facts: JSON values that say what is done; without an ``identity`` it never goes on.
            threads: to make parts with, when none is made yet.

        Raises:
            ArtifactError: when the folder cannot be written, or another process works in it.
        """
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        try:
            self._job = Job("tenor transform", target)
            was_empty = self._job.is_empty
            goes_on = self._job.take_up(None if facts["identity"] is None else key)
            if not goes_on:
                self._begin(None if facts["identity"] is None else key, threads)
        except OSError as error:
            raise unwritable(target, error) from error
        self.started_afresh = not (goes_on or was_empty)
        self.threads = int((self._job.started or {})["threads"])
        self._seen: SeenStrings | None = None
        self.rows, self.n_empty, self.labelled = 0, 0, False
        for part in self._job.journal.of(_PART):
            self._take_down(part)

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the next part; it is there whole or not at all.

        Raises:
            ArtifactError: when it cannot be written.
        """
        name = f"{_PART}-{len(self._job.journal.of(_PART)):05d}.arrow"
        with replace_file(self._job.folder / name) as partial:
            write_batch(partial, batch)
        part = {
            "documents": len(batch),
            "empty": batch.column("empty").true_count,
            "labelled": batch.column("label").null_count < len(batch),
        }
        self._job.journal.add(_PART, files=checksums(self._job.folder, [name]), **part)
        self._take_down(part)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All parts in their order, each mapped."""
        for entry in self._job.journal.of(_PART):
            for name in entry["files"]:
                yield map_batch(self._job.folder / name)

    def refuse_repeated_ids(self, coming: Any) -> None:
        """Look for an id of the part to come among all before it, in files and not in memory.

        Raises:
            SourceError: names two rows.
            ArtifactError: when there is no room on the disk.
        """
        folder = self._job.folder
        try:
            if self._seen is None:
                self._seen = SeenStrings(folder)
                for ids in self._ids():
                    self._seen.add(ids)
            if self._seen.add(coming):
                room = numbers_on_disk(folder, self.rows + len(coming))
                refuse_repeated(lambda: chain(self._ids(), [coming]), room, SourceError)
        except OSError as error:
            raise unwritable(folder, error) from error

    def leave(self) -> bool:
        """Stop; whether another transform can take it up, else nothing is left."""
        self._seen = None  # its files have no names, but some disks keep the folder for them
        return self._job.leave()

    def close(self) -> None:
        """Let another transform take it up."""
        self._job.close()

    def remove(self) -> None:
        """Throw the parts away."""
        self._seen = None
        self._job.remove()

    def _begin(self, key: str | None, threads: int) -> None:
        try:
            self._job.begin(key, threads=threads)
        except BaseException:
            self._job.remove()
            raise

    def _ids(self) -> Iterator[Any]:
        return (batch.column("id") for batch in self.batches())

    def _take_down(self, part: dict[str, Any]) -> None:
        self.rows += part["documents"]
        self.n_empty += part["empty"]
        self.labelled |= part["labelled"]
