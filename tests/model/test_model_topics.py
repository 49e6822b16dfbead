"""model.topics_ as a sceptical user meets it."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import tenor
from tenor.errors import InputError, TrainingError, UnknownWordError
from tenor.model.topic_files import FOLDER
from tenor.storage.atomic import sha256_file
from tenor.storage.sealed import read_sealed
from tenor.topics.flags import Flag

TINY: dict[str, Any] = {
    "n_components": 4,
    "encoder_sizes": (8,),
    "epochs": 2,
    "min_df": 1,
    "max_df": 1.0,
    "validation_fraction": 0,
    "device": "cpu",
    "random_state": 0,
}
COLOURS = ["red green blue", "green blue yellow", "red yellow"] * 20


def tiny(documents: Any = COLOURS, **parameters: Any) -> Any:
    return tenor.NVDM(**{**TINY, **parameters}).fit(documents)


class Labels:
    """One label a document whose places are no indices, as those of a column are."""

    def __init__(self, labels: Any) -> None:
        self.labels = list(labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Any:
        return iter(self.labels)

    def __getitem__(self, name: int) -> Any:
        raise KeyError(name)


def as_before(folder: Path) -> None:
    """Make the folder one of before there were topics: no topics/, and no counts."""
    documents = folder / "documents.parquet"
    pq.write_table(pq.read_table(documents).drop_columns(["words", "counts"]), documents)
    config = read_sealed(folder / "config.json")
    config["files"]["documents.parquet"] = sha256_file(documents)
    del config["settings"]["n_topics"]
    (folder / "config.json").write_text(json.dumps(config))
    for file in (folder / FOLDER).iterdir():
        file.unlink()
    (folder / FOLDER).rmdir()


@pytest.mark.parametrize("kind", ["texts", "csr", "corpus"])
def test_topics_are_there_right_after_a_fit(docs: Any, kind: str) -> None:
    some = docs[:120]
    given = {"texts": some.texts, "csr": some.counts, "corpus": some}[kind]
    model = tiny(given)
    topics = model.topics_
    assert topics is model.topics_ and 1 < len(topics) <= 6  # 120 documents carry six
    assert [len(shown) for shown in topics.words(3)] == [3] * len(topics)
    shown = [word for one in topics.words(10) for word, _ in one]
    assert len(set(shown)) == len(shown), "a word is one topic's"
    table = topics.table()
    assert sorted(record.id for record in table) == list(range(len(topics)))
    assert sum(record.size for record in table) == pytest.approx(1)
    assert all(0 <= record.stability <= 1 for record in table)
    np.testing.assert_allclose(topics.word_distributions().sum(axis=1), 1, rtol=1e-4)
    best = topics.documents(topics.ids[0], 3)
    assert best[0].weight > 0.2 and (best[0].text is None) == (kind == "csr")
    assert topics.names[0] in repr(topics)


def test_flagged_topics_come_last_in_the_table_and_keep_their_numbers(docs: Any) -> None:
    topics = tiny(docs[:120].texts).topics_
    topics.measure()
    flag = Flag("everyday talk", "it is said everywhere")
    figures = [replace(of_topic, flags=()) for of_topic in topics.found.figures]
    figures[0] = replace(figures[0], flags=(flag,))
    topics.found = replace(topics.found, figures=tuple(figures))
    table = topics.table()
    assert [record.id for record in table] == [*topics.ids[1:], topics.ids[0]]
    assert table[-1].flags == (flag,)


CORPORA = {
    "one": ["red green blue"],
    "two": ["red green blue", "green blue yellow"],
    "five": COLOURS[:5],
    "one-word": ["red"] * 4,
    "equal": ["red green blue"] * 30,
    "wordless": ["red green", "", "blue green", "..."] * 10,
    "three-words": ["red green", "green blue", "blue red"] * 20,
}


@pytest.mark.parametrize("n_topics", [50, "auto"])
@pytest.mark.parametrize("name", CORPORA)
def test_a_tiny_corpus_has_topics_too(name: str, n_topics: Any) -> None:
    texts = CORPORA[name]
    topics = tiny(texts, n_topics=n_topics).topics_
    weights, said = topics.weights(texts), [text not in ("", "...") for text in texts]
    np.testing.assert_allclose(weights.sum(axis=1), said, rtol=1e-5)
    assert np.isfinite(topics.limit)
    topics.rename(topics.ids[0], "colours")
    (record,) = (record for record in topics.table() if record.name == "colours")
    assert record.words and 0 < record.size <= 1
    assert len(topics.documents(record.id, 1)) == 1


@pytest.mark.parametrize("n", [0, -1, "many", "5", 2.5, True, (3,)])
def test_what_is_no_number_of_topics_is_refused(n: Any, own: Any) -> None:
    said = 'n_topics must be a whole number of at least 1 or "auto", not '
    unfitted = tenor.NVDM(**TINY, n_topics=n)
    with pytest.raises(InputError, match=said):
        unfitted.fit(COLOURS)
    assert not hasattr(unfitted, "trained_")
    before = own.topics_
    with pytest.raises(InputError, match=said):
        own.find_topics(n)
    assert own.topics_ is before


def test_a_number_of_numpy_is_a_number(docs: Any, tmp_path: Path) -> None:
    model = tiny(docs[:120], n_topics=np.int64(3))
    assert len(model.topics_) == 3
    model.find_topics(np.int32(2))
    model.save(tmp_path / "m")
    loaded = tenor.load(tmp_path / "m", device="cpu")
    assert len(loaded.topics_) == 2 and loaded.n_topics == 3
    assert len(loaded.find_topics()) == 3


def test_n_topics_is_a_parameter_like_any_other(docs: Any) -> None:
    model = tenor.NVDM(**TINY).set_params(n_topics=3)
    assert clone(model).get_params()["n_topics"] == 3
    assert len(model.fit(docs[:120]).topics_) == 3
    model.set_params(n_topics=4).continue_fit(docs[:120])  # it makes no other model
    assert len(model.topics_) == 4
    search = GridSearchCV(
        tenor.NVDM(**TINY), {"n_topics": [2, "auto"], "keep_documents": [True, False]}, cv=2
    )
    scores = search.fit(docs[:120]).cv_results_["mean_test_score"]
    assert np.isfinite(scores).all() and np.ptp(scores) == 0, "topics have no part in the model"


def test_a_fitted_model_is_pickled_with_its_topics(own: Any, docs: Any, tmp_path: Path) -> None:
    own.topics_.rename(own.topics_.ids[1], "second")
    joblib.dump(own, tmp_path / "m.joblib")
    for copy in (pickle.loads(pickle.dumps(own)), joblib.load(tmp_path / "m.joblib")):
        assert copy.topics_.table() == own.topics_.table()
        assert np.array_equal(copy.topics_.weights(docs[:9]), own.topics_.weights(docs[:9]))


def test_without_documents_topics_stay_and_the_rest_says_what_to_do(tmp_path: Path) -> None:
    kept = tiny()
    lean = tiny(keep_documents=False)
    lean.save(tmp_path / "m")
    for model in (lean, tenor.load(tmp_path / "m", device="cpu")):
        topics = model.topics_
        assert topics.words() == kept.topics_.words()
        assert np.array_equal(topics.weights(COLOURS), kept.topics_.weights(COLOURS))
        (record,) = topics.table()
        assert record == kept.topics_.table()[0], "measured before the documents went"
        assert record.stability is not None
        topics.rename(0, "colours")
        assert topics.table()[0].name == "colours"
        asked = (
            lambda: topics.documents(0),  # noqa: B023
            model.find_topics,
            topics.shares,
            lambda: topics.compare([0]),  # noqa: B023
            topics.tree,
        )
        for ask in asked:
            with pytest.raises(
                InputError, match=r"keeps no documents .* find_topics\(documents=…\)"
            ):
                ask()
        assert model.topics_ is topics
        found = model.find_topics(2, documents=COLOURS)
        assert found.documents(0, 1)[0].text in COLOURS
        assert found.table()[0].stability is not None and found.names == ["colours"]


def test_a_model_of_before_there_were_topics(tmp_path: Path) -> None:
    tiny().save(tmp_path / "m")
    as_before(tmp_path / "m")
    old = tenor.load(tmp_path / "m", device="cpu")
    assert old.n_topics == 50 and len(old.documents_) == 60
    assert old.similar_documents(2, row=0) and old.documents_.counts_bytes is None
    with pytest.raises(InputError, match="keeps no documents with their counts") as error:
        _ = old.topics_
    assert "\n" not in str(error.value)
    old.save(tmp_path / "without")  # as it could be saved before
    assert not (tmp_path / "without" / FOLDER).exists()
    found = old.find_topics(documents=COLOURS)
    old.save(tmp_path / "with")
    again = tenor.load(tmp_path / "with", device="cpu").topics_
    assert again.table() == found.table()
    again.rename(0, "colours")  # what was measured before stays with it
    assert again.table()[0].stability == found.table()[0].stability is not None
    with pytest.raises(InputError, match="keeps no documents with their counts"):
        again.documents(0)


def test_edits_are_kept_and_taken_back(own: Any, tmp_path: Path) -> None:
    topics = own.find_topics(12)
    first, second, third, fourth, fifth = topics.ids[:5]
    words = dict(zip(topics.ids, topics.words(10), strict=True))
    word = words[fifth][0][0]
    topics.rename(first, "one")
    topics.merge([second, third])
    topics.split(fourth)
    topics.drop(topics.ids[-1])
    topics.keep_out([word])
    after = topics.table()
    assert len(after) == 11 and word not in {w for record in after for w, _ in record.words}
    merged = next(record for record in after if record.id == second)
    assert len(merged.parts) == 2 and third not in topics.ids and fourth not in topics.ids
    assert sum(record.size for record in after) == pytest.approx(1)
    own.save(tmp_path / "m")
    assert len(json.loads((tmp_path / "m" / "topic-edits.json").read_text())["edits"]) == 5
    loaded = tenor.load(tmp_path / "m", device="cpu").topics_
    assert loaded.table() == after and loaded.lost == ()
    for _ in range(5):
        loaded.undo()
    assert dict(zip(loaded.ids, loaded.words(10), strict=True)) == words
    with pytest.raises(InputError, match="no edit"):
        loaded.undo()


def test_names_stay_with_their_topics_when_they_are_found_again(own: Any) -> None:
    topics = own.find_topics(12)
    known = dict(zip(topics.ids, topics.words(10), strict=True))
    for topic in topics.ids:
        topics.rename(topic, f"topic of {known[topic][0][0]}")
    again = own.find_topics(8)
    given = sum(name is not None for name in again.topics.names)
    assert len(again) == 8 and given + len(again.lost) == 12, "a name is there or said to be lost"
    for topic, words in zip(again.ids, again.words(10), strict=True):
        name = again.topics.names[again.topics.place(topic)]
        if name is not None:
            seen = next(w for w in known.values() if f"topic of {w[0][0]}" == name)
            assert len({w for w, _ in words} & {w for w, _ in seen}) >= 4
    back = own.find_topics(12)
    given = sum(name is not None for name in back.topics.names)
    assert given >= 10 and given + len(back.lost) == 12, "edits wait for their topics"


@pytest.mark.parametrize("go_on", ["continue_fit", "partial_fit"])
def test_ids_and_names_stay_where_the_topic_did(own: Any, docs: Any, go_on: str) -> None:
    topics = own.find_topics(10)
    chosen = [record.id for record in topics.table() if record.stability > 0.7][:3]
    assert len(chosen) == 3
    before = dict(zip(topics.ids, topics.words(10), strict=True))
    for topic in chosen:
        topics.rename(topic, f"number {topic}")
    topics.keep_out([before[chosen[0]][0][0]])
    own.set_params(n_topics=10, epochs=1, learning_rate=1e-4)
    getattr(own, go_on)(docs)
    assert own._search.topics is None
    after = own.topics_
    assert after is not topics and len(after.edits) == 4 and after.lost == ()
    for topic in chosen:
        place = after.ids.index(topic)
        assert after.names[place] == f"number {topic}"
        shown = {word for word, _ in after.words(10)[place]}
        assert len(shown & {word for word, _ in before[topic]}) >= 5
    assert not {before[chosen[0]][0][0]} & {w for one in after.words(10) for w, _ in one}
    own.partial_fit(docs)  # and again, before anyone asks for topics
    own.continue_fit(docs)
    assert set(after.names) >= {f"number {topic}" for topic in chosen}
    assert {f"number {topic}" for topic in chosen} <= set(own.topics_.names)


def test_a_fit_from_the_start_keeps_edits(docs: Any) -> None:
    model = tiny()
    model.topics_.rename(0, "colours")
    model.topics_.namer = lambda words, texts: "a namer's"
    model.fit(COLOURS)
    assert model.topics_.names == ["colours"] and model.topics_.lost == ()
    model.fit(docs[:120])
    assert "colours" not in model.topics_.names
    assert len(model.topics_.lost) == len(model.topics_.edits) == 1
    assert model.topics_.names[0] == "a namer's"
    assert model.topics_.ids == tuple(range(len(model.topics_))), "topics of another model"


def test_edits_outlive_a_training_that_fails() -> None:
    model = tiny()
    model.topics_.rename(0, "colours")
    with pytest.raises(TrainingError):
        model.continue_fit(COLOURS, learning_rate=1e30, warmup=0.0, clip_norm=None)
    assert model.find_topics(documents=COLOURS).names == ["colours"]


def test_seeds_and_words_kept_out(own: Any) -> None:
    seeds = {"dates": ["date", "datetime"], "windows": ["widget"]}
    topics = own.find_topics(8, seed_words=seeds, keep_out=["tk"])
    shown = dict(zip(topics.names, topics.words(10), strict=True))
    assert [word for word, _ in shown["dates"]][:2] in (seeds["dates"], seeds["dates"][::-1])
    assert shown["windows"][0][0] == "widget"
    assert "tk" not in {word for words in topics.words(50) for word, _ in words}


WRONG = {
    "no such topic": (lambda t: t.documents(99), "there is no topic 99; the topics are"),
    "no topic's name": (lambda t: t.rename(t.ids[0], " "), "must not be empty"),
    "two lines": (lambda t: t.rename(t.ids[0], "a\nb"), "one line"),
    "a name twice": (lambda t: (t.rename(0, "a"), t.rename(1, "a")), "has the name 'a' already"),
    "one to merge": (lambda t: t.merge([0]), "at least two topics"),
    "no list to merge": (lambda t: t.merge(0), r"a list of topics, such as \[3, 7\]"),
    "in one": (lambda t: t.split(0, 1), "at least 2"),
    "in a thousand": (lambda t: t.split(0, 1000), "too few words"),
    "a string out": (lambda t: t.keep_out("header"), "a list of words"),
    "n": (lambda t: t.documents(0, 0), "n must be a whole number of at least 1, not 0"),
    "n words": (lambda t: t.words(2.5), "n must be a whole number of at least 1, not 2.5"),
    "short groups": (lambda t: t.shares(["a"]), "1 groups do not fit"),
    "no rows": (lambda t: t.compare([]), "the first set is empty"),
    "no first set": (lambda t: t.compare(None), "the first set must be a list of whole numbers"),
    "no words out": (lambda t: t.keep_out(np.array([])), "a list of words"),
    "a mask": (lambda t: t.compare(np.arange(30) < 5), "named by their rows"),
    "fractions": (lambda t: t.compare([0.5]), "named by their rows"),
    "far rows": (lambda t: t.compare([10**6]), "rows go from 0 to"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_get_one_line_and_change_nothing(own: Any, name: str) -> None:
    ask, said = WRONG[name]
    topics = own.find_topics(6)
    with pytest.raises(InputError, match=said) as error:
        ask(topics)
    assert "\n" not in str(error.value)
    assert len(topics.edits) == (name == "a name twice")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seed_words": {"a": ["headerr"]}}, "near it: header"),
        ({"seed_words": {"a": "header"}}, "seed words of 'a' must be a list"),
        ({"seed_words": {"a": []}}, "seed words of 'a' must be a list"),
        ({"seed_words": ["header"]}, "seed_words must be words by topic"),
        ({"seed_words": {"a": ["header"], "b": ["header"]}}, "'header' cannot be a seed word"),
        ({"keep_out": "header"}, "must be a list of words"),
        ({"keep_out": ["headerr"]}, "near it: header"),
        ({"documents": ["zzzz"]}, "no document has a word"),
        ({"documents": []}, "no document has a word of the vocabulary"),
        ({"documents": "widget"}, "a list of texts"),
    ],
)
def test_a_wrong_question_leaves_the_topics(own: Any, asked: Any, said: str) -> None:
    before = own.topics_
    with pytest.raises(InputError, match=said) as error:
        own.find_topics(**asked)
    assert isinstance(error.value, UnknownWordError) == ("near" in said)
    assert own.topics_ is before


def test_a_namer_is_asked_with_words_and_texts(own: Any) -> None:
    topics = own.find_topics(5)
    asked = []

    def namer(words: list[str], texts: list[str]) -> str:
        asked.append((words, texts))
        return f"about {words[0]}"

    topics.namer = namer
    topics.rename(topics.ids[0], "mine")
    assert topics.names == ["mine", *(f"about {words[0][0]}" for words in topics.words(1)[1:])]
    assert len(asked) == 4 and all(len(w) == 10 and len(t) == 5 for w, t in asked)
    topics.namer = lambda words, texts: ""
    with pytest.raises(InputError, match="returned an empty string"):
        _ = topics.names


def test_groups_and_sets_are_compared(own: Any, docs: Any) -> None:
    topics = own.find_topics(8)
    shares = topics.shares()
    assert set(shares.groups) == set(docs.labels)
    by = topics.shares(Labels(docs.labels))
    np.testing.assert_array_equal(by.means, shares.means)
    mine = [row for row, label in enumerate(docs.labels) if label == "email"]
    told = topics.compare(mine)
    assert told.documents == (len(mine), len(docs) - len(mine))
    assert "header" in {word.word for word in told.one_words}
    topics.split(topics.ids[0])
    assert tuple(entry.topic for entry in topics.shares().of(0)) == topics.ids
    assert {entry.topic for entry in topics.compare(mine).topics} == set(topics.ids)
    unlabelled = tiny()
    with pytest.raises(InputError, match="have no labels"):
        unlabelled.topics_.shares()


def test_one_that_is_like_no_topic_says_so(own: Any) -> None:
    topics = own.find_topics(8)
    found = topics.likeness([*own.documents_.texts([0, 1, 2, 3]), "zzzz"])
    assert found.dtype == np.float32 and found[4] == 0 and (found[:4] > topics.limit).any()
    assert 0 < topics.limit < 1
