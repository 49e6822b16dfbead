"""Vectors on their way to a file: parts in a hidden folder beside it, so that a kill loses one.

job.json           what is being done; another model, source or setting begins afresh
part-00000.arrow   id, label, empty, vector of neighbouring documents, each written whole
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from tenor.corpus.building import numbers_on_disk, refuse_repeated
from tenor.corpus.seen import SeenStrings
from tenor.corpus.spill import map_batch, write_batch
from tenor.errors import SourceError
from tenor.storage.atomic import kept_beside, replace_file, unwritable, write_json
from tenor.storage.claim import Claim

JOB = "job.json"


@final
class VectorParts:
    """The parts of one file of vectors.

    Attributes:
        folder: where they are.
        job: JSON values that say what is done; ``threads`` may differ from a run to the next.
        rows: documents in the parts so far.
        n_empty: those of them without a known word.
        labelled: whether any has a label.
        started_afresh: whether parts of another job were thrown away.
    """

    def __init__(self, target: Path, job: dict[str, Any]) -> None:
        """Take up the job where it was left, or begin it.

        Raises:
            ArtifactError: when the folder cannot be written, or another process works in it.
        """
        self.folder = kept_beside(target)
        try:
            self._claim = Claim(self.folder, "tenor transform", target)
            begun = self._begun(job)
            self.job = begun or job
            self.started_afresh = begun is None and not self._claim.is_empty()
            if begun is None:
                self._claim.clear()
                self._write_job()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self.rows, self.n_empty, self.labelled, self.count = 0, 0, False, 0
        self._seen: SeenStrings | None = None
        while self._path(self.count).exists():
            self._take_down(self._read(self.count))

    def _write_job(self) -> None:
        try:
            write_json(self.folder / JOB, self.job)
        except BaseException:
            self._claim.remove()
            raise

    def _begun(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """The job in the folder when it is this one and can be taken up again."""
        try:
            begun: dict[str, Any] = json.loads((self.folder / JOB).read_text(encoding="utf-8"))
            same = begun | {"threads": None} == job | {"threads": None}
        except (OSError, ValueError, TypeError):
            return None
        return begun if same and job["identity"] is not None else None

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the next part; it is there whole or not at all.

        Raises:
            ArtifactError: when it cannot be written.
        """
        with replace_file(self._path(self.count)) as partial:
            write_batch(partial, batch)
        self._take_down(batch)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All parts in their order, each mapped."""
        return (self._read(number) for number in range(self.count))

    def refuse_repeated_ids(self, coming: Any) -> None:
        """Look for an id of the part to come among all before it, in files and not in memory.

        Raises:
            SourceError: names two rows.
            ArtifactError: when there is no room on the disk.
        """
        try:
            if self._seen is None:
                self._seen = SeenStrings(self.folder)
                for ids in self._ids():
                    self._seen.add(ids)
            if self._seen.add(coming):
                room = numbers_on_disk(self.folder, self.rows + len(coming))
                refuse_repeated(lambda: chain(self._ids(), [coming]), room, SourceError)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def _ids(self) -> Iterator[Any]:
        return (batch.column("id") for batch in self.batches())

    def close(self) -> None:
        """Let another transform take it up."""
        self._claim.close()

    def remove(self) -> None:
        """Throw the folder away."""
        self._seen = None  # its files have no names, but some disks keep the folder for them
        self._claim.remove()

    def _take_down(self, batch: pa.RecordBatch) -> None:
        self.count += 1
        self.rows += len(batch)
        self.n_empty += int(batch.column("empty").true_count)
        self.labelled |= batch.column("label").null_count < len(batch)

    def _read(self, number: int) -> pa.RecordBatch:
        return map_batch(self._path(number))

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}.arrow"
