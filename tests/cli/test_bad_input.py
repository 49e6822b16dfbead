"""Whatever is wrong: one line, the right status, nothing left behind."""

from __future__ import annotations

import errno
import shutil

import pytest

from tenor import load
from tenor.cli import app
from tenor.errors import ArtifactError


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


SOURCES = {
    "missing.csv": (None, [], "does not exist"),
    "columns.csv": ("a,b\n1,2\n", ["--text-column", "c"], 'no column "c"'),
    "unclear.csv": ("a,b\nx,y\n", [], "--text-column"),
    "bytes.txt": (b"good line\nbad \xff byte\n", [], "byte 0xff at offset 14"),
    "bytes.csv": (b"text\nbad \xff byte\n", [], "bytes.csv"),
    "broken.jsonl": ('{"text": "a"}\n{"text": \n', [], "line 2"),
    "empty.txt": ("", [], "no documents"),
    "empty.csv": ("", [], "empty"),
    "wordless.txt": ("...\n!!\n", [], "there are no words in 2 documents"),
    "rare.txt": ("one two\nthree four\n", [], "--min-df=5 removed all"),
    "common.txt": ("same\n" * 20, ["--max-df", "0.1"], "--max-df=0.1 removed all"),
    "strange.xyz": ("x", [], '".xyz"'),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_bad_source_leaves_nothing(tenor, tmp_path, name, json):
    content, flags, said = SOURCES[name]
    source = tmp_path / name if content is None else write(tmp_path / name, content)
    before = sorted(tmp_path.rglob("*"))
    shown = tenor("fit", source, "-o", tmp_path / "m", *flags, *json)
    assert (shown.status, shown.out) == (1, "")
    lines = [line for line in shown.err.splitlines() if "documents read" not in line]
    assert len(lines) == 1 and lines[0].startswith("tenor: ")
    assert said in lines[0]
    assert name in lines[0] or said.startswith("--") or "no words" in said
    assert sorted(tmp_path.rglob("*")) == before


def test_bad_bytes_can_be_replaced(tenor, tmp_path, tiny):
    source = write(tmp_path / "bytes.txt", b"good \xff line here\nanother good line\n" * 20)
    flags = ["--encoding-errors", "replace", "--max-df", "1.0", *tiny]
    assert tenor("fit", source, "-o", tmp_path / "m", *flags).status == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--components", "0"], "--components must be a whole number of at least 1"),
        (["--components", "-3"], "--components must be"),
        (["--epochs", "0"], "--epochs must be"),
        (["--learning-rate", "nan"], "--learning-rate must be"),
        (["--dropout", "1.5"], "--dropout must be"),
        (["--validation-fraction", "1"], "--validation-fraction"),
        (["--input-transform", "counts", "--activation", "relu"], "--input-transform='log1p'"),
        (["--encoder-sizes", "5,7"], "--encoder='plain'"),
        (["--stop-words", "nowhere.txt"], "nowhere.txt"),
        (["--vocabulary", "nowhere.txt"], "nowhere.txt"),
        (["--device", "quantum"], "quantum"),
        (["--subset", "train"], "--subset is for data sets"),
        (["--min-token-length", "0"], "--min-token-length must be"),
    ],
)
def test_a_bad_setting_leaves_nothing(tenor, tmp_path, documents, columns, flags, said):
    shown = tenor("fit", documents, "-o", tmp_path / "m", "-q", *columns, *flags)
    assert shown.status == 1
    assert said in shown.err and shown.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_stands_where_a_model_should(tenor, tmp_path):
    file, corpus = tmp_path / "file.txt", tmp_path / "corpus"
    file.write_text("one two\n" * 9)
    tenor("prepare", file, "-o", corpus, "--max-df", "1.0")
    assert f"{file} is a file; a model is a folder" in tenor("topics", file).err
    shown = tenor("topics", corpus)
    assert (shown.status, shown.err.count("\n")) == (1, 1)
    assert f"is a prepared corpus and no model; make a model of it with: tenor fit {corpus} -o" in (
        shown.err
    )
    with pytest.raises(ArtifactError, match=r"fit a model to it: tenor.NVDM\(\).fit\("):
        load(corpus)
    with pytest.raises(ArtifactError, match=r"is made there by model\.save"):
        load(tmp_path / "none")


@pytest.mark.parametrize(("verb", "meant"), [("train", "fit"), ("topic", "topics")])
def test_a_verb_that_there_is_not(tenor, verb, meant):
    shown = tenor(verb, "a.csv")
    assert (shown.status, shown.out) == (2, "")
    assert shown.err == f"tenor: there is no verb '{verb}'; did you mean {meant}?\n"


def test_a_folder_that_cannot_be_written(tenor, tmp_path, documents, columns, tiny):
    write(tmp_path / "file", "")
    shown = tenor("fit", documents, "-o", tmp_path / "file" / "m", *columns, *tiny)
    assert shown.status == 1 and "cannot write" in shown.err and shown.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_occupied_folder_needs_overwrite(tenor, tmp_path, documents, columns, tiny):
    folder = tmp_path / "m"
    folder.mkdir()
    write(folder / "precious", "mine")
    shown = tenor("fit", documents, "-o", folder, *columns, *tiny)
    assert shown.status == 1 and "not tenor's" in shown.err
    assert [path.name for path in folder.iterdir()] == ["precious"]
    shown = tenor("fit", documents, "-o", folder, *columns, *tiny, "--overwrite")
    assert shown.status == 1 and "not tenor's" in shown.err
    assert [path.name for path in folder.iterdir()] == ["precious"]


def test_overwrite_replaces_a_model(tenor, tmp_path, documents, columns, tiny):
    fit = ["fit", documents, "-o", tmp_path / "m", *columns, *tiny]
    assert tenor(*fit).status == 0
    assert "--overwrite" in tenor(*fit).err
    assert tenor(*fit, "--overwrite", "--components", "2").status == 0
    assert tenor("info", tmp_path / "m", "--json").json["n_components"] == 2


@pytest.mark.parametrize("verb", ["fit", "prepare"])
def test_the_documents_are_never_overwritten(tenor, tmp_path, verb):
    texts = tmp_path / "texts"
    texts.mkdir()
    write(texts / "a.txt", "one text")
    for target in (texts, tmp_path):
        shown = tenor(verb, texts, "-o", target, "--overwrite")
        assert shown.status == 1 and shown.err.count("\n") == 1
    assert (texts / "a.txt").exists()


def test_a_corpus_is_not_overwritten_by_its_own_model(tenor, tmp_path, documents, columns):
    corpus = tmp_path / "corpus"
    assert tenor("prepare", documents, "-o", corpus, *columns, "--min-df", "1").status == 0
    shown = tenor("fit", corpus, "-o", corpus, "--overwrite")
    assert shown.status == 1 and "holds the documents themselves" in shown.err
    assert tenor("info", corpus, "--json").json["what"] == "corpus"


def test_transform_does_not_replace_its_source(tenor, tmp_path, model):
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = tmp_path / "docs.parquet"
    pq.write_table(pa.table({"text": ["moon"]}), source)
    shown = tenor("transform", model, source, "-o", source)
    assert shown.status == 1 and "write somewhere else" in shown.err
    assert pq.read_table(source).column_names == ["text"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["words", "MODEL", "orbitt"], "near it: orbit"),
        (["words", "MODEL", "orbit", "-n", "0"], "-n must be a whole number of at least 1"),
        (["topics", "MODEL", "-n", "0"], "at least 1"),
        (["docs", "MODEL", "--id", "dok-5"], "near ones are"),
        (["docs", "MODEL", "--row", "80"], "rows 0 to 79"),
        (
            ["transform", "MODEL", "python-docs", "-o", "TMP/v.txt"],
            ".arrow, .csv or .npy",
        ),
        (["transform", "MODEL", "TMP/none.txt", "-o", "TMP/v.parquet"], "none.txt"),
        (["evaluate", "MODEL", "TMP/none.txt"], "none.txt"),
        (["map", "MODEL", "-o", "TMP/map.jpg"], ".png, .svg, .html or .htm"),
        (["map", "MODEL", "-o", "TMP/map.png", "--clusters", "81"], "clusters need"),
        (["map", "MODEL", "-o", "TMP/map.png", "--by", "label", "--clusters", "3"], "by cluster"),
        (["map", "MODEL", "-o", "TMP/map.png", "--by", "topic", "--clusters", "3"], "by cluster"),
        (["topics", "TMP/nowhere"], "there is no folder"),
        (["info", "TMP/nowhere"], "there is no folder"),
        (["info", "TMP"], "neither a tenor model nor"),
        (["topics", "TMP"], "no tenor model"),
        (["docs", "MODEL", "--text", "zxqv"], "no word of the text is in the vocabulary"),
        (["fit", "--resume", "TMP"], "no unfinished fit"),
        (["fit", "--resume", "MODEL"], "is finished"),
    ],
)
def test_a_bad_question_is_one_line(tenor, tmp_path, model, arguments, said):
    places = {"MODEL": str(model), "TMP": str(tmp_path)}
    for name, place in places.items():
        arguments = [argument.replace(name, place) for argument in arguments]
    shown = tenor(*arguments)
    assert (shown.status, shown.out) == (1, "")
    assert said in shown.err and shown.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("weights.safetensors", ["topics", "MODEL"]),
        ("weights.safetensors", ["words", "MODEL", "moon"]),
        ("weights.safetensors", ["docs", "MODEL", "--text", "moon"]),
        ("vocabulary.parquet", ["topics", "MODEL"]),
        ("documents.parquet", ["docs", "MODEL", "--row", "0"]),
        ("documents.parquet", ["topics", "MODEL", "--tree"]),
        ("topics.safetensors", ["topics", "MODEL"]),
        *(
            (name, ["info", "MODEL"])
            for name in (
                *("weights.safetensors", "vocabulary.parquet", "documents.parquet"),
                *("topics.safetensors", "topics.json", "history.jsonl", "README.md"),
                *("config.json", "fit.json"),
            )
        ),
    ],
    ids=str,
)
def test_a_damaged_model_says_which_file(tenor, tmp_path, model, name, asked):
    folder = shutil.copytree(model, tmp_path / "m")
    (path,) = folder.rglob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    shown = tenor(*(folder if argument == "MODEL" else argument for argument in asked))
    (line,) = shown.err.splitlines()
    assert shown.status == 1 and name in line


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": "other"}', '{"format": "tenor-model"}']
)
def test_a_foreign_config_is_one_line(tenor, tmp_path, model, content):
    folder = shutil.copytree(model, tmp_path / "m")
    write(folder / "config.json", content)
    shown = tenor("topics", folder)
    assert shown.status == 1 and str(folder) in shown.err and shown.err.count("\n") == 1


def raising(error):
    def work(_):
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "m/x"),
            1,
            "No space left on device (m/x)",
        ),
        (MemoryError(), 1, "out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 1, "out of memory"),
        (RuntimeError("Storage size calculation overflowed"), 1, "out of memory"),
        (KeyboardInterrupt(), 130, "stopped"),
        (RuntimeError("odd\nthing"), 1, "RuntimeError: odd thing"),
    ],
)
def test_the_unexpected_is_one_line_too(tenor, monkeypatch, error, status, said):
    monkeypatch.setattr(app, "_run", raising(error))
    monkeypatch.delenv("TENOR_TRACEBACK", raising=False)
    shown = tenor("topics")
    assert shown.status == status
    assert said in shown.err and shown.err.count("\n") == 1


def test_a_traceback_on_request(tenor, monkeypatch):
    monkeypatch.setattr(app, "_run", raising(RuntimeError("odd")))
    monkeypatch.setenv("TENOR_TRACEBACK", "1")
    assert "Traceback" in tenor("topics").err
