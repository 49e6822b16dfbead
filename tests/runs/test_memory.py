"""Four times the documents take hardly more anonymous memory: to train on, and to transform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tenor.bow import BagOfWords
from tenor.corpus import layout
from tenor.corpus.corpus import Corpus
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="anonymous memory is read from /proc"
)
FEW, MANY = 24_000, 96_000
N_WORDS, LENGTH, SHARD, K = 500, 80, 4000, 150
# A document has 640 bytes of counts here, 600 of text and 600 of vector: one copy of any of them
# exceeds this. Its row numbers, lengths and weights take about 60.
MOST_BYTES_PER_DOCUMENT = 200


def corpus(folder: Path, n_documents: int) -> Path:
    """A prepared corpus in shards."""
    rng = np.random.default_rng(0)
    vocabulary = Vocabulary([f"word{number:03d}" for number in range(N_WORDS)])
    batches = []
    for first in range(0, n_documents, SHARD):
        starts = rng.integers(0, N_WORDS - LENGTH, SHARD)
        words = (starts[:, None] + np.arange(LENGTH)).astype(np.int32).ravel()
        counts = rng.integers(1, 4, len(words)).astype(np.int32)
        offsets = np.arange(0, len(words) + 1, LENGTH)
        ids = pa.array([f"document-{first + row:09d}" for row in range(SHARD)])
        texts = pa.array([f"{'text ' * 120}{row}" for row in range(SHARD)])
        bag = BagOfWords(offsets, words, counts, N_WORDS)
        batches.append(layout.batch_of(bag, {"id": ids, "text": texts}))
    Corpus(pa.Table.from_batches(batches), vocabulary, Tokenizer()).save(folder)
    return folder


# What is freed goes back to the system at once: otherwise peaks tell of the allocator's habits.
FRUGAL = {
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
}


def peak(*arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("anonymous.py")), json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env={**os.environ, **FRUGAL},
    )
    return int(done.stderr.splitlines()[-1])


def test_memory_does_not_grow_with_the_documents(tmp_path: Path) -> None:
    tiny = [
        "--epochs",
        "1",
        "--batch-size",
        "1000",
        "--encoder-sizes",
        "16",
        "--components",
        str(K),
    ]
    fits, transforms = [], []
    for n_documents in (FEW, MANY):
        documents = str(corpus(tmp_path / f"corpus-{n_documents}", n_documents))
        model = str(tmp_path / f"model-{n_documents}")
        fits.append(peak("fit", documents, "-o", model, *tiny, "-q", "--json"))
        vectors = str(tmp_path / f"{n_documents}.parquet")
        transforms.append(peak("transform", model, documents, "-o", vectors, "-q", "--json"))
    for few, many in (fits, transforms):
        assert (many - few) / (MANY - FEW) < MOST_BYTES_PER_DOCUMENT
