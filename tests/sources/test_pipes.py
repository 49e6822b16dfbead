"""Standard input, pipes and open files by their paths: read once, or refused at once."""

from __future__ import annotations

import gzip
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tenor.corpus.corpus import Corpus
from tenor.corpus.preparing import Listener, prepare
from tenor.corpus.source import Source
from tenor.errors import SourceError, TenorError
from tenor.sources.files import stream
from tenor.sources.opening import is_stream, waiting
from tenor.text.vocabulary import VocabularyRule

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes have paths on POSIX only")
ALL = VocabularyRule(1, 1.0)
CSV = b"key,text\n1,ant bee\n2,cat\n"

Pipe = Callable[[bytes], str]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The path of an open pipe that these bytes come out of, as <(…) makes one."""
    ends: list[int] = []

    def make(data: bytes) -> str:
        out, into = os.pipe()
        ends.append(out)
        thread = threading.Thread(target=lambda: (os.write(into, data), os.close(into)))
        thread.start()
        thread.join()
        return f"/dev/fd/{out}"

    yield make
    for end in ends:
        os.close(end)


def fed(path: Path, data: bytes) -> Path:
    """A named pipe that somebody writes these bytes into, once."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(data,), daemon=True).start()
    return path


def test_a_pipe_is_read_by_its_format(pipe: Pipe, tmp_path: Path) -> None:
    corpus = Corpus.read(pipe(CSV), rule=ALL, format="csv")
    assert (corpus.ids, corpus.texts) == (["0", "1"], ["ant bee", "cat"])
    assert Corpus.read(pipe(b"ant\nbee\n"), rule=ALL).texts == ["ant", "bee"]
    packed = pipe(gzip.compress(b'{"text": "ant"}\n'))
    assert Corpus.read(packed, rule=ALL, format="jsonl").texts == ["ant"]
    assert Corpus.read(fed(tmp_path / "x.csv", CSV), rule=ALL, id_column="key").ids == ["1", "2"]
    whole = Corpus.read(fed(tmp_path / "x.txt", b"ant\nbee\n"), rule=ALL, documents="files")
    assert (whole.ids, whole.texts) == (["x.txt"], ["ant\nbee\n"])


def test_several_pipes_and_files(pipe: Pipe, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    corpus = Corpus.read([pipe(CSV), tmp_path / "a.csv", pipe(CSV)], rule=ALL, format="csv")
    assert len(corpus) == 6 == len(set(corpus.ids))
    assert corpus.ids[2:4] == ["a.csv:0", "a.csv:1"]
    whole = Corpus.read([pipe(b"ant"), pipe(b"bee")], rule=ALL)
    assert (whole.texts, whole.labels) == (["ant", "bee"], None)
    whole = Corpus.read([pipe(b"ant"), tmp_path / "a.csv"], rule=ALL, format="txt")
    assert whole.ids[1:] == ["a.csv"]
    same = pipe(CSV)
    with pytest.raises(SourceError, match="is named twice"):
        Corpus.read([same, same], format="csv")


def test_what_can_be_read_once_is_known(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x")
    once = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/3", "/dev/null", str(tmp_path / "pipe")]
    for name in once:
        assert is_stream(name) and Source(name).is_input, name
    for name in (str(tmp_path / "file"), str(tmp_path), "nowhere", "x" * 5000, "a\0b"):
        assert not is_stream(name), name
    assert Source((str(tmp_path / "file"), "-")).is_input


def test_who_is_waited_for_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert waiting(str(tmp_path / "pipe")) == (
        f"waiting for what is written into the pipe {tmp_path / 'pipe'}"
    )
    for typed in (True, False):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda typed=typed: typed))
        assert (waiting("-") is not None) is (waiting("/dev/stdin") is not None) is typed
    assert waiting("/dev/fd/63") is None and waiting(str(tmp_path)) is None


def test_a_prepare_from_a_pipe_reads_it_once(tmp_path: Path) -> None:
    source = Source(str(fed(tmp_path / "x.csv", CSV)), text_column="text")
    prepare(source, tmp_path / "corpus", False, True, Listener(), rule=ALL)
    assert Corpus.open(tmp_path / "corpus").texts == ["ant bee", "cat"]


def test_parquet_from_a_pipe_is_refused_before_it_is_read(
    pipe: Pipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"PAR1")))
    os.mkfifo(tmp_path / "x.parquet")  # nobody writes: opening it would wait for ever
    for name in ("-", pipe(b"PAR1"), str(tmp_path / "x.parquet")):
        with pytest.raises(SourceError, match="is a pipe, and Parquet is read from its end"):
            stream(name, format="parquet")


def test_nothing_comes_out_of_a_device() -> None:
    with pytest.raises(SourceError, match="/dev/null holds no documents"):
        Corpus.read("/dev/null")


def test_standard_input_is_what_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def type_in(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    type_in(CSV)
    corpus = Corpus.read("-", rule=ALL, format="csv", id_column="key")
    assert (corpus.ids, corpus.texts) == (["1", "2"], ["ant bee", "cat"])
    type_in(b"ant\nbee\n")
    whole = Corpus.read("-", rule=ALL, documents="files")
    assert (whole.ids, whole.texts) == (["-"], ["ant\nbee\n"])
    type_in(CSV)
    with pytest.raises(TenorError, match="standard input is read as text and has no columns"):
        Corpus.read("-", id_column="key")
    type_in(b"text,b\nant\n")
    with pytest.raises(SourceError, match="standard input, line 2 has 1 field"):
        Corpus.read("-", format="csv")
