"""model.topics_ after documents, topics or the network have become others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import InputError

COLOURS = ["red green blue", "green blue yellow", "red yellow"] * 20


def test_topics_are_read_in_the_documents_that_are_set(own: Any, docs: Any, tmp_path: Path) -> None:
    topics = own.find_topics(6)
    topics.rename(topics.ids[0], "first")
    before = topics.table()
    words, weights = topics.words(), topics.weights(docs[:30])
    own.index_documents(docs[:30])
    assert own.topics_ is topics and topics.words() == words and topics.names[0] == "first"
    np.testing.assert_allclose(topics.sizes, weights.mean(axis=0), rtol=1e-4)
    assert {shown.row for shown in topics.documents(topics.ids[0], 50)} <= set(range(30))
    assert (topics.found.n_documents, topics.found.looked_at) == (30, 30)
    assert topics.table() != before
    own.save(tmp_path / "m")
    loaded = tenor.load(tmp_path / "m", device="cpu")
    assert loaded.topics_.table() == topics.table()
    assert len(own.find_topics()) == 1, "30 documents carry one"


def test_documents_can_be_set_where_none_are_kept(tmp_path: Path) -> None:
    shape: dict[str, Any] = {"encoder_sizes": (8,), "min_df": 1, "max_df": 1.0, "epochs": 2}
    lean = tenor.NVDM(4, **shape, keep_documents=False, device="cpu").fit(COLOURS)
    lean.topics_.rename(0, "colours")
    lean.index_documents(COLOURS[:4])
    assert lean.topics_.names == ["colours"]
    assert lean.topics_.documents(0)[0].text in COLOURS


def test_topics_of_a_pass_give_way_to_those_of_all_documents(own: Any, docs: Any) -> None:
    own.find_topics(12)
    own.set_params(learning_rate=1e-4).partial_fit(docs[:100])
    assert len(own.topics_) == 5
    own.topics_.rename(own.topics_.ids[0], "first")
    own.index_documents(docs)
    assert len(own.topics_) == 12
    assert "first" in own.topics_.names or len(own.topics_.lost) == 1


def test_what_was_asked_is_asked_again_after_further_training(
    own: Any, docs: Any, tmp_path: Path
) -> None:
    seeds = {"dates": ["date", "datetime"], "none": ["tk"]}
    own.find_topics(9, seed_words=seeds, hold=False, keep_out=["of"])
    own.set_params(epochs=1, learning_rate=1e-4)
    own.save(tmp_path / "m")
    rows = [row for row, text in enumerate(docs.texts) if "tk" not in text.lower()]
    for model in (own, tenor.load(tmp_path / "m", device="cpu")):
        topics = model.continue_fit(docs[rows]).topics_
        assert len(topics) == topics.found.asked == 9 and not topics.found.wishes.hold
        assert "dates" in topics.names and "none" not in topics.names
        (lost,) = topics.lost
        assert "no seed word of the topic 'none' is in any document" in lost
        assert "of" not in {word for words in topics.words(30) for word, _ in words}
        assert "none" in model.continue_fit(docs).topics_.names
        assert len(model.set_params(n_topics=4).continue_fit(docs).topics_) == 4
        assert model.find_topics().found.wishes.keep_out == (), "asked anew, without"


def test_numbers_stay_also_when_nothing_was_trained(own: Any, docs: Any, tmp_path: Path) -> None:
    first = own.find_topics(12)
    first.rename(first.ids[0], "first")  # so somebody knows them by number
    before, highest = dict(zip(first.ids, first.words(), strict=True)), first.highest
    own.find_topics(4)
    passed = own.topics_.highest
    own.save(tmp_path / "m")
    for model in (own, tenor.load(tmp_path / "m", device="cpu")):
        again = model.find_topics(12)
        assert again.words() == first.words()
        for topic, words in zip(again.ids, again.words(), strict=True):
            assert topic > passed or words == before[topic] or topic <= highest
        new = [topic for topic in again.ids if topic not in model.find_topics(12).ids]
        assert not new, "the same topics, the same numbers"
        assert min(set(again.ids) - set(range(highest + 1))) > passed, "no number comes twice"


def test_topics_that_nobody_edited_are_numbered_from_0(own: Any) -> None:
    own.find_topics(9)
    again = own.find_topics(5)
    assert again.ids == (0, 1, 2, 3, 4)
    assert (again.sizes[:-1] >= again.sizes[1:]).all()


def test_no_number_comes_twice_also_from_the_disk(own: Any, tmp_path: Path) -> None:
    topics = own.find_topics(12)
    topics.found = replace(topics.found, before=500)  # as if so many had come and gone
    topics.rename(topics.ids[0], "first")
    own.save(tmp_path / "m")
    for model in (own, tenor.load(tmp_path / "m", device="cpu")):
        assert model.topics_.highest == 500
        new = set(model.find_topics(20).ids) - set(topics.ids)
        assert new and min(new) > 500


@pytest.mark.parametrize("go_on", ["continue_fit", "partial_fit"])
def test_old_topics_do_not_answer_with_a_network_trained_further(
    own: Any, docs: Any, go_on: str
) -> None:
    old = own.find_topics(6)
    old.table()
    getattr(own.set_params(epochs=1), go_on)(docs[:200])
    for ask in (
        lambda: old.weights(docs[:3]),
        lambda: old.likeness(docs[:3]),
        lambda: old.documents(old.ids[0]),
        old.shares,
        old.tree,
    ):
        with pytest.raises(InputError, match=r"trained further; take model\.topics_"):
            ask()
    assert own.topics_.weights(docs[:3]).shape[0] == 3


def test_table_tree_and_files_agree_after_edits(own: Any) -> None:
    topics = own.find_topics(8)
    topics.drop(topics.ids[0])
    topics.split(topics.ids[0])
    table = topics.table()
    unflagged = [record.size for record in table if not record.flags]
    assert unflagged == sorted(unflagged, reverse=True)
    nodes = topics.tree(None, None).nodes
    np.testing.assert_allclose([nodes[str(topic)].size for topic in topics.ids], topics.sizes)
    np.testing.assert_allclose(
        topics.word_distributions(), topics._measured.word_distributions(), rtol=1e-6
    )


def test_what_changed_without_documents_has_its_stability(own: Any) -> None:
    topics = own.find_topics(8)
    topics.measure()
    topics.release()
    topics.merge(topics.ids[:2])
    assert all(record.stability is not None for record in topics.table())
    assert [record.npmi is None for record in topics.table()].count(True) == 1


def test_a_namer_is_asked_once_and_also_without_texts(own: Any) -> None:
    asked: list[list[str]] = []

    def namer(words: list[str], texts: list[str]) -> str:
        asked.append(texts)
        return words[0]

    topics = own.find_topics(5)
    topics.namer = namer
    assert topics.names == topics.names and repr(topics) and len(asked) == 5
    topics.rename(topics.ids[0], "mine")
    assert topics.names[0] == "mine" and len(asked) == 9
    again = own.find_topics(4)
    again.release()
    del asked[:]
    assert len(again.names) == 4 and asked == [[]] * (4 - again.names.count("mine"))


def test_only_missing_documents_keep_a_model_from_having_topics(own: Any, tmp_path: Path) -> None:
    own._search._topics, own.n_topics = None, "many"
    with pytest.raises(InputError, match="n_topics must be"):
        own.save(tmp_path / "m")


def test_rows_that_were_not_drawn_are_said_to_be_so(own: Any) -> None:
    sample = own.find_topics(4)._sample
    sample.counted = replace(sample.counted, rows=sample.counted.rows[::2])
    assert sample.places([3, 4, 6], "the first set").tolist() == [2, 3]
    with pytest.raises(InputError, match=r"no document of the first set is among the 729 of 1,458"):
        sample.places([1, 3], "the first set")
