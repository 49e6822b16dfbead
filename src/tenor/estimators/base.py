"""The abstract estimator: parameters, and how a model is fitted, trained further and kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from tenor import checks
from tenor.checks import is_whole
from tenor.corpus.containers import is_counts
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, TrainingError, needed_by
from tenor.estimators.answering import AnsweringModel
from tenor.explore.collection import DocumentCollection
from tenor.model.artifact import write_model
from tenor.model.changes import lasting, refuse_other_model, refuse_set_since
from tenor.model.corpus_documents import CorpusDocuments
from tenor.model.discovery import Progress
from tenor.model.inputs import checked_counts, training_corpus, words_of_counts
from tenor.model.topic_files import KeptTopics
from tenor.model.topic_search import Earlier, Saved, TopicSearch
from tenor.model.trained import TrainedModel
from tenor.parameters import kept, plain, shared
from tenor.storage.target import new_folder
from tenor.text.stop_words import resolve
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule
from tenor.topics.edits import Edits
from tenor.training.settings import TrainingSettings
from tenor.training.watch import LineWatcher, Silent, Watcher

if TYPE_CHECKING:
    from tenor.model.fitting import PartialFit, Plan
    from tenor.training.checkpoint import Checkpoint


class DocumentModel(AnsweringModel):
    """The abstract estimator; a final class names its parameters and the network they shape.

    What it answers once it is fitted is in :class:`AnsweringModel`.
    """

    _kind: ClassVar[str]  # the model's name in files and in tenor.networks.models.MODELS
    _partial: PartialFit | None
    _made_with: dict[str, Any]

    @abstractmethod
    def _shape(self) -> dict[str, Any]:
        """The network's config but for the number of words; InputError for a bad parameter."""

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
        self._fit(self.make_plan(), self._training_corpus(X))
        return self

    def _fit(self, plan: Plan, corpus: Corpus, base: TrainedModel | None = None) -> None:
        self.fit_planned(plan, corpus, LineWatcher() if self.verbose else Silent(), base=base)
        if not self.keep_documents:  # topics are found and measured while they are there
            self.topics_.measure()
            self.topics_.release()
            self._seen = None
        self._raise_if_interrupted()

    def make_plan(self) -> Plan:
        """Check the parameters and draw the seed."""
        with needed_by("a fit"):
            from tenor.model.fitting import Plan
            from tenor.training.world import choose_device
        kept(self)
        seed = self.random_state
        if not is_whole(seed):
            from sklearn.utils import check_random_state

            seed = check_random_state(seed).randint(2**31 - 1)
        shape = self._shape()
        settings = TrainingSettings(**shared(self, TrainingSettings), seed=int(seed))
        return Plan(self._kind, shape, settings, choose_device(self.device))

    def fit_planned(
        self,
        plan: Plan,
        corpus: Corpus,
        watcher: Watcher | None = None,
        checkpoint: Checkpoint | None = None,
        base: TrainedModel | None = None,
        edits: Edits = Edits(),  # noqa: B008  # it never changes
    ) -> None:
        """Train on a corpus and take over the result; the core of every kind of fit.

        A person's edits of the topics before, or ``edits`` of a model that this one replaces, are
        applied to the topics found afterwards.
        """
        from tenor.model.fitting import fit_corpus

        earlier = Earlier(None, edits)
        if hasattr(self, "trained_"):
            earlier = self._search.latest
            if base is None:  # another model, whose topics get numbers of their own
                earlier = replace(earlier, topics=None)
        try:
            trained = fit_corpus(plan, corpus, watcher, checkpoint, base)
        except TrainingError as error:
            if isinstance(error.kept, TrainedModel):
                self._become(error.kept, earlier)
            raise
        self._become(trained, earlier)
        self._seen = documents = CorpusDocuments(corpus, trained)
        if self.keep_documents:
            self.documents_ = documents

    def adopt(
        self,
        trained: TrainedModel,
        documents: DocumentCollection | None = None,
        topics: Saved | None = None,
    ) -> Self:
        """Become fitted with a model trained elsewhere, the documents to search, and topics.

        ``topics`` reads them, when they are needed.
        """
        self._become(trained, Earlier(), documents)
        if topics is not None:
            self._search.take(topics, documents)
        return self

    def _become(
        self, trained: TrainedModel, earlier: Earlier, documents: DocumentCollection | None = None
    ) -> None:
        """Become fitted; earlier topics are of a network that was trained further in place."""
        if earlier.topics is not None:
            earlier.topics.outdate()
        self.trained_, self._search = trained, TopicSearch(trained, self._corpus, earlier)
        self.vocabulary_ = list(trained.vocabulary.words)
        self.history_ = trained.history
        self.documents_ = documents
        self._partial = self._seen = None
        self._made_with = lasting(self.get_params(deep=False))

    def continue_fit(self, X: Any, y: Any = None, **changes: Any) -> Self:
        """Train the fitted model further on other documents: a whole fit that starts from it.

        The words stay those of the model; what else the documents say is left out. Frequencies
        and history are added to, and ``similar_documents`` searches the new documents. Topics
        are found in these alone; those that show the same words keep numbers and edits.

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
        base, corpus, before = self._fitted, self._known(X), self.get_params(deep=False)
        refuse_set_since(self._made_with, before)
        refuse_other_model(before, changes)
        try:
            self._fit(self.set_params(**changes).make_plan(), corpus, base)
        except InputError:
            self.set_params(**before)
            raise
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """One more pass of training, over ``X``; the first call fixes vocabulary and network.

        The documents that ``similar_documents`` searches are let go, since their vectors are
        out of date; :meth:`index_documents` sets new ones. Until then topics are found in ``X``.

        Raises:
            InputError: for bad documents, or a parameter set since that makes another model.
        """
        with needed_by("a fit"):
            from tenor.model.fitting import PartialFit
        fitted = hasattr(self, "trained_")
        if fitted:
            refuse_set_since(self._made_with, self.get_params(deep=False))
        partial = self._partial if fitted else None
        plan = self.make_plan() if partial is None else None
        corpus = self._corpus(X) if fitted else self._training_corpus(X)
        if plan is not None:
            partial = PartialFit(plan, corpus, self.trained_ if fitted else None)
        assert partial is not None
        earlier = self._search.latest if fitted else Earlier()
        self._become(partial.one_pass(corpus), earlier)
        self._partial = partial
        self._seen = CorpusDocuments(corpus, self.trained_)
        self._raise_if_interrupted()
        return self

    def _raise_if_interrupted(self) -> None:
        if self.trained_.provenance["outcome"] == "interrupted":
            raise KeyboardInterrupt("the fit was stopped; the model keeps the best weights so far")

    def _training_corpus(self, X: Any) -> Corpus:
        settings = self.corpus_settings()
        if not isinstance(X, Corpus) and is_counts(X):
            named, X = X, checked_counts(self, X, reset=True)
            settings["vocabulary"] = words_of_counts(named, self.vocabulary)
        else:
            for name in ("n_features_in_", "feature_names_in_"):  # of an earlier fit to counts
                self.__dict__.pop(name, None)
        return training_corpus(X, **settings)

    # Keeping

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write the model as a folder, whole or not at all.

        Raises:
            ArtifactError: when the folder is taken or cannot be written.
        """
        trained = self._fitted
        with new_folder(checks.path(folder), overwrite) as partial:
            topics = self.kept_topics()
            write_model(partial, trained, self.settings(), self.documents_, topics)

    def settings(self) -> dict[str, Any]:
        """The parameters as JSON values, what is read from files by content or by name."""
        settings = dict(self.get_params(deep=False))
        settings["tokenizer"] = None if callable(self.tokenizer) else self.tokenizer
        if self.vocabulary is not None:
            used_up = isinstance(self.vocabulary, Iterator) and hasattr(self, "trained_")
            known = self.trained_.vocabulary if used_up else Vocabulary.of(self.vocabulary)
            settings["vocabulary"] = list(known.words)
        if not isinstance(self.random_state, int | np.integer | None):
            settings["random_state"] = None
        words = resolve(self.stop_words)
        settings["stop_words"] = list(words) if isinstance(words, tuple) else words
        return {name: plain(value) for name, value in settings.items()}

    def kept_topics(self, progress: Progress | None = None) -> KeptTopics | None:
        """The topics with all that is measured of them; None without documents to find them in."""
        return self._search.kept(self._at_hand, self.n_topics, progress)

    def corpus_settings(self) -> dict[str, Any]:
        """Tokenizer, rule and vocabulary for reading a source as this model would."""
        rule = VocabularyRule.of(self)
        return {"tokenizer": Tokenizer.of(self), "rule": rule, "vocabulary": self.vocabulary}
