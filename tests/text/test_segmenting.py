"""Words of scripts without blanks, by ICU: real sentences against how people cut them."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys

import pyarrow as pa
import pytest

import tenor
from tenor.cli import main
from tenor.corpus.counting import count, is_native
from tenor.corpus.preparing import Listener, prepare
from tenor.corpus.source import Source
from tenor.errors import InputError, TenorWarning
from tenor.text import segmenting
from tenor.text.segmenting import icu_version
from tenor.text.tokenizer import Tokenizer

# Of the Universal Declaration of Human Rights and of textbooks; cut by hand, "|" between words.
SENTENCES = {
    "Chinese": [
        "我|来到|北京|清华大学",
        "他们|赋有|理性|和|良心",
        "我们|今天|去|图书馆|看书",
        "中国|的|首都|是|北京",
        "她|在|医院|工作",
    ],
    "Japanese": [
        "東京|に|住ん|で|いる|学生|は|日本語|を|勉強|し|て|い|ます",
        "人間|は|理性|と|良心|と|を|授け|られ|て|おり",
        "私|は|毎日|新聞|を|読み|ます",
        "図書館|で|本|を|借り|まし|た",
    ],
    "Thai": [
        "ภาษา|ไทย|เป็น|ภาษา|ที่|มี|ระดับ|เสียง|ของ|คำ|แน่นอน",
        "มนุษย์|ทั้งหลาย|เกิด|มา|มี|อิสระ|และ|เสมอภาค|กัน|ใน|เกียรติศักดิ์|และ|สิทธิ",
        "ฉัน|ชอบ|กิน|ข้าว|กับ|ปลา",
        "โรงเรียน|ของ|เรา|อยู่|ใน|กรุงเทพ",
    ],
    "Khmer": [
        "ខ្ញុំ|ចង់|រៀន|ភាសាខ្មែរ|នៅ|សាលា",
        "មនុស្ស|ទាំងអស់|កើតមក|មាន|សេរីភាព|និង|សមភាព",
        "ផ្នែក|សេចក្ដីថ្លៃថ្នូរ|និង|សិទ្ធិ",
    ],
}
ALL = Tokenizer("icu", min_token_length=1)
TEXTS = ["".join(own).replace("|", "") for own in SENTENCES.values() for own in own]


def places(words: list[str]) -> set[int]:
    """Where a word ends, but for the last."""
    ends, place = set(), 0
    for word in words[:-1]:
        place += len(word)
        ends.add(place)
    return ends


@pytest.mark.parametrize("script", SENTENCES)
def test_words_are_those_of_people(script: str) -> None:
    """F1 of where words end; the sentences hold no sign that is no word."""
    found = right = both = 0
    for sentence in SENTENCES[script]:
        meant = sentence.split("|")
        words = ALL.tokens("".join(meant))
        assert "".join(words) == "".join(meant)
        ours, theirs = places(words), places(meant)
        found, right, both = found + len(ours), right + len(theirs), both + len(ours & theirs)
    assert 2 * both / (found + right) > 0.8
    assert all(len(Tokenizer().tokens("".join(s.split("|")))) == 1 for s in SENTENCES[script])


def test_the_sentence_of_the_thai_web_platform_test() -> None:
    assert ALL.tokens("aภาษาไทยภาษาไทยb") == ["a", "ภาษา", "ไทย", "ภาษา", "ไทย", "b"]


def test_letters_of_others_are_parted() -> None:
    assert ALL.tokens("iPhoneรุ่นใหม่ 5คน don'tไทย'b") == [
        *("iphone", "รุ่น", "ใหม่", "5", "คน", "don't", "ไทย", "b")
    ]


def test_other_scripts_stay_as_they_were() -> None:
    text = "Don't l'été snake_case e-mail 3.14 1,000 한국어 हिन्दी می\u200cخواهم Привет བོད་ཡིག"
    assert Tokenizer("icu").tokens(text) == Tokenizer().tokens(text)
    assert Tokenizer("icu").tokens("iPhone15を買う。新しいApple製品") == [
        *("iphone15", "買う", "新しい", "apple", "製品")
    ]


def test_an_ideograph_is_two_characters_of_a_token() -> None:
    """Many Chinese words are one; single kana, which are particles, are left out as letters are."""
    text = "我来到北京。水は飲む ABC x"
    assert Tokenizer("icu").tokens(text) == ["我", "来到", "北京", "水", "飲む", "abc"]
    longer = Tokenizer("icu", min_token_length=3, max_token_length=3)
    assert longer.tokens(text) == ["飲む", "abc"]
    for tokenizer in (Tokenizer("icu"), longer):
        assert count([text], tokenizer).words.to_pylist() == sorted(set(tokenizer.tokens(text)))


def test_counting_is_column_wise_and_keeps_the_rows() -> None:
    texts = ["", *TEXTS, "plain English", "", " \u200b ", *TEXTS[::-1]]
    tokenizer = Tokenizer("icu")
    assert is_native(tokenizer)
    counted = count(pa.array(texts), tokenizer)
    assert len(counted) == len(texts)
    for row, text in enumerate(texts):
        own = slice(int(counted.bag.offsets[row]), int(counted.bag.offsets[row + 1]))
        words = [counted.words[int(word)].as_py() for word in counted.bag.words[own]]
        tokens = tokenizer.tokens(text)
        assert dict(zip(words, counted.bag.counts[own].tolist(), strict=True)) == {
            word: tokens.count(word) for word in tokens
        }


def test_the_version_is_saved_and_another_is_told_once(monkeypatch) -> None:
    saved = json.loads(json.dumps(Tokenizer("icu").to_json()))
    assert saved["icu"] == icu_version() and Tokenizer.from_json(saved) == Tokenizer("icu")
    assert "icu" not in Tokenizer().to_json()
    other = Tokenizer.from_json({**saved, "icu": "12.1"})
    assert other.to_json()["icu"] == "12.1"
    segmenting.segmenter.cache_clear()
    said = rf"were cut by ICU 12\.1, and this is ICU {icu_version()}"
    with pytest.warns(TenorWarning, match=said) as told:
        assert other.tokens(TEXTS[0]) == other.tokens(TEXTS[0]) == Tokenizer("icu").tokens(TEXTS[0])
    assert len(told) == 1
    assert Tokenizer("icu").of_the_versions_of(other) == other


@pytest.fixture
def without_icu(monkeypatch):
    """As where the extra is not installed."""
    real = builtins.__import__

    def absent(name: str, *others, **more):
        if name.split(".", maxsplit=1)[0] == "icu4py":
            raise ImportError(name)
        return real(name, *others, **more)

    segmenting.segmenter.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    yield
    segmenting.segmenter.cache_clear()


def fitted() -> tenor.NVDM:
    settings = {"encoder_sizes": (8,), "epochs": 1, "min_df": 1, "max_df": 1.0, "n_topics": 2}
    return tenor.NVDM(2, tokenizer="icu", **settings, device="cpu").fit(TEXTS * 2)


def test_a_model_opens_without_icu_and_says_what_reading_needs(tmp_path, request) -> None:
    model = fitted()
    model.save(tmp_path / "model")
    assert "北京" in model.vocabulary_
    request.getfixturevalue("without_icu")
    again = tenor.load(tmp_path / "model", device="cpu")
    assert again.most_similar("北京", 2) == model.most_similar("北京", 2)
    assert again.trained_.id_of("清华大学") >= 0
    again.save(tmp_path / "copy")
    assert main(["info", str(tmp_path / "copy")]) == main(["topics", str(tmp_path / "copy")]) == 0
    needs = r'^tokenizer="icu" needs ICU: pip install "tenor\[icu\]"$'
    for ask in (lambda: again.transform(["北京"]), lambda: Tokenizer("icu"), fitted):
        with pytest.raises(InputError, match=needs):
            ask()


def test_by_the_command(tmp_path, capsys, request) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS * 2), encoding="utf-8")
    corpus = str(tmp_path / "corpus")
    flags = ["--tokenizer", "icu", "--min-df", "1", "--max-df", "1.0"]
    assert main(["prepare", str(texts), "-o", corpus, *flags]) == 0
    opened = tenor.Corpus.open(corpus)
    assert len(opened) == 2 * len(TEXTS) and {"北京", "ภาษา", "日本語"} <= set(opened.words)
    request.getfixturevalue("without_icu")
    capsys.readouterr()
    assert main(["prepare", str(texts), "-o", corpus, "--overwrite", *flags]) == 1
    said = capsys.readouterr().err
    assert said == 'tenor: --tokenizer icu needs ICU: pip install "tenor[icu]"\n'


def test_threads_and_processes_find_the_same(tmp_path, monkeypatch) -> None:
    """Small pieces on all cores, and another process."""
    from tenor.corpus import pieces

    monkeypatch.setattr(pieces, "PIECE_BYTES", 200)
    monkeypatch.setattr(pieces, "cores", lambda: 4)
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS * 5), encoding="utf-8")
    rule = tenor.VocabularyRule(1, 1.0)
    prepare(Source(str(texts)), tmp_path / "c", False, True, Listener(), Tokenizer("icu"), rule)
    found = tenor.Corpus.open(tmp_path / "c")
    one = "from tenor import Corpus, Tokenizer, VocabularyRule as R; import sys; print(Corpus.read"
    one += "(sys.argv[1], tokenizer=Tokenizer('icu'), rule=R(1, 1.0)).fingerprint())"
    call = [sys.executable, "-c", one, str(texts)]
    told = subprocess.run(call, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == found.fingerprint()
