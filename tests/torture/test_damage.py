"""Whatever a disk does to a saved file, what reads it says so and names the file.

Every file of a model, a corpus, an unfinished fit and an unfinished job; every range of bytes:
a bit turned, bytes made zero, bytes cut out, the end cut off, bytes added.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import ArtifactError

TEXTS = ["w01 w02 w03 w04", "w11 w12 w29", "nothing known"]


def flipped(data: bytes, place: int, n: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << (n % 8)
    return bytes(changed)


def zeroed(data: bytes, place: int, n: int) -> bytes:
    return data[:place] + bytes(len(data[place : place + n])) + data[place + n :]


def cut_out(data: bytes, place: int, n: int) -> bytes:
    return data[:place] + data[place + n :]


def cut_off(data: bytes, place: int, n: int) -> bytes:
    return data[:place]


def grown(data: bytes, place: int, n: int) -> bytes:
    return data + data[place : place + n]


def doubled(data: bytes, place: int, n: int) -> bytes:
    return data[:place] + data[place : place + n] + data[place:]


KINDS = (flipped, zeroed, cut_out, cut_off, grown, doubled)
LENGTHS = (1, 16, 4096)


def damages(data: bytes, some: Callable[..., list[Any]], name: str) -> Iterator[tuple[str, bytes]]:
    """Ways to damage a file that leave other bytes, and what each is called."""
    places = sorted({0, len(data) - 1, *np.linspace(0, len(data) - 1, 60).astype(int).tolist()})
    ways = [(kind, place, n) for place in places for kind in KINDS for n in LENGTHS]
    for place, kind, n in some(name, [(p, k.__name__, n) for k, p, n in ways], 4, 600):
        changed = globals()[kind](data, place, n)
        if changed != data:
            yield f"{name} {kind} at {place}, {n} bytes", changed


def use_model(folder: Path) -> Any:
    """All that a model's files say."""
    model = tenor.load(folder, device="cpu")
    documents, topics = model.documents_, model.topics_
    batches = [batch.to_pydict() for batch in documents.batches()]
    figures = [model.components_.tolist(), model.transform(TEXTS).tolist()]
    card = (folder / "README.md").read_bytes()
    return [model.get_params(), model.history_, batches, figures, topics.table(), card]


def use_corpus(folder: Path) -> Any:
    corpus = tenor.Corpus.open(folder)
    return [corpus.table.to_pydict(), corpus.vocabulary.words, corpus.source, corpus.tokenizer]


MODEL = [
    *("config.json", "fit.json", "README.md", "vocabulary.parquet", "weights.safetensors"),
    *("history.jsonl", "documents.parquet", "topic-edits.json"),
    *("topics/topics.json", "topics/topics.safetensors"),
]
CORPUS = ["manifest.json", "vocabulary.parquet", "shard-00000.arrow"]
HARMLESS = {"topics/topics.json"}  # blanks between values


@pytest.mark.parametrize(
    ("what", "name"),
    [*(("model", name) for name in MODEL), *(("corpus", name) for name in CORPUS)],
)
def test_a_damaged_file_is_named(what, name, home, some, tmp_path) -> None:
    folder = Path(shutil.copytree(home / what, tmp_path / what))
    use = {"model": use_model, "corpus": use_corpus}[what]
    path, whole = folder / name, use(folder)
    data = path.read_bytes()
    for how, changed in damages(data, some, f"{what}/{name}"):
        path.write_bytes(changed)
        try:
            found = use(folder)
        except ArtifactError as error:
            assert "\n" not in str(error), how
            assert any(part in str(error) for part in (name, f"{folder}/topics")), (how, str(error))
        else:
            assert name in HARMLESS and found == whole, f"{how}: not noticed"
    path.unlink()
    if name not in ("topic-edits.json", "fit.json"):  # which need not be there
        with pytest.raises(ArtifactError, match="unfinished|not finished|missing|" + path.name):
            use(folder)


def test_every_file_is_damaged(home) -> None:
    for what, names in (("model", MODEL), ("corpus", CORPUS)):
        files = {str(p.relative_to(home / what)) for p in (home / what).rglob("*") if p.is_file()}
        assert files == set(names)


@pytest.mark.parametrize("name", ["fit.json", "checkpoint/state.safetensors"])
def test_an_unfinished_fit_that_is_damaged(name, home, unfinished, workers, some, tmp_path) -> None:
    command = ["fit", "--resume", "m", "-q"]
    folder = tmp_path / "place"
    whole = unfinished("fit", folder)
    data = (folder / "m" / name).read_bytes()
    for how, changed in damages(data, some, f"fit/{name}"):
        shutil.rmtree(folder)
        unfinished("fit", folder)
        (folder / "m" / name).write_bytes(changed)
        done = workers.run(folder, command)
        assert done["status"] == 1, f"{how}: not noticed"
        assert done["said"].count("\n") == 1 and Path(name).name in done["said"], (how, done)
    assert whole


def test_what_is_left_of_a_job_may_be_damaged(unfinished, workers, some, bits, tmp_path) -> None:
    """It is begun anew: the same bits come out."""
    command = ["transform", "model", "texts.txt", "-o", "v.parquet", "-q"]
    folder = tmp_path / "place"
    unfinished("transform", folder)
    (job,) = folder.glob(".tenor-*")
    whole = Path(shutil.copytree(folder, tmp_path / "whole"))
    assert workers.run(whole, command)["status"] == 0
    for name in ("journal.jsonl", "part-00000.arrow"):
        for how, changed in damages((job / name).read_bytes(), some, f"transform/{name}"):
            again = Path(shutil.copytree(folder, tmp_path / "again"))
            (again / job.name / name).write_bytes(changed)
            done = workers.run(again, command)
            assert done["status"] == 0, (how, done)
            assert bits(again / "v.parquet") == bits(whole / "v.parquet"), how
            shutil.rmtree(again)
