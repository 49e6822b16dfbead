"""A warning of the library is a line of the command."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from tenor.cli.failures import exit_status
from tenor.errors import ParameterName, TenorWarning


def test_words_that_no_text_can_hold_are_told_in_a_line(tenor: Any, tmp_path: Path) -> None:
    texts, words = tmp_path / "texts.txt", tmp_path / "words.txt"
    texts.write_text("red green\ngreen blue\n")
    words.write_text("red\nGreen\n")
    shown = tenor("prepare", texts, "-o", tmp_path / "corpus", "--vocabulary", words, "-q")
    assert shown.status == 0
    said = [line for line in shown.err.splitlines() if "words of" in line]
    assert said == [
        'tenor: 1 of 2 words of the vocabulary can never be counted: the tokenizer makes "green" '
        'of "Green"; write them as it cuts texts'
    ]
    assert "Warning" not in shown.err and ".py" not in shown.err


def test_parameters_are_flags_and_other_warnings_are_pythons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work() -> None:
        for _ in range(2):
            warnings.warn(TenorWarning("raise ", ParameterName("min_df")), stacklevel=1)

    assert exit_status(work) == 0
    assert capsys.readouterr().err == "tenor: raise --min-df\n" * 2
    assert str(TenorWarning("raise ", ParameterName("min_df"))) == "raise min_df"
    with pytest.warns(UserWarning, match="another"):
        exit_status(lambda: warnings.warn("another", stacklevel=1))
