"""Topics read out of a trained model by a sample of documents, and measured by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.checks import brief, is_listing, kind_of, listed
from tenor.errors import InputError, ParameterName
from tenor.explore.collection import CountedDocuments, DocumentCollection
from tenor.model.trained import TrainedModel
from tenor.settings import checked
from tenor.text.missing import labels_in
from tenor.topics.discovery import UNMEASURED, Discovery, Figures
from tenor.topics.edit import Edited
from tenor.topics.finding import Hand, carried, find
from tenor.topics.flags import flags
from tenor.topics.naming import shown_words
from tenor.topics.number import estimate_number
from tenor.topics.space import SharedSpace, shared_space
from tenor.topics.support import bootstrapped_words, stability, support
from tenor.topics.topics import Topics

AUTO = "auto"
AT_MOST = 100_000  # documents that topics are found in; more are drawn from …
NUMBERS = 1 << 22  # … and so many coordinates and counts: memory then grows by some half a gigabyte
NOT_KEPT = (
    "the model keeps no documents with their counts, which topics are found in and measured by; "
    "pass some: find_topics(documents=…), index_documents or with_documents of kept topics"
)
Progress = Callable[[str, int, int], None]  # what is under way, steps done, steps in all


class NothingCountedError(InputError):
    """There are no documents with counts, or none with a word, to find topics in."""


@final
class DocumentSample:
    """Documents of a collection with their counts, and the space they share with a model's words.

    Drawn, counted and laid out when first asked for, and once.
    """

    def __init__(self, trained: TrainedModel, collection: DocumentCollection | None) -> None:
        """A sample of ``collection``; None: of no documents, which every use of it refuses."""
        self.trained = trained
        self._collection = collection

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "space"}  # made anew

    @property
    def collection(self) -> DocumentCollection:
        """All the documents; raises InputError when there are none."""
        if self._collection is None:
            raise InputError(NOT_KEPT)
        return self._collection

    @cached_property
    def counted(self) -> CountedDocuments:
        """The documents looked at; NothingCountedError says what to do where there are none."""
        trained, found = self.trained, None
        if self._collection is not None:
            said = trained.statistics
            usual = said.document_frequency.sum() / max(said.n_documents, 1)  # distinct words
            most = min(AT_MOST, int(NUMBERS / (trained.n_vector + usual)))
            found = self._collection.counted(len(trained.vocabulary), most)
        if found is None:
            raise NothingCountedError(NOT_KEPT)
        if not found.bag.nnz:
            raise NothingCountedError(
                "no document has a word of the vocabulary; there are no topics"
            )
        return found

    @cached_property
    def space(self) -> SharedSpace:
        """The model's words and these documents as directions."""
        counted = self.counted
        return shared_space(self.trained.components.T, counted.vectors, counted.bag)

    @property
    def wordless(self) -> NDArray[np.bool_]:
        """(n,) which of the documents looked at have no word."""
        return np.asarray(self.counted.bag.distinct == 0)

    def places(self, rows: Any, what: str) -> NDArray[np.int64]:
        """Where these rows, called ``what``, are among those looked at; others are left out.

        Anything but rows is an InputError, and that none of them was looked at.
        """
        counted = self.counted
        try:
            wanted = np.asarray([] if rows is None else rows)
        except (TypeError, ValueError):
            wanted = np.asarray("no rows")
        if rows is None or wanted.ndim != 1 or (len(wanted) and wanted.dtype.kind not in "iu"):
            raise InputError(
                f"documents are named by their rows: {what} must be a list of whole numbers"
            )
        if not len(wanted):
            raise InputError(f"{what} is empty")
        if not 0 <= wanted.min() <= wanted.max() < counted.n_documents:
            raise InputError(f"rows go from 0 to {counted.n_documents - 1}")
        places = np.flatnonzero(np.isin(counted.rows, wanted)).astype(np.int64)
        if not len(places):
            raise InputError(
                f"no document of {what} is among the {len(counted.rows):,} of "
                f"{counted.n_documents:,} that were drawn to be looked at; name more rows"
            )
        return places

    def groups(self, by: Sequence[str | None] | None) -> list[str | None]:
        """A group for each document looked at: of those given for the collection, else its labels.

        Groups that do not fit the documents are an InputError, and no labels.
        """
        rows, collection = self.counted.rows, self.collection
        if by is not None and not is_listing(by):
            raise InputError(f"by must be a list, a group for each document, not {kind_of(by)}")
        groups = labels_in(collection.labels if by is None else by)
        if len(groups) != len(collection):
            raise InputError(f"{len(groups)} groups do not fit {len(collection)} documents")
        if not any(groups):
            raise InputError(
                "the model's documents have no labels; fit documents with a ",
                ParameterName("label_column"),
                ", or pass a group for each",
            )
        return [groups[row] for row in rows]


def discover(
    sample: DocumentSample, n: int | str, hand: Hand, progress: Progress | None = None
) -> Discovery:
    """Find ``n`` topics at most, or as many as "auto" estimates; nothing in the model changes."""
    n = checked("n_topics", n)
    space, counted, number = sample.space, sample.counted, None
    if n == AUTO:
        number = estimate_number(
            sample.trained.components.T,
            counted.vectors,
            counted.bag,
            progress=_told(progress, "estimating how many topics there are"),
        )
    wanted = carried(space, int(n) if number is None else number.n)
    topics = find(space, max(wanted, len(hand.seeds)), hand)
    return Discovery(topics, n, number, counted.n_documents, len(counted.rows))


def measured(
    sample: DocumentSample, found: Discovery, progress: Progress | None = None
) -> Discovery:
    """The topics with their figures; bootstraps take the time."""
    again = found.again
    if again is None:
        again = bootstrapped_words(
            sample.trained.components.T,
            sample.counted.vectors,
            sample.counted.bag,
            found.topics,
            progress=_told(progress, "finding topics again in resampled documents"),
        )
    return replace(found, figures=figures_of(sample, found.topics, again), again=again)


def _told(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(what, done, of)


def figures_of(
    sample: DocumentSample, topics: Topics, again: NDArray[np.int32] | None
) -> tuple[Figures, ...]:
    """What each topic says of itself, also after edits.

    ``again`` is as in :class:`Discovery`; None leaves stability out.
    """
    bag, said = sample.counted.bag, sample.trained.statistics
    supported = support(topics, bag).to_json()
    raised = flags(topics, sample.space, bag, said.late_share, said.early_share)
    return tuple(
        Figures(
            npmi=record["npmi"],
            document_frequency=record["document_frequency"],
            token_share=float(record["token_share"] or 0.0),
            stability=value,
            flags=tuple(own),
        )
        for record, value, own in zip(supported, _steady(topics, again), raised, strict=True)
    )


def known_figures(found: Discovery, edited: Edited) -> list[Figures]:
    """Figures of edited topics without documents: those that show the same words keep theirs.

    The others have their stability, where topics were found again in bootstraps.
    """
    before = shown_words(found.topics, edited.vocabulary)
    known = dict(zip(map(tuple, before), found.figures or (), strict=False))
    return [
        known.get(tuple(shown)) or replace(UNMEASURED, stability=value)
        for shown, value in zip(edited.shown, _steady(edited.topics, found.again), strict=True)
    ]


def _steady(topics: Topics, again: NDArray[np.int32] | None) -> list[float | None]:
    return [None] * len(topics) if again is None else stability(topics, again).tolist()


def hand_of(
    trained: TrainedModel,
    seed_words: Mapping[str, Sequence[str]] | None,
    hold: bool,
    keep_out: Sequence[str],
) -> Hand:
    """Words as ids; InputError for unknown words, other things than words, and a word twice."""
    seeds: dict[str, list[int]] = {}
    topic_of: dict[int, str] = {}
    if not isinstance(seed_words, Mapping | None):
        raise InputError('seed_words must be words by topic, such as {"space": ["nasa", "orbit"]}')
    for name, words in (seed_words or {}).items():
        if not is_listing(words) or not list(words):
            raise InputError(f"the seed words of {brief(name)!r} must be a list of words")
        seeds[name] = [trained.id_of(word) for word in words]
        for place in seeds[name]:
            if (other := topic_of.setdefault(place, name)) != name:
                word = trained.vocabulary.words[place]
                both = f"{brief(other)!r} and {brief(name)!r}"
                raise InputError(f"{word!r} cannot be a seed word of both {both}")
    words = listed("keep_out", keep_out, "list of words")
    return Hand(seeds, hold, [trained.id_of(word) for word in words])


def unsown(trained: TrainedModel, found: Discovery) -> list[str]:
    """A line for each topic that was to begin with words which are in no document."""
    frequency = found.topics.frequency
    return [
        f"no seed word of the topic {name!r} is in any document: it was not begun"
        for name, words in found.wishes.seed_words.items()
        if not any(frequency[trained.id_of(word)] for word in words)
    ]
