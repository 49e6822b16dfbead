"""Counted parts on disk: a folder that grows while a source is read, and is mapped afterwards.

``words-NNNNNN.arrow`` holds a part's own words in alphabetical order with their frequencies and
where they stand,
``documents-NNNNNN.arrow`` its documents over those words, in the layout of a corpus.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from tenor.corpus import layout
from tenor.corpus.counting import CountedShard, encode, statistics
from tenor.corpus.parts import Part
from tenor.corpus.placement import Placement
from tenor.storage.checksum import sha256_file
from tenor.text.vocabulary import Vocabulary, WordStatistics


def write_batch(path: Path, batch: Any) -> None:
    """One record batch as an uncompressed Arrow IPC file, which maps as it lies."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as out:
        out.write_batch(batch)


def map_batch(path: Path) -> Any:
    """The one record batch of such a file, in mapped memory."""
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


class Spill:
    """The counted parts in a folder, by their numbers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, number: int, part: Part) -> dict[str, Any]:
        """Write a part; what a journal keeps of it."""
        stats = statistics(part.counted)
        words = {"word": stats.words, "df": stats.document_frequency, "cf": stats.word_frequency}
        words |= part.counted.placement.columns()
        write_batch(self._words(number), pa.RecordBatch.from_pydict(words))
        write_batch(self._documents(number), layout.batch_of(part.counted.bag, part.columns))
        return {
            "documents": len(part.counted),
            "text_bytes": part.text_bytes,
            "labelled": part.labelled,
            "sha256": [sha256_file(path) for path in self._files(number)],
        }

    def holds(self, number: int, record: dict[str, Any]) -> bool:
        """Whether the part of this number is what the record says."""
        files = self._files(number)
        sound = all(path.is_file() for path in files)
        return sound and [sha256_file(path) for path in files] == record["sha256"]

    def statistics(self, number: int) -> WordStatistics:
        """The words of a part, mapped."""
        words = map_batch(self._words(number))
        return WordStatistics(
            words.column("word"),
            words.column("df").to_numpy(),
            words.column("cf").to_numpy(),
            map_batch(self._documents(number)).num_rows,
        )

    def placement(self, number: int) -> tuple[Any, Placement]:
        """The words of a part and where they stand, mapped."""
        words = map_batch(self._words(number))
        return words.column("word"), _placement(words)

    def ids(self, number: int) -> Any:
        """The ids of a part's documents, mapped."""
        return map_batch(self._documents(number)).column("id")

    def encoded(self, number: int, vocabulary: Vocabulary, labelled: bool) -> Any:
        """A part over the vocabulary, as a record batch of a corpus."""
        documents = map_batch(self._documents(number))
        words = map_batch(self._words(number))
        bag = layout.bag_of_batch(documents, len(words))
        frequency = words.column("cf").to_numpy()
        shard = CountedShard(words.column("word"), bag, frequency, _placement(words))
        return encoded(shard, documents_columns(documents), vocabulary, labelled)

    def remove(self, number: int) -> None:
        """Delete a part that is not needed any more."""
        for path in self._files(number):
            path.unlink(missing_ok=True)

    def _files(self, number: int) -> list[Path]:
        return [self._words(number), self._documents(number)]

    def _words(self, number: int) -> Path:
        return self.folder / f"words-{number:06d}.arrow"

    def _documents(self, number: int) -> Path:
        return self.folder / f"documents-{number:06d}.arrow"


def _placement(words: Any) -> Placement:
    placement = Placement.of_columns(words)
    assert placement is not None  # Spill.add wrote it
    return placement


def documents_columns(batch: Any) -> dict[str, Any]:
    """The columns that are no counts."""
    return {n: batch.column(n) for n in batch.schema.names if n not in ("words", "counts")}


def encoded(
    shard: CountedShard, columns: dict[str, Any], vocabulary: Vocabulary, labelled: bool
) -> Any:
    """A counted shard as a record batch of a corpus; labels only where there are any."""
    kept = {name: array for name, array in columns.items() if labelled or name != "label"}
    return layout.batch_of(encode(shard, vocabulary), kept)
