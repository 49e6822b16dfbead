"""tenor transform that is killed at any moment and begun again ends as if it never was."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import tenor
from tenor.cli import main
from tenor.model import inputs, vectors

PART = 16
WORDS = [f"w{i:02d}" for i in range(24)]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A model, 100 documents as a table, and the same as a prepared corpus over other words."""
    home = tmp_path_factory.mktemp("killed-transform")
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(WORDS[8 * (d % 3) :][:10], 15)) for d in range(100)]
    lines[50] = ""
    rows = [f"key-{d},{'' if d % 4 else 'group'},{line}" for d, line in enumerate(lines)]
    (home / "docs.csv").write_text("\n".join(["name,kind,text", *rows]) + "\n")
    (home / "plain.txt").write_text("".join(line + "\n" for line in lines))
    tiny = ["--components", "3", "--encoder-sizes", "12", "--epochs", "2", "--min-df", "1", "-q"]
    words = home / "words.txt"
    words.write_text("".join(word + "\n" for word in WORDS[:20]))
    given = ["--vocabulary", str(words)]
    assert main(["fit", str(home / "plain.txt"), "-o", str(home / "m"), *tiny, *given]) == 0
    for folder, flags in (("same", given), ("other", ["--min-df", "1"])):
        prepare = ["prepare", str(home / "plain.txt"), "-o", str(home / folder), "-q", *flags]
        assert main(prepare) == 0
    return home


SOURCES = {
    "docs.csv": ["--id-column", "name", "--label-column", "kind", "--text-column", "text"],
    "same": [],
    "other": [],
}
MOMENTS = {
    "docs.csv": [("part", 1), ("part", 3), ("assembled", 1)],
    "same": [("part", 2)],
    "other": [("part", 7)],
}
CASES = [(source, moment) for source, moments in MOMENTS.items() for moment in moments]


def arguments(home: Path, source: str, target: Path) -> list[str]:
    named = SOURCES.get(source, [])
    return ["transform", str(home / "m"), str(home / source), "-o", str(target), *named]


@pytest.fixture(scope="module")
def killed(home) -> list[Path]:
    """The files that killed transforms were to write, one a case."""
    targets = [home / f"killed-{number}" / "v.parquet" for number in range(len(CASES))]
    for target in targets:
        target.parent.mkdir()
    jobs = [
        {"arguments": [*arguments(home, source, target), "-q"], "moment": moment, "part": PART}
        for target, (source, moment) in zip(targets, CASES, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed.py")), json.dumps(jobs)],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [-9] * len(CASES)
    return targets


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(inputs, "BLOCK", PART)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{s}-{m}-{n}" for s, (m, n) in CASES])
def test_ends_with_the_same_bits(home, killed, tmp_path, capsys, monkeypatch, number):
    source, (_, nth) = CASES[number]
    assert main([*arguments(home, source, tmp_path / "whole.parquet"), "-q", "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    encoded = []
    real = vectors.vectors
    monkeypatch.setattr(
        vectors, "vectors", lambda *given: (encoded.append(len(given[1])), real(*given))[1]
    )
    assert main([*arguments(home, source, killed[number]), "--json"]) == 0
    said = capsys.readouterr()
    written = json.loads(said.out)
    assert {**written, "path": ""} == {**expected, "path": ""}
    tokens = [line.split() for line in (home / "plain.txt").read_text().splitlines()]
    known = sum(word in WORDS[:20] for words in tokens for word in words)
    assert written["coverage"]["n_known_tokens"] == known
    assert written["coverage"]["n_tokens"] == sum(map(len, tokens)) > known
    kept = 100 if CASES[number][1][0] == "assembled" else PART * (nth - 1)
    assert sum(encoded) == 100 - kept, "finished parts are not made again"
    assert (f"going on after {kept} documents" in said.err) == (kept > 0)
    assert said.err.count("\nread ") + said.err.startswith("read ") == 1
    whole, found = pq.read_table(tmp_path / "whole.parquet"), pq.read_table(killed[number])
    assert found.equals(whole) and len(found) == 100
    assert [path.name for path in killed[number].parent.iterdir()] == ["v.parquet"]


def test_the_rows_are_those_of_the_source(home, tmp_path):
    target = tmp_path / "v.parquet"
    assert main([*arguments(home, "docs.csv", target), "-q"]) == 0
    table = pq.read_table(target)
    assert table.column("id").to_pylist() == [f"key-{d}" for d in range(100)]
    assert table.column("label").to_pylist() == [None if d % 4 else "group" for d in range(100)]
    model = tenor.load(home / "m")
    texts = (home / "plain.txt").read_text().splitlines()
    found = np.array(table.column("vector").to_pylist(), dtype=np.float32)
    np.testing.assert_allclose(found, model.transform(texts), rtol=1e-4, atol=1e-5)
    empty = [row for row, is_empty in enumerate(table.column("empty").to_pylist()) if is_empty]
    assert empty == [50]
    for source in ("same", "other"):
        assert main([*arguments(home, source, target), "-q", "--overwrite"]) == 0
        other = np.array(pq.read_table(target).column("vector").to_pylist(), dtype=np.float32)
        np.testing.assert_allclose(other, found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("changed", ["source", "model", "refine", "column", "weights"])
def test_what_has_changed_begins_afresh(home, tmp_path, capsys, monkeypatch, changed):
    """Stop a transform by Ctrl-C after two parts, change something, run it again."""
    source, model, target = tmp_path / "t.csv", home / "m", tmp_path / "v" / "v.parquet"
    target.parent.mkdir()
    lines = (home / "plain.txt").read_text().splitlines()
    pairs = [f"{line},{other}" for line, other in zip(lines, reversed(lines), strict=True)]
    source.write_text("\n".join(["text,other", *pairs]) + "\n")
    stop_after(monkeypatch, 2)
    assert main(["transform", str(model), str(source), "-o", str(target), "-q"]) == 130
    said = capsys.readouterr().err
    assert said == "tenor: stopped after 32 documents; the same command goes on from there\n"
    more = []
    if changed == "source":
        source.write_text(source.read_text().replace("w00", "w01"))
    elif changed == "model":
        model = tmp_path / "other"
        tenor.load(home / "m").continue_fit(["w00 w01 w09"] * 30, epochs=1).save(model)
    else:
        more = {
            "refine": ["--refine", "1"],
            "column": ["--text-column", "other"],
            "weights": ["--topic-weights"],
        }[changed]
    assert main(["transform", str(model), str(source), "-o", str(target), *more]) == 0
    assert "is of another model, source or setting" in capsys.readouterr().err
    fresh = tmp_path / "fresh.parquet"
    assert main(["transform", str(model), str(source), "-o", str(fresh), *more, "-q"]) == 0
    assert pq.read_table(target).equals(pq.read_table(fresh))
    assert len(list(target.parent.iterdir())) == 1


def test_other_topics_begin_afresh_and_other_names_do_not(home, tmp_path, capsys, monkeypatch):
    model, target = tmp_path / "m", tmp_path / "v" / "v.parquet"
    shutil.copytree(home / "m", model)
    target.parent.mkdir()
    command = ["transform", str(model), str(home / "same"), "-o", str(target), "--topic-weights"]
    stop_after(monkeypatch, 2)
    assert main([*command, "-q"]) == 130
    assert main(["topics", str(model), "--rename", "0=first", "-q"]) == 0
    monkeypatch.undo()
    monkeypatch.setattr(inputs, "BLOCK", PART)
    stop_after(monkeypatch, 2)
    capsys.readouterr()
    assert main(command) == 130
    assert "going on after 32 documents" in capsys.readouterr().err
    assert main(["topics", str(model), "--topics", "1", "--keep", "-q"]) == 0
    capsys.readouterr()
    assert main(command) == 0
    assert "is of another model, source or setting" in capsys.readouterr().err
    table = pq.read_table(target)
    topics = tenor.load(model, device="cpu").topics_
    assert json.loads(table.schema.metadata[b"topics"]) == list(topics.ids)
    found = np.array(table.column("topics").to_pylist(), dtype=np.float32)
    texts = (home / "plain.txt").read_text().splitlines()
    np.testing.assert_allclose(found, topics.weights(texts), rtol=1e-4, atol=1e-5)
    assert (found[50] == 0).all() and table.column("empty").to_pylist()[50]


def stop_after(monkeypatch, parts: int) -> None:
    """Ctrl-C, once, when so many parts are written."""
    add, calls = vectors.VectorPieces.add, []

    def counted(self, batch, coverage):
        add(self, batch, coverage)
        calls.append(None)
        if len(calls) == parts:
            raise KeyboardInterrupt

    monkeypatch.setattr(vectors.VectorPieces, "add", counted)


def test_bad_rows_leave_nothing(home, tmp_path, capsys):
    source, target = tmp_path / "t.csv", tmp_path / "out" / "v.parquet"
    target.parent.mkdir()
    rows = [f"{d},w0{d % 9}" for d in range(60)]
    named = ["--id-column", "name", "-q"]
    for last, said in (
        ("7,w01", 'the id "7" is there twice, in rows 7 and 60 (from 0)'),
        ("60,w01,w02", "line 62 has 3 fields"),
    ):
        source.write_text("\n".join(["name,text", *rows, last]) + "\n")
        command = ["transform", str(home / "m"), str(source), "-o", str(target), *named]
        assert main(command) == 1
        told = capsys.readouterr().err
        assert said in told and told.count("\n") == 1
        assert list(target.parent.iterdir()) == []


def test_a_repeated_id_is_found_before_the_work_on_it(home, tmp_path, capsys, monkeypatch):
    """In the part where it comes, also when the first one was read by an earlier run."""
    source, target = tmp_path / "t.csv", tmp_path / "out" / "v.parquet"
    target.parent.mkdir()
    rows = [f"{7 if d == 40 else d},w0{d % 9}" for d in range(100)]
    source.write_text("\n".join(["name,text", *rows]) + "\n")
    command = ["transform", str(home / "m"), str(source), "-o", str(target), "-q"]
    command += ["--id-column", "name"]
    encoded, real = [], vectors.vectors
    monkeypatch.setattr(
        vectors, "vectors", lambda *given: (encoded.append(len(given[1])), real(*given))[1]
    )
    for stopped in (False, True):
        if stopped:
            with monkeypatch.context() as patch:
                stop_after(patch, 1)
                assert main(command) == 130
            capsys.readouterr()
        assert main(command) == 1
        told = capsys.readouterr().err
        assert 'the id "7" is there twice, in rows 7 and 40 (from 0)' in told
        assert told.count("\n") == 1 and list(target.parent.iterdir()) == []
        assert sum(encoded) == 2 * PART, "a third piece is not made"
        encoded.clear()


def test_long_documents_make_small_blocks(home, tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "BLOCK_VALUES", 30)
    sizes = []
    add = vectors.VectorPieces.add
    monkeypatch.setattr(
        vectors.VectorPieces,
        "add",
        lambda self, batch, known: (sizes.append(len(batch)), add(self, batch, known)),
    )
    target = tmp_path / "v.parquet"
    assert main([*arguments(home, "plain.txt", target), "-q"]) == 0
    assert sum(sizes) == 100 and max(sizes) <= 6
    assert pq.read_table(target).column("id").to_pylist() == [str(d) for d in range(100)]


def test_two_at_once_are_refused(home, tmp_path, capsys, monkeypatch):
    """Whatever the second one is to do, it leaves alone what the first has written."""
    target = tmp_path / "v.parquet"
    stop_after(monkeypatch, 2)
    assert main([*arguments(home, "plain.txt", target), "-q"]) == 130
    capsys.readouterr()
    (place,) = tmp_path.iterdir()
    with (place / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for more in ([], ["--refine", "1"]):
            assert main([*arguments(home, "plain.txt", target), "-q", *more]) == 1
            told = capsys.readouterr().err
            assert "another tenor transform is at work" in told and told.count("\n") == 1
    assert len(list(place.glob("part-*"))) == 2
    assert main([*arguments(home, "plain.txt", target), "-q"]) == 0
    assert list(tmp_path.iterdir()) == [target]
