"""From a stream of documents to the Arrow table of a corpus.

What is counted stays in memory while it is small. Beyond that it goes to a temporary folder part
by part, and the corpus is made of mapped files, so that memory does not grow with the documents.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial, reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.corpus import layout
from tenor.corpus.counting import count, encode, statistics
from tenor.corpus.parts import Part, counted_parts, in_order
from tenor.corpus.placement import Placement
from tenor.corpus.ranges import merged_by_range
from tenor.corpus.spill import Spill, encoded, map_batch, write_batch
from tenor.errors import ArtifactError, SourceError
from tenor.sources.batches import Stream, TextBatch
from tenor.storage.atomic import unwritable
from tenor.text.strings import find_repeated
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

Progress = Callable[[int], None]

SPILL_BYTES = 1 << 28  # of text: beyond it, the disk is used
SHARD_BYTES = 1 << 26  # of text, in a shard of a corpus that was spilled
ENCODERS = 4  # shards encoded at a time, each in some 200 MB
_ZEROS = 1 << 20  # numbers written at a time


class Built(NamedTuple):
    """A counted stream.

    Attributes:
        table: the documents in the layout of :mod:`tenor.corpus.layout`.
        vocabulary: the words they are counted over.
        placement: where those words stand in the documents.
    """

    table: Any
    vocabulary: Vocabulary
    placement: Placement


def build(
    stream: Stream,
    tokenizer: Tokenizer,
    rule: VocabularyRule,
    vocabulary: Vocabulary | None = None,
    keep_text: bool = True,
    nothing: str = "there are no documents",
    on_progress: Progress | None = None,
) -> Built:
    """Count a stream, read once and in order, and lay it out as a table.

    Args:
        stream: the documents; each becomes a row, also when it has no text.
        tokenizer: how texts become tokens.
        rule: what the vocabulary is made by, when none is given.
        vocabulary: the words to count, instead of the rule's.
        keep_text: whether the texts are kept as a column.
        nothing: the message when there are no documents.
        on_progress: called now and then with the number of documents so far, and at the end.

    Raises:
        SourceError: when the stream fails, is empty or repeats an id.
        ArtifactError: when the disk for temporary files is full.
        InputError: when the tokenizer's function fails.
        VocabularyError: when no word is left.
    """
    if tokenizer.missing_function is not None:
        tokenizer.split("")  # says so, before anything is read
    seen = 0

    def tell(batch: TextBatch) -> None:
        nonlocal seen
        seen += len(batch)
        if on_progress is not None:
            on_progress(seen)

    parts = counted_parts(stream.batches, tokenizer, keep_text, on_part=tell)
    held: list[Part] = []
    size = 0
    for part in parts:
        held.append(part)
        size += part.text_bytes
        if size > SPILL_BYTES:
            everything = chain(drained(held), parts)
            return _spilled(everything, stream.unique, rule, vocabulary)
    if not held:
        raise SourceError(nothing)
    return table_of(held, stream.unique, rule, vocabulary)


def table_of(
    parts: list[Part], unique: bool, rule: VocabularyRule, vocabulary: Vocabulary | None
) -> Built:
    """The table of parts in memory, which are used up; ``unique``: whether their ids surely are."""
    if not unique:
        refuse_repeated_ids(pa.chunked_array([part.columns["id"] for part in parts]), SourceError)
    if vocabulary is None:
        vocabulary = rule.vocabulary_of(
            merged_by_range([statistics(part.counted) for part in parts])
        )
    placement = placement_over(
        vocabulary, ((part.counted.words, part.counted.placement) for part in parts)
    )
    labelled = any(part.labelled for part in parts)
    jobs = (
        partial(encoded, part.counted, part.columns, vocabulary, labelled)
        for part in drained(parts)
    )
    return Built(layout.joined(list(in_order(jobs))), vocabulary, placement)


def placement_over(vocabulary: Vocabulary, parts: Iterable[tuple[Any, Placement]]) -> Placement:
    """Where a vocabulary's words stand in all parts; of each its words and their placement."""
    jobs = (partial(placement.over, vocabulary, words) for words, placement in parts)
    return reduce(Placement.plus, in_order(jobs))


def encode_again(table: Any, tokenizer: Tokenizer, vocabulary: Vocabulary) -> Built:
    """The texts of ``table`` counted over another vocabulary."""
    batches, placements = [], [Placement.of_nothing(len(vocabulary))]
    for batch in table.to_batches():
        shard = count(batch.column("text"), tokenizer)
        columns = {name: batch.column(name) for name in batch.schema.names}
        batches.append(layout.batch_of(encode(shard, vocabulary), columns))
        placements.append(shard.placement.over(vocabulary, shard.words))
    return Built(pa.Table.from_batches(batches), vocabulary, reduce(Placement.plus, placements))


def refuse_repeated_ids(ids: Any, error: type[Exception]) -> None:
    """Raise ``error``, naming two rows, when an id of a chunked array is there twice."""
    refuse_repeated(lambda: ids.chunks, np.empty(len(ids), dtype=np.uint64), error)


def refuse_repeated(chunks: Callable[[], Iterable[Any]], room: Any, error: type[Exception]) -> None:
    """The same; ``chunks`` gives the arrays of ids anew at every call, see find_repeated."""
    found = find_repeated(chunks, room)
    if found is not None:
        identity, first, row = found
        raise error(
            f'the id "{identity}" is there twice, in rows {first} and {row} (from 0); '
            "ids must be unique"
        )


def choose_vocabulary(spill: Spill, parts: int, rule: VocabularyRule) -> Vocabulary:
    """The rule's words of all parts, in the memory of some of them.

    A part takes a mapping and no file handle: 65,530 are what Linux gives a process, which are
    500 GB of text.
    """
    return rule.vocabulary_of(
        merged_by_range([spill.statistics(number) for number in range(parts)])
    )


def refuse_repeats_in(spill: Spill, parts: int, documents: int) -> None:
    """Raise SourceError when an id is there twice in these parts."""
    room = numbers_on_disk(spill.folder, documents)
    refuse_repeated(lambda: map(spill.ids, range(parts)), room, SourceError)


def numbers_on_disk(folder: Path, size: int) -> NDArray[np.uint64]:
    """(size,) zeros in a mapped file without a name, which goes with the last view of it.

    The disk is taken beforehand: a full one is an OSError here, and a killed process when it is
    found out by writing to the map.
    """
    if not size:
        return np.zeros(0, dtype=np.uint64)
    with tempfile.TemporaryFile(dir=folder) as file:
        for start in range(0, size, _ZEROS):
            file.write(bytes(8 * min(size - start, _ZEROS)))
        file.flush()
        return np.memmap(file, dtype=np.uint64, mode="r+", shape=(size,))


def shard_groups(text_bytes: list[int]) -> list[range]:
    """Which parts go into which shard of the corpus."""
    groups: list[range] = []
    first = size = 0
    for number, more in enumerate(text_bytes):
        if number > first and size + more > SHARD_BYTES:
            groups.append(range(first, number))
            first, size = number, 0
        size += more
    return [*groups, range(first, len(text_bytes))]


def encoded_shard(spill: Spill, group: range, vocabulary: Vocabulary, labelled: bool) -> Any:
    """The parts of a group as one record batch of a corpus."""
    batches = [spill.encoded(number, vocabulary, labelled) for number in group]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def _spilled(
    parts: Iterable[Part], unique: bool, rule: VocabularyRule, vocabulary: Vocabulary | None
) -> Built:
    """The table over mapped files, which vanish with the last view of them."""
    with _temporary_folder() as folder:
        spill = Spill(folder)
        records = [spill.add(number, part) for number, part in enumerate(parts)]
        documents = sum(record["documents"] for record in records)
        if not unique:
            refuse_repeats_in(spill, len(records), documents)
        if vocabulary is None:
            vocabulary = choose_vocabulary(spill, len(records), rule)
        placement = placement_over(vocabulary, map(spill.placement, range(len(records))))
        labelled = any(record["labelled"] for record in records)
        jobs = (
            partial(_mapped_shard, spill, group, vocabulary, labelled)
            for group in shard_groups([record["text_bytes"] for record in records])
        )
        table = pa.Table.from_batches(list(in_order(jobs, ENCODERS)))
        return Built(table, vocabulary, placement)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tenor-", ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        except OSError as error:
            raise ArtifactError(
                f"{unwritable(Path(name), error)}; the variable TMPDIR names another place"
            ) from error


def _mapped_shard(spill: Spill, group: range, vocabulary: Vocabulary, labelled: bool) -> Any:
    path = spill.folder / f"shard-{group.start:06d}.arrow"
    write_batch(path, encoded_shard(spill, group, vocabulary, labelled))
    for number in group:
        spill.remove(number)
    return map_batch(path)


def drained(parts: list[Part]) -> Iterator[Part]:
    """The parts in order, each let go of once it is used."""
    parts.reverse()
    while parts:
        yield parts.pop()
