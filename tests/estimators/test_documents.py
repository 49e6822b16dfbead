"""What an estimator takes for documents, and for no documents at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline

import tenor
from tenor.errors import InputError

TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red", "green"] * 4
WORDS = ["blue", "green", "red", "yellow"]
TINY: dict[str, Any] = {
    "n_components": 2,
    "encoder_sizes": (4,),
    "epochs": 1,
    "min_df": 1,
    "max_df": 1.0,
    "device": "cpu",
}
COUNTS = np.array([[text.split().count(word) for word in WORDS] for text in TEXTS])
FRAME = pd.DataFrame(COUNTS, columns=WORDS)


@pytest.fixture(scope="module")
def model() -> tenor.NVDM:
    return tenor.NVDM(**TINY).fit(TEXTS)


@pytest.fixture(scope="module")
def of_counts() -> tenor.NVDM:
    return tenor.NVDM(**TINY).fit(COUNTS)


CONTAINERS = {
    "generator": lambda: (text for text in TEXTS),
    "map": lambda: map(str, TEXTS),
    "values of a dict": lambda: dict(enumerate(TEXTS)).values(),
    "Series": lambda: pd.Series(TEXTS, index=range(5, 25)),
    "data frame": lambda: pd.DataFrame({"body": TEXTS}),
    "Arrow chunks": lambda: pa.chunked_array([TEXTS[:3], TEXTS[3:]]),
    "Arrow table": lambda: pa.table({"body": TEXTS}),
    "column of an array": lambda: np.array(TEXTS)[:, None],
    "counts in a data frame": lambda: FRAME,
    "sparse data frame": lambda: pd.DataFrame.sparse.from_spmatrix(
        csr_array(COUNTS), columns=WORDS
    ),
    "Arrow table of counts": lambda: pa.table(dict(FRAME)),
    "list of lists": COUNTS.tolist,
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_method_takes_every_container(model: tenor.NVDM, name: str) -> None:
    make: Any = CONTAINERS[name]
    expected = model.transform(TEXTS)
    assert np.array_equal(model.transform(make()), expected)
    assert np.array_equal(model.posterior(make()).mean, expected)
    assert model.perplexity(make()) == model.perplexity(TEXTS)
    assert model.reconstruct(make(), 2) == model.reconstruct(TEXTS, 2)
    assert model.evaluate(make(), n_samples=2, reference=make()).perplexity.n_documents == 20
    again = clone(model)
    if name == "list of lists":
        again.set_params(vocabulary=WORDS)
    again.fit(make())
    assert again.vocabulary_ == WORDS and np.array_equal(again.transform(make()), expected)
    assert again.index_documents(make()).similar_documents(1, row=0)
    assert len(again.find_topics(1, documents=make())) == 1


NOTHING = {
    "list": lambda: [],
    "tuple": lambda: (),
    "generator": lambda: iter(()),
    "floats": lambda: np.array([]),
    "objects": lambda: np.array([], object),
    "Series": lambda: pd.Series([], dtype=object),
    "data frame": lambda: pd.DataFrame({"body": []}),
    "Arrow": lambda: pa.array([]),
    "Arrow strings": lambda: pa.chunked_array([], pa.string()),
    "Arrow table": lambda: pa.table({"body": pa.array([], pa.string())}),
    "counts": lambda: np.zeros((0, 4)),
    "sparse counts": lambda: csr_array((0, 4), dtype=int),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_documents_have_no_vectors(model: tenor.NVDM, of_counts: tenor.NVDM, name: str) -> None:
    make: Any = NOTHING[name]
    for made in (model, of_counts):
        assert made.transform(make()).shape == (0, 2)
        assert made.transform(make(), refine=2).shape == (0, 2)
        posterior = made.posterior(make())
        assert posterior.mean.shape == posterior.log_sigma.shape == (0, 2)
        assert made.reconstruct(make()) == []
        assert made.topics_.weights(make()).shape == (0, len(made.topics_))
        for measure in (made.perplexity, made.score, made.evaluate):
            with pytest.raises(InputError, match="no document has a word of the vocabulary"):
                measure(make())
        with pytest.raises(InputError, match="no documents to index"):
            made.index_documents(make())
        with pytest.raises(InputError, match="no document has a word"):
            made.find_topics(documents=make())
        with pytest.raises(InputError, match="nothing to train on"):
            made.continue_fit(make())
    with pytest.raises(InputError):
        clone(model).fit(make())


def test_no_rows_of_a_data_frame(model: tenor.NVDM) -> None:
    assert model.transform(FRAME[:0]).shape == (0, 2)


def test_missing_texts_and_labels_are_rows_that_join_no_measure(model: tenor.NVDM) -> None:
    texts: list[Any] = [*TEXTS, None, float("nan"), pd.NA]
    vectors = model.transform(texts)
    assert np.array_equal(vectors[:20], model.transform(TEXTS))
    assert np.array_equal(vectors[20:], model.transform([""] * 3))
    labels: list[Any] = ["a", "b"] * 10 + [None, float("nan"), ""]
    labels[4], labels[5] = pd.NA, pd.NaT
    given = pd.Series(labels, dtype=object)
    corpus = tenor.Corpus.from_texts(texts, labels=given, vocabulary=WORDS)
    assert corpus.labels is not None and corpus.labels.count(None) == 5
    fitted = tenor.NVDM(**TINY, vocabulary=WORDS).fit(corpus)
    found = fitted.evaluate(corpus, n_samples=2)
    assert found.retrieval["latent"].n_queries == 18
    assert found.retrieval["latent"].n_unlabelled == 10  # five that ask, five that are asked
    clustered = found.clustering["latent"]
    assert (clustered.n_clusters, clustered.n_documents, clustered.n_unlabelled) == (2, 18, 5)
    for shares in (fitted.topics_.shares(), fitted.topics_.shares(by=given)):
        assert set(shares.groups) == {"a", "b"} and shares.unlabelled == 5


def test_a_model_of_a_data_frame_has_its_words(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY).fit(FRAME)
    assert model.vocabulary_ == WORDS
    assert model.feature_names_in_.tolist() == WORDS
    assert model.get_feature_names_out().tolist() == ["nvdm0", "nvdm1"]
    vectors = model.transform(FRAME)
    with pytest.raises(InputError, match="should match those that were passed during fit"):
        model.transform(FRAME[WORDS[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        assert np.array_equal(model.transform(COUNTS), vectors)
    model.save(tmp_path / "model")
    for other in (tenor.load(tmp_path / "model", device="cpu"), tenor.NVDM(**TINY).fit(TEXTS)):
        assert other.transform(FRAME).shape == vectors.shape
        for reordered in (FRAME[WORDS[::-1]], pa.table(dict(FRAME[WORDS[::-1]]))):
            with pytest.raises(InputError, match=r"another order .*, counts\[model\.vocabulary_\]"):
                other.transform(reordered)
        with pytest.raises(InputError, match="1 column of the counts, such as 'pink', not among"):
            other.transform(FRAME.rename(columns={"red": "pink"}))


def test_names_and_vocabulary_may_not_contradict_each_other() -> None:
    assert tenor.NVDM(**TINY, vocabulary=WORDS).fit(FRAME).vocabulary_ == WORDS
    with pytest.raises(InputError, match=r"another order than the words of the vocabulary"):
        tenor.NVDM(**TINY, vocabulary=WORDS[::-1]).fit(FRAME)
    with pytest.raises(InputError, match="not among the words of the vocabulary"):
        tenor.NVDM(**TINY, vocabulary=list("abcd")).fit(FRAME)
    unnamed = tenor.NVDM(**TINY, vocabulary=list("abcd")).fit(FRAME.to_numpy())
    assert unnamed.vocabulary_ == list("abcd")
    for names, said in (
        ([1, 2, 3, 4], "column 0 of the counts is called 1, which is no word"),
        (["a", "b", "c", "a"], "unique|twice"),
        (["a", "b", "c", 1], "string names"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            tenor.NVDM(**TINY).fit(pd.DataFrame(COUNTS, columns=names))
        assert "\n" not in str(caught.value)


def test_in_a_pipeline() -> None:
    vectorizer = CountVectorizer()
    expected = make_pipeline(vectorizer, tenor.NVDM(**TINY)).fit_transform(TEXTS)
    named = tenor.NVDM(**TINY, vocabulary=vectorizer.vocabulary_)
    assert np.array_equal(named.fit_transform(vectorizer.transform(TEXTS)), expected)
    assert named.vocabulary_ == vectorizer.get_feature_names_out().tolist() == WORDS
    frame = pd.DataFrame({"year": range(20), "body": TEXTS})
    for columns in ("body", ["body"]):
        beside = ColumnTransformer([("text", tenor.NVDM(**TINY), columns)], remainder="passthrough")
        assert beside.fit_transform(frame).shape == (20, 3)


def test_words_of_a_generator_are_saved_too(tmp_path: Path) -> None:
    model = tenor.NVDM(**TINY, vocabulary=(word for word in WORDS)).fit(TEXTS)
    model.save(tmp_path / "model")
    assert tenor.load(tmp_path / "model").vocabulary_ == WORDS
    with pytest.raises(InputError, match="at least one word"):
        model.fit(TEXTS)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        (np.array([1.0, 2.0]), r"neither texts nor counts, .* Reshape your data"),
        (pd.Series([1, 2]), "neither texts nor counts"),
        ([[1, 2], [3]], "row 1 of the counts is not as long as row 0"),
        ([[1, 2, 3, "a secret"]], "counts must be numbers, documents × words; a list holds some"),
        (np.array([["a secret", "b"]]), r"counts must be numbers, .* not an array of <U8"),
        (np.array([["a secret", 1]], object), r"counts must be numbers, .*; an array holds someth"),
    ],
    ids=str,
)
def test_what_is_neither_texts_nor_counts(model: tenor.NVDM, documents: Any, said: str) -> None:
    for ask in (model.transform, tenor.NVDM(**TINY).fit, model.index_documents):
        with pytest.raises(InputError, match=said) as caught:
            ask(documents)
        assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


SECRET = "a long text that nobody wants to see again in an error message, and not in a log either"
ODD = [SECRET, [SECRET], {SECRET: SECRET}, object(), 2.5, b"x", -1]
ASKED: dict[str, Any] = {
    "refine": lambda model, odd: model.transform(TEXTS, refine=odd),
    "top": lambda model, odd: model.reconstruct(TEXTS, odd),
    "samples": lambda model, odd: model.perplexity(TEXTS, odd),
    "drawn": lambda model, odd: model.sample(odd),
    "word": lambda model, odd: model.most_similar(odd),
    "row": lambda model, odd: model.similar_documents(row=odd),
    "id": lambda model, odd: model.similar_documents(id=odd),
    "space": lambda model, odd: model.similar_documents(row=0, space=odd),
    "clusters": lambda model, odd: model.clusters(odd),
    "seed": lambda model, odd: model.clusters(2, seed=odd),
    "topics": lambda model, odd: model.find_topics(odd),
    "seed words": lambda model, odd: model.find_topics(2, seed_words={"name": odd}),
    "names of topics": lambda model, odd: model.find_topics(2, seed_words={SECRET: odd}),
    "kept out": lambda model, odd: model.find_topics(2, keep_out=odd),
    "groups": lambda model, odd: model.topics_.shares(odd),
    "tokenizer": lambda model, odd: tenor.Corpus.from_texts(TEXTS, tokenizer=odd),
    "rule": lambda model, odd: tenor.Corpus.from_texts(TEXTS, rule=odd),
    "columns": lambda model, odd: tenor.Corpus.from_texts(TEXTS, columns=odd),
    "column": lambda model, odd: tenor.Corpus.from_texts(TEXTS, columns={"a": odd}),
    "values": lambda model, odd: tenor.Corpus.from_texts(
        TEXTS, columns={"a": [odd, object()] * 10}
    ),
    "ids": lambda model, odd: tenor.Corpus.from_texts(TEXTS, ids=[odd] * 20),
    "rows": lambda model, odd: tenor.Corpus.from_counts(COUNTS)[odd],
    "kept": lambda model, odd: tenor.Corpus.from_counts(COUNTS).column(odd),
    "other words": lambda model, odd: model._corpus(TEXTS).encode_like(WORDS, odd),
    "preset": lambda model, odd: tenor.preset(odd),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_odd_arguments_are_one_line_without_a_text(model: tenor.NVDM, ask: Any) -> None:
    for odd in ODD:
        with pytest.raises(InputError) as caught:
            ask(model, odd)
        assert "wants to see" not in str(caught.value) and "\n" not in str(caught.value)


def test_what_a_tokenizer_may_be_named_by() -> None:
    tokens = [text.split() for text in TEXTS]
    joined = [" ".join(one) for one in tokens]  # as the error about lists of tokens says
    expected = tenor.Corpus.from_texts(joined, tokenizer=tenor.Tokenizer(), vocabulary=WORDS)
    for cut in (str.split, "unicode", "a-z", None):
        made = tenor.Corpus.from_texts(joined, tokenizer=cut, vocabulary=WORDS)
        assert made.fingerprint() == expected.fingerprint()
        assert expected.encode_like(WORDS, cut).fingerprint() == expected.fingerprint()
    said = r"tokenizer must be a tenor.Tokenizer, a function or .*, not 'words'"
    with pytest.raises(InputError, match=said):
        tenor.Corpus.from_texts(TEXTS, tokenizer="words")
