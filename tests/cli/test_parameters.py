"""Constructor, flags and documentation say the same."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tenor import NVDM
from tenor.cli.app import parser_of
from tenor.cli.kinds import OFF, ON
from tenor.cli.parameter_table import PARAMETERS
from tenor.cli.parameters import given, in_flags, markdown
from tenor.cli.prepare import counting_settings
from tenor.networks.inputs import INPUT_TRANSFORMS
from tenor.networks.layers import ACTIVATIONS
from tenor.networks.nvdm import ENCODERS, GENERATORS, LIKELIHOODS
from tenor.text.patterns import PATTERNS
from tenor.training.settings import SCHEDULES, THINNED, UPDATES

SIGNATURE = {
    name: parameter.default for name, parameter in inspect.signature(NVDM).parameters.items()
}
ALLOWED = {
    "encoder": ENCODERS,
    "activation": ACTIVATIONS,
    "input_transform": INPUT_TRANSFORMS,
    "generator": GENERATORS,
    "likelihood": LIKELIHOODS,
    "schedule": SCHEDULES,
    "thinned": THINNED,
    "updates": UPDATES,
    "tokenizer": PATTERNS,
    "digits": ("keep", "drop"),
}


def test_the_table_is_the_constructors_signature():
    assert {p.name: p.default for p in PARAMETERS} == SIGNATURE
    for parameter in PARAMETERS:
        assert type(parameter.default) is type(SIGNATURE[parameter.name]), parameter.name


def test_every_parameter_has_a_flag_in_the_help():
    help_text = parser_of("fit").format_help()
    for parameter in PARAMETERS:
        assert f"{parameter.option} " in help_text.replace("\n", " "), parameter.option
    assert len({p.option for p in PARAMETERS}) == len(PARAMETERS)


def test_choices_are_the_librarys():
    chosen = {p.name: p.kind.placeholder.split("|") for p in PARAMETERS if p.name in ALLOWED}
    assert {name: sorted(names) for name, names in chosen.items()} == {
        name: sorted(names) for name, names in ALLOWED.items()
    }


def test_the_documentation_is_the_table():
    page = Path(__file__).parents[2] / "docs" / "parameters.md"
    assert page.read_text() == markdown(), "run python -m tenor.cli.parameters > docs/parameters.md"


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_a_flag_reaches_the_constructor(parameter):
    typed = {"N": ("7", 7), "X": ("0.25", 0.25), "N|X": ("0.1", 0.1), "N,N": ("8,9", (8, 9))}
    other = parameter.kind.placeholder.rpartition("|")[2]
    value, expected = typed.get(parameter.kind.placeholder, (other, other))
    if parameter.kind in (ON, OFF):
        arguments, expected = [parameter.option], parameter.kind is ON
    else:
        arguments = [parameter.option, value]
    options = parser_of("fit").parse_args(["SOURCE", "-o", "MODEL", *arguments])
    if parameter.name == "verbose":  # the command's own --quiet
        assert options.quiet and given(options) == {}
        return
    assert given(options) == {parameter.name: expected}
    assert NVDM(**given(options)).get_params()[parameter.name] == expected


def test_flags_that_are_not_given_are_not_passed():
    assert given(parser_of("fit").parse_args(["SOURCE", "-o", "MODEL"])) == {}


def test_none_and_whole_numbers_of_documents():
    arguments = [
        "--patience",
        "none",
        "--generator-sizes",
        "none",
        "--min-df",
        "3",
        "--max-df",
        "1.0",
        "--seed",
        "none",
    ]
    options = given(parser_of("fit").parse_args(["SOURCE", "-o", "MODEL", *arguments]))
    assert options == {
        "patience": None,
        "generator_sizes": (),
        "min_df": 3,
        "max_df": 1.0,
        "random_state": None,
    }
    assert type(options["min_df"]) is int and type(options["max_df"]) is float


def test_messages_speak_of_flags():
    assert in_flags("n_components must be 1 or more").startswith("--components must")
    assert in_flags("min_df=5 removed all") == "--min-df=5 removed all"
    assert in_flags("name it with text_column (--text-column)") == "name it with --text-column"
    assert in_flags('read it with encoding_errors="replace"').endswith("--encoding-errors replace")
    assert in_flags("epochs must be") == "--epochs must be"
    assert in_flags("after 3 epochs") == "after 3 epochs"


@pytest.mark.parametrize(
    "given_parameters",
    [
        {},
        {"tokenizer": "a-z", "digits": "drop", "stop_words": "english", "lowercase": False},
        {"min_df": 0.1, "max_df": 3, "max_words": None, "vocabulary": ["ant"]},
    ],
)
def test_prepare_counts_as_a_model_of_these_parameters_would(given_parameters):
    expected = NVDM(**given_parameters).corpus_settings()
    assert counting_settings(given_parameters) == {"vocabulary": None} | expected
