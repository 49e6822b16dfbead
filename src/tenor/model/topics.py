"""model.topics_: topics bound to the model, its documents and a person's edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError
from tenor.explore.collection import DocumentCollection
from tenor.explore.telling import BETWEEN
from tenor.model import discovery
from tenor.model.corpus_documents import CorpusDocuments
from tenor.model.discovery import DocumentSample
from tenor.model.topic_records import TopicDocument, TopicRecord, tables_of
from tenor.model.trained import TrainedModel
from tenor.storage.claim import Claim
from tenor.topics import edits as hand
from tenor.topics.by_group import GroupShares, shares_by_group
from tenor.topics.contrast import Contrast, compare
from tenor.topics.discovery import UNMEASURED, Discovery, Figures
from tenor.topics.edit import Edited
from tenor.topics.edits import Edits
from tenor.topics.export import Exported, check_target, write
from tenor.topics.naming import Namer, name_topics
from tenor.topics.showing import show_documents
from tenor.topics.space import directions_from
from tenor.topics.topics import Topics, chance_limit, likeness, measured
from tenor.topics.tree import TopicTree, tree

Words = list[tuple[str, float]]
_FOLLOWING = ("_edited", "_edited_figures", "_measured", "_names", "_document_weights", "limit")


@final
class ModelTopics:
    """T topics of a model. Editing them changes them here; the model stays as it is.

    Made by :attr:`tenor.NVDM.topics_` and :meth:`tenor.NVDM.find_topics`. Saved with the model.
    """

    def __init__(
        self,
        sample: DocumentSample,
        found: Discovery,
        read: Callable[[Any], Corpus],
        edits: Edits = Edits(),  # noqa: B008  # it never changes
    ) -> None:
        """Bind topics ``found`` to documents, for examples and figures, and a person's edits.

        ``read`` makes documents a corpus over the model's vocabulary.
        """
        self.found = found
        self.edits = edits
        self._namer: Namer | None = None
        self._documents = sample
        self._read = read
        self._outdated = False

    @property
    def trained(self) -> TrainedModel:
        """The model they were read out of."""
        return self._documents.trained

    def __len__(self) -> int:
        return len(self.topics)

    def __repr__(self) -> str:
        return f"<{len(self)} topics: {'; '.join(self.names[:3])}{'; …' * (len(self) > 3)}>"

    @cached_property
    def _edited(self) -> Edited:
        found, known = self.found, self.trained.vocabulary.words
        return self.edits.apply(found.topics, known, found.before, found.carried)

    @property
    def topics(self) -> Topics:
        """The topics as arrays, after the edits."""
        return self._edited.topics

    @property
    def ids(self) -> tuple[int, ...]:
        """The topics' numbers, in the order of every list here: as found, then what was split."""
        return self.topics.ids

    @property
    def lost(self) -> tuple[str, ...]:
        """A line for each edit, and each topic with seed words, that fits nothing any more."""
        return (*discovery.unsown(self.trained, self.found), *self._edited.lost)

    # What they say

    def words(self, n: int = 10) -> list[Words]:
        """For each topic its ``n`` most telling words as (word, score); no word is in two."""
        known = self.trained.vocabulary.words
        shown = self.topics.top_words(checks.whole("n", n))
        return [[(known[word], score) for word, score in words] for words in shown]

    @property
    def names(self) -> list[str]:
        """For each topic a person's name, the namer's, or its three most telling words."""
        return list(self._names)

    @property
    def namer(self) -> Namer | None:
        """Asked once for a name of each topic, with its words and, where kept, texts; or None."""
        return self._namer

    @namer.setter
    def namer(self, namer: Namer | None) -> None:
        self._namer = namer
        self.__dict__.pop("_names", None)

    @cached_property
    def _names(self) -> list[str]:
        texts: list[list[str]] | None = None
        if self.namer is not None and self.keeps_documents:
            texts = [[shown.text or "" for shown in self.documents(topic)] for topic in self.ids]
        return name_topics(self._edited.shown, self.topics.names, texts, self.namer, self.ids)

    def table(self, n: int = 10) -> list[TopicRecord]:
        """One record a topic with ``n`` words, the largest first; flagged topics last."""
        edited, names, words = self._edited, self.names, self.words(n)
        sizes, figures, records = self.sizes.tolist(), self.figures, []
        for place, topic in enumerate(self.ids):
            own, parts = figures[place] or UNMEASURED, edited.parts.get(topic, ())
            records.append(
                TopicRecord(
                    id=topic,
                    name=names[place],
                    given=self.topics.names[place] is not None,
                    size=sizes[place],
                    words=tuple(words[place]),
                    **vars(own),
                    parts=tuple(part.name or BETWEEN.join(part.words[:3]) for part in parts),
                )
            )
        return sorted(records, key=lambda record: (bool(record.flags), -record.size))

    @property
    def sizes(self) -> NDArray[np.float64]:
        """(T,) the mean weight of each topic; measured anew after edits where counts are kept."""
        return self._measured.topic_sizes

    @cached_property
    def _measured(self) -> Topics:
        topics = self.topics
        if topics is self.found.topics or not self.keeps_documents:
            return topics
        return _sized(topics, self._sample)

    @property
    def figures(self) -> Sequence[Figures | None]:
        """For each topic what is measured of it; None for edited ones where no counts are kept."""
        self.measure()
        if self.topics.differs_in_names_only(self.found.topics):
            return list(self.found.figures or [None] * len(self))
        return self._edited_figures

    @cached_property
    def _edited_figures(self) -> Sequence[Figures | None]:
        """Measured again where counts are kept, else those of topics that were not edited."""
        if self.keeps_documents:
            return discovery.figures_of(self._sample, self.topics, self.found.again)
        return discovery.known_figures(self.found, self._edited)

    # What documents have of them

    def weights(self, X: Any) -> NDArray[np.float32]:
        """(D, T) float32: what each document has of each topic.

        Rows add up to one; those of documents without a known word are zero. A document's row
        does not depend on the others. ``X`` are texts, counts or a corpus.
        """
        return self.topics.weights(*self._vectors(X))

    def likeness(self, X: Any) -> NDArray[np.float32]:
        """(D,) cosine of each document with its nearest topic; below :attr:`limit` it has none."""
        return np.asarray(likeness(self.topics, *self._vectors(X)), dtype=np.float32)

    def _vectors(self, X: Any) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The documents' vectors (D, K), and which of them have no known word (D,)."""
        self._refuse_outdated()
        corpus = self._read(X)
        return self.trained.vectors(corpus.documents), corpus.empty

    @cached_property
    def limit(self) -> float:
        """The likeness that nine of ten random directions stay below: like no topic."""
        return chance_limit(self.topics)

    def word_distributions(self) -> NDArray[np.float32]:
        """(T, V) float32 p(w|k), rows adding up to one, for tools that ask for it."""
        return self._measured.word_distributions()

    def documents(self, topic: int, n: int = 5) -> list[TopicDocument]:
        """The ``n`` texts that show a topic best, no two of them nearly the same.

        Raises:
            InputError: when there is no such topic, or the model keeps no documents.
        """
        sample, place = self._sample, self.topics.place(topic)
        weights = self._document_weights
        chosen = show_documents(weights, place, n, sample.counted.bag)
        rows, store = sample.counted.rows[chosen].tolist(), sample.collection
        return [
            TopicDocument(row, store.ids[row], store.labels[row], text, float(weight))
            for row, text, weight in zip(
                rows, store.texts(rows), weights[chosen, place], strict=True
            )
        ]

    def shares(self, by: Sequence[str | None] | None = None, seed: int = 0) -> GroupShares:
        """How much of each topic the documents of every group hold, and which differences are real.

        ``by`` has a group for each of the model's documents, None for none, else it is their
        labels; ``seed`` is the bootstrap's.

        Raises:
            InputError: when no documents are kept, or they have no labels.
        """
        groups = self._sample.groups(by)
        return shares_by_group(self._document_weights, groups, seed=seed, ids=self.ids)

    def compare(
        self, one: Sequence[int], other: Sequence[int] | None = None, n: int = 10
    ) -> Contrast:
        """``n`` words and topics a side that tell two sets of the model's documents apart.

        The sets are rows; without the ``other`` it is all the rest.

        Raises:
            InputError: for sets that overlap, are empty or hold rows that are not there.
        """
        sample, known = self._sample, self.trained.vocabulary.words
        first = sample.places(one, "the first set")
        second = None if other is None else sample.places(other, "the second set")
        weights = self._document_weights
        return compare(first, second, sample.counted.bag, known, weights, n=n, ids=self.ids)

    def tree(self, coarse: int | None = 10, fine: int | None = 200) -> TopicTree:
        """The topics with some above and some below them."""
        return tree(self._measured, self._sample.space, coarse, fine)

    def export(self, kind: str, path: str | Path, overwrite: bool = False) -> Exported:
        """Write a file for "pyldavis" (.json), "octis" or "topicwizard" (.npz)."""
        target = check_target(kind, checks.path(path), overwrite)
        texts = kind == "topicwizard"
        with Claim("export", target):
            return write(kind, target, tables_of(self._sample, self._measured, self.names, texts))

    # A person's hand

    def rename(self, topic: int, name: str) -> None:
        """Give a topic a name."""
        self._set(self.edits.adding(hand.rename(self._edited, topic, name)))

    def merge(self, topics: Sequence[int]) -> None:
        """Make several topics one; the first one's number stays."""
        self._set(self.edits.adding(hand.merge(self._edited, topics)))

    def split(self, topic: int, n: int = 2) -> None:
        """Make ``n`` topics, with new numbers, of one."""
        self._set(self.edits.adding(hand.split(self._edited, topic, n)))

    def drop(self, topic: int) -> None:
        """Do without a topic: the others share its documents and words."""
        self._set(self.edits.adding(hand.drop(self._edited, topic)))

    def keep_out(self, words: Sequence[str]) -> None:
        """Let no topic show these words."""
        self._set(self.edits.adding(hand.keep_out(self._edited, words, self.trained.id_of)))

    def undo(self) -> None:
        """Take the last edit back; words kept out before topics were found again stay out."""
        self._set(self.edits.undo())

    def anchor(self) -> None:
        """Let every edit name the topics as they are now: those of before are forgotten."""
        self.edits = Edits(self._edited.edits)

    @property
    def highest(self) -> int:
        """The highest number that is or was a topic's."""
        return self._edited.highest

    def _set(self, edits: Edits) -> None:
        self.edits = edits
        self._forget()

    def _forget(self) -> None:
        """What follows from topics, edits and documents is made anew."""
        for name in _FOLLOWING:
            self.__dict__.pop(name, None)

    # Keeping

    def measure(self, progress: discovery.Progress | None = None) -> None:
        """Measure what the topics say of themselves now, as far as counts are there."""
        if self.found.figures is None and self.keeps_documents:
            self.found = discovery.measured(self._sample, self.found, progress)

    def with_documents(self, X: Any) -> ModelTopics:
        """These topics and edits beside other documents: sizes, figures and examples are theirs.

        Stability stays that of the documents in which the topics were found, if it was measured
        or can be. ``X`` are texts, counts or a corpus.

        Raises:
            InputError: when no document has a word of the vocabulary.
        """
        self.measure()
        nothing = DocumentSample(self.trained, None)
        bound = ModelTopics(nothing, self.found, self._read, self.edits)
        bound.namer = self._namer
        bound.bind(CorpusDocuments(self._read(X), self.trained))
        bound.found = replace(bound.found, again=self.found.again)
        return bound

    def release(self) -> None:
        """Let the documents go."""
        self._documents = DocumentSample(self.trained, None)
        self.__dict__.pop("_document_weights", None)

    def bind(self, documents: DocumentCollection) -> None:
        """Read the topics in other documents: sizes, figures and examples are of these then."""
        sample = DocumentSample(self.trained, documents)
        counted = sample.counted
        self.found = replace(
            self.found,
            topics=_sized(self.found.topics, sample),
            n_documents=counted.n_documents,
            looked_at=len(counted.rows),
            figures=None,
            again=None,
        )
        self._documents = sample
        self._forget()

    def outdate(self) -> None:
        """Answer no more with a network that has been trained further in place."""
        self._outdated = True

    def _refuse_outdated(self) -> None:
        if self._outdated:
            raise InputError("the model was trained further; take model.topics_")

    @property
    def keeps_documents(self) -> bool:
        """Whether there are documents with their counts: for examples, figures and shares."""
        try:
            return self._sample.counted is not None
        except discovery.NothingCountedError:
            return False

    @property
    def _sample(self) -> DocumentSample:
        self._refuse_outdated()
        return self._documents

    @cached_property
    def _document_weights(self) -> NDArray[np.float32]:
        sample = self._sample
        return self.topics.weights(sample.counted.vectors, sample.wordless)


def _sized(topics: Topics, sample: DocumentSample) -> Topics:
    """The topics with their sizes in these documents."""
    directions = directions_from(topics.mean, sample.counted.vectors, sample.wordless)
    return measured(topics, directions)
