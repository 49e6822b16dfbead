"""Every read ends with one line, and a record: what was read, and how much of it is known."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor as package

PLENTY = ["--min-df", "1", "--max-df", "1.0"]


def folder_of_tables(folder: Path) -> Path:
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        rows = [f"a fine film number{row},{1990 + row}" for row in range(120)]
        (folder / name).write_text("\n".join(["text,year", *rows]) + "\n")
    (folder / "picture.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 texts of 16 tokens, 2 of them words of the model; 12 of the texts have none at all."""
    path = tmp_path_factory.mktemp("strange") / "strange.csv"
    rows = []
    for row in range(30):
        known = ["qqa", "qqb"] if row % 5 < 2 else ["orbit", "rocket"]
        words = [*known, *(f"zz{row}x{place}" for place in range(14))]
        rows.append(f"{' '.join(words)},{'odd' if row % 3 else ''}")
    path.write_text("\n".join(["text,kind", *rows]) + "\n")
    return path


LINE = (
    "92.5 % of the tokens are not in the model's vocabulary (0.0 % in its training documents); "
    "12 of 30 documents have no known word. What the model says of them rests on little: see that "
    "language, text column and tokenizer are those of its training documents, or fit a model on "
    "such documents"
)
COVERAGE = {
    "n_documents": 30,
    "n_empty": 12,
    "n_tokens": 480,
    "n_known_tokens": 36,
    "unknown_share": 0.925,
}


def read_lines(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("read ")]


def test_prepare_says_what_it_read_once(tenor: Any, tmp_path: Path) -> None:
    source, target = folder_of_tables(tmp_path / "in"), tmp_path / "corpus"
    flags = ["--text-column", "text", "--keep", "year", *PLENTY]
    said = tenor("prepare", source, "-o", target, *flags)
    line = (
        "2 CSV files, a document a row: 240 documents, 720 tokens; "
        f'text from "text", kept: year; skipped: {source / "picture.png"} (not a table)'
    )
    assert read_lines(said.err) == [f"read {line}"]
    assert line in tenor("info", target).out
    record = tenor("info", target, "--json").json["read"]
    assert record["summary"] == line
    assert (record["formats"], record["unit"], record["n_files"]) == (["CSV"], "row", 2)
    assert (record["columns"], record["text_guessed"]) == (["text", "year"], False)
    assert record["taken"] == {"text": "text", "keep": ["year"]}
    assert record["skipped"] == [{"file": str(source / "picture.png"), "why": "not a table"}]
    assert json.loads((target / "manifest.json").read_text())["read"] == record
    again = tenor("prepare", source, "-o", target, *flags, "--overwrite", "-q", "--json")
    assert again.json["read"] == record
    assert again.err == f"skipped: {source / 'picture.png'} (not a table)\n"


def test_a_note_stands_on_a_line_of_its_own(tenor: Any, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("\n".join(["id,text", *(f"{n},ant bee" for n in range(9))]))
    tenor("prepare", tmp_path / "x.txt", "-o", tmp_path / "corpus", "--max-df", "1.0")
    shown = tenor("info", tmp_path / "corpus").out
    assert "look like CSV" in shown and "\\n" not in shown


def test_a_fit_keeps_what_it_read(tenor: Any, tmp_path: Path, tiny: list[str]) -> None:
    source, target = folder_of_tables(tmp_path / "in"), tmp_path / "m"
    said = tenor("fit", source, "-o", target, "--text-column", "text", *PLENTY, *tiny[:-1])
    assert len(read_lines(said.err)) == 1
    record = tenor("info", target, "--json").json["read"]
    assert read_lines(said.err) == [f"read {record['summary']}"]
    assert record["coverage"]["n_documents"] == 240
    for name, place in (("fit.json", ()), ("config.json", ("provenance",))):
        found = json.loads((target / name).read_text())
        for key in place:
            found = found[key]
        assert found["read"] == record
    assert f"- read: {record['summary']}\n" in (target / "README.md").read_text()
    assert record["summary"] in tenor("info", target).out
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    shutil.copy(target / "fit.json", unfinished)
    assert record["summary"] in tenor("info", unfinished).out
    resumed = tenor("fit", "--resume", unfinished, "--json")
    assert read_lines(resumed.err) == read_lines(said.err)
    assert resumed.json["read"] == record


def test_a_fit_of_a_prepared_corpus_knows_what_that_was_made_from(
    tenor: Any, tmp_path: Path, documents: Path, columns: list[str], tiny: list[str]
) -> None:
    corpus, model = tmp_path / "corpus", tmp_path / "m"
    assert tenor("prepare", documents, "-o", corpus, *columns, "--min-df", "2").status == 0
    said = tenor("fit", corpus, "-o", model, *tiny[:6])
    assert read_lines(said.err) == [
        f"read the prepared corpus {corpus}, made from 1 JSON lines file, a document a row: "
        "80 documents, 1,040 tokens"
    ]
    made_from = tenor("info", model, "--json").json["read"]["made_from"]
    assert made_from["taken"] == {"text": "body", "id": "name", "label": "kind"}


def test_texts_that_the_words_do_not_know(
    tenor: Any, tmp_path: Path, model: Path, strange: Path, tiny: list[str]
) -> None:
    """The 30 texts that looked as good as any."""
    for verb in (
        ["evaluate", model, strange],
        ["transform", model, strange, "-o", tmp_path / "v.parquet"],
        ["topics", model, strange],
        ["fit", strange, "--continue-from", model, "-o", tmp_path / "m", "--epochs", "1"],
    ):
        said = tenor(*verb)
        assert (said.status, said.err.count(LINE)) == (0, 1), said.err
        assert read_lines(said.err) == [
            "read 1 CSV file, a document a row: 30 documents (12 without a known word), 480 "
            'tokens, 36 of them in the vocabulary; text from "text" (guessed)'
        ]
        quiet = tenor(*verb, "-q", "--json", *(["--overwrite"] * ("-o" in verb)))
        assert quiet.err.splitlines()[0] == LINE and not read_lines(quiet.err)
        assert quiet.json["read"]["coverage"] == COVERAGE
        assert verb[0] == "fit" or quiet.json["coverage"] == COVERAGE
    assert "36 tokens of 480" in tenor("evaluate", model, strange).out


def test_the_words_of_a_query(tenor: Any, model: Path) -> None:
    text = "orbit rocket " + " ".join(f"zz{place}" for place in range(14))
    said = tenor("docs", model, "--text", text)
    assert said.err.startswith("87.5 % of the tokens are not in the model's vocabulary (0.0 %")
    assert "fit a model on such documents" in said.err
    known = tenor("docs", model, "--text", text, "--json").json["coverage"]
    assert (known["n_tokens"], known["n_known_tokens"]) == (16, 2)
    assert "coverage" not in tenor("docs", model, "--row", "0", "--json").json


def test_documents_that_it_knows_are_no_cause_of_alarm(
    tenor: Any, model: Path, documents: Path, columns: list[str]
) -> None:
    said = tenor("evaluate", model, documents, *columns)
    line = f"{LINE.partition(';')[0]}".replace("92.5", "0.0")
    assert line in said.err.splitlines()
    assert tenor("evaluate", model, documents, *columns, "-q").err == ""


def test_nothing_is_said_of_ready_counts(tenor: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    counts = package.Corpus.from_counts(rng.poisson(1.0, (40, 12)))
    counts.save(tmp_path / "counts")
    settings = {"n_components": 2, "encoder_sizes": (4,), "epochs": 1, "n_topics": 2}
    package.NVDM(**settings).fit(counts).save(tmp_path / "m")
    said = tenor("evaluate", tmp_path / "m", tmp_path / "counts", "--json")
    assert said.status == 0 and "vocabulary" not in said.err
    assert said.json["coverage"]["unknown_share"] is None
    assert said.json["read"]["made_from"]["formats"] == ["counts passed from Python"]


def test_python_warns_of_many_unknown_words_only(model: Path, strange: Path) -> None:
    loaded = package.load(model)
    texts = [line.partition(",")[0] for line in strange.read_text().splitlines()[1:]]
    assert loaded.coverage(texts).to_json() == COVERAGE
    for ask in (loaded.transform, loaded.posterior, loaded.perplexity):
        with pytest.warns(UserWarning, match="92.5 % of the tokens are not in the model's"):
            ask(texts)
    assert loaded.evaluate(texts).coverage.to_json() == COVERAGE
    loaded.transform(["a query of unknown words"])
    loaded.transform(["orbit rocket moon launch"] * 20)


def test_a_missing_label_joins_no_measure(tenor: Any, model: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    themes = {"space": "orbit rocket moon launch", "sport": "goal team match player"}
    rows = []
    for row in range(60):
        theme = list(themes)[row % 2]
        words = " ".join(rng.choice(themes[theme].split(), 8))
        rows.append(f"{words},{'' if row % 3 == 0 else theme}")
    every, labelled = tmp_path / "every.csv", tmp_path / "labelled.csv"
    every.write_text("\n".join(["text,kind", *rows]) + "\n")
    labelled.write_text("\n".join(["text,kind", *(r for r in rows if r[-1] != ",")]) + "\n")
    asked = ["--label-column", "kind", "--json", "-q"]
    found, expected = (tenor("evaluate", model, path, *asked).json for path in (every, labelled))
    for measure in ("retrieval", "clustering"):
        for space in expected[measure]:
            of_all, of_labelled = found[measure][space], expected[measure][space]
            assert of_all.pop("n_unlabelled") == 20 and of_labelled.pop("n_unlabelled") == 0
            assert of_all == of_labelled or space == "smoothed"
    assert set(found["clustering"]) == set(expected["clustering"]) and found["clustering"]


def test_the_folder_of_the_issue(tenor: Any, tmp_path: Path) -> None:
    """train.csv, test.csv and columns.txt were "1 document"; 240 rows were ignored."""
    folder, target = tmp_path / "in", tmp_path / "corpus"
    folder.mkdir()
    for part, name in enumerate(("train.csv", "test.csv")):
        fine = "it is a fine film and well made"
        texts = ["" if part and row < 3 else fine for row in range(120)]
        rows = [f"{text},{1990 + row}" for row, text in enumerate(texts)]
        (folder / name).write_text("\n".join(["review,year", *rows]) + "\n")
    (folder / "columns.txt").write_text("review: what was written")
    read = ["prepare", folder, "-o", target, "--keep", "year", *PLENTY]
    refused = tenor(*read)
    assert refused.status == 1 and "columns.txt" in refused.err and "train.csv" in refused.err
    said = tenor(*read, "--format", "csv")
    (line,) = read_lines(said.err)
    assert line.startswith(
        "read 2 CSV files, a document a row: 240 documents (3 without a text), 1,659 tokens; "
        'text from "review" (guessed), kept: year; skipped: '
    )
    assert f"{folder / 'columns.txt'} (" in line
    record = tenor("info", target, "--json").json["read"]
    assert (record["n_missing"], record["coverage"]["n_empty"], record["n_skipped"]) == (3, 3, 1)
    packed = tmp_path / "two.csv.gz"
    packed.write_bytes(gzip.compress((folder / "test.csv").read_bytes()))
    said = tenor("prepare", folder / "train.csv", packed, "-o", target, *read[4:], "--overwrite")
    assert read_lines(said.err)[0].startswith("read 2 CSV files, a document a row: 240 documents")
    record = tenor("info", target, "--json").json["read"]
    assert record["sources"] == [str(folder / "train.csv"), str(packed)]


def test_notes_are_told_where_nothing_else_is(shell: Any, tmp_path: Path) -> None:
    text = b"text,year\n" + b"a fine film,1990\n" * 30
    asked = ["prepare", "-", "-o", tmp_path / "corpus", *PLENTY]
    for flags in ([], ["-q", "--overwrite"]):
        said = shell(*asked, *flags, stdin=text)
        assert said.status == 0 and said.err.count("the lines of standard input look like CSV") == 1
    said = shell(*asked, "--overwrite", "--format", "csv", stdin=text)
    assert "read standard input as CSV, a document a row: 30 documents, 60 tokens" in said.err


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode there")
def test_names_that_are_no_text(tenor: Any, tmp_path: Path, tiny: list[str]) -> None:
    """Bytes that are no UTF-8, and control characters that a terminal would obey."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text('text,"ye\nar"\n' + "a fine film,1990\n" * 30)
    Path(os.fsdecode(os.fsencode(folder) + b"/x\xff\x1b[31m.png")).write_bytes(b"")
    corpus, model = tmp_path / "corpus", tmp_path / "m"
    assert "is no C,C" in tenor("prepare", folder, "-o", corpus, "--keep", "ye\nar").err
    said = tenor("prepare", folder, "-o", corpus, "--keep", "ye ar", *PLENTY)
    (line,) = read_lines(said.err)
    assert "kept: ye ar; skipped: " in line and "in/x\\udcff\\x1b[31m.png (" in line
    record = json.loads((corpus / "manifest.json").read_text("utf-8"))["read"]
    assert record["skipped"][0]["file"] == f"{folder}/x\udcff\x1b[31m.png"
    assert line == f"read {record['summary']}"
    said = tenor("fit", folder, "-o", model, *PLENTY, *tiny)
    skipped = f"skipped: {line.partition('skipped: ')[2]}"
    assert (said.status, said.err.splitlines()[0]) == (0, skipped)
    assert "x\\udcff\\x1b[31m.png" in (model / "README.md").read_text("utf-8")
    assert tenor("info", model).status == 0
