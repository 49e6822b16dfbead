"""Those who find topics, behind one face: begin on a corpus, then find so many topics in it.

What a contestant does once for any number of topics (a model's fit, embeddings) is its beginning
and timed apart. Settings are each one's own defaults but for the number of topics, the seed and
what a class says of itself.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tables import cores

import tenor

TOP = 10
Topics = list[list[int]]


class Contestant(ABC):
    """One method on one corpus with one seed.

    Attributes:
        name: what its rows are called.
        needs: the packages that must be installed.
        varies: whether another seed gives other topics.
        by_counts: whether it needs counts only, so that documents can be drawn anew.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    varies: ClassVar[bool] = True
    by_counts: ClassVar[bool] = True

    def __init__(self, seed: int, quick: bool = False) -> None:
        self.seed, self.quick = seed, quick

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be run here, if it cannot."""
        for package in cls.needs:
            try:
                importlib.import_module(package)
            except (ImportError, RuntimeError) as error:  # the latter from builds that do not fit
                return f"{package} does not import here: {error}".splitlines()[0]
        return None

    @abstractmethod
    def begin(self, corpus: tenor.Corpus) -> None:
        """What serves any number of topics."""

    @abstractmethod
    def find(self, n_topics: int) -> Topics:
        """The ids of the ten words of every topic, the strongest first."""

    def support(self) -> bool:
        """Measure how much of the topics just found can be relied on; whether it can do that."""
        return False


def strongest(weights: NDArray[Any]) -> Topics:
    """Ids of the ten largest entries of every row."""
    found: Topics = np.argsort(-weights, axis=1, kind="stable")[:, :TOP].tolist()
    return found


@final
class Tenor(Contestant):
    """An NVDM at its defaults, fitted once; all numbers of topics are read out of it."""

    name = "**tenor**"
    needs = ("tenor",)
    preset: ClassVar[str | None] = None

    def begin(self, corpus: tenor.Corpus) -> None:
        settings = tenor.preset(self.preset) if self.preset else {}
        settings |= {"epochs": 2} if self.quick else {}
        self.index = corpus.vocabulary.index
        self.model = tenor.NVDM(**settings, random_state=self.seed).fit(corpus)

    def find(self, n_topics: int) -> Topics:
        self.topics = self.model.find_topics(n_topics)
        return [[self.index[word] for word, _ in topic] for topic in self.topics.words(TOP)]

    def support(self) -> bool:
        self.topics.measure()
        return True


class _Factorised(Contestant):
    """scikit-learn's NMF on tf-idf (TfidfTransformer's defaults), at most 400 iterations."""

    needs = ("sklearn",)
    start: ClassVar[str]

    def begin(self, corpus: tenor.Corpus) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer

        counts = csr_array(corpus.counts, dtype=np.float64)
        self.tfidf = TfidfTransformer().fit_transform(counts)

    def find(self, n_topics: int) -> Topics:
        import warnings

        from sklearn.decomposition import NMF
        from sklearn.exceptions import ConvergenceWarning

        iterations = 5 if self.quick else 400
        model = NMF(n_topics, init=self.start, max_iter=iterations, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(self.tfidf)
        return strongest(model.components_)


@final
class FactorisedFromSVD(_Factorised):
    """From the singular vectors (nndsvda): the usual choice, in which a seed hardly matters."""

    name = "scikit-learn NMF, nndsvda"
    start = "nndsvda"
    varies = False


@final
class FactorisedFromChance(_Factorised):
    """From random factors, which is what a seed changes."""

    name = "scikit-learn NMF, random"
    start = "random"


@final
class Tomotopy(Contestant):
    """tomotopy's LDA, 1,000 iterations of Gibbs sampling on all cores."""

    name = "tomotopy LDA"
    needs = ("tomotopy",)

    def begin(self, corpus: tenor.Corpus) -> None:
        bag = corpus.bag.joined().compact()
        self.index = corpus.vocabulary.index
        listed = np.array(corpus.words, dtype=object)[np.repeat(bag.words, bag.counts)]
        self.documents = np.split(listed, np.cumsum(bag.lengths)[:-1])

    def find(self, n_topics: int) -> Topics:
        import tomotopy

        model = tomotopy.LDAModel(k=n_topics, seed=self.seed)
        for document in self.documents:
            model.add_doc(document.tolist(), ignore_empty_words=True)
        model.train(20 if self.quick else 1000, workers=cores())
        return [
            [self.index[word] for word, _ in model.get_topic_words(k, top_n=TOP)]
            for k in range(n_topics)
        ]
