"""One of something is not written as many, in whatever the command line prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tenor.checks import amount
from tenor.cli import main

SINGLE = re.compile(
    r"(?<![\d.,])1 (?!is\b|was\b|has\b|class\b)[a-z]+s\b|\b1 (latent|active) [a-z]+s\b"
)


def test_amounts() -> None:
    assert [amount(n, "word") for n in (0, 1, 2, 1200)] == [
        "0 words", "1 word", "2 words", "1,200 words",
    ]  # fmt: skip


def test_the_verbs_say_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, corpus, model = tmp_path / "one.csv", tmp_path / "c", tmp_path / "m"
    source.write_text("text,label\nword word,a\n")
    limits = ["--min-df", "1", "--max-df", "1.0"]
    tiny = ["--components", "1", "--epochs", "1", "--encoder-sizes", "2", "--device", "cpu"]
    vectors = str(tmp_path / "v.parquet")
    for command in (
        ["prepare", str(source), "-o", str(corpus), "--label-column", "label", *limits],
        ["info", str(corpus)],
        ["fit", str(corpus), "-o", str(model), *tiny, "--validation-fraction", "0"],
        ["info", str(model)],
        ["evaluate", str(model), str(corpus), "--samples", "1", "--refine", "1"],
        ["transform", str(model), str(corpus), "-o", vectors],
        ["fit", str(source), "--text-column", "text", "--continue-from", str(model),
         "-o", str(tmp_path / "n"), "--epochs", "1"],
        ["info", str(tmp_path / "n")],
    ):  # fmt: skip
        assert main(command) == 0, capsys.readouterr().err
        shown = capsys.readouterr()
        assert not SINGLE.findall(shown.out + shown.err), shown.out + shown.err
    card = (model / "README.md").read_text()
    assert not SINGLE.findall(card), card
