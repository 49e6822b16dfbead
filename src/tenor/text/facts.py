"""What a prepared corpus holds, in facts; counted shard by shard, no list is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from tenor.text import layout
from tenor.text.corpus import Corpus
from tenor.text.corpus_files import open_corpus
from tenor.text.manifest import MANIFEST

CORPUS = "corpus"


def corpus_facts(folder: Path, verify: bool = True) -> dict[str, Any]:
    """The facts of a corpus folder as JSON values.

    Args:
        folder: the corpus.
        verify: compare checksums and the fingerprint; without it the manifest is believed.

    Raises:
        ArtifactError: when it is no corpus, or damaged.
    """
    corpus = open_corpus(folder, verify)
    fingerprint = corpus.fingerprint() if verify else _said(folder)
    return {"what": CORPUS, "folder": str(folder), **_facts(corpus), "fingerprint": fingerprint}


def _facts(corpus: Corpus) -> dict[str, Any]:
    bags = [layout.bag_of_batch(b, len(corpus.vocabulary)) for b in corpus.table.to_batches()]
    columns = corpus.table.column_names
    labels = pc.count_distinct(corpus.table.column("label")) if "label" in columns else None
    return {
        "source": corpus.source,
        "n_documents": len(corpus),
        "n_empty": sum(int((bag.distinct == 0).sum()) for bag in bags),
        "n_words": len(corpus.vocabulary),
        "n_tokens": sum(int(bag.counts.sum(dtype="int64")) for bag in bags),
        "n_labels": 0 if labels is None else labels.as_py(),
        "keeps_texts": "text" in columns,
        "tokenizer": None if corpus.tokenizer is None else corpus.tokenizer.to_json(),
    }


def _said(folder: Path) -> str:
    fingerprint: str = json.loads((folder / MANIFEST).read_bytes())["fingerprint"]
    return fingerprint
