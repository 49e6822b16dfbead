"""A message is one line, whatever it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, ParameterName, SourceError, TenorError
from tenor.text.tokenizer import Tokenizer


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines.cst", r"two\nlines.cst"),
        ("a\x1b[31mred.cst", r"a\x1b[31mred.cst"),
        ("turned\u202etst.cst", r"turned\u202etst.cst"),
        ("wörter und blanks.cst", "wörter und blanks.cst"),
    ],
)
def test_a_name_of_a_file(tmp_path: Path, name: str, shown: str) -> None:
    (tmp_path / name).write_text("text\nx\n")
    with pytest.raises(SourceError) as caught:
        Corpus.read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path}/{shown}: cannot tell")


@pytest.mark.parametrize("name", ["min_token_length", "max_token_length"])
def test_a_number_that_no_library_counts_to(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} must be at most 9223372036854775807, not 10000"):
        Tokenizer(**{"max_token_length": None, name: 10**20})


def test_the_flag_of_a_parameter_stays() -> None:
    error = TenorError("a\nb: leave ", ParameterName("id_column"), " out")
    assert str(error) == r"a\nb: leave id_column out"
    assert error.said(lambda part: f"--{part.name}") == r"a\nb: leave --id_column out"
