"""Topics on the disk: the same bits again, or one line that says what is wrong."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import ArtifactError
from tenor.model.topic_files import (
    ABOUT,
    ARRAYS,
    EDITS,
    FOLDER,
    read_edits,
    read_kept,
    read_topics,
    write_edits,
)
from tenor.storage.sealed import read_sealed
from tenor.topics.discovery import Discovery
from tenor.topics.topics import Topics


@pytest.fixture(scope="module")
def mine(model: Any) -> Any:
    """A copy of the model of docstrings with six topics, one of them renamed."""
    copy = pickle.loads(pickle.dumps(model))
    topics = copy.find_topics(6, seed_words={"dates": ["date"]})
    topics.rename(topics.ids[-1], "café ☕")
    return copy


@pytest.fixture(scope="module")
def saved(mine: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topic-files") / "m"
    mine.save(folder)
    return folder


@pytest.fixture
def own(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "own"))


def said(folder: Path, trained: Any) -> str:
    """What reading refuses them with, in one line."""
    with pytest.raises(ArtifactError) as error:
        read_kept(folder, trained)
    assert "\n" not in str(error.value)
    return str(error.value)


def same(one: Discovery, other: Discovery) -> bool:
    arrays = [(getattr(one.topics, f.name), getattr(other.topics, f.name)) for f in fields(Topics)]
    return (
        all(np.array_equal(a, b) for a, b in arrays)
        and np.array_equal(one.again, other.again)
        and one.figures == other.figures
        and (one.asked, one.n_documents, one.looked_at)
        == (other.asked, other.n_documents, other.looked_at)
        and (one.wishes, one.usual, one.before) == (other.wishes, other.usual, other.before)
    )


def test_every_array_figure_and_edit_comes_back(mine: Any, saved: Path) -> None:
    kept = read_kept(saved, mine.trained_)
    assert same(kept.found, mine.topics_.found)
    assert kept.edits.to_json() == mine.topics_.edits.to_json()
    assert {path.name for path in (saved / FOLDER).iterdir()} == {ABOUT, ARRAYS}
    assert not [path for path in saved.rglob("*") if "partial" in path.name]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << at % 7)]) + data[at + 1 :]


def zeroed(data: bytes, at: int) -> bytes:
    return data[:at] + b"\0" * len(data[at : at + 16]) + data[at + 16 :]


def cut(data: bytes, at: int) -> bytes:
    return data[:at]


def grown(data: bytes, at: int) -> bytes:
    return data[:at] + b"7" + data[at:]


@pytest.mark.parametrize("name", [ABOUT, ARRAYS])
@pytest.mark.parametrize("damage", [flipped, zeroed, cut, grown])
def test_damage_anywhere_is_noticed(mine: Any, own: Path, name: str, damage: Any) -> None:
    path = own / FOLDER / name
    data, whole = path.read_bytes(), read_topics(own, mine.trained_)
    rng = np.random.default_rng(0)
    places = {0, 1, 9, len(data) - 1, *rng.integers(0, len(data), 40).tolist()}
    tried = refused = 0
    for place in sorted(places):
        changed = damage(data, place)
        if changed == data:
            continue
        tried += 1
        path.write_bytes(changed)
        try:
            found = read_topics(own, mine.trained_)
        except ArtifactError as error:
            refused += 1
            assert str(own / FOLDER) in str(error) and "\n" not in str(error)
            assert "remove it, and topics are found anew" in str(error)
        else:  # a blank between two values of JSON
            assert found is not None and same(found, whole)
    assert tried > 20 and refused > 0.8 * tried
    assert refused == tried or name == ABOUT


def test_a_figure_changed_by_hand_is_noticed(mine: Any, own: Path) -> None:
    path = own / FOLDER / ABOUT
    about = json.loads(path.read_text())
    about["figures"][0]["npmi"] = 0.99
    path.write_text(json.dumps(about))
    assert "topics.json is not what was written" in said(own, mine.trained_)
    with pytest.raises(ArtifactError, match="topics is damaged"):
        _ = tenor.load(own, device="cpu").topics_


@pytest.mark.parametrize("missing", [ABOUT, ARRAYS])
def test_a_missing_half_is_noticed(mine: Any, own: Path, missing: str) -> None:
    (own / FOLDER / missing).unlink()
    assert missing in said(own, mine.trained_)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b"[" * 100_000, b"\xff\xfe"])
def test_something_else_is_refused(mine: Any, own: Path, content: bytes) -> None:
    (own / FOLDER / ABOUT).write_bytes(content)
    assert str(own / FOLDER) in said(own, mine.trained_)
    shutil.rmtree(own / FOLDER)
    (own / EDITS).write_bytes(content)
    assert str(own / EDITS) in said(own, mine.trained_)


def test_topics_of_another_model_are_refused(docs: Any, own: Path, tmp_path: Path) -> None:
    other = tenor.NVDM(12, encoder_sizes=(8,), epochs=1, device="cpu").fit(docs)
    other.save(tmp_path / "other")
    shutil.rmtree(tmp_path / "other" / FOLDER)
    shutil.copytree(own / FOLDER, tmp_path / "other" / FOLDER)
    with pytest.raises(ArtifactError, match="topics of other weights than the model's"):
        _ = tenor.load(tmp_path / "other", device="cpu").topics_


def test_a_newer_version_is_named(mine: Any, own: Path) -> None:
    path = own / FOLDER / ABOUT
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    assert "it has version 2, this tenor reads 1" in said(own, mine.trained_)


def test_topics_that_were_removed_are_found_anew_and_edited(own: Path) -> None:
    before = tenor.load(own, device="cpu").topics_
    shutil.rmtree(own / FOLDER)
    model = tenor.load(own, device="cpu")
    assert "café ☕" in model.find_topics(6, seed_words={"dates": ["date"]}).names
    assert model.topics_.table() == before.table()
    shutil.rmtree(own.parent / "again", ignore_errors=True)
    model.save(own.parent / "again")
    assert len(read_edits(own.parent / "again")) == 1


def test_edits_wait_where_there_is_nothing_to_find_topics_in(docs: Any, tmp_path: Path) -> None:
    lean = tenor.NVDM(4, encoder_sizes=(8,), epochs=1, device="cpu", keep_documents=False)
    lean.fit(docs[:200]).topics_.rename(0, "first")
    lean.save(tmp_path / "m")
    shutil.rmtree(tmp_path / "m" / FOLDER)
    loaded = tenor.load(tmp_path / "m", device="cpu")
    loaded.save(tmp_path / "again")
    assert not (tmp_path / "again" / FOLDER).exists()
    again = tenor.load(tmp_path / "again", device="cpu")
    assert "first" in again.find_topics(documents=docs[:200]).names


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda edits: edits.update(version=2), "version 2"),
        (lambda edits: edits["edits"][0].update(kind="explode"), "kind is one of"),
        (lambda edits: edits["edits"][0].pop("name"), "has no 'name'"),
        (lambda edits: edits["edits"][0].update(name="a\nb"), "one line"),
        (lambda edits: edits["edits"][0]["topic"].update(id=-1), "whole number from 0"),
        (lambda edits: edits["edits"][0].update(more=1), "unknown 'more'"),
    ],
)
def test_damaged_edits_are_named(mine: Any, own: Path, change: Any, told: str) -> None:
    edits = read_sealed(own / EDITS)
    change(edits)
    (own / EDITS).write_text(json.dumps(edits))
    line = said(own, mine.trained_)
    assert told in line and str(own / EDITS) in line and "mend it, or remove it" in line
    with pytest.raises(ArtifactError, match=r"topic-edits\.json is damaged"):
        _ = tenor.load(own, device="cpu").topics_


def test_a_model_saved_over_another_leaves_none_of_its_edits(mine: Any, own: Path) -> None:
    loaded = tenor.load(own, device="cpu")
    loaded.topics_.undo()
    loaded.save(own, overwrite=True)
    assert not (own / EDITS).exists()
    assert tenor.load(own, device="cpu").topics_.table() == loaded.topics_.table()


def test_edits_that_came_with_new_topics_count_until_they_have_moved(own: Path) -> None:
    """A process that wrote new topics was killed before it wrote their edits."""
    moved = (own / EDITS).read_bytes()
    (own / FOLDER / EDITS).write_bytes(moved)
    (own / EDITS).unlink()
    assert len(read_edits(own))
    model = tenor.load(own, device="cpu")
    model.topics_.undo()
    write_edits(own, model.topics_.edits)
    assert not (own / FOLDER / EDITS).exists()
    assert len(read_edits(own)) == len(model.topics_.edits)


def test_edits_changed_by_hand_are_taken_without_their_seal(own: Path) -> None:
    text = (own / EDITS).read_text()
    (own / EDITS).write_text(text.replace("café", "cafe"))
    with pytest.raises(ArtifactError, match='takes "seal" and "sha256" out'):
        read_edits(own)
    edits = read_sealed(write_bytes_of(own, text))
    (own / EDITS).write_text(json.dumps(edits))
    assert len(read_edits(own))


def write_bytes_of(own: Path, text: str) -> Path:
    (own / EDITS).write_text(text)
    return own / EDITS


@pytest.mark.parametrize(
    ("name", "value"),
    [("ids", None), ("names", 3), ("before", "x"), ("n_documents", 10**20), ("asked", [])],
)
def test_values_of_other_kinds_are_refused_whatever_the_seal_says(
    mine: Any, own: Path, name: str, value: Any
) -> None:
    path = own / FOLDER / ABOUT
    about = json.loads(path.read_text())
    del about["sha256"]
    about[name] = [value, *about[name][1:]] if name in ("ids", "names") else value
    seal = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(about | {"sha256": seal}))
    assert "is damaged or was changed by hand" in said(own, mine.trained_)
