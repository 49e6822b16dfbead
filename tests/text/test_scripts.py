"""Texts whose words blanks do not tell apart are noticed, and what to do is said."""

from __future__ import annotations

import warnings

import pyarrow as pa
import pytest

import tenor
from tenor.cli import main
from tenor.errors import TenorWarning
from tenor.text import scripts
from tenor.text.scripts import unspaced_share
from tenor.text.tokenizer import Tokenizer

THAI = "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน"
JAPANESE = "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。"
CHINESE = "人人生而自由，在尊严和权利上一律平等。"
KHMER, LAO = "មនុស្សទាំងអស់កើតមកមានសេរីភាព", "ມະນຸດທຸກຄົນເກີດມາມີກຽດ"
BURMESE, TIBETAN = "လူတိုင်းသည်တူညီလွတ်လပ်သော", "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ"
ENGLISH = "All human beings are born free and equal in dignity and rights."


def shares(*texts: str | None) -> dict[str, float]:
    return unspaced_share(pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (THAI, "Thai"),
        (JAPANESE, "Japanese"),
        (CHINESE, "Chinese"),
        (KHMER, "Khmer"),
        (LAO, "Lao"),
        (BURMESE, "Burmese"),
        (TIBETAN, "Tibetan"),
    ],
)
def test_each_script_is_known(text: str, script: str) -> None:
    assert shares(*[text] * 9) == {script: 1.0}
    assert next(iter(shares(*[text] * 9, None, "", ENGLISH))) == script


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        [None],
        [ENGLISH],
        ["한국어를 공부합니다" * 20],
        ["हिन्दी भाषा" * 20],
        ["عربي" * 50],
        [*[ENGLISH] * 99, CHINESE * 9],
        [CHINESE],
    ],
)
def test_other_texts_are_not(texts: list[str | None]) -> None:
    assert shares(*texts) == {}


def test_all_of_a_column_is_sampled() -> None:
    texts = [ENGLISH] * 30_000 + [THAI] * 30_000
    found = shares(*texts)
    assert list(found) == ["Thai"] and 0.25 < found["Thai"] < 0.6


SAID = (
    r"^100% of the letters are of scripts that put no blanks between words \(Thai\); "
    r'their words are not found by blanks: take tokenizer="icu"$'
)


def test_a_warning_says_what_to_do() -> None:
    rule = tenor.VocabularyRule(1, 1.0)
    for tokenizer in (None, Tokenizer(min_token_length=1)):
        with pytest.warns(TenorWarning, match=SAID) as told:
            tenor.Corpus.from_texts([THAI] * 9, tokenizer=tokenizer, rule=rule)
        assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for tokenizer in (Tokenizer("icu"), Tokenizer(function=list)):
            tenor.Corpus.from_texts([THAI] * 9, tokenizer=tokenizer, rule=rule)
        corpus = tenor.Corpus.from_texts([THAI] * 9, vocabulary=tenor.Vocabulary([THAI]))
        assert len(corpus) == 9  # the words are settled


def test_where_icu_is_missing_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(scripts, "find_spec", lambda name: None)
    texts = pa.array([JAPANESE, THAI] * 5)
    with pytest.warns(TenorWarning, match=r'(Thai|Japanese)\).*pip install "tenor\[icu\]"$'):
        scripts.warn_of_unspaced(texts, Tokenizer())


def test_tibetan_has_no_dictionary() -> None:
    with pytest.warns(
        TenorWarning, match=r"\(Tibetan\).* in Python, pass a function as tokenizer$"
    ):
        scripts.warn_of_unspaced(pa.array([TIBETAN] * 9), Tokenizer())


def test_the_command_notes_it_once(tmp_path, capsys) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join([KHMER, LAO] * 4), encoding="utf-8")
    flags = [str(texts), "-o", str(tmp_path / "corpus"), "--min-df", "1", "--max-df", "1.0"]
    assert main(["prepare", *flags]) == 0
    said = capsys.readouterr().err
    assert said.count("of scripts that put no blanks between words (Khmer, Lao)") == 1
    assert "take --tokenizer icu\n" in said
