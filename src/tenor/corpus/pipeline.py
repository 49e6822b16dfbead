"""How documents are counted, few or many, into memory or into a folder: there is one way.

The stream is counted in pieces, each over words of its own. A few are kept in memory; beyond that
all of them lie in a folder: a temporary one for a corpus that is used at once, or that of a job
which outlives a kill. Then ids are checked, the vocabulary is chosen and the pieces are written
over it, as the record batches of a corpus.

Nothing is estimated and nothing pruned early: every word's frequencies are summed over all pieces,
a stretch of the alphabet at a time, before the limits are applied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from tenor.checks import shown
from tenor.corpus import layout
from tenor.corpus.counting import CountedTexts, count, encode, merged_by_range
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import VOCABULARY, Contents, read_vocabulary, write_shard, write_vocabulary
from tenor.corpus.ids import numbers_on_disk, refuse_repeated, refuse_repeated_ids
from tenor.corpus.layout import map_batch, write_batch
from tenor.corpus.origin import Origin
from tenor.corpus.phrases import with_phrases
from tenor.corpus.pieces import Piece, counted_pieces, in_order
from tenor.corpus.placement import Placement
from tenor.corpus.sequence import Sequence, phrase_ids
from tenor.errors import ArtifactError, InputError, SourceError, VocabularyError
from tenor.sources.batches import Stream, TextBatch, no_labels
from tenor.sources.facts import ReadFacts
from tenor.storage import disk
from tenor.storage.atomic import checksums, unwritable
from tenor.storage.job import Journal
from tenor.text.scripts import warn_of_unspaced
from tenor.text.tokenizer import Tokenizer
from tenor.text.uncountable import warn_of_uncountable
from tenor.text.vocabulary import Vocabulary, VocabularyRule, WordStatistics

Progress = Callable[[int], None]

SPILL_BYTES = 1 << 28  # of text: beyond it, a corpus that is used at once goes to the disk
SHARD_BYTES = 1 << 26  # of text, in a shard of a corpus whose pieces were in a folder
ENCODERS = 4  # shards encoded at a time, each in some 200 MB
STORED = 256  # rows of a stored corpus handed on together, to be counted again
CORPUS = "corpus"
_WORDS, _DOCUMENTS = "words-{:06d}.arrow", "documents-{:06d}.arrow"  # of a piece
_TOKENS = "tokens-{:06d}.arrow"  # likewise, where phrases are asked for
COUNTED, READ, CHOSEN, ENCODED = "counted", "read", "vocabulary", "encoded"


@dataclass(frozen=True)
class Counting:
    """How documents are counted."""

    tokenizer: Tokenizer
    rule: VocabularyRule
    vocabulary: Vocabulary | None = None  # the words to count, instead of the rule's
    keep_text: bool = True
    first: Vocabulary | None = None  # the words before those that the rule chooses besides

    @classmethod
    def of(
        cls,
        tokenizer: Tokenizer | None,
        rule: VocabularyRule | None,
        vocabulary: Any = None,
        keep_text: bool = True,
    ) -> Counting:
        """As asked for; None: as is usual. Words that a person gave are looked at: see below."""
        if not isinstance(rule, VocabularyRule | None):
            raise InputError(f"rule must be a tenor.VocabularyRule, not {shown(rule)}")
        words = None if vocabulary is None else Vocabulary.of(vocabulary)
        how = cls(tokenizer or Tokenizer(), rule or VocabularyRule(), words, keep_text)
        if words is not vocabulary or how.rule.words:  # a Vocabulary was counted by before
            warn_of_uncountable(words or how.rule.words or (), how.tokenizer)
        return how


def counted(
    stream: Stream,
    how: Counting,
    source: str | None = None,
    nothing: str = "there are no documents",
    on_progress: Progress | None = None,
) -> Contents:
    """Count a stream, read once and in order: each document becomes a row, also without a text.

    ``nothing`` is the message when there are no documents. An id that is there twice is a
    SourceError, a full disk for temporary files an ArtifactError.
    """
    how.tokenizer.refuse_unready()  # before anything is read
    seen = 0

    def tell(batch: TextBatch) -> None:
        nonlocal seen
        seen += len(batch)
        if on_progress is not None:
            on_progress(seen)

    with ExitStack() as opened:

        def begin() -> PieceFolder:
            folder = opened.enter_context(_temporary_folder())
            return PieceFolder(folder, Journal(folder))

        kept = collect(stream, how, SPILL_BYTES, begin, tell)
        if isinstance(kept, PieceFolder):
            words, placement = kept.vocabulary(how)
            shards = [map_batch(kept.corpus / shard["file"]) for shard in kept.shards(words)]
            table = pa.Table.from_batches(shards)  # the files vanish with the last view of them
            origin = Origin(kept.read, _coverage(table, words, how.tokenizer, kept.n_tokens))
            return Contents(table, words, how.tokenizer, source, placement, origin)
    if not kept:
        raise SourceError(nothing)
    return in_memory(kept, stream, how, source)


def collect(
    stream: Stream,
    how: Counting,
    most: int,
    begin: Callable[[], PieceFolder],
    on_piece: Callable[[TextBatch], None],
    folder: PieceFolder | None = None,
) -> list[Piece] | PieceFolder:
    """Count a stream to its end: up to ``most`` bytes of text into memory, else into a folder.

    ``begin`` makes that folder when it is needed. Of a ``folder`` where pieces are already, the
    stream gives their documents too.
    """
    held: list[Piece] = []
    size = 0
    looked_at = how.vocabulary is not None  # then it is settled what a word is

    def tell(batch: TextBatch) -> None:
        nonlocal looked_at
        if not looked_at:
            warn_of_unspaced(batch.columns["text"], how.tokenizer)
        looked_at = True
        on_piece(batch)

    done = 0 if folder is None else len(folder.pieces)
    for piece in counted_pieces(stream.batches, how.tokenizer, how.keep_text, done, tell):
        if folder is not None:
            folder.add(piece)
            continue
        held.append(piece)
        size += piece.text_bytes
        if size > most:
            folder = begin()
            for early in _drained(held):
                folder.add(early)
    if folder is None:
        return held
    folder.finish(stream)
    return folder


def in_memory(pieces: list[Piece], stream: Stream, how: Counting, source: str | None) -> Contents:
    """The corpus of the pieces that a stream had, which are used up."""
    if not stream.unique:
        ids = pa.chunked_array([piece.columns["id"] for piece in pieces])
        refuse_repeated_ids(ids, SourceError)
    vocabulary = words_of(
        how,
        [piece.counted.statistics for piece in pieces],
        lambda: (piece.counted for piece in pieces),
        stream.facts(),
    )
    placement = placement_over(
        vocabulary, ((piece.counted.words, piece.counted.placement) for piece in pieces)
    )
    labelled = any(piece.labelled for piece in pieces)
    n_tokens = sum(piece.counted.n_tokens for piece in pieces)
    jobs = (partial(piece.encoded, vocabulary, labelled) for piece in _drained(pieces))
    table = layout.joined(list(in_order(jobs)))
    origin = Origin(stream.facts(), _coverage(table, vocabulary, how.tokenizer, n_tokens))
    return Contents(table, vocabulary, how.tokenizer, source, placement, origin)


def words_of(
    how: Counting,
    statistics: list[WordStatistics],
    counted: Callable[[], Iterable[CountedTexts]],
    read: ReadFacts,
) -> Vocabulary:
    """The words to count; where none are left, what was read may say why."""
    if how.vocabulary is not None:
        return how.vocabulary
    try:
        words = how.rule.vocabulary_of(merged_by_range(statistics))
    except VocabularyError as error:
        if how.first is not None:  # no more words than these
            return how.first
        if not read.sources:
            raise
        missing = f"{read.n_missing:,} of them without a text" if read.n_missing else ""
        said = "; ".join(filter(None, (str(Origin(read)), missing, *read.notes)))
        raise VocabularyError(*error.args, f" (read {said})") from error
    if how.tokenizer.phrases:
        words = with_phrases(words, how.rule, how.tokenizer.phrases, counted)
    if how.first is not None:
        words = Vocabulary([*how.first, *(word for word in words if word not in how.first)])
    return words


def placement_over(vocabulary: Vocabulary, placed: Iterable[tuple[Any, Placement]]) -> Placement:
    """Where a vocabulary's words stand in all; of each piece its words and their placement."""
    jobs = (partial(placement.over, vocabulary, words) for words, placement in placed)
    return reduce(Placement.plus, in_order(jobs))


def stored_texts(table: Any) -> Iterator[TextBatch]:
    """The texts of a corpus, to be counted again."""
    for batch in table.to_batches():
        for start in range(0, len(batch), STORED):
            rows = batch.slice(start, STORED)
            labelled = "label" in rows.schema.names
            labels = rows.column("label") if labelled else no_labels(len(rows))
            yield TextBatch(layout.columns_of(rows) | {"label": labels})


def over_other_words(
    corpus: Contents, vocabulary: Vocabulary, tokenizer: Tokenizer | None
) -> Contents:
    """See :meth:`tenor.corpus.corpus.Corpus.encode_like`."""
    tokenizer = tokenizer or corpus.tokenizer
    if vocabulary == corpus.vocabulary and tokenizer == corpus.tokenizer:
        return corpus
    if "text" not in corpus.table.column_names:
        raise InputError("this corpus kept no texts, so it cannot be counted over other words")
    if tokenizer is None:
        raise InputError("this corpus was made from counts; pass the tokenizer for its texts")
    batches, placed, n_tokens = [], [Placement.of_nothing(len(vocabulary))], 0
    for batch in corpus.table.to_batches():
        again = count(batch.column("text"), tokenizer)
        batches.append(layout.batch_of(encode(again, vocabulary), layout.columns_of(batch)))
        placed.append(again.placement.over(vocabulary, again.words))
        n_tokens += again.n_tokens
    table = pa.Table.from_batches(batches)
    coverage = _coverage(table, vocabulary, tokenizer, n_tokens)
    origin = replace(corpus.origin, coverage=coverage)
    placement = reduce(Placement.plus, placed)
    return Contents(table, vocabulary, tokenizer, corpus.source, placement, origin)


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


def _coverage(table: Any, vocabulary: Vocabulary, tokenizer: Tokenizer, n_tokens: int) -> Coverage:
    bag = layout.bag_of(table, len(vocabulary))
    return Coverage.of(bag, n_tokens, phrase_ids(vocabulary, tokenizer))


def _placement(words: Any) -> Placement:
    placement = Placement.of_columns(words)
    assert placement is not None  # it was written with them
    return placement


def _drained(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces in order, each let go of once it is used."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tenor-", ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        except OSError as error:
            raise ArtifactError(
                f"{unwritable(Path(name), error)}; the variable TMPDIR names another place"
            ) from error
