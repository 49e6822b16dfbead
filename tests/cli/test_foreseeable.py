"""Values that anyone may try: one line, the right status, nothing left behind."""

from __future__ import annotations

import json
import re

import pytest

from tenor.cli.app import parser_of
from tenor.cli.info import _history, _show_unfinished
from tenor.cli.progress import Lines
from tenor.corpus.source import Source
from tenor.settings import SIMILARITY_SPACE

LONG = "x" * 5000


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["fit", "DOCS", "-o", "TMP/m", "--device", "meta"], 1, "not 'meta'"),
        (["fit", "DOCS", "-o", "TMP/m", "--device", "mps"], 1, "cannot be used here"),
        (["docs", "MODEL", "--text", "moon", "--device", "meta"], 1, "not 'meta'"),
        (["map", "MODEL", "-o", "TMP/m.png", "--seed", "-1"], 1, "from 0 to 4294967295"),
        (["map", "MODEL", "-o", "TMP/m.png", "--seed", "5000000000"], 1, "from 0 to 4294967295"),
        (["map", "MODEL", "-o", "TMP/m.png", "--clusters", "0"], 1, "at least 1 cluster"),
        (["fit", "a\0b", "-o", "TMP/m"], 2, "byte 0"),
        (["fit", LONG, "-o", "TMP/m"], 1, "too long"),
        (["fit", "DOCS", "-o", ""], 2, "-o/--output: the path is empty"),
        (["map", "MODEL", "-o", ""], 2, "-o/--output: the path is empty"),
        (["transform", "MODEL", "DOCS", "-o", ""], 2, "-o/--output: the path is empty"),
        (["fit", "--resume", ""], 2, "is empty"),
        (["topics", ""], 2, "is empty"),
        (["fit", "DOCS", "-o", "TMP/m", "--vocabulary", "a\0b"], 2, "byte 0"),
        (["evaluate", "MODEL", "DOCS", "--samples", "0"], 2, "--samples: must be at least 1"),
        (["evaluate", "MODEL", "DOCS", "--refine", "-1"], 2, "--refine: must be at least 0"),
        (
            ["transform", "MODEL", "DOCS", "-o", "TMP/v.parquet", "--refine", "-1"],
            2,
            "--refine: must be at least 0",
        ),
    ],
)
def test_what_anyone_may_try(tenor, tmp_path, model, documents, arguments, status, said):
    for name, place in (("MODEL", model), ("DOCS", documents), ("TMP", tmp_path)):
        arguments = [argument.replace(name, str(place)) for argument in arguments]
    shown = tenor(*arguments)
    assert (shown.status, shown.out) == (status, "")
    assert said in shown.err and shown.err.count("\n") == 1
    assert "should not have happened" not in shown.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["docs", "map"])
def test_the_help_shows_the_space_that_is_taken(verb):
    shown = " ".join(parser_of(verb).format_help().split())
    assert re.search(rf"documents near them \({SIMILARITY_SPACE}\)", shown)


@pytest.mark.parametrize(
    ("epochs", "said"), [(None, "3 epochs done and safe"), (9, "3 of 9 epochs")]
)
def test_an_unfinished_fit_may_not_know_its_epochs(capsys, epochs, said):
    record = {"epoch": 1, "bound_per_token": -7.0, "kl_per_document": 2.0}
    history = [record, {**record, "held_out_bound_per_token": -7.5}, record]
    facts = {"epochs_done": 3, "epochs": epochs, "kind": "nvdm", "folder": "m", "source": "s"}
    _show_unfinished({**facts, "read": None, "settings": {}, "history": history})
    shown = capsys.readouterr().out
    assert said in shown and "None" not in shown
    assert "\n".join(_history(history)).count("held-out") == 1


def test_nothing_is_written_among_the_documents(tenor, tmp_path, model, tiny):
    (tmp_path / "a.txt").write_text("one text")
    for arguments in (
        ["fit", tmp_path, "-o", tmp_path / "model", *tiny],
        ["transform", model, tmp_path, "-o", tmp_path / "v.parquet"],
    ):
        shown = tenor(*arguments)
        assert shown.status == 1 and "among the documents" in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_source_is_remembered_wherever_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Source(("docs.txt", "-")).to_json()["names"] == [str(tmp_path / "docs.txt"), "-"]
    assert Source("-").to_json()["names"] == ["-"]
    assert Source("python-docs").to_json()["names"] == ["python-docs"]


def test_work_after_reading_is_told(tenor, tmp_path, model, documents, columns, capsys):
    shown = tenor("transform", model, documents, *columns, "-o", tmp_path / "v.parquet")
    assert "encoding …" in shown.err
    shown = tenor("evaluate", model, documents, *columns, "--samples", "2", "--refine", "1")
    assert "measuring on 80 documents, refining" in shown.err
    Lines().stage("something")
    assert capsys.readouterr().err == "something …\n"


def test_a_loud_fit_prints_one_json_document(tenor, tmp_path, documents, columns, tiny):
    loud = [flag for flag in tiny if flag != "-q"]
    shown = tenor("fit", documents, "-o", tmp_path / "m", *columns, *loud, "--json")
    assert json.loads(shown.out)["what"] == "model" and "epoch" in shown.err
