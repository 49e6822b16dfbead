"""Flags that are misspelt, flags of columns, and messages in the words of who asks."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import tenor as library
from tenor.cli.app import VERBS, parser_of
from tenor.cli.parameters import flag_of
from tenor.cli.spelling import SYNONYMS
from tenor.errors import Advice, TenorError
from tenor.parameters import OFF
from tenor.settings import PARAMETERS

SOURCE = Path(library.__file__).parent


@pytest.mark.parametrize(
    ("verb", "said", "meant"),
    [
        ("fit", "--n-components", "--components"),
        ("fit", "--n_components", "--components"),
        ("fit", "--n-topics", "--topics"),
        ("fit", "--num-topics", "--topics"),
        ("fit", "--num_topics=20", "--topics"),
        ("fit", "--topics-number", "--topics"),
        ("fit", "--number-of-topics", "--topics"),
        ("fit", "--lr", "--learning-rate"),
        ("fit", "--random-state", "--seed"),
        ("fit", "--output-dir", "-o"),
        ("fit", "-output", "--output"),
        ("fit", "-overwrite", "--overwrite"),
        ("fit", "--force", "--overwrite"),
        ("fit", "--max-features", "--max-words"),
        ("fit", "--min-count", "--min-df"),
        ("fit", "--gpu", "--device"),
        ("fit", "--text-col", "--text-column"),
        ("fit", "--epoch", "--epochs"),
        ("fit", "--sep", "--delimiter"),
        ("fit", "--ngrams", "--phrases"),
        ("prepare", "--input-format", "--format"),
        ("fit", "--batchsize", "--batch-size"),
        ("fit", "--Topics", "--topics"),
        ("prepare", "--stopwords", "--stop-words"),
        ("topics", "--num-topics", "--topics"),
        ("topics", "--nr-topics", "--topics"),
        ("topics", "--top-n", "-n"),
        ("transform", "--output-path", "-o"),
        ("map", "--output-file", "-o"),
        ("map", "--random-state", "--seed"),
        ("evaluate", "--n-samples", "--samples"),
        ("fit", "--samples", "--n-samples"),
        ("words", "--topn", "-n"),
    ],
)
def test_a_misspelt_flag(tenor, verb, said, meant):
    for arguments in ([said], [said, "20"], ["a", "-o", "b", said, "20"]):
        shown = tenor(verb, *arguments)
        assert (shown.status, shown.out) == (2, "") and shown.err.count("\n") == 1
        name = said.partition("=")[0]
        if "-o" not in arguments or "-o" in parser_of(verb)._option_string_actions:
            assert f"there is no option {name}, did you mean {meant}?" in shown.err


def test_every_parameter_of_python_leads_to_its_flag(tenor):
    options = parser_of("fit")._option_string_actions
    for parameter in PARAMETERS:
        said = "--" + parameter.name.replace("_", "-")
        if said not in options and parameter.name != "verbose":
            shown = tenor("fit", said).err
            way = "unless you say" if parameter.kind is OFF else "did you mean"
            assert f"{way} {parameter.option}" in shown, shown


def test_synonyms_are_of_flags_that_there_are():
    every = {flag for verb in VERBS for flag in parser_of(verb)._option_string_actions}
    assert {flag for flags in SYNONYMS.values() for flag in flags} <= every


def test_what_is_no_flag_is_left_alone(tenor):
    assert "there is no option" not in tenor("words", "no-model", "-n5", "moon").err
    assert "there is no option" not in tenor("docs", "no-model", "--text", "- an item").err
    assert "there is no option" not in tenor("words", "no-model", "--", "--moon").err
    assert "there is no option --qqqq; see" in tenor("words", "no-model", "--qqqq").err


@pytest.mark.parametrize("named", [["--keep", "year,stars"], ["--keep", "year", "--keep", "stars"]])
def test_kept_columns_swallow_no_source(tenor, tmp_path, named):
    source = tmp_path / "d.csv"
    source.write_text('year,stars,text,"a, b"\n1,2,red green,3\n4,5,green blue,6\n')
    shown = tenor("prepare", *named, source, "-o", tmp_path / "c", "--min-df", "1", "-q", "--json")
    assert shown.status == 0, shown.err
    assert shown.json["columns"] == ["year", "stars"]
    target = tmp_path / "c2"
    command = ["prepare", "--keep", '"a, b",year', source, "-o", target, "--min-df", "1", "--json"]
    assert tenor(*command).json["columns"] == ["a, b", "year"]
    assert "is no C,C" in tenor("prepare", "--keep", "a,,b", source, "-o", tmp_path / "c3").err


def test_advice_is_in_the_words_of_who_asks(tenor, tmp_path, documents, columns, tiny, model):
    error = TenorError("wrong; ", Advice("use python", "use a flag"))
    assert str(error) == "wrong; use python" and error.said(flag_of) == "wrong; use a flag"
    bare = tmp_path / "bare"
    assert tenor("fit", documents, "-o", bare, *columns, *tiny, "--no-documents").status == 0
    for asked in (["docs", bare, "--text", "moon"], ["map", bare, "-o", tmp_path / "m.svg"]):
        said = tenor(*asked).err
        assert "--no-documents" in said and "keep_documents" not in said
    said = tenor("fit", "--resume", model).err
    assert f"tenor info {model}" in said and "tenor.load" not in said
    (tmp_path / "d.csv").write_text("a,b\nred,green\nblue,grey\n")
    said = tenor("fit", tmp_path / "d.csv", "-o", tmp_path / "m").err
    assert "--text-column" in said and "text_column" not in said
    with pytest.raises(TenorError) as wrong:
        library.Corpus.read(tmp_path / "d.csv")
    assert "text_column" in str(wrong.value) and "--" not in str(wrong.value)
    said = tenor("prepare", documents, "--subset", "test", "-o", tmp_path / "c").err
    assert "--subset is for data sets" in said


def messages(path: Path):
    """The text of every error and note that a file of the library makes, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name.endswith(("Error", ".note", "on_note", "tell")):
            for part in node.args:
                if isinstance(part, ast.Call):
                    continue  # a ParameterName or an Advice
                for text in part.values if isinstance(part, ast.JoinedStr) else [part]:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield text.lineno, text.value


def test_messages_of_the_library_write_no_flag_and_no_name_by_hand():
    names = [p.name for p in PARAMETERS if "_" in p.name] + ["text_column", "keep_text"]
    named = re.compile(rf"\b({'|'.join(names)})\b|leave (?!it |them )[a-z_]+ out")
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "cli" in path.relative_to(SOURCE).parts:
            continue
        for line, text in messages(path):
            plain = re.sub(r"tenor fit --resume", "", text)
            if re.search(r"(?<!\w)--[a-z]", plain) or named.search(plain):
                found.append(f"{path.name}:{line}: {text}")
    assert not found, json.dumps(found, indent=1)
