"""A corpus on disk: ``manifest.json``, ``vocabulary.parquet`` and ``shard-NNNNN.arrow``.

A shard is an uncompressed Arrow IPC file of one record batch in the layout of
:mod:`tenor.corpus.layout`, so that it maps into memory as it lies. The manifest is written last
and names every file with its size and checksum.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from tenor.amounts import amount
from tenor.corpus.building import refuse_repeated_ids
from tenor.corpus.checks import check_batch
from tenor.corpus.corpus import Corpus
from tenor.corpus.fingerprint import Fingerprint
from tenor.corpus.manifest import FORMAT, MANIFEST, VERSION, recorded, shard_name, write_manifest
from tenor.corpus.spill import write_batch
from tenor.corpus.vocabulary_file import NAME as VOCABULARY
from tenor.corpus.vocabulary_file import read_vocabulary, write_vocabulary
from tenor.errors import ArtifactError, InputError
from tenor.storage.atomic import new_folder
from tenor.storage.checksum import sha256_file
from tenor.text.tokenizer import Tokenizer

_SHARD = re.compile(r"shard-\d{5}\.arrow")


def is_corpus_folder(path: Path) -> bool:
    """Whether ``path`` is a folder with a manifest that says it is a corpus, sound or not."""
    if not (path / MANIFEST).is_file():
        return False
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return True  # a damaged manifest: opening it says so
    return not isinstance(manifest, dict) or manifest.get("format") == FORMAT


def save_corpus(corpus: Corpus, folder: Path, overwrite: bool = False) -> None:
    """See :meth:`tenor.corpus.corpus.Corpus.save`."""
    if not len(corpus):
        raise ArtifactError("a corpus without documents cannot be saved")
    refuse_repeated_ids(corpus.table.column("id"), ArtifactError)
    with new_folder(folder, overwrite) as partial:
        write_corpus(corpus, partial)


def write_corpus(corpus: Corpus, folder: Path) -> None:
    """The files of a corpus, into an empty folder that is not in its place yet."""
    taken = Fingerprint()
    write_vocabulary(folder / VOCABULARY, corpus.vocabulary, corpus.placement)
    shards = []
    for number, batch in enumerate(corpus.table.to_batches()):
        path = folder / shard_name(number)
        write_batch(path, batch)
        taken.add(batch)
        shards.append({"documents": len(batch), **recorded(path)})
    write_manifest(
        folder,
        corpus.source,
        corpus.tokenizer,
        corpus.vocabulary,
        corpus.table.column_names,
        taken,
        (recorded(folder / VOCABULARY), shards),
    )


def open_corpus(folder: Path, verify: bool = True) -> Corpus:
    """See :meth:`tenor.corpus.corpus.Corpus.open`."""
    manifest = _read_manifest(folder)
    try:
        words, shards = manifest["vocabulary"], list(manifest["shards"])
        documents, n_words = int(manifest["documents"]), int(manifest["words"])
        tokenizer = None
        if manifest["tokenizer"] is not None:
            tokenizer = Tokenizer.from_json(manifest["tokenizer"])
        _check_file(folder, words, VOCABULARY, verify)
        for shard in shards:
            _check_file(folder, shard, None, verify)
        vocabulary, placement = read_vocabulary(folder / VOCABULARY)
        batches = [_map_shard(folder / shard["file"], n_words) for shard in shards]
        source = manifest["source"]
    except (KeyError, TypeError, ValueError, InputError) as error:
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
    return Corpus(table, vocabulary, tokenizer, source, placement)


def _read_manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ArtifactError(f"{folder} is not a folder; a prepared corpus is one")
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactError(f"{folder} is not a prepared corpus: it has no {MANIFEST}")
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is damaged: {_line(error)}") from error
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


def _check_file(folder: Path, said: dict[str, Any], name: str | None, verify: bool) -> None:
    """Compare a file with what the manifest says of it; only names that tenor gives are opened."""
    file, size, checksum = said["file"], said["bytes"], said["sha256"]
    if file != name if name else not _SHARD.fullmatch(file):
        raise ArtifactError(f"{folder / MANIFEST} is damaged: it names the file {file!r}")
    path = folder / file
    if not path.is_file():
        raise ArtifactError(f"{path} is missing; the corpus is damaged, prepare it again")
    if path.stat().st_size != size or (verify and sha256_file(path) != checksum):
        raise ArtifactError(
            f"{path} is not what was written; the corpus is damaged, prepare it again"
        )


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
    check_batch(batch, n_words, path)
    return batch


def _line(error: Exception) -> str:
    text = str(error).splitlines()
    return f"no {text[0]}" if isinstance(error, KeyError) else (text or [type(error).__name__])[0]
