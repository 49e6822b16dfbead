"""``manifest.json``: what a corpus folder holds; written last, it marks completion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tenor.corpus.fingerprint import Fingerprint
from tenor.storage.checksum import sha256_file
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

MANIFEST = "manifest.json"
FORMAT = "tenor-corpus"
VERSION = 1


def recorded(path: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}


def shard_name(number: int) -> str:
    """The file of a shard."""
    return f"shard-{number:05d}.arrow"


def write_manifest(
    folder: Path,
    source: str | None,
    tokenizer: Tokenizer | None,
    vocabulary: Vocabulary,
    columns: list[str],
    taken: Fingerprint,
    files: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    """Write it: ``files`` are the records of the vocabulary and of the shards."""
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "source": source,
        "documents": taken.documents,
        "words": len(vocabulary),
        "tokens": taken.tokens,
        "values": taken.values,
        "columns": columns,
        "fingerprint": taken.hexdigest(vocabulary),
        "tokenizer": None if tokenizer is None else tokenizer.to_json(),
        "vocabulary": files[0],
        "shards": files[1],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
