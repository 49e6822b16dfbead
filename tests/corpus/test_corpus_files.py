"""A corpus on disk: the round trip, what it looks like, and every way it can be damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenor.corpus.corpus import Corpus
from tenor.corpus.folder import MANIFEST
from tenor.errors import ArtifactError, InputError, TenorError
from tenor.storage.atomic import sha256_file
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)
TEXTS = ["ant bee bee", "", "cat über", "the 12 !!", "ant cat cat cat"]


@pytest.fixture
def corpus() -> Corpus:
    return Corpus.from_texts(TEXTS, labels=["x", None, "y", "x", "y"], rule=ALL)


@pytest.fixture
def folder(corpus: Corpus, tmp_path: Path) -> Path:
    corpus.save(tmp_path / "prepared")
    return tmp_path / "prepared"


def assert_same(first: Corpus, second: Corpus) -> None:
    assert first.fingerprint() == second.fingerprint()
    assert first.vocabulary == second.vocabulary
    assert first.tokenizer == second.tokenizer
    assert (first.ids, first.texts, first.labels) == (second.ids, second.texts, second.labels)
    for name in ("offsets", "words", "counts"):
        np.testing.assert_array_equal(
            getattr(first.bag.joined(), name), getattr(second.bag.joined(), name)
        )


def test_round_trip(corpus: Corpus, folder: Path) -> None:
    assert_same(Corpus.open(folder), corpus)
    assert_same(Corpus.open(folder, verify=False), corpus)
    assert_same(Corpus.read(folder), corpus)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text("ab é\n\x00", max_size=9), min_size=1, max_size=9), st.booleans(), st.data()
)
def test_any_corpus_survives(tmp_path: Path, texts: list[str], keep: bool, data) -> None:
    labels = data.draw(
        st.lists(st.none() | st.text("xyz"), min_size=len(texts), max_size=len(texts))
    )
    corpus = Corpus.from_texts(texts, labels=labels, vocabulary=["ab", "ba", "éa"], keep_text=keep)
    part = corpus[data.draw(st.integers(0, len(texts) - 1)) :]
    part.save(tmp_path / "any", overwrite=True)
    assert_same(Corpus.open(tmp_path / "any"), part)


def test_many_shards(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenor.corpus.given._AT_ONCE", 2)
    monkeypatch.setattr("tenor.corpus.pieces.PIECE_DOCUMENTS", 2)
    monkeypatch.setattr("tenor.corpus.layout.BATCH_VALUES", 2)
    parts = Corpus.from_texts(TEXTS, labels=corpus.labels, rule=ALL)
    parts.save(tmp_path / "parts")
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [
        "manifest.json",
        "shard-00000.arrow",
        "shard-00001.arrow",
        "shard-00002.arrow",
        "vocabulary.parquet",
    ]
    assert_same(Corpus.open(tmp_path / "parts"), corpus)


def test_the_format_is_the_one_that_is_promised(folder: Path) -> None:
    with pa.memory_map(str(folder / "shard-00000.arrow")) as file:
        reader = pa.ipc.open_file(file)
        assert reader.num_record_batches == 1
        assert {field.name: str(field.type) for field in reader.schema} == {
            "id": "string",
            "words": "list<item: int32>",
            "counts": "list<item: int32>",
            "label": "string",
            "text": "string",
        }
    manifest = json.loads((folder / MANIFEST).read_text())
    assert (manifest["format"], manifest["version"]) == ("tenor-corpus", 1)
    assert manifest["shards"][0]["sha256"] == sha256_file(folder / "shard-00000.arrow")
    assert manifest["fingerprint"] == Corpus.open(folder).fingerprint()


def test_opened_counts_lie_in_the_mapped_file(folder: Path) -> None:
    before = pa.total_allocated_bytes()
    corpus = Corpus.open(folder, verify=False)
    address = corpus.table.column("words").chunk(0).values.buffers()[1].address
    assert corpus.bag.words.ctypes.data == address
    assert pa.total_allocated_bytes() == before
    assert not corpus.bag.words.flags.writeable


def test_saving_over_itself(folder: Path, corpus: Corpus) -> None:
    opened = Corpus.open(folder)
    with pytest.raises(ArtifactError, match="is not empty"):
        opened.save(folder)
    opened[1:4].save(folder, overwrite=True)
    assert_same(Corpus.open(folder), corpus[1:4])
    assert_same(opened, corpus)


def test_what_cannot_be_saved(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="without documents"):
        corpus[[]].save(tmp_path / "x")
    with pytest.raises(ArtifactError, match='the id "1" is there twice, in rows 0 and 1'):
        corpus[[1, 1]].save(tmp_path / "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError):
        corpus.save(tmp_path / "file" / "x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are POSIX only")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    code = f"""
import resource
from tenor.corpus.corpus import Corpus
from tenor.errors import ArtifactError
corpus = Corpus.from_texts(["some words here"] * 9999, vocabulary=["some", "words"])
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    corpus.save({str(tmp_path / "x")!r})
except ArtifactError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"cannot write {tmp_path / 'x'}: ")
    assert done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_function_is_saved_by_name(tmp_path: Path) -> None:
    function = Tokenizer(function=str.split)
    Corpus.from_texts(TEXTS, tokenizer=function, rule=ALL).save(tmp_path / "x")
    corpus = Corpus.open(tmp_path / "x")
    assert corpus.tokenizer is not None
    assert corpus.tokenizer.missing_function == "builtins:str.split"
    with pytest.raises(InputError, match="pass it again"):
        corpus.encode_like(["ant"])
    assert corpus.encode_like(["ant"], function).bag.lengths.tolist() == [1, 0, 0, 0, 1]
    assert Corpus.read(tmp_path / "x", tokenizer=function).tokenizer == function


def test_reading_a_prepared_corpus_with_settings(folder: Path, tmp_path: Path) -> None:
    assert Corpus.read(folder, vocabulary=["cat", "ant"]).bag.word_frequency.tolist() == [4, 2]
    assert Corpus.read(folder, keep_text=False).texts is None
    with pytest.raises(InputError, match="prepared with other tokenizer settings"):
        Corpus.read(folder, tokenizer=Tokenizer(pattern="a-z"))
    letters = tmp_path / "letters"
    Corpus.from_texts(TEXTS, tokenizer=Tokenizer(pattern="a-z"), rule=ALL).save(letters)
    with pytest.raises(InputError, match="prepared with other tokenizer settings; leave them out"):
        Corpus.read(letters, tokenizer=Tokenizer())  # the default, but asked for
    assert Corpus.read(letters).tokenizer == Tokenizer(pattern="a-z")
    assert Corpus.read(letters, vocabulary=["cat", "ant"]).tokenizer == Tokenizer(pattern="a-z")
    with pytest.raises(InputError, match="has its vocabulary"):
        Corpus.read(folder, rule=ALL)
    with pytest.raises(InputError, match="leave text_column out"):
        Corpus.read(folder, text_column="text")


# Damage


def damaged(folder: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        Corpus.open(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edit(folder: Path, **changes) -> None:
    """Change the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest.update(changes)
    manifest.pop("seal", None)  # as one of before, which nothing vouches for
    (folder / MANIFEST).write_text(json.dumps(manifest))


def rewrite(folder: Path, table: pa.Table) -> None:
    """Write another first shard and have the manifest agree with it."""
    path = folder / "shard-00000.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        for batch in table.to_batches():
            out.write_batch(batch)
    shard = {"file": path.name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}
    edit(folder, shards=[shard], documents=len(table))


def test_foreign_folders(folder: Path, tmp_path: Path) -> None:
    assert "is not a folder" in damaged(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    assert "it has no manifest.json" in damaged(tmp_path / "empty")
    (folder / MANIFEST).write_text('{"format": "web-app"}')
    assert "manifest.json is something else's" in damaged(folder)
    (folder / "note.txt").write_text("a folder of texts with somebody else's manifest")
    assert len(Corpus.read(folder, rule=ALL, documents="files")) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "[" * 99999])
def test_manifest_that_is_no_manifest(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    damaged(folder)
    with pytest.raises(TenorError):
        Corpus.read(folder)


@pytest.mark.parametrize(
    "key", ["vocabulary", "shards", "documents", "words", "tokenizer", "source"]
)
def test_manifest_without_a_key(folder: Path, key: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest[key]
    del manifest["seal"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert f"manifest.json is damaged: no '{key}'" in damaged(folder)


def test_manifest_with_odd_values(folder: Path) -> None:
    for change, message in [
        ({"version": 2}, "format version 2; this tenor reads version 1"),
        ({"documents": 4}, "5 documents, not 4"),
        ({"words": 3}, "damaged"),
        ({"tokenizer": {"colour": 1}}, "not the settings of a tokenizer"),
        ({"shards": []}, "do not belong together"),
        ({"shards": 3}, "damaged"),
        (
            {"shards": [{"file": "../secret", "bytes": 1, "sha256": ""}]},
            "names the file '../secret'",
        ),
    ]:
        before = (folder / MANIFEST).read_text()
        edit(folder, **change)
        assert message in damaged(folder)
        (folder / MANIFEST).write_text(before)


@pytest.mark.parametrize("name", ["shard-00000.arrow", "vocabulary.parquet"])
def test_files_that_are_damaged(folder: Path, name: str, tmp_path: Path) -> None:
    path, whole = folder / name, (folder / name).read_bytes()
    path.write_bytes(whole[:-1])
    assert f"{name} is not what was written" in damaged(folder)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    path.write_bytes(flipped)
    assert f"{name} is not what was written" in damaged(folder)
    path.unlink()
    assert f"{name} is missing" in damaged(folder)


LISTS = pa.list_(pa.int32())


def table_of(words, counts, ids=None, **more) -> pa.Table:
    columns = {
        "id": pa.array(ids or [str(i) for i in range(len(words))]),
        "words": words if isinstance(words, pa.Array) else pa.array(words, LISTS),
        "counts": counts if isinstance(counts, pa.Array) else pa.array(counts, LISTS),
    }
    return pa.table({**columns, **more})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (table_of([[0, 1], [2]], [[1], [1, 1]]), "do not have the same offsets"),
        (table_of([[0, 1], [2]], [[1, 0], [1]]), "a count is less than 1"),
        (table_of([[0, 1], [2]], [[1, -3], [1]]), "a count is less than 1"),
        (table_of([[1, 0], [2]], [[1, 1], [1]]), "not ascending"),
        (table_of([[0], [], [1, 1]], [[1], [], [1, 1]]), "not ascending"),
        (table_of([[0, 9], [2]], [[1, 1], [1]]), "a word id is not below 6"),
        (table_of([[-1, 0], [2]], [[1, 1], [1]]), "a word id is not below 6"),
        (table_of([[0, None]], [[1, 1]]), 'column "words" has nulls'),
        (table_of([[0], None], [[1], None]), 'column "words" has nulls'),
        (table_of([[0], [1]], [[1], [1]], ids=["a", "a"]), 'the id "a" is there twice'),
        (table_of([[0], [1]], [[1], [1]], ids=["a", None]), 'column "id" has nulls'),
        (table_of(pa.array([[0]], pa.list_(pa.int64())), [[1]]), "list<item: int64>, not list"),
        (table_of([[0]], [[1]], text=pa.array([3])), 'column "text" is int64, not string'),
        (table_of([[0]], [[1]]).drop_columns(["counts"]), 'no column "counts"'),
        (table_of([[0]], [[1]]).slice(0, 0), "damaged"),
        (pa.concat_tables([table_of([[0]], [[1]])] * 2), "2 record batches, not 1"),
    ],
)
def test_shards_that_are_not_counts(folder: Path, table: pa.Table, message: str) -> None:
    rewrite(folder, table)
    assert message in damaged(folder)


def test_sound_counts_pass_the_same_check(folder: Path) -> None:
    rewrite(folder, table_of([[0, 5], [], [5]], [[1, 2], [], [3]], note=pa.array(["a", "b", "c"])))
    corpus = Corpus.open(folder)
    assert corpus.bag.lengths.tolist() == [3, 0, 3]
    assert corpus[1:].table.column("note").to_pylist() == ["b", "c"]
    corpus.save(folder.parent / "again")
    assert "note" in Corpus.open(folder.parent / "again").table.column_names


def test_order_is_checked_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    from tenor.corpus import layout

    monkeypatch.setattr(layout, "_BLOCK", 2)
    where = Path("shard")
    good = table_of([[0, 1, 4, 5], [], [2, 3], [0]], [[1] * 4, [], [1] * 2, [1]])
    layout.check_batch(good.to_batches()[0], 6, where)
    layout.check_batch(good.slice(1).to_batches()[0], 6, where)
    for row in ([0, 1, 1, 5], [0, 2, 1, 3], [3, 1, 4, 5], [0, 1, 5, 4]):
        bad = table_of([row, [], [2, 3]], [[1] * 4, [], [1] * 2])
        with pytest.raises(ArtifactError, match="not ascending"):
            layout.check_batch(bad.to_batches()[0], 6, where)


def test_a_shard_of_noise(folder: Path) -> None:
    path = folder / "shard-00000.arrow"
    for noise in (b"", b"ARROW1", bytes(5000), path.read_bytes()[:-20]):
        path.write_bytes(noise)
        shard = {"file": path.name, "bytes": len(noise), "sha256": sha256_file(path)}
        edit(folder, shards=[shard])
        assert "shard-00000.arrow" in damaged(folder)


def test_copies_are_as_good(folder: Path, tmp_path: Path, corpus: Corpus) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert_same(Corpus.open(tmp_path / "copy"), corpus)
