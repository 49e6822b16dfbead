"""Every parameter is declared once, and everything else follows from that."""

from __future__ import annotations

import inspect
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor
from tenor import checks
from tenor.errors import InputError
from tenor.networks.models import NVDMConfig
from tenor.parameters import as_in, check, plain, shared
from tenor.settings import PARAMETERS, READING, CountingParameters, VocabularyParameters
from tenor.training.settings import TrainingSettings

DEFAULTS = {known.name: known.default for known in PARAMETERS}


@pytest.mark.parametrize(
    "made",
    [TrainingSettings(), NVDMConfig(n_words=1), tenor.Tokenizer(), tenor.VocabularyRule()],
    ids=lambda made: type(made).__name__,
)
def test_no_default_contradicts_another(made: Any) -> None:
    here = {f.name for f in fields(made)} & DEFAULTS.keys()
    assert len(here) >= 3
    assert {name: getattr(made, name) for name in here} == {name: DEFAULTS[name] for name in here}


def test_the_constructor_takes_what_is_declared_and_keeps_it_untouched() -> None:
    parameters = inspect.signature(tenor.NVDM).parameters
    first, *others = parameters.values()
    assert first.name == "n_components"
    assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {parameter.kind for parameter in others} == {inspect.Parameter.KEYWORD_ONLY}
    assert list(parameters) == [known.name for known in PARAMETERS]
    strange = {name: object() for name in parameters}
    assert tenor.NVDM(**strange).get_params() == strange  # type: ignore[arg-type]


def test_the_help_tells_of_every_parameter() -> None:
    said = " ".join((tenor.NVDM.__doc__ or "").split())
    for known in PARAMETERS:
        assert f" {known.name}: " in said and known.meaning in said, known.name
    assert 'schedule: "cosine", "linear" or "constant": how the step size falls.' in said
    assert "{" not in said


@pytest.mark.parametrize("known", PARAMETERS, ids=lambda known: known.name)
def test_defaults_pass_their_checks(known: Any) -> None:
    if known.name != "tokenizer":  # None, and any function, are the tokenizer's own
        assert known.kind.check(known.name, known.default) == known.default


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "said"),
    [
        ("[0, 1)", [0, 0.5], [1, -0.1, math.nan], "in [0, 1)"),
        ("(0, 1]", [1e-9, 1], [0, 1.1, math.inf], "in (0, 1]"),
        ("(0, inf)", [1e-9, 1e30], [0, -1, math.inf, math.nan, "1", None], "greater than 0"),
        ("[0, inf)", [0, 3], [-1e-9, math.inf], "0 or more"),
    ],
)
def test_intervals(interval: str, inside: list[Any], outside: list[Any], said: str) -> None:
    assert [checks.within("x", value, interval) for value in inside] == inside
    for value in outside:
        with pytest.raises(InputError) as error:
            checks.within("x", value, interval)
        assert str(error.value) == f"x must be {said}, not {value!r}"
        assert error.value.parameters == ("x",)


def test_whole_numbers_and_words() -> None:
    assert [checks.whole("n", value, 2) for value in (2, np.int64(3))] == [2, 3]
    for bad in (1, 2.0, True, "2", None, np.float64(2)):
        with pytest.raises(InputError, match="n must be a whole number of at least 2, not "):
            checks.whole("n", bad, 2)
    with pytest.raises(InputError, match='x must be "a", "b" or "c", not 3'):
        checks.one_of("x", 3, ("a", "b", "c"))


def test_a_group_is_checked_when_asked_and_then_holds_what_is_kept() -> None:
    counting = CountingParameters(min_df=np.int64(3), max_words=np.int32(7), tokenizer="a-z")
    check(counting)
    assert (type(counting.min_df), type(counting.max_words)) == (int, int)
    with pytest.raises(InputError, match=r"^min_token_length must"):
        check(CountingParameters(min_token_length=0, tokenizer="a-z"))


def test_what_two_have_in_common_is_taken_by_name() -> None:
    model = tenor.NVDM(encoder_sizes=[np.int64(8)], dropout=np.float32(0.5))
    shape = shared(model, NVDMConfig)
    assert shape["encoder_sizes"] == [8] and shape["dropout"] == 0.5
    assert type(shape["dropout"]) is float and "n_words" not in shape
    assert plain([np.array([1, 2])])[0].shape == (2,)
    assert as_in(VocabularyParameters, "min_df").default == DEFAULTS["min_df"]


TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red"] * 3
WRONG = [object(), {"a": 1}, math.nan, [object()], b"x", 1j, np.array([[1.5]]), {"a": None}]


@pytest.mark.parametrize("known", PARAMETERS, ids=lambda known: known.name)
def test_a_value_of_another_kind_is_one_line_that_names_the_parameter(known: Any) -> None:
    for wrong in WRONG:
        model = tenor.NVDM(**{"min_df": 1, "max_df": 1.0, known.name: wrong})
        with pytest.raises(InputError, match=known.name) as caught:
            model.fit(TEXTS)
        assert "\n" not in str(caught.value)
        assert not hasattr(model, "trained_")


@pytest.mark.parametrize("known", READING, ids=lambda known: known.name)
def test_so_it_is_where_a_source_is_read(known: Any, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("red green\n")
    for wrong in WRONG:
        with pytest.raises(InputError, match=known.name) as caught:
            tenor.Corpus.read(path, **{known.name: wrong})
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, "no", 2, [], "True"])
@pytest.mark.parametrize("name", ["lowercase", "strip_accents", "keep_documents", "verbose"])
def test_what_is_no_truth_value_is_not_taken_for_one(name: str, wrong: Any) -> None:
    with pytest.raises(InputError, match=f"^{name} must be True or False, not "):
        tenor.NVDM(**{name: wrong}).make_plan()
    for value in (True, False, np.True_, 0, np.int64(1)):
        assert checks.truth(name, value) is bool(value)


def test_documents_in_the_place_of_a_parameter_are_not_repeated() -> None:
    texts = ["a long text that nobody wants to see in an error message, and not in a log either"]
    for known in PARAMETERS:
        passed: list[Any] = [{texts[0]: texts[0]}]
        if known.name not in ("vocabulary", "stop_words"):  # which may be a path, or such words
            passed += [texts[0], tuple(texts), np.array(texts)]
        for given in passed:
            with pytest.raises(InputError) as caught:
                tenor.NVDM(**{known.name: given}).fit(TEXTS)
            assert "nobody" not in str(caught.value), known.name


def test_values_in_messages() -> None:
    shown = [checks.shown(value) for value in (None, 1.5, "x", "x" * 41, [1, 2], {}, b"ab", len)]
    assert shown == [
        *("None", "1.5", "'x'", "a str of 41 characters", "a list of 2 items", "a dict of 0 items"),
        *("bytes of 2 items", "a builtin_function_or_method"),
    ]


@pytest.mark.parametrize("value", [1, np.int64(1), np.float32(1), 0])
def test_a_whole_number_is_a_number_too(value: Any) -> None:
    tiny: dict[str, Any] = {"n_components": 2, "encoder_sizes": (4,), "epochs": 1, "min_df": 1}
    model = tenor.NVDM(**tiny, max_df=1.0, device="cpu", length_weighting=value, dropout=0)
    assert model.fit(TEXTS).transform(TEXTS).shape == (len(TEXTS), 2)
