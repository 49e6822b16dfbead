"""Prepares DOCUMENTS lines with small parts; prints the most that NumPy, Python and Arrow held.

Every fourth token is a word that no other document has, as misspellings and ids are.
"""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pyarrow as pa

from tenor.corpus import counting, piece_folder, pieces, preparing
from tenor.corpus.preparing import Listener, prepare
from tenor.corpus.source import Source
from tenor.sources import batches
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
    batches.BATCH_BYTES = pieces.PIECE_BYTES = SIZE
    piece_folder.SHARD_BYTES = preparing.HELD_BYTES = 2 * SIZE
    counting.WORDS_AT_ONCE = 5_000
    rule = VocabularyRule(2, 1.0, 500)
    pieces.cores = lambda: 1  # how many parts of two threads overlap is a matter of luck
    tracemalloc.start()
    target = folder / f"{n_documents}-corpus"
    prepare(Source(str(source)), target, False, True, Listener(), rule=rule)
    print(tracemalloc.get_traced_memory()[1], pa.default_memory_pool().max_memory())
