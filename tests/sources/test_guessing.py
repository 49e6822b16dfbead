"""The column of the text, found by name and content, or named; several joined."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.corpus.source import Source
from tenor.errors import InputError, SourceError
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.sources.guessing import guess_text, is_usual
from tenor.text.vocabulary import VocabularyRule

N = 40
LONG = [
    f"The parcel of order {n} came late, but what was in it is as good as ever." for n in range(N)
]
SHORT = [f"A fine thing {n}" for n in range(N)]
OTHER = {
    "id": [f"B00{n}X" for n in range(N)],
    "url": [f"https://example.org/a-page/of-some-shop/with-a-long-name/{n}.html" for n in range(N)],
    "date": [f"{n % 28 + 1} March 2020, 10:00" for n in range(N)],
    "category": ["Household goods and whatever else is needed there"] * N,
    "stars": [str(n % 5) for n in range(N)],
}


@pytest.mark.parametrize(
    "name",
    [
        *("text", "Text", "review", "reviews", "review_text", "reviewText", "Review Text", "tweet"),
        *("comment", "sentence", "content", "message", "abstract", "full_text", "post", "articles"),
        *("kommentar", "отзыв", "column 7"),
    ],
)
def test_the_text_is_found(name: str) -> None:
    assert guess_text(OTHER | {name: LONG, "title": SHORT}).column == name
    assert guess_text({name: LONG} | OTHER | {"title": SHORT}).others == ("title",)


@pytest.mark.parametrize("empty", [[None] * N, [""] * N, [" "] * N, ["n/a"] * N])
def test_an_empty_column_called_text_is_not_it(empty: list) -> None:
    assert guess_text({"text": empty, "review": SHORT}).column == "review"
    assert guess_text({"text": empty, "was meint er": LONG}).column == "was meint er"


@pytest.mark.parametrize("kind", OTHER)
def test_what_is_no_text(kind: str) -> None:
    assert guess_text({"text": OTHER[kind], "body of it": LONG}).column == "body of it"


def test_title_and_abstract() -> None:
    assert guess_text({"title": SHORT, "abstract": LONG}) == ("abstract", ("title",))
    assert guess_text({"title": SHORT, "id": OTHER["id"]}).column == "title"


def test_scripts_without_blanks() -> None:
    assert (
        guess_text({"name": ["张伟"] * N, "内容": [f"我昨天买了{n}个苹果" for n in range(N)]})[0]
        == "内容"
    )


def test_two_that_are_equally_good_are_refused() -> None:
    assert guess_text({"question": LONG, "answer": LONG[::-1]}) == (None, ("question", "answer"))
    named = guess_text({"positive_review": LONG, "negative_review": LONG[::-1]})
    assert named.column is None
    assert guess_text({}).column is None


def test_names_alone_where_rows_say_nothing() -> None:
    assert guess_text({"title": [], "body": [], "abstract": []}).column == "body"
    assert guess_text({"a": ["1"], "b": ["2"]}).column is None
    assert guess_text({"a": ["1"]}).column == "a"
    assert is_usual("Comments") and not is_usual("text_id")


def table(folder: Path, suffix: str, columns: dict[str, list]) -> Path:
    path = folder / f"x{suffix}"
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    elif suffix in (".csv", ".tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="," if suffix == ".csv" else "\t")
            writer.writerows([list(columns), *([row[c] for c in columns] for row in rows)])
    else:
        lines = [json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) if suffix == ".jsonl" else f"[{','.join(lines)}]")
    return path


FORMATS = [".csv", ".tsv", ".jsonl", ".json", ".parquet"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path, suffix, {**OTHER, "text": [None] * N, "title": SHORT, "review": LONG})
    reading = stream(path)
    batches = list(reading.batches)
    facts = reading.facts()
    assert facts is not None and facts.taken is not None
    assert [text for b in batches for text in b.columns["text"].to_pylist()] == LONG
    assert (facts.taken.text, facts.guessed, facts.others) == ("review", True, ("title",))
    chosen = stream(path, Columns("title"))
    assert next(chosen.batches).columns["text"][:9].to_pylist() == SHORT[:9]
    both = {"positive": LONG, "negative": LONG[::-1]}
    with pytest.raises(SourceError, match="it has: positive, negative; text is in: positive, neg"):
        list(stream(table(tmp_path, suffix, both)).batches)


@pytest.mark.parametrize("suffix", FORMATS)
def test_several_are_joined(tmp_path: Path, suffix: str) -> None:
    columns = {"title": ["A", None, "C", None], "abstract": ["a b", "b", None, None], "l": [1] * 4}
    path = table(tmp_path, suffix, columns)
    for asked in ("title,abstract", ("title", "abstract"), "title, abstract"):
        reading = stream(path, Columns(asked))
        texts = [text for b in reading.batches for text in b.columns["text"].to_pylist()]
        assert texts == ["A\n\na b", "b", "C", ""]
        facts = reading.facts()
        assert facts is not None and facts.taken is not None
        assert (facts.taken.texts, facts.n_missing) == (("title", "abstract"), 1)
    with pytest.raises(SourceError, match=r'no column "abstrct" for the text \(did you mean "abs'):
        list(stream(path, Columns("title,abstrct")).batches)
    with pytest.raises(InputError, match='column "title" is asked for twice'):
        list(stream(path, Columns("title,title")).batches)


def test_a_name_with_a_comma_goes_first(tmp_path: Path) -> None:
    path = table(tmp_path, ".csv", {"a,b": ["both"], "a": ["1"], "b": ["2"]})
    assert next(stream(path, Columns("a,b")).batches).columns["text"].to_pylist() == ["both"]


def test_the_first_file_settles_it_for_all(tmp_path: Path) -> None:
    table(tmp_path, ".csv", {"review": LONG, "text": [""] * N}).rename(tmp_path / "a.csv")
    table(tmp_path, ".csv", {"review": SHORT, "text": LONG}).rename(tmp_path / "b.csv")
    texts = [t for b in stream(tmp_path).batches for t in b.columns["text"].to_pylist()]
    assert texts == LONG + SHORT
    table(tmp_path, ".jsonl", {"body": LONG})
    said = r'x\.jsonl has no column "review" for the text, as .*a\.csv has; it has: body'
    with pytest.raises(SourceError, match=said):
        list(stream(tmp_path).batches)


def test_a_source_remembers_several(tmp_path: Path) -> None:
    path = table(tmp_path, ".csv", {"title": ["Ants"], "abstract": ["and bees"]})
    corpus = Corpus.read(path, text_column=["title", "abstract"], rule=VocabularyRule(1, 1.0))
    assert corpus.texts == ["Ants\n\nand bees"]
    source = Source(str(path), text_column=["title", "abstract"], quote="none")  # type: ignore[arg-type]
    written = json.loads(json.dumps(source.to_json()))
    assert Source.from_json(written) == source
    assert "delimiter" not in written
    for wrong in ([], [""], 3):
        with pytest.raises(InputError, match="text_column"):
            Source(str(path), text_column=wrong)  # type: ignore[arg-type]
