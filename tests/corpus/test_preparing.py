"""Preparing part by part: the same corpus as in memory, after any kill, and nothing left behind."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tenor.cli import main
from tenor.corpus.corpus import Corpus
from tenor.corpus.folder import MANIFEST
from tenor.corpus.ids import numbers_on_disk
from tenor.corpus.layout import map_batch, write_batch
from tenor.corpus.piece_folder import COUNTED, READ
from tenor.corpus.pieces import counted_pieces
from tenor.errors import ArtifactError
from tenor.storage.job import Journal
from tenor.text.vocabulary import VocabularyRule

SCRIPT = Path(__file__).with_name("prepare_process.py")
ROWS = [
    {
        "id": f"d{n}",
        "text": " ".join(f"w{(n * k) % 97} t{n % 7}" for k in range(n % 23)) + " naïve"[: n % 8],
        "kind": None if n < 900 else "late",
    }
    for n in range(1200)
]
FLAGS = ["--id-column", "id", "--label-column", "kind", "--min-df", "3", "--max-words", "60"]
RULE = VocabularyRule(3, 0.5, 60)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "rows.jsonl"
    path.parent.mkdir()
    path.write_text("\n".join(map(json.dumps, ROWS)) + "\n")
    return path


def prepare(source: Path | str, target: Path, *flags: str, given: bytes | None = None):
    command = [sys.executable, str(SCRIPT), str(source), str(target), *flags]
    return subprocess.run(command, check=False, capture_output=True, input=given, timeout=120)


def lines(done, what: str) -> list[int]:
    told = [line.split() for line in done.stdout.decode().splitlines()]
    return sorted(int(words[1]) for words in told if words[:1] == [what])


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("."))


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> tuple[dict[str, bytes], list[int], list[int]]:
    """The files of a run that nothing stopped, and what it counted and encoded."""
    done = prepare(source, tmp_path / "whole", *FLAGS)
    assert done.returncode == 0, done.stderr.decode()
    assert left(tmp_path) == []
    return files(tmp_path / "whole"), lines(done, "counted"), lines(done, "encoded")


def test_the_same_as_in_memory(source: Path, tmp_path: Path, whole) -> None:
    expected = Corpus.read(source, id_column="id", label_column="kind", rule=RULE)
    found = Corpus.open(tmp_path / "whole")
    assert len(found.table.to_batches()) == len(whole[2]) > 3
    assert found.vocabulary == expected.vocabulary
    assert found.fingerprint() == expected.fingerprint()
    assert found.ids == expected.ids == [row["id"] for row in ROWS]
    assert found.texts == expected.texts == [row["text"] for row in ROWS]
    assert found.labels == expected.labels == [row["kind"] for row in ROWS]
    assert found.placement.columns() == expected.placement.columns()
    late = found.placement.late_frequency.sum()
    assert found.placement.early_frequency.sum() > 1000 and late > 1000
    manifest = json.loads((tmp_path / "whole" / MANIFEST).read_text())
    assert manifest["fingerprint"] == expected.fingerprint()
    assert manifest["tokens"] == int(expected.bag.lengths.sum())
    assert found.origin == expected.origin
    read = manifest["read"]
    assert read["coverage"] == expected.coverage.to_json()
    tokens = (word for row in ROWS for word in row["text"].split() if len(word) > 1)
    assert read["coverage"]["n_tokens"] == sum(1 for _ in tokens)


@pytest.mark.parametrize("what", ["counted", "encoded"])
def test_killed_and_taken_up_again(source: Path, tmp_path: Path, whole, what: str) -> None:
    target = tmp_path / "killed"
    safe = 4 if what == "counted" else 2
    died = prepare(source, target, "--die", what, str(safe + 1), *FLAGS)
    assert died.returncode == -9
    assert not target.exists() and len(left(tmp_path)) == 1
    done = prepare(source, target, *FLAGS)
    assert done.returncode == 0, done.stderr.decode()
    assert "going on after" in done.stderr.decode()
    expected, counted, encoded = whole
    assert files(target) == expected
    if what == "counted":
        assert lines(done, "counted") == counted[safe:]
    else:
        assert (lines(done, "counted"), lines(done, "encoded")) == ([], encoded[safe:])
    assert left(tmp_path) == []


def test_passages_are_taken_up_again(source: Path, tmp_path: Path) -> None:
    flags = [*FLAGS, "--split", "7-words"]
    assert prepare(source, tmp_path / "whole", *flags).returncode == 0
    assert prepare(source, tmp_path / "x", "--die", "counted", "5", *flags).returncode == -9
    done = prepare(source, tmp_path / "x", *flags)
    assert done.returncode == 0 and b"going on after" in done.stderr
    assert files(tmp_path / "x") == files(tmp_path / "whole")
    assert b"1,200 documents split into " in done.stderr


@pytest.mark.parametrize("what", ["read", "vocabulary"])
def test_killed_between_the_phases(source: Path, tmp_path: Path, whole, what: str) -> None:
    assert prepare(source, tmp_path / "x", "--die", what, "1", *FLAGS).returncode == -9
    assert prepare(source, tmp_path / "x", *FLAGS).returncode == 0
    assert files(tmp_path / "x") == whole[0]


def test_killed_when_the_corpus_is_in_its_place(source: Path, tmp_path: Path, whole) -> None:
    """The next prepare to that output clears the work away, whether it may write there or not."""
    for more in ([], ["--overwrite"], ["--overwrite", "--no-texts"]):
        target = tmp_path / "x"
        died = prepare(source, target, "--die", "published", "1", *FLAGS, "--overwrite")
        assert died.returncode == -9 and files(target) == whole[0] and len(left(tmp_path)) == 1
        done = prepare(source, target, *FLAGS, *more)
        assert done.returncode == (0 if more else 1) and b"afresh" not in done.stderr
        assert (b"is not empty" in done.stderr) == (not more)
        assert left(tmp_path) == []


GOES_ON, NOTHING, WRITTEN = "the same command goes on", "nothing was written", "is written whole"


@pytest.mark.parametrize(
    ("size", "moment", "said"),
    [
        ("left", "storage.job:Job.take_up", GOES_ON),  # its checksums are looked at
        ("others", "storage.job:Job.clear", NOTHING),  # what is left is of other settings
        ("large", "corpus.preparing:write_manifest", GOES_ON),
        ("large", "storage.atomic:_swap", WRITTEN),
        ("large", "corpus.facts:_facts", WRITTEN),
        ("input", "corpus.preparing:write_manifest", NOTHING),
        ("input", "storage.atomic:_swap", WRITTEN),
        ("small", "corpus.preparing:write_corpus", NOTHING),
        ("small", "storage.atomic:_swap", WRITTEN),
    ],
)
def test_ctrl_c_says_what_is_there(
    source: Path, tmp_path: Path, size: str, moment: str, said: str
) -> None:
    target, text = tmp_path / "x", source.read_bytes()
    if size in ("left", "others"):
        flags = [*FLAGS, "--no-texts"] if size == "others" else FLAGS
        assert prepare(source, target, "--die", "encoded", "1", *flags).returncode == -9
    if size == "small":
        source.write_bytes(b"".join(text.splitlines(keepends=True)[:50]))
    place, flags = ("-", []) if size == "input" else (source, FLAGS)
    done = prepare(place, target, "--stop", moment, *flags, given=text)
    assert done.returncode == 130 and done.stderr.decode().splitlines()[-1].find(said) > 0
    assert (left(tmp_path) != [], target.exists()) == (said == GOES_ON, said == WRITTEN)
    if said == WRITTEN:
        assert len(Corpus.open(target)) == (50 if size == "small" else len(ROWS))
    if said == GOES_ON:
        assert b"going on after" in prepare(source, target, *FLAGS).stderr


def test_a_taken_target_leaves_unfinished_work(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "x"
    assert prepare(source, target, "--die", "counted", "3", *FLAGS).returncode == -9
    target.mkdir()
    (target / "manifest.json").write_text("{}")
    assert b"is not empty" in prepare(source, target, *FLAGS).stderr
    assert b"going on after" in prepare(source, target, *FLAGS, "--overwrite").stderr
    assert left(tmp_path) == []


def test_other_settings_or_files_start_afresh(source: Path, tmp_path: Path, whole) -> None:
    target = tmp_path / "x"
    assert prepare(source, target, "--die", "encoded", "1", *FLAGS).returncode == -9
    done = prepare(source, target, "--die", "counted", "6", *FLAGS, "--no-texts")
    assert b"starting afresh" in done.stderr
    source.write_text(source.read_text().replace("t1", "t8"))
    done = prepare(source, target, *FLAGS, "--no-texts")
    assert b"starting afresh" in done.stderr and lines(done, "counted") == whole[1]
    assert Corpus.open(target).texts is None
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [
        "documents-000009.arrow",
        "words-000009.arrow",
        "corpus/shard-00000.arrow",
        "corpus/vocabulary.parquet",
    ],
)
def test_a_damaged_file_starts_afresh(source: Path, tmp_path: Path, whole, name: str) -> None:
    assert prepare(source, tmp_path / "x", "--die", "encoded", "2", *FLAGS).returncode == -9
    (place,) = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    part = place / name
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    done = prepare(source, tmp_path / "x", *FLAGS)
    assert b"starting afresh" in done.stderr and files(tmp_path / "x") == whole[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "d5", "text": "x"}', 'the id "d5" is there twice, in rows 5 and 1200'),
        ('["new"]', "line 1201 is an array"),
        ("{", "line 1201 is not JSON"),
    ],
)
def test_bad_input_leaves_nothing(source: Path, tmp_path: Path, line: str, said: str) -> None:
    with source.open("a") as file:
        file.write(line + "\n")
    done = prepare(source, tmp_path / "new" / "x", "--id-column", "id", "--min-df", "3")
    assert done.returncode == 1 and lines(done, "counted")
    assert said in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_standard_input_is_never_taken_up_again(source: Path, tmp_path: Path) -> None:
    text = "\n".join(row["text"] for row in ROWS).encode()
    target = tmp_path / "x"
    assert prepare("-", target, "--die", "encoded", "2", given=text).returncode == -9
    done = prepare("-", target, "--min-df", "3", given=text)
    assert done.returncode == 0 and b"starting afresh" in done.stderr
    assert Corpus.open(target).ids == [str(row) for row in range(len(ROWS))]
    assert left(tmp_path) == []


def test_two_at_once_are_refused(source: Path, tmp_path: Path) -> None:
    assert prepare(source, tmp_path / "x", "--die", "encoded", "1", *FLAGS).returncode == -9
    (place,) = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    with (place / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = prepare(source, tmp_path / "x", *FLAGS)
        assert done.returncode == 1 and done.stderr.count(b"\n") == 1
        said = f"another tenor prepare is at work on {tmp_path / 'x'}; wait for it, stop it, or"
        assert said in done.stderr.decode()
    assert place.exists()


def test_a_small_one_keeps_others_away_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is kept on disk, and before the second has read anything."""
    source, target = tmp_path / "in.txt", tmp_path / "new" / "x"
    source.write_text("one two\none two\n")
    command = ["prepare", str(source), "-o", str(target), "--min-df", "1", "--max-df", "1.0", "-q"]
    at_once: list[int] = []

    def counted(*given: object, **more: object) -> object:
        if not at_once:
            at_once.append(-1)
            at_once[0] = main(command)
        return counted_pieces(*given, **more)

    monkeypatch.setattr("tenor.corpus.pipeline.counted_pieces", counted)
    assert main(command) == 0 and at_once == [1]
    told = capsys.readouterr().err
    assert f"tenor: another tenor prepare is at work on {target}" in told
    assert [path.name for path in target.parent.iterdir()] == ["x"]
    assert len(Corpus.open(target)) == 2


def test_a_spilled_corpus_of_a_fit_is_the_same(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corpus.read goes to mapped temporary files, which are gone with their names at once."""

    def read() -> Corpus:
        return Corpus.read(source, id_column="id", label_column="kind", rule=RULE)

    expected = read()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("tenor.sources.batches.BATCH_BYTES", 4_000)
    monkeypatch.setattr("tenor.corpus.pieces.PIECE_BYTES", 4_000)
    monkeypatch.setattr("tenor.corpus.piece_folder.SHARD_BYTES", 12_000)
    monkeypatch.setattr("tenor.corpus.pipeline.SPILL_BYTES", 12_000)
    found = read()
    assert len(found.table.to_batches()) > 3
    assert list((tmp_path / "temporary").iterdir()) == []
    assert found.fingerprint() == expected.fingerprint()
    assert (found.texts, found.labels) == (expected.texts, expected.labels)
    assert found.placement.columns() == expected.placement.columns()


def test_a_full_disk_for_temporary_files_is_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tenor.corpus.pipeline.SPILL_BYTES", 1)
    monkeypatch.setattr("tenor.corpus.piece_folder.write_batch", full)
    with pytest.raises(ArtifactError, match=r"cannot write .*tenor-.*No space left.*TMPDIR"):
        Corpus.read(source)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_the_disk_is_taken_before_it_is_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing to mapped pages that a full disk has no room for kills the process."""
    taken, map_file = [], np.memmap

    def mapped(file, **how):
        taken.append(os.fstat(file.fileno()).st_blocks * 512)
        return map_file(file, **how)

    monkeypatch.setattr("tenor.corpus.ids.np.memmap", mapped)
    room = numbers_on_disk(tmp_path, 300_000)
    assert taken[0] >= 8 * 300_000
    assert (room.shape, room.dtype, int(room.max())) == ((300_000,), "uint64", 0)
    assert list(tmp_path.iterdir()) == [], "a kill leaves nothing"
    assert len(numbers_on_disk(tmp_path, 0)) == 0


def test_as_many_parts_as_there_are(tmp_path: Path) -> None:
    """No file stays open for a part that is mapped, and none is looked for among all others."""
    journal = Journal(tmp_path)
    for number in range(20):
        with (tmp_path / f"{number}").open("wb") as file:
            write_batch(file, pa.RecordBatch.from_pydict({"a": ["x" * 5000]}))
        journal.add(COUNTED, number=number)
    journal.add(READ)
    assert journal.of(COUNTED) is journal.of(COUNTED), "a list made anew each time is quadratic"
    assert [entry["number"] for entry in Journal(tmp_path).of(COUNTED)] == list(range(20))
    handles = Path("/proc/self/fd")
    if handles.exists():
        before = len(list(handles.iterdir()))
        held = [map_batch(tmp_path / f"{number}") for number in range(20)]
        assert len(held) == 20 and len(list(handles.iterdir())) < before + 5
