"""Prepares DOCUMENTS lines with small parts; prints the most that NumPy, Python and Arrow held.

Every fourth token is a word that no other document has, as misspellings and ids are.
"""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pyarrow as pa

from tenor.corpus import building, parts, preparing, ranges
from tenor.corpus.preparing import Listener, Request, prepare
from tenor.sources import batches
from tenor.sources.columns import Columns
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

SIZE = 1 << 16


def lines(n_documents: int) -> str:
    common = [f"word{i}" for i in range(997)]
    return "".join(
        f"{common[i % 997]} {common[i * 7 % 997]} {common[i * 11 % 997]} only{i}\n"
        for i in range(n_documents)
    )


if __name__ == "__main__":
    folder, n_documents = Path(sys.argv[1]), int(sys.argv[2])
    source = folder / f"{n_documents}.txt"
    source.write_text(lines(n_documents))
    batches.BATCH_BYTES = parts.PART_BYTES = SIZE
    building.SHARD_BYTES = preparing.HELD_BYTES = 2 * SIZE
    ranges.WORDS_AT_ONCE = 5_000
    rule = VocabularyRule(2, 1.0, 500)
    request = Request(str(source), Columns(), "strict", Tokenizer(), rule)
    parts.cores = lambda: 1  # how many parts of two threads overlap is a matter of luck
    tracemalloc.start()
    prepare(request, folder / f"{n_documents}-corpus", False, Listener())
    print(tracemalloc.get_traced_memory()[1], pa.default_memory_pool().max_memory())
