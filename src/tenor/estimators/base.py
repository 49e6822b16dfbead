"""What every document model is to scikit-learn and to a person: fit, transform, ask, keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from tenor.errors import InputError, TrainingError
from tenor.estimators import answers, continuing, evaluating, partial
from tenor.estimators.fitting import Plan, fit_corpus
from tenor.estimators.held import CorpusDocuments
from tenor.estimators.inputs import (
    checked_counts,
    is_counts,
    matching_corpus,
    plain,
    tokenizer_of,
    training_corpus,
)
from tenor.evaluation.perplexity import Perplexity
from tenor.explore.collection import DocumentCollection
from tenor.explore.topics import Topic, top_words
from tenor.inference.encode import Posteriors, encode, vectors
from tenor.inference.generate import WordCounts, expected_counts, sample_documents
from tenor.inference.refine import Refinement
from tenor.text.corpus import Corpus
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule
from tenor.trained import TrainedModel
from tenor.training.checkpoint import Checkpoint
from tenor.training.watch import LineWatcher, Silent, Watcher

if TYPE_CHECKING:
    from tenor.estimators.mapping import DrawnMap, MapRequest


class DocumentModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """The abstract estimator; a final class names its parameters and says how to build its network.

    Documents are a list of texts, counts (D, V) sparse or small and dense, or a Corpus.
    """

    tokenizer: str | Callable[[str], list[str]] | None
    lowercase: bool
    strip_accents: bool
    min_token_length: int
    max_token_length: int | None
    digits: str
    stop_words: Any
    min_df: int | float
    max_df: int | float
    max_words: int | None
    vocabulary: Any
    keep_documents: bool
    random_state: Any
    verbose: bool
    trained_: TrainedModel
    documents_: DocumentCollection | None
    _partial: partial.Session | None
    _made_with: dict[str, Any]

    @property
    @abstractmethod
    def _two_poles(self) -> bool:
        """Whether both ends of a latent dimension mean something."""

    @abstractmethod
    def _plan(self, seed: int) -> Plan:
        """The parameters as a plan; raises InputError for a bad one."""

    # Fitting

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train on documents.

        Args:
            X: the documents.
            y: ignored.

        Raises:
            InputError: for bad parameters or documents, with one line that says which.
            TrainingError: when the loss is no longer finite; the model keeps the last good weights.
            KeyboardInterrupt: after Ctrl-C; the model is fitted with the best weights so far.
        """
        plan = self.make_plan()
        watcher = LineWatcher() if self.verbose else Silent()
        self.fit_planned(plan, self._training_corpus(X), watcher)
        self._raise_if_interrupted()
        return self

    def make_plan(self) -> Plan:
        """Check the parameters and draw the seed."""
        seed = self.random_state
        if not isinstance(seed, int | np.integer) or isinstance(seed, bool):
            seed = check_random_state(seed).randint(2**31 - 1)
        return self._plan(int(seed))

    def fit_planned(
        self,
        plan: Plan,
        corpus: Corpus,
        watcher: Watcher | None = None,
        checkpoint: Checkpoint | None = None,
        base: TrainedModel | None = None,
    ) -> None:
        """Train on a corpus and take over the result; the core of every kind of fit."""
        try:
            self.adopt(fit_corpus(plan, corpus, watcher, checkpoint, base))
        except TrainingError as error:
            if isinstance(error.kept, TrainedModel):
                self.adopt(error.kept)
            raise
        if self.keep_documents:
            self.index_documents(corpus)

    def continue_fit(self, X: Any, y: Any = None, **changes: Any) -> Self:
        """Train the fitted model further on other documents: a whole fit that starts from it.

        The words stay those of the model; what else the documents say is left out. Frequencies
        and history are added to, and ``similar_documents`` searches the new documents.

        Args:
            X: the new documents.
            y: ignored.
            changes: parameters of the training to set first: epochs, learning_rate, ….

        Raises:
            InputError: for bad documents, or a parameter, here or set since the fit, that would
                make it another model.
            TrainingError: when the loss is no longer finite; the model keeps the last good weights.
            KeyboardInterrupt: after Ctrl-C; the model has the best weights so far.
        """
        base, corpus, before = self._fitted, self._corpus(X), self.get_params(deep=False)
        continuing.refuse_set_since(self._made_with, before)
        continuing.refuse_other_model(before, changes)
        try:
            plan = self.set_params(**changes).make_plan()
            watcher = LineWatcher() if self.verbose else Silent()
            self.fit_planned(plan, corpus, watcher, base=base)
        except InputError:
            self.set_params(**before)
            raise
        self._raise_if_interrupted()
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """One more pass of training, over ``X``; the first call fixes vocabulary and network.

        The documents that ``similar_documents`` searches are let go, since their vectors are
        out of date; :meth:`index_documents` sets new ones.

        Raises:
            InputError: for bad documents, or a parameter set since that makes another model.
        """
        fitted = hasattr(self, "trained_")
        if fitted:
            continuing.refuse_set_since(self._made_with, self.get_params(deep=False))
        corpus = self._corpus(X) if fitted else self._training_corpus(X)
        session = getattr(self, "_partial", None)
        if session is None:
            trained = self.trained_ if fitted else None
            session = partial.begin(self.make_plan(), corpus, trained)
        self.adopt(partial.one_pass(session, corpus))
        self._partial = session
        self._raise_if_interrupted()
        return self

    def _raise_if_interrupted(self) -> None:
        if self.trained_.provenance["outcome"] == "interrupted":
            raise KeyboardInterrupt("the fit was stopped; the model keeps the best weights so far")

    def adopt(self, trained: TrainedModel, documents: DocumentCollection | None = None) -> Self:
        """Become fitted with a model trained elsewhere, and the documents to search."""
        self.trained_ = trained
        self.vocabulary_ = list(trained.vocabulary.words)
        self.history_ = trained.history
        self.documents_ = documents
        self._partial = None
        self._made_with = continuing.lasting(self.get_params(deep=False))
        return self

    # Vectors

    def transform(self, X: Any, refine: int = 0) -> NDArray[np.float32]:
        """The document vectors: the posterior means, (D, K) float32."""
        refinement = Refinement(refine) if refine != 0 else None
        return vectors(self._fitted.network, self._corpus(X).bag, refinement)

    def posterior(self, X: Any, refine: int = 0) -> Posteriors:
        """q(z|x): means and log standard deviations, both (D, K).

        Args:
            X: the documents.
            refine: gradient steps on each document's own bound; 0 takes the encoder's answer.

        Raises:
            InputError: for documents that do not fit, or ``refine`` no whole number from 0 up.
        """
        refinement = Refinement(refine) if refine != 0 else None
        return encode(self._fitted.network, self._corpus(X).bag, refinement)

    def reconstruct(self, X: Any, top: int = 20) -> list[list[tuple[str, float]]]:
        """The ``top`` words each document is expected to hold, with expected counts N · p."""
        return expected_counts(self.trained_.network, self._corpus(X).bag, self.vocabulary_, top)

    def sample(self, n: int, length: int | None = None, seed: int = 0) -> list[WordCounts]:
        """``n`` documents drawn from the model: z from the prior, then ``length`` words each."""
        trained = self._fitted
        length = trained.statistics.typical_length if length is None else length
        return sample_documents(trained.network, self.vocabulary_, n, length, seed)

    # Words and documents

    @property
    def components_(self) -> NDArray[np.float32]:
        """(K, V) how each dimension moves the logit of each word."""
        return self._fitted.components

    @property
    def word_vectors_(self) -> NDArray[np.float32]:
        """(V, K) the word vectors: the centred decoder's rows."""
        return np.ascontiguousarray(self.components_.T)

    def top_words(self, n: int = 10) -> list[Topic]:
        """The strongest words of every dimension, at both poles where both mean something."""
        return top_words(self.components_, self.vocabulary_, n, self._two_poles)

    def most_similar(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The ``n`` words whose vectors have the highest cosine with ``word``'s."""
        return answers.most_similar(self._fitted, word, n)

    def similar_documents(
        self,
        n: int = 10,
        *,
        text: str | None = None,
        row: int | None = None,
        id: str | None = None,
        space: str | None = None,
    ) -> list[answers.SimilarDocument]:
        """The training documents most like a text, or like one of them by row or id.

        Raises:
            InputError: unless exactly one is asked about and it is there; for a text without
                a word of the vocabulary, which is like nothing.
        """
        asked = answers.Asked(text, row, id)
        query = None if text is None else self._corpus([text])
        return answers.similar_documents(self._fitted, self._documents(), asked, query, n, space)

    def index_documents(self, X: Any) -> Self:
        """Set the documents that ``similar_documents`` searches."""
        corpus = self._corpus(X)
        self.documents_ = CorpusDocuments(corpus, self._fitted.network)
        return self

    def clusters(
        self, n_clusters: int | None = None, space: str | None = None, seed: int = 0
    ) -> answers.DocumentClusters:
        """The training documents in clusters, each named by its words."""
        return answers.clusters(self._fitted, self._documents(), n_clusters, space, seed)

    def draw_map(
        self,
        path: str | Path,
        request: MapRequest | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> DrawnMap:
        """Draw the training documents into a .png, .svg or .html; see :class:`MapRequest`."""
        from tenor.estimators.mapping import draw_documents

        return draw_documents(self._fitted, self._documents(), Path(path), request, progress)

    # Measuring

    def perplexity(self, X: Any, n_samples: int = 20, refine: int = 0, seed: int = 0) -> Perplexity:
        """Held-out perplexity; the result names its estimator."""
        return evaluating.perplexity_of(self._fitted, self._corpus(X), n_samples, refine, seed)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean bound of a token in nats, so that a search maximises it."""
        return self.perplexity(X).bound

    def evaluate(
        self, X: Any, n_samples: int = 20, refine: int = 0, seed: int = 0, reference: Any = None
    ) -> evaluating.Evaluation:
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
        corpus = self._corpus(X)
        return evaluating.evaluate(
            self._fitted,
            corpus,
            self.documents_,
            n_samples,
            refine,
            seed,
            corpus if reference is None else self._corpus(reference),
        )

    # Keeping

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write the model as a folder, whole or not at all.

        Raises:
            ArtifactError: when the folder is taken or cannot be written.
        """
        from tenor.artifact import save_model

        save_model(Path(folder), self._fitted, self.settings(), self.documents_, overwrite)

    def settings(self) -> dict[str, Any]:
        """The parameters as JSON values, what is read from files by content or by name."""
        settings = dict(self.get_params(deep=False))
        settings["tokenizer"] = None if callable(self.tokenizer) else self.tokenizer
        if self.vocabulary is not None:
            settings["vocabulary"] = list(Vocabulary.of(self.vocabulary).words)
        if not isinstance(self.random_state, int | np.integer | None):
            settings["random_state"] = None
        if (tokenizer := self._tokenizer()) is not None:
            words = tokenizer.stop_words
            settings["stop_words"] = list(words) if isinstance(words, tuple) else words
        return {name: plain(value) for name, value in settings.items()}

    # Inputs

    def corpus_settings(self) -> dict[str, Any]:
        """Tokenizer, rule and vocabulary for reading a source as this model would."""
        settings: dict[str, Any] = {"tokenizer": self._tokenizer(), "rule": self._rule()}
        if self.vocabulary is not None:
            settings["vocabulary"] = self.vocabulary
        return settings

    def _tokenizer(self) -> Tokenizer | None:
        return tokenizer_of(self)

    def _rule(self) -> VocabularyRule:
        return VocabularyRule(self.min_df, self.max_df, self.max_words)

    def _training_corpus(self, X: Any) -> Corpus:
        if is_counts(X):
            X = checked_counts(self, X, reset=True)
        else:
            for name in ("n_features_in_", "feature_names_in_"):  # of an earlier fit to counts
                self.__dict__.pop(name, None)
        return training_corpus(X, self._tokenizer(), self._rule(), self.vocabulary)

    @property
    def _fitted(self) -> TrainedModel:
        check_is_fitted(self, "trained_")
        return self.trained_

    def _corpus(self, X: Any) -> Corpus:
        trained = self._fitted
        if is_counts(X):
            X = checked_counts(self, X, reset=False)
        return matching_corpus(X, trained.vocabulary, trained.tokenizer)

    def _documents(self) -> DocumentCollection:
        check_is_fitted(self, "trained_")
        if self.documents_ is None:
            raise InputError(
                "the model keeps no documents; pass some to index_documents, "
                "or fit with keep_documents=True"
            )
        return self.documents_

    @property
    def _n_features_out(self) -> int:
        return self._fitted.network.n_components

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "trained_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
