"""Constructor, flags and documentation say the same."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import pytest

from tenor import NVDM
from tenor.cli.app import parser_of
from tenor.cli.failures import exit_status
from tenor.cli.parameters import given, markdown
from tenor.cli.prepare import counting_settings
from tenor.errors import ParameterName, TenorError
from tenor.networks.layers import ACTIVATIONS
from tenor.networks.transforms import INPUT_TRANSFORMS
from tenor.parameters import OFF, ON
from tenor.settings import PARAMETERS
from tenor.text.decoding import REPLACING
from tenor.text.patterns import PATTERNS

SIGNATURE = {
    name: parameter.default for name, parameter in inspect.signature(NVDM).parameters.items()
}
ALLOWED = {
    "encoder": ("plain", "residual"),
    "activation": ACTIVATIONS,
    "input_transform": INPUT_TRANSFORMS,
    "generator": ("beside", "stacked"),
    "likelihood": ("counts", "presence"),
    "schedule": ("cosine", "linear", "constant"),
    "thinned": ("input", "document"),
    "updates": ("joint", "alternating"),
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


@pytest.mark.parametrize(
    ("parts", "library", "command"),
    [
        ([ParameterName("n_components"), " must"], "n_components must", "--components must"),
        ([ParameterName("min_df"), "=5 removed"], "min_df=5 removed", "--min-df=5 removed"),
        (
            ["name it with ", ParameterName("text_column", "text_column (--text-column)")],
            "name it with text_column (--text-column)",
            "name it with --text-column",
        ),
        (
            ["read it with ", REPLACING],
            'read it with encoding_errors="replace"',
            "read it with --encoding-errors replace",
        ),
        (
            ["needs ", ParameterName("vocabulary", "vocabulary="), ", the path"],
            "needs vocabulary=, the path",
            "needs --vocabulary, the path",
        ),
        ([ParameterName("epochs"), " must be"], "epochs must be", "--epochs must be"),
        (["after 3 epochs; n_components"], *["after 3 epochs; n_components"] * 2),
        ([ParameterName("top"), " must be"], "top must be", "top must be"),
    ],
)
def test_the_command_calls_a_parameter_by_its_flag(parts, library, command, capsys):
    error = TenorError(*parts)
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == library

    def work():
        raise error

    assert exit_status(work) == 1
    assert capsys.readouterr().err == f"tenor: {command}\n"


def test_an_error_says_which_parameters_it_names():
    with pytest.raises(TenorError, match="take input_transform='log1p'") as error:
        NVDM(input_transform="counts", activation="relu").make_plan()
    assert error.value.parameters == ("activation", "input_transform")


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
