"""The tokenizer: what is a token, what is saved of it, and what is refused."""

from __future__ import annotations

import functools
import pickle
import re
import sys

import pytest

from tenor.errors import InputError, SourceError, TenorError
from tenor.text.stop_words import ENGLISH
from tenor.text.tokenizer import Tokenizer


def blanks(text: str) -> list[str]:
    return text.split(" ")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't panic, it's 42!", ["don't", "panic", "it's", "42"]),
        ("don\u2019t", ["don't"]),
        ("'quoted' rock 'n' roll'", ["quoted", "rock", "roll"]),
        ("snake_case ein-wort", ["snake", "case", "ein", "wort"]),
        ("Straße ÉTÉ l'été", ["straße", "été", "l'été"]),
        ("cafe\u0301", ["café"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("infor\u00admation", ["information"]),
        ("Привет_мир", ["привет", "мир"]),
        ("I❤️NY 👍🏽", ["ny"]),
        ("한국어 단어", ["한국어", "단어"]),
        ("a\tbc\nd\x00ef", ["bc", "ef"]),
        ("", []),
    ],
)
def test_unicode_words(text: str, tokens: list[str]) -> None:
    assert Tokenizer().tokens(text) == tokens


def test_ascii_and_other_text_are_cut_alike() -> None:
    text = "The don't _under_ 'x' 12's e-mail a.b.c"
    assert Tokenizer().tokens(text) == Tokenizer().tokens(text + " \u2028")


def test_a_to_z_is_the_plain_pattern() -> None:
    text = "Don't use naïve C3PO; Kelvin: \u212a"
    tokens = Tokenizer(pattern="a-z", min_token_length=1).tokens(text)
    assert tokens == re.findall("[a-z]+", text.lower())
    assert Tokenizer(pattern="a-z", lowercase=False).tokens("Hello World") == ["Hello", "World"]


def test_settings() -> None:
    assert Tokenizer(strip_accents=True).tokens("Café ﬁn 한국") == ["cafe", "fin", "한국"]
    assert Tokenizer(lowercase=False).tokens("Ab") == ["Ab"]
    assert Tokenizer(min_token_length=3, max_token_length=4).tokens("a ab abc abcd abcde") == [
        "abc",
        "abcd",
    ]
    assert Tokenizer(digits="drop").tokens("in 1999 b2b 10'000 ٣٤") == ["in", "b2b"]


def test_english_stop_words_in_either_pattern() -> None:
    text = "The fire of the system doesn't stop: it's don\u2019t"
    assert Tokenizer(stop_words="english").tokens(text) == ["fire", "system", "stop"]
    assert Tokenizer(pattern="a-z", stop_words="english").tokens(text) == ["fire", "system", "stop"]


def test_the_english_list_is_the_one_saved_models_mean() -> None:
    import hashlib

    digest = hashlib.sha256(" ".join(sorted(ENGLISH)).encode()).hexdigest()
    assert (len(ENGLISH), digest[:16]) == (302, "852adc82ba993a71"), (
        "a changed list needs a new name"
    )


def test_stop_words_given(tmp_path) -> None:
    file = tmp_path / "stop.txt"
    file.write_text("# mine\n\nÉté\nFOO\n", encoding="utf-8")
    assert Tokenizer(stop_words=str(file)).stop_words == ("Été", "FOO")
    assert Tokenizer(stop_words=file).tokens("été foo bar") == ["bar"]
    assert Tokenizer(stop_words=("bar",)).tokens("foo bar") == ["foo"]
    assert Tokenizer(stop_words={"b", "a"}).stop_words == ("a", "b")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pattern": "[a-z]"}, 'pattern must be "unicode", "icu" or "a-z"'),
        ({"digits": True}, 'digits must be "keep" or "drop"'),
        ({"min_token_length": 0}, "min_token_length must be a whole number of at least 1"),
        ({"min_token_length": 3, "max_token_length": 2}, "max_token_length .* at least 3"),
        ({"stop_words": "englsh"}, "'englsh' is neither \"english\" nor a file"),
        ({"stop_words": 3}, "stop_words must be"),
        ({"stop_words": ["a", 3]}, "must be words, but number 1 is 3"),
        ({"function": "split"}, "must be callable, not str"),
        ({"function": blanks, "digits": "drop"}, "leave digits alone"),
    ],
)
def test_bad_settings_give_one_line(settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Tokenizer(**settings)
    assert "\n" not in str(caught.value)


def test_undecodable_stop_word_file(tmp_path) -> None:
    file = tmp_path / "stop.txt"
    file.write_bytes(b"ok\nna\xefve\n")
    with pytest.raises(SourceError, match=r"stop.txt, line 2, is not UTF-8: byte 0xef at offset 5"):
        Tokenizer(stop_words=file)


def test_a_function_does_all_of_the_splitting() -> None:
    assert Tokenizer(function=blanks).tokens("A b  B") == ["A", "b", "B"]
    assert Tokenizer(function=blanks, stop_words=("b",)).tokens("A b  B") == ["A", "B"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda text: text, "must return a list of str, not str"),
        (lambda text: None, "must return a list of str, not NoneType"),
        (lambda text: iter([text]), "must return a list of str"),
        (lambda text: ["a", 1], "it holds an int"),
        (lambda text: 1 / 0, "failed: ZeroDivisionError"),
    ],
)
def test_a_function_that_misbehaves(function, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Tokenizer(function=function).tokens("x")
    assert "<lambda>" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "tokenizer",
    [
        Tokenizer(),
        Tokenizer("a-z", True, True, 1, 9, "drop", "english"),
        Tokenizer(stop_words=("b", "a")),
    ],
)
def test_json_round_trip(tokenizer: Tokenizer) -> None:
    import json

    assert Tokenizer.from_json(json.loads(json.dumps(tokenizer.to_json()))) == tokenizer
    assert pickle.loads(pickle.dumps(tokenizer)) == tokenizer


def test_a_saved_function_is_named_and_never_imported(tmp_path, monkeypatch) -> None:
    (tmp_path / "trap_tokens.py").write_text("raise SystemExit('imported!')")
    monkeypatch.syspath_prepend(tmp_path)
    settings = Tokenizer(function=blanks, stop_words=("x",)).to_json()
    assert settings["function"] == f"{__name__}:blanks"
    settings["function"] = "trap_tokens:cut"
    loaded = Tokenizer.from_json(settings)
    assert loaded.missing_function == "trap_tokens:cut"
    assert "trap_tokens" not in sys.modules
    with pytest.raises(InputError, match=r"function trap_tokens:cut, .* pass it again"):
        loaded.tokens("text")
    assert loaded.to_json() == settings
    assert loaded.with_function(blanks).tokens("a x") == ["a"]


def test_every_callable_has_a_name() -> None:
    def local(text: str) -> list[str]:
        return [text]

    class Cutter:
        def __call__(self, text: str) -> list[str]:
            return [text]

    for function, name in [
        (lambda text: [text], "<lambda>"),
        (local, "local"),
        (Cutter(), "Cutter"),
        (functools.partial(blanks), "functools:partial"),
        (str.split, "builtins:str.split"),
        ("x".split, "builtins:str.split"),
    ]:
        assert name in Tokenizer(function=function).to_json()["function"]


@pytest.mark.parametrize(
    "settings",
    [{"colour": 1}, [], {"stop_words": "/etc/passwd"}, {"pattern": "x"}],
)
def test_strange_saved_settings(settings) -> None:
    with pytest.raises(TenorError):
        Tokenizer.from_json(settings)


def test_only_text_is_tokenised() -> None:
    with pytest.raises(InputError, match="must be str, not bytes"):
        Tokenizer().tokens(b"x")  # type: ignore[arg-type]
