"""Counted pieces on the disk, beyond what memory holds, and the corpus that they become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from tenor.corpus import layout
from tenor.corpus.choosing import Counting, placement_over, words_of
from tenor.corpus.counting import CountedTexts
from tenor.corpus.folder import VOCABULARY, read_vocabulary, write_shard, write_vocabulary
from tenor.corpus.ids import numbers_on_disk, refuse_repeated
from tenor.corpus.layout import map_batch, write_batch
from tenor.corpus.pieces import Piece, in_order
from tenor.corpus.placement import Placement
from tenor.corpus.sequence import Sequence
from tenor.errors import SourceError
from tenor.sources.batches import Stream
from tenor.sources.facts import ReadFacts
from tenor.storage import disk
from tenor.storage.atomic import checksums
from tenor.storage.job import Journal
from tenor.text.vocabulary import Vocabulary, WordStatistics

SHARD_BYTES = 1 << 26  # of text, in a shard of a corpus whose pieces were in a folder
ENCODERS = 4  # shards encoded at a time, each in some 200 MB
CORPUS = "corpus"
_WORDS, _DOCUMENTS = "words-{:06d}.arrow", "documents-{:06d}.arrow"  # of a piece
_TOKENS = "tokens-{:06d}.arrow"  # likewise, where phrases are asked for
COUNTED, READ, CHOSEN, ENCODED = "counted", "read", "vocabulary", "encoded"


@final
class PieceFolder:
    """Counted pieces in a folder, and the corpus they become.

    ``words-NNNNNN.arrow`` holds a piece's own words in alphabetical order with their frequencies
    and where they stand, ``documents-NNNNNN.arrow`` its documents over those words, in the layout
    of a corpus, and ``tokens-NNNNNN.arrow`` their words in order where phrases are asked for.
    ``corpus/`` is the corpus as far as it is written. The journal tells what is done.
    """

    def __init__(self, folder: Path, journal: Journal) -> None:
        """Go on with what the journal tells of."""
        self.folder, self.corpus = folder, folder / CORPUS
        disk.make_folder(self.corpus)
        self._journal = journal

    @property
    def pieces(self) -> list[dict[str, Any]]:
        """What is known of the pieces that are counted."""
        return self._journal.of(COUNTED)

    @property
    def documents(self) -> int:
        """How many documents they hold."""
        return sum(piece["documents"] for piece in self.pieces)

    @property
    def n_tokens(self) -> int:
        """How many tokens their texts have."""
        return sum(piece["tokens"] for piece in self.pieces)

    @property
    def read(self) -> ReadFacts:
        """What was found in the source, all of which is counted."""
        return ReadFacts.from_json(self._journal.of(READ)[0]["read"])

    @property
    def is_read(self) -> bool:
        """Whether all of the source is counted."""
        return self._journal.one(READ) is not None

    @property
    def groups(self) -> list[range]:
        """Which pieces go into which shard of the corpus."""
        groups: list[range] = []
        first = size = 0
        for number, piece in enumerate(self.pieces):
            size += piece["text_bytes"]
            if number > first and size > SHARD_BYTES:
                groups.append(range(first, number))
                first, size = number, piece["text_bytes"]
        return [*groups, range(first, len(self.pieces))]

    def add(self, piece: Piece) -> None:
        """Write the next piece."""
        number = len(self.pieces)
        words = piece.counted.statistics.columns() | piece.counted.placement.columns()
        documents = layout.batch_of(piece.counted.bag, piece.columns)
        parts = [pa.RecordBatch.from_pydict(words), documents]
        files = [name.format(number) for name in (_WORDS, _DOCUMENTS)]
        if piece.counted.sequence is not None:
            files.append(_TOKENS.format(number))
            parts.append(pa.record_batch({"tokens": piece.counted.sequence.column()}))
        for name, batch in zip(files, parts, strict=True):
            with disk.create(self.folder / name) as file:
                write_batch(file, batch)
        self._journal.add(
            COUNTED,
            files=checksums(self.folder, files),
            documents=len(piece.counted),
            text_bytes=piece.text_bytes,
            tokens=piece.counted.n_tokens,
            labelled=piece.labelled,
        )

    def finish(self, stream: Stream) -> None:
        """The source has no more documents; their ids are checked unless they surely are unique."""
        if not stream.unique:
            room = numbers_on_disk(self.folder, self.documents)
            refuse_repeated(self._ids, room, SourceError)
        self._journal.add(READ, documents=self.documents, read=stream.facts().to_json())

    def vocabulary(self, how: Counting) -> tuple[Vocabulary, Placement | None]:
        """The words, chosen once, and where they stand.

        A piece takes a mapping and no file handle: 65,530 are what Linux gives a process, which
        are 500 GB of text.
        """
        path = self.corpus / VOCABULARY
        if self._journal.one(CHOSEN) is not None:
            return read_vocabulary(path)
        words = words_of(how, self._statistics(), self._counted, self.read)
        placement = placement_over(
            words, ((piece.column("word"), _placement(piece)) for piece in self._mapped(_WORDS))
        )
        write_vocabulary(path, words, placement)
        self._journal.add(CHOSEN, files=checksums(self.folder, [f"{CORPUS}/{VOCABULARY}"]))
        return words, placement

    def shards(self, words: Vocabulary) -> Iterator[dict[str, Any]]:
        """What the manifest says of each shard, in order; those that are not there are written."""
        groups, done = self.groups, [*self._journal.of(ENCODED)]
        yield from (entry["shard"] for entry in done)
        labelled = any(piece["labelled"] for piece in self.pieces)
        left = range(len(done), len(groups))
        jobs = (partial(self._write, number, groups[number], words, labelled) for number in left)
        for number, shard in zip(left, in_order(jobs, ENCODERS), strict=True):
            file = {f"{CORPUS}/{shard['file']}": shard["sha256"]}
            self._journal.add(
                ENCODED, files=file, instead_of=self._files(groups[number]), shard=shard
            )
            yield shard

    def _write(
        self, number: int, group: range, words: Vocabulary, labelled: bool
    ) -> dict[str, Any]:
        batches = [self._piece(piece).encoded(words, labelled) for piece in group]
        whole = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
        del batches  # not held while the shard is written
        return write_shard(self.corpus, number, whole)

    def _piece(self, number: int) -> Piece:
        """A piece, mapped."""
        words, documents, *ordered = (map_batch(self.folder / n) for n in self._files([number]))
        bag = layout.bag_of_batch(documents, len(words))
        frequency = words.column("cf").to_numpy()
        sequence = None
        for tokens in ordered:
            sequence = Sequence.of_column(tokens.column("tokens"), len(words))
        own = CountedTexts(words.column("word"), bag, frequency, _placement(words), sequence)
        return Piece(own, layout.columns_of(documents))

    def _files(self, numbers: Iterable[int]) -> list[str]:
        """The files of some pieces."""
        return [name for number in numbers for name in self.pieces[number]["files"]]

    def _counted(self) -> Iterator[CountedTexts]:
        """Of each piece, mapped."""
        return (self._piece(number).counted for number in range(len(self.pieces)))

    def _statistics(self) -> list[WordStatistics]:
        """Of each piece, mapped."""
        return [
            WordStatistics.of_columns(words, piece["documents"])
            for piece, words in zip(self.pieces, self._mapped(_WORDS), strict=True)
        ]

    def _ids(self) -> Iterator[Any]:
        return (documents.column("id") for documents in self._mapped(_DOCUMENTS))

    def _mapped(self, name: str) -> Iterator[Any]:
        """One of the files of each piece."""
        numbers = range(len(self.pieces))
        return (map_batch(self.folder / name.format(number)) for number in numbers)


def _placement(words: Any) -> Placement:
    placement = Placement.of_columns(words)
    assert placement is not None  # it was written with them
    return placement
