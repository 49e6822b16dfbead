"""What a prepared corpus holds, in facts; counted shard by shard, no list is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tenor.corpus import layout
from tenor.corpus.folder import MANIFEST, Contents, Fingerprint, open_corpus, read_vocabulary
from tenor.corpus.origin import Origin
from tenor.text.tokenizer import Tokenizer

CORPUS = "corpus"


def corpus_facts(folder: Path) -> dict[str, Any]:
    """The facts of a corpus folder as JSON values, its files and fingerprint checked."""
    corpus = open_corpus(folder)
    return _facts(folder, corpus, Fingerprint.of(corpus))


def written_facts(folder: Path) -> dict[str, Any]:
    """The facts of a corpus that this process has just written; its manifest is believed."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    batches = [layout.map_batch(folder / shard["file"]) for shard in manifest["shards"]]
    words, _ = read_vocabulary(folder / manifest["vocabulary"]["file"])
    tokenizer = manifest["tokenizer"] and Tokenizer.from_json(manifest["tokenizer"])
    origin = Origin.from_json(manifest["read"])
    table = pa.Table.from_batches(batches)
    corpus = Contents(table, words, tokenizer, manifest["source"], origin=origin)
    return _facts(folder, corpus, manifest["fingerprint"])


def _facts(folder: Path, corpus: Contents, fingerprint: str) -> dict[str, Any]:
    bags = [layout.bag_of_batch(b, len(corpus.vocabulary)) for b in corpus.table.to_batches()]
    columns = corpus.table.column_names
    labels = pc.count_distinct(corpus.table.column("label")) if "label" in columns else None
    return {
        "what": CORPUS,
        "folder": str(folder),
        "source": corpus.source,
        "read": corpus.origin.to_json(),
        "n_documents": len(corpus.table),
        "n_empty": sum(int((bag.distinct == 0).sum()) for bag in bags),
        "n_words": len(corpus.vocabulary),
        "n_tokens": sum(int(bag.counts.sum(dtype="int64")) for bag in bags),
        "n_labels": 0 if labels is None else labels.as_py(),
        "keeps_texts": "text" in columns,
        "columns": list(layout.kept_columns(columns)),
        "tokenizer": None if corpus.tokenizer is None else corpus.tokenizer.to_json(),
        "fingerprint": fingerprint,
    }
