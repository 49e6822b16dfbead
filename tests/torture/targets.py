"""What is fuzzed: functions of bytes that may fail with a TenorError of one line, and no other way.

A target has a room to write in and is given inputs one after the other. Whatever else comes out of
it (an exception of another kind, a message of many lines or pages) is what fuzzing looks for.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import pyarrow as pa
import pyarrow.parquet as pq

import tenor
from tenor.cli import main
from tenor.errors import TenorError
from tenor.sources import files
from tenor.sources.columns import Columns, Dialect
from tenor.sources.formats import FORMATS

LONGEST_MESSAGE = 1_500  # signs


class WrongError(AssertionError):
    """A TenorError that is not one line a person would read."""


class Target(ABC):
    """Something that takes bytes."""

    seeds: tuple[bytes, ...] = ()

    def __init__(self, room: Path) -> None:
        self.room = room

    def __call__(self, data: bytes) -> bool:
        """Whether the input was taken; anything but a TenorError of one line is raised."""
        try:
            self.take(data)
        except TenorError as error:
            said = str(error)
            if not said or "\n" in said or len(said) > LONGEST_MESSAGE:
                raise WrongError(f"{len(said)} signs, {said.count(chr(10))} line ends") from error
            return False
        return True

    def changed(self, data: bytes, by: bytes) -> bytes:
        """Another input like this one."""
        return mutated(data, by)

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Do with the bytes what tenor does with them."""


TEXT_SEEDS = (
    b"one two three\nfour five\n\nsix\r\n",
    b"\xef\xbb\xbfw\xc3\xb6rter \xe2\x84\xa2 \xef\xac\x81 \xe0\xa4\xa8\n\xed\xa0\x80 bad\n",
    b'id,text,label\n1,"a, quoted ""text""",x\n2,second,\n3,,y\n',
    b"text\tid\nfirst\t1\nsecond\t2\n",
    b'{"id": 1, "text": "one two", "label": null}\n{"id": "2", "text": null, "label": "x"}\n',
    b'[{"text": "one"}, {"text": "two", "more": [1.5, NaN]}]',
    b'{"text": "\\ud800", "keep": 1e400}\n',
)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}


def parquet_seed(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="none")
    return sink.getvalue()


@final
class Reader(Target):
    """A file of one suffix, packed or not, read to its end as the first two bytes say."""

    def __init__(self, room: Path, suffix: str) -> None:
        super().__init__(room)
        self.path = room / f"input{suffix}"
        tables = (
            parquet_seed(text=["one two", None, ""], id=[1, 2, 3], label=["x", None, "y"]),
            parquet_seed(text=pa.array(["a", "b", "a"]).dictionary_encode(), keep=[1.0, 2.0, None]),
            parquet_seed(text=["a", "b"], dense=pa.array([[1, 2]] * 2, pa.list_(pa.float32(), 2))),
        )
        own = tables if suffix == ".parquet" else TEXT_SEEDS
        pack = PACKED.get(self.path.suffix, lambda data: data)
        self.seeds = tuple(
            how + pack(seed) for seed in own for how in (b"\0\0", b"\5\0", b"\0\xff")
        )

    def take(self, data: bytes) -> None:
        how, more = data[0] if data else 0, data[1] if len(data) > 1 else 0
        self.path.write_bytes(data[2:])
        kind = FORMATS.get(self.path.suffix)
        columns = Columns()
        if kind is None or kind.has_columns:
            dialect = Dialect()
            if kind is not None and kind.module == "csv_rows":
                dialect = Dialect(
                    delimiter="auto,;\t|"[more % 8 :][:1]
                    if more & 128 and more % 8 > 3
                    else "auto",
                    quote="none" if more & 16 else "auto",
                    header=not more & 32,
                )
            columns = Columns(
                text=(None, "text", ("text", "label"), "1")[how & 1 | (more & 1) << 1],
                id="id" if how & 2 else None,
                label="label" if how & 4 else None,
                keep=("keep",) if how & 8 else (),
                embedding="dense" if how & 16 else None,
                missing_text="refuse" if how & 64 else "empty",
                dialect=dialect,
            )
        if ".txt" in self.path.suffixes or ".text" in self.path.suffixes:
            columns = Columns()
        errors = "replace" if how & 32 else "strict"
        stream = files.stream(self.path, columns, errors)
        rows = sum(len(batch) for batch in stream.batches)
        stream.facts()
        if kind is not None and rows and (said := kind.n_rows(self.path)) is not None:
            assert said == rows, "rows went missing"


@final
class FolderOfTexts(Target):
    """A folder of files, names and contents out of the bytes."""

    seeds = (b"a.txt\0one two\0b\0three\0sub.md\0\xff", b"train.csv\0text\nx\0README\0hello")

    def take(self, data: bytes) -> None:
        folder = self.room / "folder"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        parts = data.split(b"\0")
        for name, content in zip(parts[::2], parts[1::2], strict=False):
            name = name.replace(b"/", b"_")[:100].strip(b".")
            if name:
                Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(content)
        for batch in files.stream(folder).batches:
            len(batch)


@final
class Tokenizing(Target):
    """A tokenizer of any settings over any text: Arrow's column and one text agree."""

    seeds = tuple(bytes([n]) + seed for seed in TEXT_SEEDS[:2] for n in (0, 7, 255))

    def take(self, data: bytes) -> None:
        how = data[0] if data else 0
        text = data[1:].decode("utf-8", "surrogateescape" if how & 64 else "replace")
        tokenizer = tenor.Tokenizer(
            lowercase=bool(how & 1),
            strip_accents=bool(how & 2),
            pattern="a-z" if how & 4 else "unicode",
            min_token_length=1 + (how >> 3 & 1),
            max_token_length=None if how & 16 else 20,
            digits="keep" if how & 32 else "drop",
        )
        tokens = [token for token in tokenizer.split(text) if tokenizer.keeps(token)]
        rule = tenor.VocabularyRule(1, 1.0, None)
        corpus = tenor.Corpus.from_texts([text, "certain"], tokenizer=tokenizer, rule=rule)
        assert corpus.bag[:1].lengths[0] == len(tokens), "two ways of counting differ"


def mutated(data: bytes, by: bytes) -> bytes:
    """``data`` changed as ``by`` says: places, lengths, and what is put there."""
    changed = bytearray(data)
    for start in range(0, len(by) - 4, 12):
        at, cut, *put = by[start : start + 12]
        place = (at << 8 | by[start + 2]) * max(1, len(changed)) // 65536
        changed[place : place + cut % 9] = bytes(put[1 : 1 + cut // 28])
    return bytes(changed)


_NUMBER = re.compile(rb"-?\d+(\.\d+)?(e-?\d+)?")
ODD = (
    b"-1",
    b"0",
    b"1e400",
    b"NaN",
    b"99999999999999999999",
    b"null",
    b"true",
    b'"x"',
    b"[]",
    b"{}",
)


def with_odd_value(data: bytes, by: bytes) -> bytes:
    """JSON with one value in the place of another, as ``by`` says."""
    values = [*_NUMBER.finditer(data), *re.finditer(rb'(?<=: )"[^"]*"|true|false|null', data)]
    if not values or len(by) < 3:
        return data
    found = values[(by[0] << 8 | by[1]) % len(values)]
    return data[: found.start()] + ODD[by[2] % len(ODD)] + data[found.end() :]


@final
class Loading(Target):
    """A saved folder with one file changed, and every checksum that there is made to agree."""

    def __init__(
        self, room: Path, folder: Path, names: list[str], use: Callable[[Path], Any]
    ) -> None:
        super().__init__(room)
        self.folder = Path(shutil.copytree(folder, room / folder.name))
        self.names, self.use = names, use
        self.whole = {name: (self.folder / name).read_bytes() for name in names}
        draw = random.Random(0)
        self.seeds = tuple(
            bytes([n, k]) + draw.randbytes(24) for n in range(len(names)) for k in (0, 1)
        )

    def take(self, data: bytes) -> None:
        if len(data) < 2:
            return
        name = self.names[data[0] % len(self.names)]
        change = with_odd_value if data[1] & 1 and name.endswith(".json") else mutated
        for own, content in self.whole.items():
            (self.folder / own).write_bytes(content)
        (self.folder / name).write_bytes(change(self.whole[name], data[2:]))
        for about in ("topics/topics.json", "topic-edits.json", "manifest.json", "config.json"):
            if about in self.whole:
                self._agree(self.folder / about)
        self.use(self.folder)

    def changed(self, data: bytes, by: bytes) -> bytes:
        return by

    def _agree(self, path: Path) -> None:
        """The checksums that a JSON file says are those of the files, and it has no seal."""
        try:
            value = json.loads(path.read_bytes())
            value.pop("seal", None)
            digest = value.pop("sha256", None)
            for name in value.get("files", {}):
                value["files"][name] = checksum(path.parent / name)
            for entry in [value.get("vocabulary"), *(value.get("shards") or [])]:
                if isinstance(entry, dict):
                    file = path.parent / str(entry["file"])
                    entry.update(sha256=checksum(file), bytes=file.stat().st_size)
            if path.name == "topics.json" and digest is not None:
                said = json.dumps(value, sort_keys=True).encode()
                value["sha256"] = hashlib.sha256(said).hexdigest()
            path.write_text(json.dumps(value))
        except (ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError):
            pass  # it is broken as it is


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@final
class Arguments(Target):
    """The command, with arguments out of a list and out of the bytes."""

    TOKENS = (
        *("fit", "prepare", "topics", "words", "docs", "map", "transform", "evaluate", "info"),
        *("texts.txt", "table.csv", "model", "corpus", "-o", "out", "out.parquet", "out.png", "-"),
        *("--json", "-q", "--help", "--components", "--epochs", "--text-column", "--id-column"),
        *("--topics", "--rename", "--merge", "--drop", "--undo", "--keep", "--by", "label", "-n"),
        *("--resume", "--overwrite", "--min-df", "--max-df", "--tokenizer", "--id", "--text"),
        *("0", "1", "2", "-1", "0.5", "1e400", "nan", "0=x", "0,1", "", "auto", "none", "text"),
        *("--topic", "--axes", "--tree", "--export", "octis", "out.npz", "--seed-words", "a=w01"),
        *("--encoder-sizes", "8", "8,8", "--device", "cpu", "--keep-out", "w01", "--refine"),
    )
    seeds = tuple(
        bytes(line) for line in ((0, 9, 13, 14, 20, 29, 54), (2, 11, 30, 55), (8, 11, 18))
    )

    def __init__(self, room: Path, home: Path) -> None:
        super().__init__(room)
        self.home = home
        tenor.load(home / "model", device="cpu").transform(["w01"])  # loads torch, once

    def take(self, data: bytes) -> None:
        here = self.room / "here"
        if not here.exists() or data[:1] > b"\xe0":
            shutil.rmtree(here, ignore_errors=True)
            here.mkdir()
            for name in ("texts.txt", "table.csv", "model", "corpus"):
                own = self.home / name
                (shutil.copytree if own.is_dir() else shutil.copy2)(own, here / name)
        arguments, rest = [], data
        while rest and len(arguments) < 10:
            if rest[0] < 240:
                arguments.append(self.TOKENS[rest[0] % len(self.TOKENS)])
                rest = rest[1:]
            else:
                word, rest = rest[1:9], rest[9:]
                arguments.append(
                    word.decode("utf-8", "replace").replace("/", "_").replace("\0", "")
                )
        if "fit" in arguments and "--epochs" not in arguments:
            arguments += ["--epochs", "1", "--device", "cpu"]
        before, printed = Path.cwd(), (io.StringIO(), io.StringIO())
        os.chdir(here)
        try:
            with contextlib.redirect_stdout(printed[0]), contextlib.redirect_stderr(printed[1]):
                status = main(arguments)
        finally:
            os.chdir(before)
        said = printed[1].getvalue()
        assert status in (0, 1, 2), status
        assert "Traceback" not in said and "should not have happened" not in said, (arguments, said)
        if status:
            assert max(map(len, said.splitlines()), default=0) < LONGEST_MESSAGE, arguments
