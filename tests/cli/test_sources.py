"""What a command line names: several sources, between flags, in any format, from pipes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from tenor import runs
from tenor.cli.app import parser_of

posix = pytest.mark.skipif(os.name != "posix", reason="pipes have paths on POSIX only")
ALL = ["--min-df", "1", "--max-df", "1.0"]


@pytest.fixture
def tables(tmp_path):
    """Two tables of 40 documents each, one of them packed."""
    rows = [f"{n},orbit rocket moon goal team match n{n % 7}" for n in range(80)]
    header = "name,body\n"
    (tmp_path / "a.csv").write_text(header + "\n".join(rows[:40]) + "\n")
    packed = gzip.compress((header + "\n".join(rows[40:]) + "\n").encode())
    (tmp_path / "b.csv.gz").write_bytes(packed)
    return tmp_path / "a.csv", tmp_path / "b.csv.gz"


@pytest.mark.parametrize(
    ("verb", "arguments", "sources"),
    [
        ("fit", ["a.csv", "-o", "m", "b.csv"], ["a.csv", "b.csv"]),
        ("fit", ["-o", "m", "--keep", "x", "a.csv", "b.csv", "-q", "-"], ["a.csv", "b.csv", "-"]),
        ("fit", ["--resume", "m"], []),
        ("prepare", ["a", "--format", "csv", "b", "-o", "c", "d"], ["a", "b", "d"]),
        ("transform", ["m", "a", "-o", "v.parquet", "b"], ["a", "b"]),
        ("transform", ["-o", "v.parquet", "m", "a"], ["a"]),
        ("transform", ["m", "-o", "v.parquet", "--", "-odd.csv", "-b"], ["-odd.csv", "-b"]),
        ("evaluate", ["m", "a", "--refine", "3", "b", "c"], ["a", "b", "c"]),
        ("topics", ["m", "--topics", "3", "a", "b"], ["a", "b"]),
        ("topics", ["m"], []),
    ],
)
def test_sources_stand_where_they_like(verb, arguments, sources):
    assert parser_of(verb).parse_args(arguments).source == sources


@pytest.mark.parametrize("verb", ["prepare", "transform", "evaluate"])
def test_a_source_there_must_be(tenor, verb, tmp_path):
    shown = tenor(verb, *(["m"] if verb != "prepare" else []), "-o", tmp_path / "x")
    assert (shown.status, shown.out) == (2, "") and shown.err.count("\n") == 1
    if verb != "evaluate":  # which has no -o
        assert "required: SOURCE" in shown.err


def test_a_fit_of_several_sources_and_what_follows(tenor, tables, tmp_path, tiny):
    a, b = tables
    model = tmp_path / "m"
    assert tenor("fit", a, "-o", model, b, "--id-column", "name", *tiny).status == 0
    begun = json.loads((model / "fit.json").read_text())
    assert begun["source"]["names"] == [str(a), str(b)]
    shown = tenor("transform", model, b, "-o", tmp_path / "v.parquet", a, "--id-column", "name")
    assert shown.status == 0
    ids = pq.read_table(tmp_path / "v.parquet").column("id").to_pylist()
    assert ids == [str(n) for n in (*range(40, 80), *range(40))]
    assert tenor("evaluate", model, a, b, "--samples", "2", "--json").status == 0
    assert tenor("topics", model, a, b, "-q").status == 0


def test_a_resumed_fit_reads_them_all_again(tenor, tables, tmp_path, tiny):
    a, b = tables
    model = tmp_path / "m"
    assert tenor("fit", a, b, "-o", model, "--text-column", "body", *tiny).status == 0
    weights = (model / "weights.safetensors").read_bytes()
    (model / "config.json").unlink()  # as if killed before the last file
    assert tenor("fit", "--resume", model).status == 0
    assert (model / "weights.safetensors").read_bytes() == weights
    (model / "config.json").unlink()
    b.write_bytes(gzip.compress(b"name,body\n1,other words\n"))
    shown = tenor("fit", "--resume", model)
    assert shown.status == 1 and f"the source {a}, {b} has changed" in shown.err


def test_both_kinds_in_a_folder_are_named_with_flags(tenor, tables, tmp_path):
    (tmp_path / "columns.txt").write_text("body: what was said")
    shown = tenor("prepare", tmp_path, "-o", tmp_path.parent / "corpus")
    assert (shown.status, shown.out) == (1, "")
    assert "both tables (a.csv, b.csv.gz) and texts (columns.txt)" in shown.err
    assert "with --format csv, or its texts with --documents files\n" in shown.err
    target = tmp_path.parent / "corpus"
    shown = tenor("prepare", tmp_path, "-o", target, "--format", "csv", *ALL, "--json")
    assert shown.json["n_documents"] == 80
    assert "columns.txt (not CSV)" in shown.err
    assert shown.json["read"]["skipped"][0]["why"] == "not CSV"


def test_lines_that_look_like_a_table_are_said_to(shell, tables, tmp_path):
    rows = tables[0].read_bytes()
    shown = shell("prepare", "-", "-o", tmp_path / "c", *ALL, stdin=rows)
    assert shown.status == 0 and "41 documents" in shown.out
    assert "look like CSV, and are read as text; --format csv" in shown.err
    shown = shell("prepare", "-", "-o", tmp_path / "d", "--format", "csv", *ALL, stdin=rows)
    assert shown.status == 0 and "40 documents" in shown.out and "look like" not in shown.err


@posix
def test_process_substitution_is_read_once(tables, tmp_path):
    a, b = tables
    line = " ".join([sys.executable, "-m", "tenor", "prepare", "--format", "csv", *ALL])
    done = subprocess.run(
        ["bash", "-c", f"{line} -o {tmp_path}/c <(cat {a}) <(gzip -dc {b}) --json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout)["n_documents"] == 80


@posix
def test_a_fit_from_a_pipe_keeps_what_it_cannot_read_again(tenor, tables, tmp_path, tiny):
    a, _ = tables
    out, into = os.pipe()
    os.write(into, a.read_bytes())
    os.close(into)
    piped, model = f"/dev/fd/{out}", tmp_path / "m"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_run", lambda *_, **__: None)  # as if killed before the training
        tenor("fit", piped, "-o", model, "--format", "csv", *tiny)
    os.close(out)
    assert (model / "corpus").is_dir()
    assert tenor("fit", "--resume", model).status == 0
    assert tenor("fit", a, "-o", tmp_path / "n", *tiny).status == 0
    weights = [tmp_path / name / "weights.safetensors" for name in "mn"]
    assert weights[0].read_bytes() == weights[1].read_bytes()
