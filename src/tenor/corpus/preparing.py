"""``tenor prepare``: a source becomes a corpus folder, whatever its size, and whatever stops it.

A small source is counted in memory and written at once. Of a larger one every counted piece is
kept on disk as it is made; the same command with the same settings on the same files goes on after
the last of them when it was killed, and ends with the same bytes. Standard input cannot be read
again, so it starts afresh.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from tenor.checks import amount
from tenor.corpus import piece_folder, pieces
from tenor.corpus.choosing import Counting
from tenor.corpus.counting import is_native
from tenor.corpus.folder import (
    Contents,
    Fingerprint,
    fill_folder,
    write_corpus,
    write_manifest,
)
from tenor.corpus.origin import Origin
from tenor.corpus.piece_folder import CORPUS, PieceFolder
from tenor.corpus.pipeline import collect, in_memory
from tenor.corpus.source import Source
from tenor.errors import ArtifactError, SourceError
from tenor.sources import files
from tenor.sources.batches import TextBatch
from tenor.storage.atomic import publish, unwritable
from tenor.storage.job import Job
from tenor.storage.target import new_folder, refuse_occupied
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

HELD_BYTES = 1 << 26  # of text: up to here there is nothing worth taking up again
COMMAND = "tenor prepare"
_VERSION = 4  # of the files that a killed prepare leaves


@dataclass(frozen=True)
class Reading:
    """How far the reading is."""

    documents: int  # counted
    text_bytes: int  # in them
    read: int  # bytes of the source
    total: int | None  # bytes it has; None where nobody knows


class Listener:
    """Who is told how it goes: nobody, unless a subclass listens."""

    def reading(self, documents: int) -> None:
        """So many documents were read."""

    def counting(self, reading: Reading) -> None:
        """So much was read, of so much."""
        self.reading(reading.documents)

    def writing(self, done: int, total: int) -> None:
        """So many shards are written."""

    def note(self, line: str) -> None:
        """Something that a person should know."""


def prepare(
    source: Source,
    folder: Path,
    overwrite: bool,
    keep_text: bool,
    listener: Listener,
    tokenizer: Tokenizer | None = None,
    rule: VocabularyRule | None = None,
    vocabulary: Any = None,
) -> None:
    """Count the documents of a source into a corpus folder; see :meth:`tenor.Corpus.read`.

    An error leaves nothing behind. A KeyboardInterrupt has a line that says whether the same
    command goes on from there, or the corpus is written already.
    """
    if source.is_dataset or source.is_prepared:
        with new_folder(folder, overwrite, COMMAND) as partial:
            read = source.contents(tokenizer, rule, vocabulary, keep_text, listener.reading)
            fill_folder(read, partial)
        return
    source.check()
    how = Counting.of(tokenizer, rule, vocabulary, keep_text)
    _Preparation(source, how, folder, listener).run(overwrite)


@final
class _Preparation:
    """A prepare under way: its job is there from the beginning, so that nobody else begins one."""

    def __init__(self, source: Source, how: Counting, target: Path, listener: Listener) -> None:
        self._source, self._how, self._target, self._listener = source, how, target, listener
        self._key = _key(source, how)
        self._job: Job | None = None
        self._folder: PieceFolder | None = None

    def run(self, overwrite: bool) -> None:
        """See :func:`prepare`."""
        try:
            job = self._claim(overwrite)
            folder = self._folder = self._taken_up(job)
            self._write(job, folder)
            refuse_occupied(self._target, overwrite)
            publish(folder.corpus, self._target)
            job.remove()
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt(self._left_behind()) from stop
        except OSError as error:
            self._clear()
            raise unwritable(self._target, error) from error
        except BaseException:
            self._clear()
            raise

    def _claim(self, overwrite: bool) -> Job:
        """Keep others away, and see that the target may be written; if not, what an earlier
        command left stays for one that may replace it, unless it is done with.
        """
        job = self._job = Job(COMMAND, self._target)
        try:
            refuse_occupied(self._target, overwrite)
        except ArtifactError:
            if _is_unfinished(job):
                job.close()
                self._job = None
            raise
        return job

    def _taken_up(self, job: Job) -> PieceFolder:
        """With what an earlier command left, if it is of use."""
        unfinished = _is_unfinished(job)
        goes_on = job.take_up(self._key if unfinished else None)
        folder = PieceFolder(job.folder, job.journal)
        if goes_on:
            done = amount(folder.documents, "document")
            self._listener.note(f"going on after {done} counted before")
        elif unfinished:
            self._listener.note(
                "an unfinished prepare of other files or settings was there; starting afresh"
            )
        return folder

    def _write(self, job: Job, folder: PieceFolder) -> None:
        """Make the corpus in the folder."""
        name, how = self._source.name, self._how
        kept = self._count(job, folder)
        if isinstance(kept, Contents):
            write_corpus(kept, folder.corpus)
            return

        def origin(taken: Fingerprint) -> Origin:
            return Origin(kept.read, taken.coverage(kept.n_tokens))

        words, _ = kept.vocabulary(how)
        shards = self._told(kept.shards(words), len(kept.groups))
        write_manifest(folder.corpus, name, how.tokenizer, words, shards, origin)

    def _count(self, job: Job, folder: PieceFolder) -> Contents | PieceFolder:
        """Read what is not read yet; a small source becomes a corpus in memory."""
        begun = job.started is not None
        if begun and folder.is_read:
            return folder
        stream = self._source.stream()
        if not is_native(self._how.tokenizer):
            self._listener.note(
                "a tokenizer function takes one text after the other: the slow path"
            )

        documents = size = 0

        def begin() -> PieceFolder:
            job.begin(self._key)
            return folder

        def tell(batch: TextBatch) -> None:
            nonlocal documents, size
            documents, size = documents + len(batch), size + batch.text_bytes
            self._listener.counting(Reading(documents, size, batch.read, stream.total))

        kept = collect(stream, self._how, HELD_BYTES, begin, tell, folder if begun else None)
        if isinstance(kept, PieceFolder):
            return kept
        if not kept:
            raise SourceError(files.nothing_in(*self._source.names))
        return in_memory(kept, stream, self._how, self._source.name)

    def _told(self, shards: Iterator[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
        for done, shard in enumerate(shards, start=1):
            yield shard
            self._listener.writing(done, total)

    def _left_behind(self) -> str:
        """What a person who stopped it should know."""
        if self._folder is not None and not self._folder.corpus.is_dir():
            self._clear()
            return f"stopped; {self._target} is written whole"
        if self._job is not None and self._job.leave():
            return "stopped; the same command goes on from here"
        self._clear()
        return "stopped; nothing was written"

    def _clear(self) -> None:
        """Leave nothing."""
        if self._job is not None:
            self._job.remove()


def _is_unfinished(job: Job) -> bool:
    """Whether pieces are there of a corpus that is not in its place yet."""
    return job.started is not None and (job.folder / CORPUS).is_dir()


def _key(source: Source, how: Counting) -> str | None:
    """What must be the same for work to go on; None where the source cannot be read again."""
    if source.is_input or not is_native(how.tokenizer):
        return None
    words = how.vocabulary
    settings = {
        "version": [_VERSION, pa.__version__, pieces.PIECE_BYTES, pieces.PIECE_DOCUMENTS],
        "shard": piece_folder.SHARD_BYTES,
        "source": source.stamp(),
        "name": source.name,
        "tokenizer": how.tokenizer.to_json(),
        "rule": asdict(how.rule),
        "vocabulary": None if words is None else words.fingerprint(),
        "keep_text": how.keep_text,
    }
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()
