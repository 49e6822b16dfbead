"""``tenor prepare``: a source becomes a corpus folder, whatever its size, and whatever stops it.

A small source is counted in memory and written at once. Of a larger one every counted part is
kept on disk as it is made, in a hidden folder beside the target, with a journal; the same command
with the same settings on the same files takes them up again after a kill, and ends with the same
bytes. Standard input cannot be read again, so it starts afresh.

Nothing is estimated and nothing pruned early: every word's frequencies are summed over all parts,
a stretch of the alphabet at a time (:mod:`tenor.corpus.ranges`), before the limits are applied.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from tenor.amounts import amount
from tenor.corpus import parts as dealing
from tenor.corpus.building import SHARD_BYTES, drained, table_of
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import is_native
from tenor.corpus.files import write_corpus
from tenor.corpus.fingerprint import Fingerprint
from tenor.corpus.manifest import recorded, write_manifest
from tenor.corpus.parts import Part, counted_parts
from tenor.corpus.spill import map_batch
from tenor.corpus.vocabulary_file import NAME as VOCABULARY_FILE
from tenor.corpus.work import Work
from tenor.errors import ArtifactError, SourceError
from tenor.sources import files
from tenor.sources.batches import Stream, TextBatch
from tenor.sources.columns import Columns
from tenor.storage.atomic import kept_beside, publish, refuse_occupied, unwritable
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

HELD_BYTES = 1 << 26  # of text: up to here there is nothing worth taking up again
_VERSION = 2  # of the files that a killed prepare leaves


@dataclass(frozen=True)
class Request:
    """What is to be prepared, and how.

    Attributes:
        source: a path, a pattern of paths or "-".
        columns: of a table.
        encoding_errors: "strict" or "replace".
        tokenizer: how texts become tokens.
        rule: how the vocabulary is chosen, when none is given.
        vocabulary: the words to count instead.
        keep_text: whether the corpus keeps the texts.
    """

    source: str
    columns: Columns
    encoding_errors: str
    tokenizer: Tokenizer
    rule: VocabularyRule
    vocabulary: Vocabulary | None = None
    keep_text: bool = True


@dataclass(frozen=True)
class Reading:
    """How far the reading is.

    Attributes:
        documents: how many documents were counted.
        text_bytes: how much text they hold.
        read: bytes of the source read.
        total: bytes it has; None where nobody knows.
    """

    documents: int
    text_bytes: int
    read: int
    total: int | None


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


def prepare(request: Request, folder: Path, overwrite: bool, listener: Listener) -> None:
    """Count the source and write the corpus.

    Raises:
        SourceError: when the source cannot be read, is empty or repeats an id; nothing is left.
        VocabularyError: when no word is left; nothing is left.
        ArtifactError: when the folder is taken or cannot be written, or another prepare is at it.
        KeyboardInterrupt: with a line that says whether the same command goes on from there, or
            the corpus is written already.
    """
    desk = _Desk(folder, _key(request), listener)
    try:
        desk.claim(overwrite)
        desk.take_up()
        _prepare(request, folder, overwrite, desk)
        desk.work.remove()
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(desk.left_behind()) from stop
    except OSError as error:
        desk.clear()
        raise unwritable(folder, error) from error
    except BaseException:
        desk.clear()
        raise


def _prepare(request: Request, folder: Path, overwrite: bool, desk: _Desk) -> None:
    held, work = _count(request, desk), desk.work
    if work.is_begun:
        _encode(request, desk)
    elif held:
        unique = request.columns.id is None
        built = table_of(held, unique, request.rule, request.vocabulary)
        work.make_corpus()
        write_corpus(Corpus.of_built(built, request.tokenizer, request.source), work.corpus)
    else:
        raise SourceError(files.nothing_in(request.source))
    refuse_occupied(folder, overwrite)
    publish(work.corpus, folder)


def _encode(request: Request, desk: _Desk) -> None:
    """Write the corpus of the parts that are on the desk."""
    work, taken = desk.work, Fingerprint()
    words = work.vocabulary(request.rule, request.vocabulary)
    shards = work.shards(words, taken, desk.listener.writing)
    vocabulary = recorded(work.corpus / VOCABULARY_FILE)
    columns = map_batch(work.corpus / shards[0]["file"]).schema.names
    write_manifest(
        work.corpus, request.source, request.tokenizer, words, columns, taken, (vocabulary, shards)
    )


def _count(request: Request, desk: _Desk) -> list[Part]:
    """Read what is not read yet. The parts, when they are few; else they are on the desk."""
    work = desk.work
    if work.is_read:
        return []
    skip = len(work.parts)
    stream = files.stream(request.source, request.columns, request.encoding_errors)
    if not is_native(request.tokenizer):
        desk.listener.note("a tokenizer function takes one text after the other: the slow path")
    held: list[Part] = []
    size = 0
    tell = _telling(stream, desk.listener)
    for part in counted_parts(stream.batches, request.tokenizer, request.keep_text, skip, tell):
        if work.is_begun:
            work.add(part)
            continue
        held.append(part)
        size += part.text_bytes
        if size > HELD_BYTES:
            work.begin(desk.key or "")
            for early in drained(held):
                work.add(early)
    if work.is_begun:
        work.finish_reading(stream.unique)
    return held


class _Desk:
    """Where the work lies: its folder is there from the beginning, so that nobody else takes it."""

    def __init__(self, target: Path, key: str | None, listener: Listener) -> None:
        self.place, self.target = kept_beside(target), target
        self.key, self.listener = key, listener
        self._made = [folder for folder in self.place.parents if not folder.exists()]
        self._work: Work | None = None

    @property
    def work(self) -> Work:
        """What was claimed."""
        assert self._work is not None
        return self._work

    def claim(self, overwrite: bool) -> None:
        """Keep others away, and see that the target may be written.

        Raises:
            ArtifactError: when another command is at work there, or the target is taken; what an
                earlier one left stays for one that may replace it, unless it is done with.
        """
        work = self._work = Work(self.place, self.target)
        try:
            refuse_occupied(self.target, overwrite)
        except ArtifactError:
            if work.is_unfinished:
                work.close()
                self._work = None
            raise

    def take_up(self) -> None:
        """What an earlier command left, if it is of use."""
        work = self.work
        if self.key is not None and work.is_unfinished and work.may_go_on(self.key):
            done = sum(part["documents"] for part in work.parts)
            self.listener.note(f"going on after {amount(done, 'document')} counted before")
            return
        if work.is_unfinished:
            self.listener.note(
                "an unfinished prepare of other files or settings was there; starting afresh"
            )
        work.clear()

    def left_behind(self) -> str:
        """What a person who stopped it should know."""
        if self._work is not None and self._work.is_published:
            self._work.remove()
            return f"stopped; {self.target} is written whole"
        if self.key is None or self._work is None or not self._work.is_begun:
            self.clear()
            return "stopped; nothing was written"
        self._work.close()
        return "stopped; the same command goes on from here"

    def clear(self) -> None:
        """Leave nothing."""
        if self._work is not None:
            self._work.remove()
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()


def _telling(stream: Stream, listener: Listener) -> Callable[[TextBatch], None]:
    documents = size = 0

    def tell(batch: TextBatch) -> None:
        nonlocal documents, size
        documents, size = documents + len(batch), size + batch.text_bytes
        listener.counting(Reading(documents, size, batch.read, stream.total))

    return tell


def _key(request: Request) -> str | None:
    """What must be the same for work to go on; None where the source cannot be read again."""
    if request.source == files.STANDARD_INPUT or not is_native(request.tokenizer):
        return None
    there = []
    for path in files.listing(Path(request.source)):
        status = files.status(path)
        there.append([str(path.absolute()), status.st_size, status.st_mtime_ns])
    words = request.vocabulary
    settings = {
        "version": [_VERSION, pa.__version__, dealing.PART_BYTES, dealing.PART_DOCUMENTS],
        "shard": SHARD_BYTES,
        "source": request.source,
        "files": there,
        "columns": asdict(request.columns),
        "encoding_errors": request.encoding_errors,
        "tokenizer": request.tokenizer.to_json(),
        "rule": asdict(request.rule),
        "vocabulary": None if words is None else words.fingerprint(),
        "keep_text": request.keep_text,
    }
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()
