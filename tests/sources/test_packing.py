"""Compressed files: told by their bytes, unpacked as they are read, damage named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tenor.corpus.corpus import Corpus
from tenor.errors import SourceError, TenorError
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.sources.opening import File
from tenor.text.decoding import reading
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(data)
    return bytes(sink.getvalue())


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": zstd,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
every_packing = pytest.mark.parametrize("suffix", PACK)
FILES = {
    "x.csv": 'key,text\n1,"ant\nbee"\n2,cat\n',
    "x.tsv": "key\ttext\n1\tant, bee\n2\tcat\n",
    "x.jsonl": '{"text": "ant"}\n\n{"text": "cat"}\n',
    "x.ndjson": '{"text": "ant"}\n{"text": "cat"}\n',
    "x.txt": "ant bee\ncät\n\nlast",
    "x.text": "ant bee\n",
}


def read(source, columns: Columns | None = None, **how) -> list[tuple]:
    """Ids, texts and labels, with progress that ends at the end."""
    reading = stream(source, columns, **how)
    batches = list(reading.batches)
    assert [b.read for b in batches] == sorted(b.read for b in batches)
    assert reading.total in (None, batches[-1].read)
    return [
        row
        for batch in batches
        for row in zip(
            *(batch.columns[n].to_pylist() for n in ("id", "text", "label")), strict=True
        )
    ]


def unpacked(path: Path) -> bytes:
    with reading(File(path)) as file:
        return file.read()


def some_text(size: int) -> bytes:
    return bytes(random.Random(size).choices(b"abcdefgh \n", k=size))


@every_packing
@pytest.mark.parametrize("name", FILES)
def test_every_text_format_may_be_packed(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / name).write_text(FILES[name])
    plain = read(tmp_path / name)
    packed = tmp_path / (name + suffix.upper())
    packed.write_bytes(PACK[suffix](FILES[name].encode()))
    assert read(packed) == plain
    (tmp_path / name).write_bytes(packed.read_bytes())  # and is known where its name is silent
    assert read(tmp_path / name) == plain


@every_packing
def test_several_parts_are_one_text(tmp_path: Path, suffix: str) -> None:
    path, text = tmp_path / f"x{suffix}", some_text(100_000)
    pack = PACK[suffix]
    path.write_bytes(pack(text) + pack(b"") + pack(text[::-1]))
    assert unpacked(path) == text + text[::-1]
    path.write_bytes(b"".join(pack(text[start : start + 11]) for start in range(0, 5500, 11)))
    assert unpacked(path) == text[:5500]


@every_packing
@pytest.mark.parametrize("size", [3, 100_000])
def test_what_is_damaged_is_one_line_that_names_the_file(
    tmp_path: Path, suffix: str, size: int
) -> None:
    path, text = tmp_path / f"x.txt{suffix}", some_text(size)
    whole = PACK[suffix](text)
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 0x11]) + whole[middle + 1 :]
    damaged = {
        "cut by a byte": whole[:-1],
        "cut in half": whole[: max(middle, 10)],
        "with something after it": whole + b"something else",
        "with the beginning of another part": whole + whole[:-1],
    }
    if suffix != ".zst":  # whose checksum is optional, and Arrow leaves it out
        damaged["flipped"] = flipped
    for what, data in damaged.items():
        path.write_bytes(data)
        with pytest.raises(SourceError) as caught:
            read(path)
        message = str(caught.value)
        assert message.startswith(f"{path} (") and "is damaged or cut short: after" in message, what
        assert "\n" not in message


def test_documents_before_the_damage_do_not_make_a_corpus(tmp_path: Path) -> None:
    whole = gzip.compress(b"text\n" + b"ant bee\n" * 100_000)
    (tmp_path / "x.csv.gz").write_bytes(whole[:-3])
    with pytest.raises(SourceError, match=r"x\.csv\.gz \(gzip\) is damaged or cut short"):
        Corpus.read(tmp_path / "x.csv.gz", rule=ALL)


@every_packing
def test_a_name_that_is_wrong_about_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.txt{suffix}"
    path.write_text("just text, as a browser may have unpacked it\n")
    with pytest.raises(SourceError, match=r"is not packed as its name says; rename it to x\.txt"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="holds no documents"):
        Corpus.read(path)


def test_text_that_only_begins_like_a_packing(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("BZh9 is how bzip2 begins\n")
    assert read(tmp_path / "x.txt") == [("0", "BZh9 is how bzip2 begins", None)]


def test_archives_are_to_be_unpacked(tmp_path: Path) -> None:
    for name in ("x.zip", "x.tar", "x.tar.gz", "x.tgz", "x.7z"):
        (tmp_path / name).write_bytes(b"PK\3\4")
        with pytest.raises(SourceError, match=f"{name} holds other files; unpack it"):
            read(tmp_path / name)
    (tmp_path / "sheet.csv").write_bytes(b"PK\3\4 and so on")
    with pytest.raises(SourceError, match=r"sheet\.csv is a zip archive, as spreadsheets are"):
        read(tmp_path / "sheet.csv")


def test_parquet_is_packed_by_itself(tmp_path: Path) -> None:
    (tmp_path / "x.parquet.gz").write_bytes(gzip.compress(b"PAR1"))
    (tmp_path / "y.csv").write_text("text\nant\n")
    for source in (tmp_path / "x.parquet.gz", tmp_path):
        with pytest.raises(SourceError, match=r"x\.parquet\.gz is packed, and Parquet is read"):
            read(source)


@every_packing
def test_messages_count_the_lines_of_the_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.csv{suffix}"
    path.write_bytes(PACK[suffix](b"text,b\n" + b"1,2\n" * 5000 + b"only\n"))
    with pytest.raises(SourceError, match="line 5002 has 1 field, the header 2"):
        read(path)
    path = tmp_path / f"x.txt{suffix}"
    path.write_bytes(PACK[suffix](b"fine\n" * 4999 + b"caf\xe9\n"))
    with pytest.raises(SourceError, match="line 5000, is not UTF-8: byte 0xe9 at offset 24998"):
        read(path)


@every_packing
def test_memory_does_not_grow_with_what_is_unpacked(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenor.sources.batches.BATCH_BYTES", 1 << 18)
    path, mib = tmp_path / f"x.txt{suffix}", 1 << 20
    part = PACK[suffix](b"".join(b"%d and %d are numbers\n" % (n, n * n) for n in range(16_000)))
    path.write_bytes(part * 64)  # of half a MiB each
    before, most = pa.total_allocated_bytes(), 0
    tracemalloc.start()
    for batch in stream(path).batches:
        most = max(most, pa.total_allocated_bytes() - before)
        assert batch.read <= path.stat().st_size
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most + peak < 16 * mib


def test_a_folder_of_packed_files(tmp_path: Path) -> None:
    for name, suffix in (("a/1.txt", ".gz"), ("a/2.md", ".xz"), ("49960", ".bz2")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}{suffix}").write_bytes(PACK[suffix](b"hello\n"))
    assert read(tmp_path) == [
        ("49960.bz2", "hello\n", None),
        ("a/1.txt.gz", "hello\n", "a"),
        ("a/2.md.xz", "hello\n", "a"),
    ]


def test_a_packed_table_beside_a_plain_one(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("text\nant\n")
    (tmp_path / "two.csv.gz").write_bytes(gzip.compress(b"text\nbee\ncat\n"))
    assert read(tmp_path) == [
        ("one.csv:0", "ant", None),
        ("two.csv.gz:0", "bee", None),
        ("two.csv.gz:1", "cat", None),
    ]
    assert stream(tmp_path).facts().files == 2


@every_packing
def test_standard_input_may_be_packed(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    class Slow(io.RawIOBase):
        """A byte at a time, as a pipe may give them."""

        def __init__(self, data: bytes) -> None:
            self.data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            return self.data.readinto(memoryview(buffer)[:1])

    def type_in(file) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))

    packed = PACK[suffix]("text\nzwölf\n".encode())
    for file in (io.BytesIO(packed), io.BufferedReader(Slow(packed))):
        type_in(file)
        assert read("-", format="csv") == [("0", "zwölf", None)]
        assert not file.closed
    type_in(io.BytesIO(packed[:-1]))
    with pytest.raises(TenorError, match=r"standard input \(.*\) is damaged or cut short"):
        read("-")
