"""Data sets by name; those that are not at hand are skipped with the reason."""

from __future__ import annotations

import os
import socket
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tenor.corpus import datasets
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, SourceError
from tenor.sources import catalogue
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

SHARED = Path(os.environ.get("TENOR_SHARED", Path(__file__).parents[3] / "shared"))
VOCABULARY = SHARED / "data/nvdm-20news/vocab.txt"
CACHE = SHARED / "scikit_learn_data"

needs_shared = pytest.mark.skipif(
    not (VOCABULARY.is_file() and (CACHE / "20news-bydate_py3.pkz").is_file()),
    reason=f"no 20 Newsgroups cache and NVDM vocabulary in {SHARED}",
)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(CACHE))


@needs_shared
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("subset", "documents", "tokens", "values", "position_of_last"),
    [("train", 11_290, 1_138_254, 730_581, 11_313), ("test", 7_510, 721_646, 477_344, 7_531)],
)
def test_nvdm_20news_has_the_published_totals(
    subset: str, documents: int, tokens: int, values: int, position_of_last: int
) -> None:
    corpus = datasets.load("nvdm-20news", subset, vocabulary=VOCABULARY)
    assert corpus.shape == (documents, 2_000)
    assert (int(corpus.bag.lengths.sum()), corpus.bag.nnz) == (tokens, values)
    assert not corpus.empty.any()
    assert corpus.ids[-1] == f"{subset}-{position_of_last:05d}"
    assert corpus.words == tuple(VOCABULARY.read_text().split())
    assert corpus.texts is not None
    assert len(set(corpus.labels or [])) == 20


@needs_shared
@pytest.mark.usefixtures("cache")
def test_20newsgroups() -> None:
    whole = datasets.load("20newsgroups", "test")
    assert len(whole) == 7_532
    assert (whole.ids[12], whole.source) == ("test-00012", "20newsgroups (test)")
    bare = datasets.load(
        "20newsgroups", "test", remove=["headers", "quotes"], vocabulary=whole.vocabulary
    )
    assert (bare.ids, bare.labels) == (whole.ids, whole.labels)
    assert bare.bag.lengths.sum() < whole.bag.lengths.sum()
    assert bare.texts is not None
    assert "Subject:" not in bare.texts[0]


def test_20newsgroups_that_cannot_be_had(tmp_path, monkeypatch, recwarn) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(SourceError, match=r"20newsgroups could not be had .*unreachable") as caught:
        Corpus.read("20newsgroups")
    assert "\n" not in str(caught.value)
    assert not recwarn.list
    assert socket.getdefaulttimeout() is None


@pytest.fixture(scope="module")
def python_docs() -> Corpus:
    return datasets.load("python-docs")


def test_python_docs(python_docs: Corpus) -> None:
    assert 4_000 < len(python_docs) < 12_000
    assert len(set(python_docs.ids)) == len(python_docs)
    row = python_docs.ids.index("json.decoder.JSONDecoder.decode")
    assert python_docs.labels is not None
    assert python_docs.texts is not None
    assert python_docs.labels[row] == "json"
    assert "JSON document" in python_docs.texts[row]
    modules = set(python_docs.labels)
    assert {"json", "asyncio", "argparse", "unittest"} <= modules
    assert modules.isdisjoint({"test", "idlelib", "lib2to3", "site-packages", "turtledemo"})
    assert not any(
        ".tests." in identity or "site-packages" in identity for identity in python_docs.ids
    )


def test_python_docs_imports_nothing() -> None:
    before = set(sys.modules)
    next(iter(catalogue.documents("python-docs", "all", ())))
    assert not {"antigravity", "this", "turtle"} & (set(sys.modules) - before)


def test_python_docs_is_split_by_name(python_docs: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenor.sources import python_docs as datasets_python_docs

    sources = datasets_python_docs._sources
    monkeypatch.setattr(datasets_python_docs, "_sources", lambda path: sources(path)[:40])
    parts = {
        subset: datasets.load("python-docs", subset, rule=VocabularyRule(1, 1.0)).ids
        for subset in ("train", "test", "all")
    }
    assert sorted(parts["train"] + parts["test"]) == sorted(parts["all"])
    assert 0.1 < len(parts["test"]) / len(parts["all"]) < 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "20news"},
            'no data set "20news"; there are: 20newsgroups, nvdm-20news, python-docs',
        ),
        ({"name": "20newsgroups", "subset": "dev"}, 'subset must be "train", "test" or "all"'),
        ({"name": "20newsgroups", "remove": ["body"]}, "remove takes a list of any of headers"),
        ({"name": "20newsgroups", "remove": "headers"}, "remove takes a list"),
        ({"name": "python-docs", "remove": ["quotes"]}, "python-docs has nothing to remove"),
        ({"name": "nvdm-20news"}, "needs vocabulary="),
        ({"name": "nvdm-20news", "vocabulary": "/no/vocab.txt"}, "cannot read /no/vocab.txt"),
        (
            {"name": "nvdm-20news", "vocabulary": ["a"], "tokenizer": Tokenizer("a-z")},
            "leave tokenizer and rule out",
        ),
    ],
)
def test_bad_requests(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        datasets.load(**arguments)


def test_names_and_rows_of_a_data_set_are_fixed(python_docs: Corpus) -> None:
    assert datasets.names() == ["20newsgroups", "nvdm-20news", "python-docs"]
    again = [d.id for d in islice(catalogue.documents("python-docs", "all", ()), 200)]
    assert python_docs.ids[:200] == again
    np.testing.assert_array_equal(python_docs.empty, python_docs.bag.lengths == 0)


def test_a_light_import() -> None:
    import subprocess

    code = (
        "import sys, tenor.corpus.datasets, tenor.text.tokenizer, tenor.text.vocabulary; "
        "print(sorted({'torch', 'sklearn', 'pyarrow', 'scipy', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
