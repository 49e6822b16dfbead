"""What every trained document model answers: vectors, topics, words, documents, measures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.corpus.containers import is_counts
from tenor.corpus.corpus import Corpus
from tenor.corpus.coverage import Coverage
from tenor.errors import Advice, InputError, needed_by
from tenor.estimators.protocol import Transformer
from tenor.explore.collection import DocumentCollection
from tenor.explore.dimensions import Dimension, top_words
from tenor.explore.neighbours import nearest
from tenor.model import spaces
from tenor.model.corpus_documents import CorpusDocuments
from tenor.model.discovery import NothingCountedError, Progress, hand_of
from tenor.model.inputs import checked_columns, checked_counts, matching_corpus
from tenor.model.topic_search import TopicSearch
from tenor.model.topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.settings import CommonParameters

if TYPE_CHECKING:
    from tenor.evaluation.perplexity import Perplexity
    from tenor.inference.encode import Posteriors
    from tenor.inference.generate import WordCounts
    from tenor.model.evaluation import Evaluation
    from tenor.model.mapping import DrawnMap, MapRequest


ENOUGH = 50  # tokens: of fewer, as of a query, it may be chance that none is known


class AnsweringModel(CommonParameters, Transformer):
    """A trained model to scikit-learn and to a person; :class:`DocumentModel` trains it.

    Documents are texts in a list, any other iterable in an order, an array, a Series or a table of
    one column; counts (D, V) sparse, or small and dense, whose columns are the model's words; or a
    Corpus. A missing text is an empty document.
    """

    _two_poles: ClassVar[bool]  # whether both ends of a latent dimension mean something

    trained_: TrainedModel
    vocabulary_: list[str]
    history_: list[dict[str, Any]]
    documents_: DocumentCollection | None
    _search: TopicSearch  # for topics; made anew whenever the model is trained
    _seen: DocumentCollection | None  # of the last training, where they are not kept

    # Vectors

    def transform(self, X: Any, refine: int = 0) -> NDArray[np.float32]:
        """The document vectors: the posterior means, (D, K) float32.

        Where the model knows less than half as much of the documents as of those it was trained on
        there is a UserWarning, as their vectors look like any; see :meth:`coverage`.
        """
        vectors = self._fitted.vectors(self._known(X).documents, refine)
        contained: NDArray[np.float32] = self._contained(vectors, X)
        return contained

    def posterior(self, X: Any, refine: int = 0) -> Posteriors:
        """q(z|x): means and log standard deviations, both (D, K).

        Args:
            X: the documents.
            refine: gradient steps on each document's own bound; 0 takes the encoder's answer.

        Raises:
            InputError: for documents that do not fit, or ``refine`` no whole number from 0 up.
        """
        return self._fitted.posteriors(self._known(X).documents, refine)

    def coverage(self, X: Any) -> Coverage:
        """How much of documents the vocabulary knows: documents, tokens, and those it does not.

        The number of tokens is None where nobody counted them, as of ready counts.
        """
        return self._corpus(X).coverage

    def reconstruct(self, X: Any, top: int = 20) -> list[list[tuple[str, float]]]:
        """The ``top`` words each document is expected to hold, with expected counts N · p."""
        return self._fitted.reconstructed(self._corpus(X).documents, top)

    def sample(self, n: int, length: int | None = None, seed: int = 0) -> list[WordCounts]:
        """``n`` documents drawn from the model: z from the prior, then ``length`` words each."""
        trained = self._fitted
        length = trained.statistics.typical_length if length is None else length
        return trained.sample(n, length, seed)

    # Topics

    @property
    def topics_(self) -> ModelTopics:
        """What the documents are about: found when first asked for, ``n_topics`` at most.

        After further training they are found in the new documents, as they were asked for before.

        Raises:
            InputError: when there are none yet and no documents to find them in.
        """
        self._refuse_unfitted()
        return self._search.found(self._at_hand, self.n_topics)

    def find_topics(
        self,
        n_topics: int | str | None = None,
        *,
        seed_words: Mapping[str, Sequence[str]] | None = None,
        hold: bool = True,
        keep_out: Sequence[str] = (),
        documents: Any = None,
        progress: Progress | None = None,
    ) -> ModelTopics:
        """Find topics, again and again; nothing in the model changes, and :attr:`topics_` does.

        Edits of the topics before are applied again, by content; ``lost`` says what does not fit.
        Edited topics, and those of before further training, give on their numbers.

        Args:
            n_topics: at most; "auto" estimates how many; None: as the parameter says.
            seed_words: words that a topic begins with, by the topic's name.
            hold: whether seed words stay with their topic, or only start it.
            keep_out: words that no topic may show.
            documents: to find them in; None: those of the last fit or index_documents.
            progress: told of what takes long: what it is, steps done, steps in all.

        Raises:
            InputError: for a bad number, and when no documents are given or kept.
            UnknownWordError: for a word that the model does not know.
        """
        trained, store = self._fitted, self._at_hand
        hand = hand_of(trained, seed_words, hold, keep_out)
        if documents is not None:
            store = CorpusDocuments(self._corpus(documents), trained)
        n = self.n_topics if n_topics is None else n_topics
        return self._search.find(store, n, hand, self.n_topics, progress)

    @property
    def _at_hand(self) -> DocumentCollection | None:
        """The documents that topics are found in."""
        return self._seen or self.documents_

    # Words and documents

    @property
    def components_(self) -> NDArray[np.float32]:
        """(K, V) how each dimension moves the logit of each word."""
        return self._fitted.components

    @property
    def word_vectors_(self) -> NDArray[np.float32]:
        """(V, K) the word vectors: the centred decoder's rows."""
        return np.ascontiguousarray(self.components_.T)

    def top_words(self, n: int = 10) -> list[Dimension]:
        """The strongest words of every dimension, at both poles where both mean something."""
        return top_words(self.components_, self.vocabulary_, n, self._two_poles)

    def most_similar(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The ``n`` words whose vectors have the highest cosine with ``word``'s."""
        vocabulary, rows = self._fitted.vocabulary, self.trained_.components.T
        place = self.trained_.id_of(word)
        found = nearest(rows[place], rows, n, exclude=place)
        return [(vocabulary.words[other], score) for other, score in found]

    def similar_documents(
        self,
        n: int = 10,
        *,
        text: str | None = None,
        row: int | None = None,
        id: str | None = None,
        space: str | None = None,
    ) -> list[spaces.SimilarDocument]:
        """The training documents most like a text, or like one of them by row or id.

        Raises:
            InputError: unless exactly one is asked about and it is there; for a text without
                a word of the vocabulary, which is like nothing.
        """
        trained, store = self._fitted, self._documents()
        return spaces.similar_documents(
            trained, store, self._corpus, n, text=text, row=row, id=id, space=space
        )

    def index_documents(self, X: Any) -> Self:
        """Set the model's documents: to search, to draw, and to read and find topics in.

        Topics stay, with sizes, figures and examples of the new documents. Those of the documents
        of a :meth:`partial_fit` only are found anew.
        """
        corpus = self._corpus(X)
        if not len(corpus):
            raise InputError("there are no documents to index")
        documents = CorpusDocuments(corpus, self._fitted)
        partly = self._seen is not None and self.documents_ is None
        if partly or not corpus.bag.nnz:
            self._search.give_up()
        elif self._search.topics is not None:
            self._search.topics.bind(documents)
        self.documents_, self._seen = documents, None
        return self

    def clusters(
        self, n_clusters: int | None = None, space: str | None = None, seed: int = 0
    ) -> spaces.DocumentClusters:
        """The training documents in clusters, each named by its words."""
        return spaces.clusters(self._fitted, self._documents(), n_clusters, space, seed)

    def draw_map(
        self,
        path: str | Path,
        request: MapRequest | None = None,
        progress: Callable[[int, int], None] | None = None,
        overwrite: bool = False,
    ) -> DrawnMap:
        """Draw the training documents into a .png, .svg or .html; see :class:`MapRequest`."""
        from tenor.model.mapping import draw_documents

        trained, store = self._fitted, self._documents()
        place = checks.path(path)
        return draw_documents(
            trained, store, place, request, progress, lambda: self.topics_, overwrite
        )

    # Measuring

    def perplexity(self, X: Any, n_samples: int = 20, refine: int = 0, seed: int = 0) -> Perplexity:
        """Held-out perplexity; the result names its estimator."""
        with needed_by("measuring"):
            from tenor.model.evaluation import perplexity_of
        return perplexity_of(self._fitted, self._known(X), n_samples, refine, seed)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean bound of a token in nats, so that a search maximises it."""
        return self.perplexity(X).bound

    def evaluate(
        self, X: Any, n_samples: int = 20, refine: int = 0, seed: int = 0, reference: Any = None
    ) -> Evaluation:
        """Everything that can be measured on ``X``; more where it has labels.

        Args:
            X: the documents.
            n_samples: posterior samples a document.
            refine: gradient steps on each document's bound, measured beside none.
            seed: of the samples and the halves.
            reference: the documents over which coherence is counted; None: ``X``.

        Raises:
            InputError: for bad documents or numbers. What cannot be measured on good ones is
                left out, and ``left_out`` of the result says why.
        """
        with needed_by("measuring"):
            from tenor.model.evaluation import evaluate
        trained, corpus, store = self._fitted, self._corpus(X), self.documents_
        reference = corpus if reference is None else self._corpus(reference)
        words: list[list[int]] | None = None
        with suppress(NothingCountedError):
            words = [[word for word, _ in shown] for shown in self.topics_.topics.top_words(10)]
        return evaluate(trained, corpus, store, n_samples, refine, seed, reference, words)

    # The fitted model

    @property
    def _fitted(self) -> TrainedModel:
        self._refuse_unfitted()
        return self.trained_

    def _corpus(self, X: Any) -> Corpus:
        trained = self._fitted
        if not isinstance(X, Corpus) and is_counts(X):
            if not hasattr(self, "feature_names_in_"):  # else scikit-learn compares the names
                X = checked_columns(X, trained.vocabulary)
            X = checked_counts(self, X, reset=False)
        return matching_corpus(X, trained.vocabulary, trained.tokenizer)

    def _known(self, X: Any) -> Corpus:
        """The same, and a warning when the words say little of them."""
        corpus = self._corpus(X)
        known, usual = corpus.origin.coverage, self.trained_.unknown_share
        if known is not None and known.is_poor(usual) and (known.n_tokens or 0) >= ENOUGH:
            warnings.warn(known.line(usual) or "", UserWarning, stacklevel=3)
        return corpus

    def _documents(self) -> DocumentCollection:
        self._refuse_unfitted()
        if self.documents_ is None:
            raise InputError(
                "the model keeps no documents; ",
                Advice(
                    "pass some to index_documents, or fit with keep_documents=True",
                    "fit it again without --no-documents",
                ),
            )
        return self.documents_

    @property
    def _n_features_out(self) -> int:
        return self._fitted.n_vector

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "trained_")
