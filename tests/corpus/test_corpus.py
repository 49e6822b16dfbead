"""The corpus in memory: rows, ids, views, sub-sets, ready counts."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, train_test_split
from sklearn.utils import _safe_indexing, indexable, resample, shuffle

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, TenorError, VocabularyError
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

ALL = VocabularyRule(1, 1.0)
TEXTS = ["ant bee bee", "", "cat", "the 12 !!", "ant cat cat cat", "?", "bee"]


@pytest.fixture
def corpus() -> Corpus:
    labels = ["x", None, "y", "x", 3, float("nan"), "y"]
    return Corpus.from_texts(TEXTS, labels=labels, vocabulary=["bee", "ant", "cat"])


def dense(corpus: Corpus) -> list[list[int]]:
    return corpus.counts.toarray().tolist()


def one_line(message: str, function, *arguments, **keywords) -> None:
    with pytest.raises(TenorError, match=message) as caught:
        function(*arguments, **keywords)
    assert "\n" not in str(caught.value)


# Rows


def test_every_document_keeps_its_row(corpus: Corpus) -> None:
    assert len(corpus) == 7
    assert corpus.shape == (7, 3)
    assert corpus.words == ("bee", "ant", "cat")
    assert corpus.ids == [str(row) for row in range(7)]
    assert corpus.texts == TEXTS
    assert corpus.labels == ["x", None, "y", "x", "3", None, "y"]
    assert corpus.empty.tolist() == [False, True, False, True, False, True, False]
    assert dense(corpus) == [
        [2, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 3], [0, 0, 0], [1, 0, 0],
    ]  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["ant", "ant bee", "", "zzz", "bee bee"]), min_size=1), st.data())
def test_rows_stay_aligned(texts: list[str], data: st.DataObject) -> None:
    corpus = Corpus.from_texts(texts, labels=texts, vocabulary=["ant", "bee"])
    rows = data.draw(st.lists(st.integers(-len(texts), len(texts) - 1), unique=True))
    part = corpus[rows]
    assert part.texts == [texts[row] for row in rows]
    assert part.labels in (None, [texts[row] or None for row in rows])
    assert part.ids == [str(row % len(texts)) for row in rows]
    assert dense(part) == [[texts[r].split().count(w) for w in ("ant", "bee")] for r in rows]
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(texts))] * 2)))
    part = corpus[start:stop]
    assert part.texts == texts[start:stop]
    assert part.bag.lengths.tolist() == corpus.bag.lengths[start:stop].tolist()
    assert dense(corpus[::-1]) == dense(corpus)[::-1]


def test_many_shards_give_the_same_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Corpus.from_texts(TEXTS * 5, rule=ALL)
    monkeypatch.setattr("tenor.corpus.given._AT_ONCE", 4)
    monkeypatch.setattr("tenor.corpus.pieces.PIECE_DOCUMENTS", 4)
    joined = Corpus.from_texts(TEXTS * 5, rule=ALL)
    assert joined.table.column("id").num_chunks == 1
    monkeypatch.setattr("tenor.corpus.layout.BATCH_VALUES", 8)
    parts = Corpus.from_texts(TEXTS * 5, rule=ALL)
    assert parts.table.column("id").num_chunks > 2
    for other in (joined, parts, parts[np.arange(35)], parts[0:35]):
        assert other.fingerprint() == whole.fingerprint()
        assert dense(other) == dense(whole)
        assert other.texts == whole.texts
    assert parts[[30, 2, 17]].fingerprint() == whole[[30, 2, 17]].fingerprint()


# Views


def test_one_shard_is_seen_without_a_copy(corpus: Corpus) -> None:
    column = corpus.table.column("words").chunk(0)
    address = column.values.buffers()[1].address
    assert corpus.bag.words.ctypes.data == address
    assert corpus.counts.indices.ctypes.data == address
    assert corpus.counts.data.ctypes.data == corpus.bag.counts.ctypes.data
    assert corpus[2:5].bag.words.ctypes.data == address + 4 * int(corpus.bag.offsets[2])
    for values in (corpus.bag.offsets, corpus.bag.words, corpus.bag.counts):
        assert not values.flags.writeable


def test_fingerprint_tells_ids_words_and_counts(corpus: Corpus) -> None:
    same = Corpus.from_texts(TEXTS, vocabulary=["bee", "ant", "cat"], keep_text=False)
    assert same.fingerprint() == corpus.fingerprint()
    others = [
        Corpus.from_texts(TEXTS, vocabulary=["ant", "bee", "cat"]),
        Corpus.from_texts(TEXTS, vocabulary=["bee", "ant", "cat"], ids=list("abcdefg")),
        Corpus.from_texts([*TEXTS[:-1], "bee bee"], vocabulary=["bee", "ant", "cat"]),
        Corpus.from_texts(TEXTS[::-1], vocabulary=["bee", "ant", "cat"]),
        corpus[:6],
    ]
    assert len({other.fingerprint() for other in [corpus, *others]}) == 6


def test_fingerprint_tells_words_of_equal_counts() -> None:
    prints = {
        Corpus.from_counts([[1, 2]], words).fingerprint() for words in (["a", "b"], ["b", "a"])
    }
    assert len(prints) == 2


# scikit-learn


def test_scikit_learn_splits_a_corpus(corpus: Corpus) -> None:
    for rows in (
        [0, 4],
        np.array([4, 0]),
        slice(1, 3),
        [True, False] * 3 + [True],
        np.arange(7) > 4,
    ):
        expected = np.array(TEXTS)[rows].tolist()
        assert _safe_indexing(corpus, rows).texts == expected
    train, test, y_train, y_test = train_test_split(corpus, corpus.labels, random_state=0)
    assert (train.labels, test.labels) == (y_train, y_test)
    assert len(train) + len(test) == 7
    assert indexable(corpus, corpus.labels)[0] is corpus
    for rows, others in KFold(3).split(corpus):
        assert sorted(corpus[rows].ids + corpus[others].ids) == corpus.ids
    assert len(list(StratifiedKFold(2).split(corpus, [0, 1] * 3 + [0]))) == 2
    assert sorted(shuffle(corpus, random_state=0).ids) == corpus.ids
    assert len(resample(corpus, n_samples=20, random_state=0)) == 20


def test_grid_search_over_a_corpus(corpus: Corpus) -> None:
    from sklearn.base import BaseEstimator

    class Longest(BaseEstimator):
        def __init__(self, scale: float = 1.0) -> None:
            self.scale = scale

        def fit(self, X, y=None):
            assert isinstance(X, Corpus)
            return self

        def score(self, X, y=None) -> float:
            assert isinstance(X, Corpus)
            return self.scale * float(X.bag.lengths.sum())

    search = GridSearchCV(Longest(), {"scale": [1.0, 2.0]}, cv=2).fit(corpus)
    assert search.best_params_ == {"scale": 2.0}


def test_a_corpus_travels_to_other_processes(corpus: Corpus) -> None:
    again = pickle.loads(pickle.dumps(corpus[2:5]))
    assert again.fingerprint() == corpus[2:5].fingerprint()
    assert again.texts == TEXTS[2:5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (3, r"for one row use corpus\[row:row\+1\]"),
        ([7], "there is no row 7; the corpus has 7 documents"),
        ([-8], "there is no row -8"),
        ([True, False], "a mask of 2 rows does not fit 7 documents"),
        ([0.5], "rows must be whole numbers or a mask"),
        (["a"], "rows must be whole numbers or a mask"),
        ((slice(None), [0]), "its words are fixed"),
    ],
)
def test_bad_rows(corpus: Corpus, rows, message: str) -> None:
    one_line(message, lambda: corpus[rows])


def test_no_rows_and_no_iteration(corpus: Corpus) -> None:
    assert corpus[[]].shape == (0, 3)
    assert corpus[5:2].bag.nnz == 0
    assert corpus[[]].ids == []
    with pytest.raises(TypeError):
        list(corpus)  # type: ignore[call-overload]


# Lists of texts


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "got one text; put it in a list"),
        (b"bytes", "not bytes; decode it"),
        (None, "not None"),
        ({"a": 1}, "not a dict"),
        ([], "the list of texts is empty"),
        ({"a", "b"}, "a set of texts has no order"),
        (["a", ["b"]], "row 1 of the texts is a list, not str; join tokens to texts"),
        (["fine", "half \udc80 pair"], "row 1 of the texts: the text holds half a surrogate"),
        (["1 2", "3"], "there are no words in 2 documents;"),
        (["a b"], "there are no words in 1 document;"),
        (["ab cd"], "min_df=5 removed all 2 words in 1 document; lower min_df"),
    ],
)
def test_bad_texts(texts, message: str) -> None:
    one_line(message, Corpus.from_texts, texts)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"ids": ["a"]}, "there are 1 ids for 2 documents"),
        ({"ids": ["a", "a"]}, 'the id "a" is there twice, in rows 0 and 1'),
        ({"ids": [1, "1"]}, 'the id "1" is there twice'),
        ({"ids": ["a", None]}, "the id of row 1 is missing"),
        ({"ids": "ab"}, "ids must be a list"),
        ({"labels": ["x"]}, "there are 1 labels for 2 documents"),
        ({"labels": "xy"}, "labels must be a list"),
        ({"vocabulary": ["a", "a"]}, "in the vocabulary twice"),
        ({"vocabulary": "no-such-file"}, "cannot read no-such-file"),
    ],
)
def test_bad_ids_labels_and_words(keywords: dict, message: str) -> None:
    one_line(message, Corpus.from_texts, ["ab", "cd"], **keywords)


def test_texts_come_in_many_containers() -> None:
    for texts in (tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object), iter(TEXTS)):
        assert Corpus.from_texts(texts, rule=ALL).texts == TEXTS


def test_a_failing_tokenizer_function_names_the_row() -> None:
    def cut(text: str) -> list[str]:
        return text.split() if text != "bad" else None  # type: ignore[return-value]

    one_line(
        "row 1 of the texts: the tokenizer function .*cut must return a list of str",
        Corpus.from_texts, ["fine", "bad"], tokenizer=Tokenizer(function=cut),
    )  # fmt: skip


def test_a_missing_function_refuses_text() -> None:
    saved = Tokenizer(function=str.split).to_json()
    one_line("pass it again", Corpus.from_texts, TEXTS, tokenizer=Tokenizer.from_json(saved))


def test_counted_again_over_other_words(corpus: Corpus) -> None:
    other = corpus.encode_like(Vocabulary(["the", "cat"]))
    assert dense(other) == [[0, 0], [0, 0], [0, 1], [1, 0], [0, 3], [0, 0], [0, 0]]
    assert (other.ids, other.labels, other.texts) == (corpus.ids, corpus.labels, corpus.texts)
    assert corpus.encode_like(corpus.vocabulary) is corpus
    no_texts = Corpus.from_texts(TEXTS, rule=ALL, keep_text=False)
    assert no_texts.texts is None
    one_line("kept no texts", no_texts.encode_like, ["ant"])
    ready = Corpus.from_counts([[1]], ["ant"], texts=["ant bee"])
    one_line("pass the tokenizer", ready.encode_like, ["bee"])
    assert dense(ready.encode_like(["bee"], Tokenizer())) == [[1]]


# Ready counts

TABLE = np.array([[2, 0, 1], [0, 0, 0], [0, 5, 0]])


@pytest.mark.parametrize(
    "counts",
    [
        TABLE,
        TABLE.tolist(),
        TABLE.astype(float),
        TABLE.astype(object),
        TABLE.astype(np.uint8),
        sparse.csr_matrix(TABLE),
        sparse.csc_array(TABLE.astype(np.float32)),
        sparse.coo_matrix(TABLE),
        sparse.lil_array(TABLE),
        sparse.coo_array(([1, 1, 1, 5, 0], ([0, 0, 0, 2, 1], [0, 0, 2, 1, 1])), shape=(3, 3)),
        sparse.csr_array(
            (np.array([1, 2, 5]), np.array([2, 0, 1]), np.array([0, 2, 2, 3])), (3, 3)
        ),
    ],
)
def test_counts_of_many_kinds(counts) -> None:
    corpus = Corpus.from_counts(counts, ["a", "b", "c"], ids=list("xyz"))
    assert dense(corpus) == TABLE.tolist()
    assert corpus.bag.words.tolist() == [0, 2, 1]
    assert corpus.bag.words.dtype == corpus.bag.counts.dtype == np.int32
    assert corpus.empty.tolist() == [False, True, False]
    assert (corpus.tokenizer, corpus.texts, corpus.labels) == (None, None, None)


def test_the_given_matrix_stays_as_it_is() -> None:
    data, columns, ends = np.array([1.0, 2.0, 0.0]), np.array([2, 2, 0]), np.array([0, 3])
    Corpus.from_counts(sparse.csr_matrix((data, columns, ends), (1, 3)))
    assert (data.tolist(), columns.tolist(), ends.tolist()) == ([1, 2, 0], [2, 2, 0], [0, 3])


@pytest.mark.parametrize("make", [np.array, sparse.csr_array, sparse.csc_matrix, sparse.coo_matrix])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "row 1, column 2 of the counts is NaN: not a number"),
        (-1, r"row 1, column 2 of the counts is -1(\.0)?: a count cannot be negative"),
        (0.5, "row 1, column 2 of the counts is 0.5: a count is a whole number"),
        (2**31, "row 1, column 2 of the counts is 2147483648.*: a count is at most 2147483647"),
        (float("inf"), "row 1, column 2 of the counts is inf: a count is at most"),
    ],
)
def test_an_entry_that_is_no_count(make, value: float, message: str) -> None:
    table = np.zeros((3, 4), dtype=np.int64 if isinstance(value, int) else float)
    table[0, 0], table[1, 2] = 1, value
    one_line(message, Corpus.from_counts, make(table))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2, 3], r"two dimensions, documents × words, not the shape \(3,\)"),
        (sparse.coo_array(np.array([1, 2])), "two dimensions"),
        (np.zeros((0, 3)), "no documents"),
        (np.zeros((3, 0)), "no columns"),
        ([["a"]], "counts must be numbers"),
        ([[1j]], "counts must be numbers"),
        ([[1, 2], [3]], "not this list"),
        ("text", "two dimensions|must be"),
        (None, "two dimensions|must be"),
        (sparse.coo_array(([2**30] * 3, ([0] * 3, [0] * 3)), (1, 1)), "repeated entries add up"),
    ],
)
def test_counts_of_a_wrong_kind(counts, message: str) -> None:
    one_line(message, Corpus.from_counts, counts)


def test_repeated_entries_are_judged_before_they_are_added_up() -> None:
    hidden = sparse.coo_array(([2, -1], ([0, 0], [0, 0])), (1, 1))
    one_line("row 0, column 0 of the counts is -1", Corpus.from_counts, hidden)
    narrow = sparse.coo_array((np.array([100, 100], np.int8), ([0, 0], [0, 0])), (1, 1))
    assert dense(Corpus.from_counts(narrow)) == [[200]]


def test_words_that_do_not_fit_the_counts() -> None:
    with pytest.raises(VocabularyError, match="counts have 3 columns, but there are 2 words"):
        Corpus.from_counts(TABLE, ["a", "b"])
    assert Corpus.from_counts(TABLE).words == ("word0", "word1", "word2")
    one_line("there are 1 texts for 3", Corpus.from_counts, TABLE, texts=["a"])
    one_line("row 0 of the texts is an int", Corpus.from_counts, TABLE, texts=[1, 2, 3])
    with pytest.raises(InputError, match="is there twice"):
        Corpus.from_counts(TABLE, ids=["a", "b", "a"])
