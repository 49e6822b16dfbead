"""Help, version and wrong usage."""

from __future__ import annotations

import pytest

import tenor as library
from tenor.cli.app import VERBS, parser_of


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_an_example_and_json(tenor, verb):
    shown = tenor(verb, "--help")
    assert shown.status == 0
    assert "Example:" in shown.out
    assert f"  tenor {verb} " in shown.out
    assert "--json" in shown.out
    assert not shown.err


def test_help_names_every_verb(tenor):
    shown = tenor("--help")
    assert shown.status == 0
    for verb, summary in VERBS.items():
        assert f"  {verb:<10} {summary}" in shown.out
    assert tenor("help", "fit").out == parser_of("fit").format_help()


def test_version(tenor):
    assert tenor("--version").out == f"tenor {library.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["topcs", "m"], "did you mean topics?"),
        (["--nonsense"], "there is no option '--nonsense'"),
        (["fit"], "which documents?"),
        (["fit", "python-docs"], "-o MODEL"),
        (["fit", "python-docs", "-o", "m", "--epoch", "3"], "did you mean --epochs?"),
        (["fit", "python-docs", "-o", "m", "--epochs", "three"], "'three' is no whole number"),
        (["fit", "python-docs", "-o", "m", "--activation", "sine"], "is none of tanh"),
        (["fit", "python-docs", "-o", "m", "--encoder-sizes", "5;5"], "no list of sizes"),
        (["fit", "python-docs", "-o", "m", "--remove", "heads"], "is none of headers"),
        (["fit", "python-docs", "-o", "m", "--checkpoint-every", "0"], "at least 1"),
        (["fit", "--resume", "m", "--components", "3"], "--resume stands alone"),
        (["fit", "--resume", "m", "-o", "n"], "--resume stands alone"),
        (["fit", "--resume", "m", "--text-column", "t"], "--resume stands alone"),
        (["docs", "m"], "--text --id --row"),
        (["docs", "m", "--text", "t", "--row", "3"], "not allowed with"),
        (["info", "m", "surplus"], "'surplus'"),
        (["words", "m"], "WORD"),
        (["map", "m"], "-o"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(tenor, arguments, said):
    shown = tenor(*arguments)
    assert shown.status == 2
    assert said in shown.err
    assert shown.err.startswith("tenor")
    assert shown.err.count("\n") == 1
    assert not shown.out


def test_without_arguments_the_help_is_wrong_usage(tenor):
    shown = tenor()
    assert (shown.status, shown.out) == (2, "")
    assert "usage: tenor VERB" in shown.err
