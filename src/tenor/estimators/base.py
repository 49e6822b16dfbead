"""How every document model is fitted: from the start, further, a pass at a time."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, Self

from sklearn.utils import check_random_state

from tenor.checks import is_whole
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, TrainingError
from tenor.estimators.answering import AnsweringModel
from tenor.model import continuing, finding, partial
from tenor.model.fitting import Plan, fit_corpus
from tenor.model.held import CorpusDocuments
from tenor.model.inputs import (
    checked_counts,
    is_counts,
    training_corpus,
)
from tenor.model.model_topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.settings import checked
from tenor.topics.edits import Edits
from tenor.training.checkpoint import Checkpoint
from tenor.training.watch import LineWatcher, Silent, Watcher


class DocumentModel(AnsweringModel):
    """The abstract estimator; a final class names its parameters and says how to build its network.

    What it answers once it is fitted is in :class:`AnsweringModel`.
    """

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
        self._let_documents_go()
        self._raise_if_interrupted()
        return self

    def make_plan(self) -> Plan:
        """Check the parameters and draw the seed."""
        checked("n_topics", self.n_topics)
        seed = self.random_state
        if not is_whole(seed):
            seed = check_random_state(seed).randint(2**31 - 1)
        return self._plan(int(seed))

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
        earlier = finding.Earlier(None, edits)
        if hasattr(self, "trained_"):
            earlier = self._latest_topics()
            if base is None:  # another model, whose topics get numbers of their own
                earlier = replace(earlier, topics=None)
        before = self._topics if base is not None else None
        try:
            trained = fit_corpus(plan, corpus, watcher, checkpoint, base)
        except TrainingError as error:
            if isinstance(error.kept, TrainedModel):
                self._take(error.kept, earlier, before)
            raise
        self._take(trained, earlier, before)
        self._seen = documents = CorpusDocuments(corpus, self._fitted.network)
        if self.keep_documents:
            self.documents_ = documents

    def _take(
        self, trained: TrainedModel, earlier: finding.Earlier, topics: ModelTopics | None
    ) -> None:
        """Become fitted; ``topics`` are of a network that was trained further in place."""
        if topics is not None:
            topics.outdate()
        self.adopt(trained)
        self._earlier = earlier

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
        base, corpus, before = self._fitted, self._corpus(X), self.get_params(deep=False)
        continuing.refuse_set_since(self._made_with, before)
        continuing.refuse_other_model(before, changes)
        try:
            plan = self.set_params(**changes).make_plan()
            watcher = LineWatcher() if self.verbose else Silent()
            self.fit_planned(plan, corpus, watcher, base=base)
            self._let_documents_go()
        except InputError:
            self.set_params(**before)
            raise
        self._raise_if_interrupted()
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """One more pass of training, over ``X``; the first call fixes vocabulary and network.

        The documents that ``similar_documents`` searches are let go, since their vectors are
        out of date; :meth:`index_documents` sets new ones. Until then topics are found in ``X``.

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
        earlier = self._latest_topics() if fitted else finding.Earlier()
        before = self._topics if fitted else None
        self._take(partial.one_pass(session, corpus), earlier, before)
        self._partial = session
        self._seen = CorpusDocuments(corpus, self._fitted.network)
        self._raise_if_interrupted()
        return self

    def _raise_if_interrupted(self) -> None:
        if self.trained_.provenance["outcome"] == "interrupted":
            raise KeyboardInterrupt("the fit was stopped; the model keeps the best weights so far")

    def _let_documents_go(self) -> None:
        """Find and measure topics while the documents are there, if they are not kept."""
        if not self.keep_documents:
            self.topics_.measure()
            self.topics_.release()
            self._seen = None

    def _training_corpus(self, X: Any) -> Corpus:
        if is_counts(X):
            X = checked_counts(self, X, reset=True)
        else:
            for name in ("n_features_in_", "feature_names_in_"):  # of an earlier fit to counts
                self.__dict__.pop(name, None)
        return training_corpus(X, **self.corpus_settings())
