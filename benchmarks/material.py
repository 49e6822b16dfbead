"""The texts the benchmarks read: files in a working folder, made once a run."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SUMMARIES = "../shared/data/package-summaries.parquet"


def declare(parser: argparse.ArgumentParser) -> None:
    """The flags that say where texts are and where to work."""
    parser.add_argument("--summaries", default=SUMMARIES, help="the package summaries")
    parser.add_argument("--work", help="folder for what is made on the way; default: temporary")


@contextmanager
def workplace(asked: argparse.Namespace) -> Iterator[Path]:
    """The folder to work in; a temporary one goes with all that is in it."""
    if asked.work:
        Path(asked.work).mkdir(parents=True, exist_ok=True)
        yield Path(asked.work)
        return
    with TemporaryDirectory(prefix="tenor-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def write_texts(path: Path, texts: pa.Array | pa.ChunkedArray) -> int:
    """Texts as a Parquet file with one column; returns their UTF-8 bytes."""
    pq.write_table(pa.table({"text": texts}), path)
    return text_bytes(texts)


def text_bytes(texts: pa.Array | pa.ChunkedArray) -> int:
    """UTF-8 bytes of all texts."""
    return int(pc.sum(pc.binary_length(texts)).as_py() or 0)


def newsgroups(path: Path, documents: int | None = None) -> int:
    """All posts of 20 Newsgroups with their headers, as a Parquet file; their bytes."""
    from sklearn.datasets import fetch_20newsgroups

    texts = fetch_20newsgroups(subset="all", shuffle=False).data[:documents]
    return write_texts(path, pa.array(texts, pa.string()))


def summaries(source: str, path: Path, documents: int | None = None) -> int:
    """The first package summaries as a Parquet file, once more where they end; their bytes."""
    texts = pq.read_table(source, columns=["text"]).column("text")
    times = -(-(documents or 0) // len(texts))
    if times > 1:
        texts = pa.chunked_array(texts.chunks * times)
    return write_texts(path, texts[:documents] if documents else texts)


def read_texts(path: Path) -> list[str]:
    """A list of str, as the peers take them."""
    found: list[str] = pq.read_table(path, columns=["text"]).column("text").to_pylist()
    return found
