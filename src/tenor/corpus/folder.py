"""A corpus on disk: ``manifest.json``, ``vocabulary.parquet`` and ``shard-NNNNN.arrow``.

A shard is an uncompressed Arrow IPC file of one record batch in the layout of
:mod:`tenor.corpus.layout`, so that it maps into memory as it lies. The manifest is written last
and names every file with its size and checksum.

Of the vocabulary row i is word i:

word                                  string
early_frequency, late_frequency,
placed_frequency                      int64; where it stands in the texts, if that is known:
                                      see :mod:`tenor.corpus.placement`
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenor.checks import amount
from tenor.corpus import layout
from tenor.corpus.coverage import NO_IDS, Coverage, Ids
from tenor.corpus.ids import refuse_repeated_ids
from tenor.corpus.origin import Origin
from tenor.corpus.placement import Placement
from tenor.corpus.sequence import phrase_ids
from tenor.errors import ArtifactError, InputError
from tenor.sources.facts import ReadFacts
from tenor.storage import disk
from tenor.storage.atomic import sha256_file
from tenor.storage.sealed import read_sealed, write_sealed
from tenor.storage.target import new_folder
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

MANIFEST, VOCABULARY = "manifest.json", "vocabulary.parquet"
FORMAT, VERSION = "tenor-corpus", 1
_SHARD = re.compile(r"shard-\d{5}\.arrow")


class Contents(NamedTuple):
    """What a corpus is made of."""

    table: Any  # of Arrow, in the layout of tenor.corpus.layout
    vocabulary: Vocabulary
    tokenizer: Tokenizer | None = None  # None for ready counts
    source: str | None = None  # what the documents were read from
    placement: Placement | None = None  # of the words in exactly these documents, if it is known
    origin: Origin = Origin()  # what was read and counted


def is_corpus_folder(path: Path) -> bool:
    """Whether ``path`` is a folder with a manifest that says it is a corpus, sound or not."""
    if not (path / MANIFEST).is_file():
        return False
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return True  # a damaged manifest: opening it says so
    return not isinstance(manifest, dict) or manifest.get("format") == FORMAT


def save_corpus(corpus: Contents, folder: Path, overwrite: bool = False) -> None:
    """See :meth:`tenor.corpus.corpus.Corpus.save`."""
    with new_folder(folder, overwrite) as partial:
        fill_folder(corpus, partial)


def fill_folder(corpus: Contents, folder: Path) -> None:
    """Write a corpus into an empty folder; an ArtifactError for one that cannot be kept."""
    if not len(corpus.table):
        raise ArtifactError("a corpus without documents cannot be saved")
    refuse_repeated_ids(corpus.table.column("id"), ArtifactError)
    write_corpus(corpus, folder)


def write_corpus(corpus: Contents, folder: Path) -> None:
    """The files of a corpus, into an empty folder that is not in its place yet."""
    write_vocabulary(folder / VOCABULARY, corpus.vocabulary, corpus.placement)
    batches = enumerate(corpus.table.to_batches())
    shards = (write_shard(folder, number, batch) for number, batch in batches)
    tokenizer, words = corpus.tokenizer, corpus.vocabulary
    write_manifest(folder, corpus.source, tokenizer, words, shards, lambda _: corpus.origin)


def write_shard(folder: Path, number: int, batch: Any) -> dict[str, Any]:
    """Write a record batch of a corpus; what the manifest says of it."""
    path = folder / f"shard-{number:05d}.arrow"
    with disk.create(path) as file:
        layout.write_batch(file, batch)
    return {"documents": len(batch), **recorded(path)}


def write_manifest(
    folder: Path,
    source: str | None,
    tokenizer: Tokenizer | None,
    vocabulary: Vocabulary,
    shards: Iterable[dict[str, Any]],
    origin: Callable[[Fingerprint], Origin],
) -> None:
    """Write ``manifest.json`` of a folder whose vocabulary is there, and soon the shards.

    ``origin`` is asked when all of them were taken in.
    """
    taken, records = Fingerprint(phrase_ids(vocabulary, tokenizer)), []
    for record in shards:
        records.append(record)
        taken.add(layout.map_batch(folder / record["file"]))  # not held beyond that
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "source": source,
        "read": origin(taken).to_json(),
        "documents": taken.documents,
        "words": len(vocabulary),
        "tokens": taken.tokens,
        "values": taken.values,
        "columns": taken.columns,
        "fingerprint": taken.hexdigest(vocabulary),
        "tokenizer": None if tokenizer is None else tokenizer.to_json(),
        "vocabulary": recorded(folder / VOCABULARY),
        "shards": records,
    }
    write_sealed(folder / MANIFEST, manifest)


def recorded(path: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}


def open_corpus(folder: Path, verify: bool = True) -> Contents:
    """See :meth:`tenor.corpus.corpus.Corpus.open`."""
    manifest = _read_manifest(folder)
    try:
        words, shards = manifest["vocabulary"], list(manifest["shards"])
        documents, n_words = int(manifest["documents"]), int(manifest["words"])
        made_with = manifest["tokenizer"]
        tokenizer = None if made_with is None else Tokenizer.from_json(made_with)
        _check_file(folder, words, VOCABULARY, verify)
        for shard in shards:
            _check_file(folder, shard, None, verify)
        vocabulary, placement = read_vocabulary(folder / VOCABULARY)
        batches = [_map_shard(folder / shard["file"], n_words) for shard in shards]
        source = manifest["source"]
        origin = _origin(manifest)
    except (KeyError, TypeError, ValueError, AttributeError, InputError) as error:
        raise ArtifactError(f"{folder / MANIFEST} is damaged: {_line(error)}") from error
    if len(vocabulary) != n_words or not batches or len({str(b.schema) for b in batches}) > 1:
        raise ArtifactError(f"{folder} is damaged: its files do not belong together")
    table = pa.Table.from_batches(batches)
    if len(table) != documents:
        raise ArtifactError(
            f"{folder} is damaged: {amount(len(table), 'document')}, not {documents}"
        )
    try:
        refuse_repeated_ids(table.column("id"), ArtifactError)
    except ArtifactError as error:
        raise ArtifactError(f"{folder} is damaged: {error}") from error
    return Contents(table, vocabulary, tokenizer, source, placement, origin)


def write_vocabulary(path: Path, vocabulary: Vocabulary, placement: Placement | None) -> None:
    """Write the words in their order, and where they stand."""
    columns = {"word": pa.array(vocabulary.words, pa.string())}
    if placement is not None:
        columns |= placement.columns()
    with disk.create(path) as file:
        pq.write_table(pa.table(columns), file)


def read_vocabulary(path: Path) -> tuple[Vocabulary, Placement | None]:
    """Read what :func:`write_vocabulary` wrote; an ArtifactError for anything else."""
    try:
        table = pq.read_table(path)
        return Vocabulary(table.column("word").to_pylist()), Placement.of_columns(table)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, InputError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtifactError(f"{path} is not a vocabulary: {said}") from error


class Fingerprint:
    """SHA-256 over ids, words and counts, whatever the shards; labels and texts stand aside."""

    def __init__(self, phrases: Ids = NO_IDS) -> None:
        self._phrases, self._joined = phrases, 0  # words that are two tokens each
        self._ids, self._offsets = layout.StringDigest(), hashlib.sha256(bytes(8))
        self._words, self._counts = hashlib.sha256(), hashlib.sha256()
        self.documents = self.values = self.tokens = self.empty = 0
        self.columns: list[str] = []

    @classmethod
    def of(cls, corpus: Contents) -> str:
        """Of a whole corpus."""
        taken = cls()
        for batch in corpus.table.to_batches():
            taken.add(batch)
        return taken.hexdigest(corpus.vocabulary)

    def add(self, batch: Any) -> None:
        """Take in the next record batch."""
        self._ids.add(batch.column("id"))
        bag = layout.bag_of_batch(batch, 0)
        self._offsets.update((bag.offsets[1:].astype("<i8") + self.values).tobytes())
        self._words.update(np.ascontiguousarray(bag.words, dtype="<i4").data)
        self._counts.update(np.ascontiguousarray(bag.counts, dtype="<i4").data)
        self.documents += len(bag)
        self.empty += int((bag.distinct == 0).sum())
        self.values += bag.nnz
        self.tokens += int(bag.counts.sum(dtype=np.int64))
        if len(self._phrases):
            self._joined += int(bag.counts[np.isin(bag.words, self._phrases)].sum())
        self.columns = batch.schema.names

    def coverage(self, n_tokens: int) -> Coverage:
        """How much of what was taken in the vocabulary knows, of texts with so many tokens."""
        return Coverage(self.documents, self.empty, self.tokens + self._joined, n_tokens)

    def hexdigest(self, vocabulary: Vocabulary) -> str:
        """The fingerprint of what was taken in, over these words."""
        digest = hashlib.sha256(self._ids.digest())
        digest.update(vocabulary.fingerprint().encode())
        for taken in (self._offsets, self._words, self._counts):
            digest.update(taken.digest())
        return digest.hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ArtifactError(f"{folder} is not a folder; a prepared corpus is one")
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactError(f"{folder} is not a prepared corpus: it has no {MANIFEST}")
    manifest = read_sealed(path)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(
            f"{folder} is not a prepared corpus: its {MANIFEST} is something else's"
        )
    if manifest.get("version") != VERSION:
        raise ArtifactError(
            f"{folder} is a corpus of format version {manifest.get('version')}; "
            f"this tenor reads version {VERSION}: prepare it again"
        )
    return manifest


def _origin(manifest: dict[str, Any]) -> Origin:
    """What was read; earlier tenors kept the name of the source only."""
    if "read" in manifest:
        return Origin.from_json(manifest["read"])
    source = manifest["source"]
    return Origin(ReadFacts(sources=() if source is None else (str(source),)))


def _check_file(folder: Path, said: dict[str, Any], name: str | None, verify: bool) -> None:
    """Compare a file with what the manifest says of it; only names that tenor gives are opened."""
    file, size, checksum = said["file"], said["bytes"], said["sha256"]
    if file != name if name else not _SHARD.fullmatch(file):
        raise ArtifactError(f"{folder / MANIFEST} is damaged: it names the file {file!r}")
    path = folder / file
    if not path.is_file():
        fault = "missing"
    elif path.stat().st_size != size or (verify and sha256_file(path) != checksum):
        fault = "not what was written"
    else:
        return
    raise ArtifactError(f"{path} is {fault}; the corpus is damaged, prepare it again")


def _map_shard(path: Path, n_words: int) -> Any:
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        if reader.num_record_batches != 1:
            raise ArtifactError(
                f"{path} is damaged: {reader.num_record_batches} record batches, not 1"
            )
        batch = reader.get_batch(0)
    except (pa.ArrowException, OSError) as error:
        raise ArtifactError(f"{path} is damaged: {_line(error)}") from error
    layout.check_batch(batch, n_words, path)
    return batch


def _line(error: Exception) -> str:
    text = str(error).splitlines()
    return f"no {text[0]}" if isinstance(error, KeyError) else (text or [type(error).__name__])[0]
