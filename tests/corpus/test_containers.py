"""What documents may be held in, and what is said of anything else."""

from __future__ import annotations

import datetime
from collections import Counter, UserList, deque
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from tenor.corpus.containers import is_counts
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, TenorError, VocabularyError
from tenor.text.vocabulary import VocabularyRule

try:
    import polars as pl
except ImportError:
    pl = None

WORDS = ["ant", "bee", "cat"]
TEXTS = ["ant bee", "", "cat cat", "bee"]
NAN = float("nan")
SECRET = "a text that nobody may read in a message"
MISSING: list[Any] = ["ant bee", None, "cat cat", None]


def chunks(texts: list[Any]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(texts[:2], pa.string()), pa.array(texts[2:], pa.string())])


def string_array(texts: list[Any], missing: Any) -> Any:
    kind = np.dtypes.StringDType(na_object=missing)
    return np.array([missing if text is None else text for text in texts], kind)


MAKE: dict[str, Any] = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "deque": deque,
    "UserList": UserList,
    "dict values": lambda texts: dict(enumerate(texts)).values(),
    "object array": lambda texts: np.array(texts, object),
    "column of an array": lambda texts: np.array(texts, object)[:, None],
    "strings of NumPy": lambda texts: string_array(texts, NAN),
    "Arrow": lambda texts: pa.array(texts, pa.string()),
    "Arrow large": lambda texts: pa.array(texts, pa.large_string()),
    "Arrow view": lambda texts: pa.array(texts, pa.string_view()),
    "Arrow dictionary": lambda texts: pa.array(texts, pa.string()).dictionary_encode(),
    "Arrow chunks": chunks,
    "Arrow table": lambda texts: pa.table({"body": pa.array(texts, pa.string())}),
    "Arrow batch": lambda texts: pa.record_batch({"body": pa.array(texts, pa.string())}),
    "Series": pd.Series,
    "Series of objects": lambda texts: pd.Series(texts, dtype=object),
    "Series of pandas' strings": lambda texts: pd.Series(texts, dtype="string"),
    "Series of Arrow": lambda texts: pd.Series(texts, dtype=pd.ArrowDtype(pa.string())),
    "Series of categories": lambda texts: pd.Series(texts, dtype="category"),
    "Index": pd.Index,
    "data frame": lambda texts: pd.DataFrame({"body": texts}),
    "data frame of objects": lambda texts: pd.DataFrame({"body": texts}, dtype=object),
}
if pl is not None:
    MAKE |= {
        "Series of polars": pl.Series,
        "categories of polars": lambda texts: pl.Series(texts, dtype=pl.Categorical),
        "data frame of polars": lambda texts: pl.DataFrame({"body": texts}),
    }


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_texts_in_any_container(make: Any) -> None:
    corpus = Corpus.from_texts(make(TEXTS), vocabulary=WORDS)
    assert corpus.texts == TEXTS
    assert corpus.counts.toarray().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 2], [0, 1, 0]]
    assert not is_counts(make(TEXTS))


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_missing_text_is_an_empty_document(make: Any) -> None:
    corpus = Corpus.from_texts(make(MISSING), vocabulary=WORDS)
    assert corpus.texts == ["ant bee", "", "cat cat", ""]
    assert corpus.empty.tolist() == [False, True, False, True]
    assert corpus.origin.read.n_missing == 2
    assert "4 documents (2 without a text)" in str(corpus.origin)
    said = "^row 1 of the texts is missing; pass a text, or let it be empty"
    with pytest.raises(InputError, match=said) as caught:
        Corpus.from_texts(make(MISSING), vocabulary=WORDS, missing_text="refuse")
    assert caught.value.parameters == ("missing_text",)
    with pytest.raises(InputError, match='missing_text must be "empty" or "refuse"'):
        Corpus.from_texts(make(MISSING), missing_text="drop")


@pytest.mark.parametrize(
    "missing", [None, NAN, np.datetime64("NaT"), pd.NA, pd.NaT, np.float32(NAN)]
)
def test_every_kind_of_missing_value(missing: Any) -> None:
    texts = ["ant", missing, "bee"]
    corpus = Corpus.from_texts(texts, labels=texts, vocabulary=WORDS)
    assert (corpus.texts, corpus.labels) == (["ant", "", "bee"], ["ant", None, "bee"])
    again = Corpus.from_counts(corpus.counts, WORDS, texts=texts, labels=texts)
    assert (again.texts, again.labels) == (corpus.texts, corpus.labels)
    with pytest.raises(InputError, match="the id of row 1 is missing; every document needs one"):
        Corpus.from_texts(["a", "b", "c"], ids=texts)


NOTHING = {
    "list": [None, NAN],
    "floats": np.array([NAN, NAN]),
    "objects": np.array([None, None]),
    "Series of floats": pd.Series([NAN, NAN]),
    "Series of NaT": pd.Series([pd.NaT, pd.NaT]),
    "data frame": pd.DataFrame({"body": [None, None]}),
    "Arrow": pa.nulls(2),
    "Arrow chunks": pa.chunked_array([pa.nulls(1), pa.nulls(1)]),
    "Arrow table": pa.table({"body": pa.nulls(2)}),
    "Arrow text and nothing": pa.chunked_array([pa.nulls(1, pa.string()), [None]]),
}


@pytest.mark.parametrize("documents", NOTHING.values(), ids=NOTHING)
def test_a_container_of_nothing(documents: Any) -> None:
    assert not is_counts(documents)
    assert Corpus.from_texts(documents, vocabulary=WORDS).texts == ["", ""]


LABELS = {name: make for name, make in MAKE.items() if not name.endswith(("table", "batch"))}
LABELS = {name: make for name, make in LABELS.items() if "frame" not in name}


@pytest.mark.parametrize("make", LABELS.values(), ids=LABELS)
def test_labels_and_ids_in_any_container(make: Any) -> None:
    labels = make(["x", None, "y", ""])
    if isinstance(labels, np.ndarray) and labels.ndim > 1:
        with pytest.raises(InputError, match="labels must be a list, one a document, not an array"):
            Corpus.from_texts(TEXTS, labels=labels, vocabulary=WORDS)
        return
    corpus = Corpus.from_texts(TEXTS, labels=labels, ids=make(list("abcd")), vocabulary=WORDS)
    assert corpus.labels == ["x", None, "y", None]
    assert corpus.ids == list("abcd")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"a", "b", "c", "d"}, "labels must be a list, as a set has no order"),
        (dict.fromkeys("abcd"), "labels must be a list, one a document, not a dict"),
        (pd.DataFrame({"a": [1, 2, 3, 4]}), "not a DataFrame"),
        ("abcd", "labels must be a list, one a document, not a str"),
        ([["a"], ["b"], ["c"], ["d"]], "the label of row 0 is a list, not a name or a number"),
        ([b"a", b"b", b"c", b"d"], "the label of row 0 is bytes"),
    ],
)
def test_labels_that_are_none(labels: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Corpus.from_texts(TEXTS, labels=labels, vocabulary=WORDS)


S = [SECRET] * 3
REFUSED: dict[str, tuple[Any, str]] = {
    "a text": (SECRET, r"got one text; put it in a list: \[text\]"),
    "the name of a file": (__file__, "got one text; .* or read files with tenor.Corpus.read"),
    "bytes": (SECRET.encode(), "not bytes; decode it"),
    "a path": (Path(SECRET), "not a path; read files with tenor.Corpus.read"),
    "a dict": ({SECRET: SECRET}, r"not a dict; pass its texts, list\(d.values\(\)\)"),
    "a set": ({SECRET}, "a set of texts has no order, so no rows"),
    "a frozenset": (frozenset(S), "a frozenset of texts has no order"),
    "a number": (5, "must be a list of str, not an int"),
    "nothing": (None, "must be a list of str, not None"),
    "an object": (object(), "not an object"),
    "a function": (print, "not a builtin_function_or_method"),
    "an array of one value": (np.array(SECRET), "not one value; put it in a list"),
    "lists of tokens": (
        [SECRET.split()] * 3,
        "row 0 .* is a list, not str; join tokens .*=str.split",
    ),
    "a list in a list": ([S], "row 0 of the texts is a list, not str; join tokens to texts"),
    "lists in lists": ([[S]], "row 0 of the texts is a list, not str"),
    "tokens of different numbers": ([["a"], S], "row 0 of the texts is a list, not str"),
    "a Series of lists": (pd.Series([S, S]), "row 0 of the texts is a list, not str; join tokens"),
    "Arrow's lists": (pa.array([S]), "row 0 of the texts is a list, not str; join tokens"),
    "a text and a list": ([SECRET, S], "row 1 of the texts is a list, not str"),
    "a generator of lists": ((S for _ in range(2)), "row 0 of the texts is a list, not str"),
    "dicts": ([{"text": SECRET}], "row 0 of the texts is a dict, not str; pass the text in it"),
    "a dict's items": ({SECRET: SECRET}.items(), "row 0 of the texts is a tuple, not str"),
    "bytes in a list": ([SECRET.encode()], "row 0 of the texts is bytes, not str; decode it first"),
    "Arrow's bytes": (pa.array([SECRET.encode()]), "row 0 of the texts is bytes, not str"),
    "paths": ([Path(SECRET)], "row 0 of the texts is a PosixPath, not str; pass what the file"),
    "a text and a number": ([SECRET, 1], "row 1 of the texts is an int, not str"),
    "a generator of numbers": ((number for number in (1, 2)), "row 0 of the texts is an int"),
    "dates": (pd.Series(pd.to_datetime(["2020-01-01"])), "row 0 of the texts is a Timestamp"),
    "a data frame": (
        pd.DataFrame({"id": [1], "body": [SECRET]}),
        r'a DataFrame of 2 columns \(id, body\) is neither .* such as df\["body"\]',
    ),
    "a table": (
        pa.table({"id": [1], "body": [SECRET]}),
        r'a Table of 2 columns \(id, body\) is neither .* such as df\["body"\]',
    ),
    "two columns of texts": (pd.DataFrame({"a": S, "b": S}), "neither texts nor counts"),
}
if pl is not None:
    REFUSED |= {
        "a lazy frame": (pl.DataFrame({"a": S}).lazy(), "not a LazyFrame; collect it"),
        "lists of polars": (pl.Series([S, S]), "row 0 of the texts is a list, not str"),
        "a frame of polars": (pl.DataFrame({"id": [1], "a": [SECRET]}), r'such as df\["a"\]'),
    }


@pytest.mark.parametrize(("documents", "said"), REFUSED.values(), ids=REFUSED)
def test_what_was_passed_is_said_and_not_repeated(documents: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        Corpus.from_texts(documents)
    assert SECRET not in str(caught.value) and "\n" not in str(caught.value)
    assert "nobody" not in str(caught.value)


def test_columns_that_cannot_be_kept_are_not_repeated() -> None:
    for values in ([SECRET, 1], [[SECRET], [1]], [{"a": SECRET}, 1], ["\ud800", SECRET]):
        with pytest.raises(InputError, match='the column "c" ') as caught:
            Corpus.from_texts(["a", "b"], columns={"c": values})
        assert SECRET not in str(caught.value) and "\n" not in str(caught.value)


def test_columns_in_any_order_and_with_missing_values() -> None:
    for values in ({"x": 1, "y": 2}, "xy", b"xy", {"x", "y"}, frozenset("xy")):
        with pytest.raises(InputError, match='the column "c" must be a list, '):
            Corpus.from_texts(["a", "b"], columns={"c": values}, vocabulary=WORDS)
    for missing in (None, NAN, pd.NA, pd.NaT, np.datetime64("NaT")):
        for value in ("x", 5, datetime.date(2020, 1, 1)):
            corpus = Corpus.from_texts(
                ["a", "b"], columns={"c": [value, missing]}, vocabulary=WORDS
            )
            assert corpus.column("c").to_pylist() == [value, None]


def test_half_a_surrogate_pair_beside_counts() -> None:
    for what in ("texts", "labels", "ids"):
        with pytest.raises(TenorError, match="half a surrogate pair"):
            Corpus.from_counts([[1]], **{what: ["\ud800"]})


# Counts in tables

COUNTS = np.array([[1, 0, 2], [0, 3, 0]])
TABLES: dict[str, Any] = {
    "data frame": lambda names: pd.DataFrame(COUNTS, columns=names),
    "with missing values allowed": lambda names: pd.DataFrame(COUNTS, columns=names).astype(
        "Int64"
    ),
    "sparse": lambda names: pd.DataFrame.sparse.from_spmatrix(csr_array(COUNTS), columns=names),
    "objects": lambda names: pd.DataFrame(COUNTS, columns=names).astype(object),
    "Arrow": lambda names: pa.table(dict(zip(names, COUNTS.T, strict=True))),
    "a batch": lambda names: pa.record_batch(
        dict(zip(names, map(pa.array, COUNTS.T), strict=True))
    ),
}
if pl is not None:
    TABLES["polars"] = lambda names: pl.DataFrame(dict(zip(names, COUNTS.T, strict=True)))


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_the_columns_of_a_table_are_the_words(make: Any) -> None:
    table = make(["cat", "ant", "bee"])
    assert is_counts(table)
    corpus = Corpus.from_counts(table)
    assert corpus.words == ("cat", "ant", "bee")
    assert corpus.counts.toarray().tolist() == COUNTS.tolist()
    assert Corpus.from_counts(table, ["cat", "ant", "bee"]).words == corpus.words
    with pytest.raises(InputError, match=r"another order than the words given.*counts\[list"):
        Corpus.from_counts(table, WORDS)
    with pytest.raises(InputError, match="1 column of the counts, such as 'bee', not among the w"):
        Corpus.from_counts(table, ["cat", "ant", "dog"])


def test_columns_that_are_no_words() -> None:
    assert Corpus.from_counts(pd.DataFrame(COUNTS)).words == ("word0", "word1", "word2")
    with pytest.raises(InputError, match="column 0 of the counts is called 5, which is no word"):
        Corpus.from_counts(pd.DataFrame(COUNTS, columns=[5, 6, 7]))
    with pytest.raises(InputError, match="column 2 of the counts is called 1"):
        Corpus.from_counts(pd.DataFrame(COUNTS, columns=["a", "b", 1]))
    with pytest.raises(
        VocabularyError, match='"a" is in the vocabulary twice, at positions 0 and 2'
    ):
        Corpus.from_counts(pd.DataFrame(COUNTS, columns=["a", "b", "a"]))
    for missing in (NAN, pd.NA, None):
        table = pd.DataFrame(COUNTS, columns=WORDS).astype(object)
        table.iloc[1, 1] = missing
        with pytest.raises(InputError, match="row 1, column 1 of the counts is NaN"):
            Corpus.from_counts(table)


def test_a_vectorizers_vocabulary_is_in_its_order() -> None:
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(["cat bee", "ant cat"])
    corpus = Corpus.from_counts(counts, vectorizer.vocabulary_)
    assert corpus.words == tuple(vectorizer.get_feature_names_out())
    texts = Corpus.from_texts(["cat bee", "ant cat"], vocabulary=vectorizer.vocabulary_)
    assert texts.fingerprint() == corpus.fingerprint()
    with pytest.raises(VocabularyError, match="vocabulary is a set, which has another order"):
        Corpus.from_counts(counts, {"ant", "bee", "cat"})
    with pytest.raises(VocabularyError, match="vocabulary is a Counter"):
        Corpus.from_texts(["cat"], vocabulary=Counter("ab"))


def test_a_rule_says_which_words_are_never_counted() -> None:
    with pytest.warns(UserWarning, match='1 of 2 words .* makes "ant" of "Ant"; write them'):
        Corpus.from_texts(["ant"], rule=VocabularyRule(words=("Ant", "bee")))
