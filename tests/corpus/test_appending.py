"""A prepared corpus with more documents is the corpus of all of them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor import Corpus, Tokenizer, VocabularyRule
from tenor.cli import main
from tenor.corpus.appending import append
from tenor.corpus.preparing import Listener
from tenor.corpus.source import Source
from tenor.errors import InputError, TenorError

RULE = VocabularyRule(min_df=2, max_df=1.0)
FLAGS = ["--min-df", "2", "--max-df", "1.0"]
FIRST = ["new york city", "the city new", "york york", "nothing", ""]
MORE = ["city snow", "snow and york", "and nothing"]


def lines(path: Path, texts: list[str]) -> str:
    path.write_text("\n".join(texts) + "\n")
    return str(path)


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    """Of FIRST."""
    made = str(tmp_path / "corpus")
    assert main(["prepare", lines(tmp_path / "first.txt", FIRST), "-o", made, *FLAGS]) == 0
    return made


def test_the_words_stay(corpus: str, tmp_path: Path, capsys) -> None:
    before = Corpus.open(corpus)
    more = lines(tmp_path / "more.txt", MORE)
    capsys.readouterr()
    assert main(["prepare", more, "--append", corpus]) == 0
    said = capsys.readouterr().err
    assert "read 1 text file, a document a line: 3 documents" in said
    assert "words: those of the corpus" in said
    after = Corpus.open(corpus)
    expected = Corpus.from_texts([*FIRST, *MORE], vocabulary=before.vocabulary)
    assert after.words == before.words
    assert (after.counts != expected.counts).nnz == 0 and after.texts == expected.texts
    assert after.ids == [*before.ids, "more.txt:0", "more.txt:1", "more.txt:2"]
    assert after.coverage == expected.coverage
    assert after.placement is not None and expected.placement is not None
    assert (after.late_share == expected.late_share).all() or len(after) < 20
    assert after.origin.read.sources == (str(tmp_path / "first.txt"), more)
    # a second time: the documents are there
    capsys.readouterr()
    assert main(["prepare", more, "--append", corpus]) == 1
    said = capsys.readouterr().err
    assert '"more.txt:0" is there twice' in said
    assert "those from row 8 on are new" in said and "with --id-column" in said
    assert Corpus.open(corpus).fingerprint() == after.fingerprint()


def test_the_words_grow(corpus: str, tmp_path: Path, capsys) -> None:
    before = Corpus.open(corpus)
    capsys.readouterr()
    more = lines(tmp_path / "more.txt", MORE)
    assert main(["prepare", more, "--append", corpus, "--grow", "--json", *FLAGS]) == 0
    out = capsys.readouterr()
    facts = json.loads(out.out)
    assert facts["n_new_words"] == 3 and "words: 3 more" in out.err
    # by hand: city snow, snow and york, and nothing
    assert "a document a line: 3 documents, 7 tokens\n" in out.err
    assert facts["appended"]["coverage"]["n_tokens"] == 7
    after = Corpus.open(corpus)
    together = Corpus.from_texts([*FIRST, *MORE], rule=RULE)
    assert after.words == (*before.words, "and", "nothing", "snow")
    assert set(after.words) == set(together.words)
    expected = Corpus.from_texts([*FIRST, *MORE], vocabulary=after.vocabulary)
    assert (after.counts != expected.counts).nnz == 0
    assert after.ids[len(FIRST) :] == ["more.txt:0", "more.txt:1", "more.txt:2"]
    assert after.coverage == expected.coverage


def test_words_that_cannot_grow_stay(corpus: str, tmp_path: Path, capsys) -> None:
    before = Corpus.open(corpus)
    more = lines(tmp_path / "more.txt", MORE)
    assert main(["prepare", more, "--append", corpus, "--grow", "--min-df", "100"]) == 0
    assert "words: 0 more" in capsys.readouterr().err
    after = Corpus.open(corpus)
    assert after.words == before.words and len(after) == len(FIRST) + len(MORE)


def test_several_sources_of_which_one_is_standard_input(
    corpus: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    more, given = lines(tmp_path / "more.txt", MORE), "city new\nyork\n"
    for grow in ([], ["--grow", *FLAGS]):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        command = ["prepare", "-", more, "--append", corpus, "--documents", "lines", *grow]
        assert main(command) == bool(grow)  # the second time they are there
        read = "read standard input and 1 text file, a document a line: 5 documents"
        assert grow or read in capsys.readouterr().err
    after = Corpus.open(corpus)
    assert after.ids[len(FIRST) :] == ["-:0", "-:1", *(f"more.txt:{row}" for row in range(3))]
    assert after.texts[len(FIRST) :] == ["city new", "york", *MORE]


def test_a_folder_or_pattern_gives_its_files_names(corpus: str, tmp_path: Path, capsys) -> None:
    place = tmp_path / "more"
    place.mkdir()
    lines(place / "more.txt", MORE)
    for name in (str(place), str(place / "*.txt")):
        again = shutil.copytree(corpus, tmp_path / "again", dirs_exist_ok=True)
        assert main(["prepare", name, "--append", str(again), "--documents", "lines"]) == 0
        ids = Corpus.open(again).ids
        assert ids[len(FIRST) :] == ["more.txt:0", "more.txt:1", "more.txt:2"]


def test_passages_are_called_by_their_documents(tmp_path: Path, monkeypatch, capsys) -> None:
    """Of a file and of standard input, the words kept or grown."""
    made, split = str(tmp_path / "made"), ["--split", "3-words"]
    every = ["--min-df", "1", "--max-df", "1.0"]
    first = lines(tmp_path / "first.txt", ["a b c d e f", "a b c"])
    assert main(["prepare", first, "-o", made, *split, *every, "--min-token-length", "1"]) == 0
    for grow in ([], ["--grow", *every]):
        more = lines(tmp_path / f"more{len(grow)}.txt", ["c b a f e d"])
        assert main(["prepare", more, "--append", made, *split, *grow]) == 0
        given = io.TextIOWrapper(io.BytesIO(b"d e f a b c"))
        monkeypatch.setattr("sys.stdin", given)
        capsys.readouterr()
        assert main(["prepare", "-", "--append", made, *split, *grow]) == 0
        assert ": 1 document split into 2 passages, 6 tokens" in capsys.readouterr().err
    corpus = Corpus.open(made)
    assert list(corpus.column("document").to_pylist()) == [
        *("0", "0", "1", "more0.txt:0", "more0.txt:0", "5", "5"),
        *("more5.txt:0", "more5.txt:0", "9", "9"),
    ]
    assert corpus.ids[3:7] == ["more0.txt:0#1", "more0.txt:0#2", "5#1", "5#2"]
    assert ": 6 documents split into 11 passages, 33 tokens" in str(corpus.origin)
    capsys.readouterr()
    assert main(["prepare", first, "--append", made]) == 1
    assert "kept of some of the documents; ask with --split" in capsys.readouterr().err


def test_standard_input_is_called_so(corpus: str, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"city new\n")))
    assert main(["prepare", "-", "--append", corpus]) == 0
    assert "first.txt, standard input\n" in capsys.readouterr().out
    assert Corpus.open(corpus).ids[-1] == "5"


def test_columns_go_together(tmp_path: Path, capsys) -> None:
    """Labels may be new; other columns are the same on both sides, of types that fit."""
    for name, year in (("first", pa.int64()), ("more", pa.int32())):
        table = pa.table(
            {
                "text": ["a cat", "a dog"],
                "year": pa.array([1, None], year),
                "id": [f"{name}-0", f"{name}-1"],
                "kind": ["x", None],
            }
        )
        pq.write_table(table, tmp_path / f"{name}.parquet")
    target, named = str(tmp_path / "c"), ["--id-column", "id", "--keep", "year"]
    first, more = str(tmp_path / "first.parquet"), str(tmp_path / "more.parquet")
    assert main(["prepare", first, "-o", target, *named, "--min-df", "1", "--max-df", "1.0"]) == 0
    assert main(["prepare", more, "--append", target, "--id-column", "id"]) == 1
    assert 'the column "year" is kept of some of the documents' in capsys.readouterr().err
    assert len(Corpus.open(target)) == 2
    assert main(["prepare", more, "--append", target, *named, "--label-column", "kind"]) == 0
    after = Corpus.open(target)
    assert after.column("year").to_pylist() == [1, None, 1, None]
    assert after.column("year").type == pa.int64()
    assert after.labels == [None, None, "x", None]
    assert after.ids == ["first-0", "first-1", "more-0", "more-1"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--append", "CORPUS", "-o", "x"], "--append for one that is there; name one"),
        ([], "name a new folder with -o, or a corpus with --append"),
        (["-o", "x", "--grow"], "--grow is for --append"),
        (["--append", "CORPUS", "--no-texts"], "leaves the corpus as it is"),
        (["--append", "CORPUS", "--min-df", "3"], "leave --min-df out"),
        (["--append", "CORPUS", "--grow", "--digits", "drop"], "leave --digits out"),
        (["--append", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_wrong_usage_is_one_line(corpus: str, tmp_path: Path, capsys, flags, said) -> None:
    before = Corpus.open(corpus).fingerprint()
    given = [flag.replace("CORPUS", corpus) for flag in flags]
    capsys.readouterr()
    assert main(["prepare", lines(tmp_path / "more.txt", MORE), *given]) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert Corpus.open(corpus).fingerprint() == before
    assert not Path("nowhere").exists()


def test_what_cannot_be_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = Source(lines(tmp_path / "more.txt", MORE))
    Corpus.from_counts([[1, 2]]).save(tmp_path / "counts")
    with pytest.raises(InputError, match="ready counts"):
        append(more, tmp_path / "counts", Listener())
    bare = Corpus.from_texts(FIRST, rule=RULE, keep_text=False)
    bare.save(tmp_path / "bare")
    with pytest.raises(InputError, match="keeps no texts"):
        append(more, tmp_path / "bare", Listener(), RULE)
    append(more, tmp_path / "bare", Listener())
    whole = Corpus.open(tmp_path / "bare")
    assert len(whole) == 8 and whole.texts is None

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tenor.corpus.folder.write_manifest", stop)
    with pytest.raises(KeyboardInterrupt):
        append(Source(lines(tmp_path / "again.txt", MORE)), tmp_path / "bare", Listener())
    assert Corpus.open(tmp_path / "bare").fingerprint() == whole.fingerprint()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "again.txt", "bare", "counts", "more.txt",
    ]  # fmt: skip


def test_phrases_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phrases of the corpus are found in what is added; a pipe's rows number on."""
    first = Corpus.from_texts(["new york city"] * 3, tokenizer=Tokenizer(phrases=5), rule=RULE)
    assert "new york" in first.words
    first.save(tmp_path / "c")
    import io
    from types import SimpleNamespace

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"new york\nyork\n")))
    try:
        append(Source("-"), tmp_path / "c", Listener())
    except TenorError as error:  # pragma: no cover
        pytest.fail(str(error))
    after = Corpus.open(tmp_path / "c")
    assert after.ids[3:] == ["3", "4"]
    assert after.bag[3:4].counts.sum() == 1


@pytest.mark.parametrize("grow", [[], ["--grow", *FLAGS]])
def test_kept_columns_are_of_one_type(tmp_path: Path, capsys, grow: list[str]) -> None:
    """With more words and without: the type of the corpus, or one line."""
    made = str(tmp_path / "made")
    first = tmp_path / "first.jsonl"
    first.write_text('{"text": "york city", "n": 1}\n{"text": "york city", "n": null}\n')
    assert main(["prepare", str(first), "-o", made, "--keep", "n", *FLAGS]) == 0
    more = tmp_path / "more.jsonl"
    for values, said in (
        ('"n": 2.0', None),
        ('"n": null', None),
        ('"n": 2.5', 'the column "n" holds double, that of the corpus int64'),
        ('"n": "red"', 'the column "n" holds string, that of the corpus int64'),
    ):
        more.write_text(f'{{"text": "city", "k": "{values[5:8]}", {values}}}\n'.replace('""', '"'))
        flags = ["--keep", "n", "--id-column", "k", *grow]
        capsys.readouterr()
        assert main(["prepare", str(more), "--append", made, *flags]) == (said is not None)
        assert said is None or said in capsys.readouterr().err
    assert Corpus.open(made).column("n").to_pylist() == [1, None, 2, None]
    for keep in ([], ["--keep", "n,k"]):
        capsys.readouterr()
        assert main(["prepare", str(more), "--append", made, *keep, *grow]) == 1
        assert "is kept of some of the documents; ask with --keep" in capsys.readouterr().err
