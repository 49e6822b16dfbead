"""One normalisation for texts and words: what is the same word is one, in every spelling of it."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.errors import InputError
from tenor.text.normalising import FIRST, NEWEST, folded
from tenor.text.tokenizer import Tokenizer

BARE = Tokenizer(strip_accents=True)


def nfd(text: str) -> str:
    return normalize("NFD", text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Tenor™ in 5 ㎒, № 12 of m²", ["tenortm", "in", "mhz", "no", "12", "of", "m2"]),
        ("Éclair ΆΛΦΑ ёлка Việt x\u030c", ["eclair", "αλφα", "елка", "viet"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ภาษาไทย น้ำ ທັງ", ["ภาษาไทย", "น้ำ", "ທັງ"]),
        ("آلة الأساسية مُحَمَّد", ["آلة", "الأساسية", "مُحَمَّد"]),
        ("שָׁלוֹם עולם", [normalize("NFC", "שָׁלוֹם"), "עולם"]),
        ("한국어 단어", ["한국어", "단어"]),
        ("ライブラリ が ば", ["ライブラリ"]),
        ("2½ ½ a¾", ["2½", "a¾"]),
        ("paraŀlel", ["paraŀlel"]),
    ],
)
def test_accents_are_those_of_europe(text: str, tokens: list[str]) -> None:
    assert BARE.tokens(text) == tokens
    assert BARE.tokens(nfd(text)) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("of\ufb01ce \ufb02ow e\ufb03cient \ufb06op", ["office", "flow", "efficient", "stop"]),
        ("ＡＢＣ１２ ｔｈｅ ｄｏｎ＇ｔ ａ＿ｂｃ", ["abc12", "the", "don't", "bc"]),
        ("ｶﾞｲﾄﾞ", ["ガイド"]),
        ("Wa\u017f\u017fer", ["wasser"]),
        ("𝐇ello 𝕎𝕠𝕣𝕝𝕕", ["hello", "world"]),
        ("\ufee3\ufeae\ufea3\ufe92\ufe8e", ["مرحبا"]),
        ("天⽓", ["天气"]),
        ("in\u00adfor\u2060ma\ufefftion", ["information"]),
        (
            "Auf\u200clage می\u200cخواهم क\u094d\u200dष",
            ["auflage", "می\u200cخواهم", "क\u094d\u200dष"],
        ),
        ("м\u02bcята м’ята м'ята", ["м'ята"] * 3),
        ("Windows™ m² ½ ℃", ["windows", "m²"]),  # no other shapes of letters
        ("น้ำ 한글", ["น้ำ", "한글"]),
    ],
)
def test_shapes_of_a_letter_are_the_letter(text: str, tokens: list[str]) -> None:
    assert Tokenizer().tokens(text) == tokens
    assert Tokenizer().tokens(nfd(text)) == tokens


def test_a_to_z_takes_the_same_normalisation() -> None:
    latin = Tokenizer(pattern="a-z", min_token_length=1)
    assert latin.tokens("of\ufb01ce in\u00adfo ＡＢ") == ["office", "info", "ab"]
    assert latin.tokens("cafe\u0301") == latin.tokens("café") == ["caf"]


SIGNS = [
    *"aAzéÉİſßΣσςйЙЁ1'’_ ™㎒№½ﬁＡ＇ｶﾞがกำनीुहन한ㄱשאِ",
    *"\u0301\u0308\u0323\u0345\u3099\u00ad\u200c\u200d",
]
TOKENIZERS = st.builds(
    Tokenizer,
    pattern=st.sampled_from(["unicode", "a-z"]),
    lowercase=st.booleans(),
    strip_accents=st.booleans(),
    min_token_length=st.just(1),
)
TEXTS = st.one_of(st.text(st.sampled_from(SIGNS), max_size=12), st.text(max_size=10))


@settings(max_examples=400, deadline=None)
@given(TEXTS, TOKENIZERS)
def test_normal_forms_are_one_text_and_a_token_is_itself(text: str, tokenizer: Tokenizer) -> None:
    tokens = tokenizer.tokens(text)
    assert tokenizer.tokens(nfd(text)) == tokenizer.tokens(normalize("NFC", text)) == tokens
    for token in tokens:
        assert tokenizer.tokens(token) == [token] == [tokenizer.word_of(token)]


def test_a_word_is_looked_up_as_it_stands_in_a_text() -> None:
    assert Tokenizer().word_of(nfd("Café")) == Tokenizer().word_of(" café!") == "café"
    assert BARE.word_of("Tenor™") == "tenortm"
    assert Tokenizer().word_of("the") == "the"
    assert Tokenizer().word_of("New York") is Tokenizer().word_of("…") is None
    assert Tokenizer(function=str.split).word_of("New York") == "New York"
    assert Tokenizer(phrases=9).word_of("New  YORK") == "new york"
    assert Tokenizer(phrases=9).word_of("New York City") is None


def test_stop_words_are_written_as_texts_are() -> None:
    stopped = Tokenizer(stop_words=(nfd("Été"), "of\ufb01ce", "don\u2019t", "New York"))
    assert stopped.tokens("été office don't new york") == ["new", "york"]
    assert Tokenizer(stop_words=("Été",), strip_accents=True).tokens("été ete") == []


def test_what_was_saved_without_a_rule_keeps_the_first() -> None:
    """As tenor 0.1.0 wrote it: its JSON, its tokens, its JSON again."""
    saved = {
        "pattern": "unicode",
        "lowercase": True,
        "strip_accents": True,
        "min_token_length": 1,
        "max_token_length": None,
        "digits": "keep",
        "stop_words": [nfd("été"), "É"],
        "function": None,
    }
    before = Tokenizer.from_json(saved)
    assert before.normalisation == FIRST and before.to_json() == saved
    text = "Tenor™ 2½ हिन्दी がば étude ﬁn e"
    assert before.tokens(text) == ["tenorTM", "21", "2", "हिनदी", "かは", "etude", "fin"]
    plain = Tokenizer.from_json({**saved, "strip_accents": False, "stop_words": None})
    assert plain.tokens("ofﬁce ＡＢＣ Waſſer Auf\u200clage") == [
        "ofﬁce",
        "ａｂｃ",
        "waſſer",
        "auf\u200clage",
    ]
    latin = Tokenizer.from_json({**saved, "pattern": "a-z", "strip_accents": False})
    assert latin.tokens("cafe\u0301 ofﬁce in\u00adfo") == ["cafe", "of", "ce", "in", "fo"]


def test_the_rule_is_saved_and_a_later_one_refused() -> None:
    saved = Tokenizer().to_json()
    assert saved["normalisation"] == NEWEST
    assert Tokenizer.from_json(saved) == Tokenizer()
    for later in (NEWEST + 1, 0, "2", None):
        with pytest.raises(InputError, match=f"rules 1 to {NEWEST}; use a newer tenor"):
            Tokenizer.from_json({**saved, "normalisation": later})


def test_no_sign_is_lost_or_becomes_the_end_of_a_line() -> None:
    for point in range(0x20000):
        sign = chr(point)
        if not 0xD800 <= point <= 0xDFFF and sign not in "\u00ad\ufeff\u2060\u200c\u200d\n":
            made = folded(sign)
            assert made and "\n" not in made, hex(point)
