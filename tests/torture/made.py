"""The targets of fuzzing, by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from targets import Arguments, FolderOfTexts, Loading, Reader, Target, Tokenizing

import tenor
from tenor.sources.formats import FORMATS

MODEL = [
    *("config.json", "vocabulary.parquet", "weights.safetensors", "history.jsonl"),
    *("documents.parquet", "topic-edits.json", "topics/topics.json", "topics/topics.safetensors"),
]
CORPUS = ["manifest.json", "vocabulary.parquet", "shard-00000.arrow"]


def use_model(folder: Path) -> Any:
    """All that a model's files say."""
    model = tenor.load(folder, device="cpu")
    model.transform(["w01 w02 w03 w04", "nothing known"])
    topics, documents = model.topics_, model.documents_
    found = documents and [model.get_params(), *documents.batches()]
    return [found, model.history_, topics.table(), model.top_words(), str(model)]


def use_corpus(folder: Path) -> Any:
    corpus = tenor.Corpus.open(folder)
    return [corpus.table.to_pydict(), corpus.vocabulary.words, corpus.bag.word_frequency]


TARGETS = (
    *(f"read{suffix}" for suffix in FORMATS),
    *("read.csv.gz", "read.txt.zst", "read.jsonl.bz2", "read.json.xz"),
    "folder",
    "tokenizer",
    "model",
    "corpus",
    "arguments",
)


def make(name: str, room: Path, home: Path) -> Target:
    """A target with a room of its own."""
    room.mkdir(parents=True, exist_ok=True)
    if name.startswith("read."):
        return Reader(room, name.removeprefix("read"))
    if name == "model":
        return Loading(room, home / "model", MODEL, use_model)
    if name == "corpus":
        return Loading(room, home / "corpus", CORPUS, use_corpus)
    if name == "arguments":
        return Arguments(room, home)
    return {"folder": FolderOfTexts, "tokenizer": Tokenizing}[name](room)
