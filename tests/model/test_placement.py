"""A model keeps where the words of its training texts stand, and adds to it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import tenor
from tenor.storage.atomic import sha256_file
from tenor.storage.sealed import read_sealed

TEXTS = ["red green blue yellow " * 5 + "bye", "green blue yellow", "red yellow " * 12] * 8
WORDS = ["blue", "bye", "green", "red", "yellow"]
PLACED = [40, 8, 40, 40 + 96, 40 + 96]  # 21 tokens, of which 3 are either end; 3; 24, of which 4
EARLY = [8, 0, 8, 8 + 16, 16]
LATE = [8, 8, 0, 16, 8 + 16]
NUMBERS = [EARLY, LATE, PLACED]
TINY = {"encoder_sizes": (4,), "min_df": 1, "max_df": 1.0, "device": "cpu", "epochs": 2}


def numbers(model) -> list[list[int]]:
    placement = model.trained_.statistics.placement
    columns = placement.early_frequency, placement.late_frequency, placement.placed_frequency
    return [column.tolist() for column in columns]


@pytest.fixture(scope="module")
def model():
    return tenor.NVDM(2, **TINY).fit(TEXTS)


def test_it_survives_the_folder(model, tmp_path: Path) -> None:
    assert list(model.vocabulary_) == WORDS and numbers(model) == NUMBERS
    model.save(tmp_path / "m")
    again = tenor.load(tmp_path / "m")
    assert numbers(again) == NUMBERS
    statistics = again.trained_.statistics
    np.testing.assert_array_equal(statistics.early_share, np.array(EARLY) / PLACED)
    np.testing.assert_array_equal(statistics.late_share, np.array(LATE) / PLACED)


def test_more_documents_are_added(model, tmp_path: Path) -> None:
    twice = [[2 * n for n in column] for column in NUMBERS]
    passes = tenor.NVDM(2, **TINY).partial_fit(TEXTS)
    assert numbers(passes) == NUMBERS and numbers(passes.partial_fit(TEXTS)) == twice
    model.save(tmp_path / "m")
    assert numbers(tenor.load(tmp_path / "m").continue_fit(TEXTS)) == twice
    counts = tenor.Corpus.from_texts(TEXTS, vocabulary=WORDS).counts
    unknown = tenor.load(tmp_path / "m").continue_fit(counts)
    statistics = unknown.trained_.statistics
    assert statistics.early_share is None and statistics.late_share is None


def test_a_folder_of_before_and_ready_counts_have_none(model, tmp_path: Path) -> None:
    counts = tenor.Corpus.from_texts(TEXTS, vocabulary=WORDS).counts
    assert tenor.NVDM(2, **TINY).fit(counts).trained_.statistics.placement is None
    folder = tmp_path / "m"
    model.save(folder)
    path = folder / "vocabulary.parquet"
    table = pq.read_table(path)
    assert table.column_names[3:] == ["early_frequency", "late_frequency", "placed_frequency"]
    pq.write_table(table.select(["word", "word_frequency", "document_frequency"]), path)
    config = read_sealed(folder / "config.json")
    config["files"]["vocabulary.parquet"] = sha256_file(path)
    (folder / "config.json").write_text(json.dumps(config))
    before = tenor.load(folder)
    assert before.trained_.statistics.placement is None
    assert np.array_equal(before.transform(TEXTS), model.transform(TEXTS))
    assert before.continue_fit(TEXTS).trained_.statistics.placement is None
