"""The documents that a model's topics are found in and measured by: all, or a sample of many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError, ParameterName
from tenor.explore.collection import CountedDocuments, DocumentCollection
from tenor.model.trained import TrainedModel
from tenor.topics.space import SharedSpace, shared_space

AT_MOST = 100_000  # documents that topics are found in; more are drawn from …
NUMBERS = 1 << 22  # … and so many coordinates and counts: memory then grows by some half a gigabyte
NOT_KEPT = (
    "the model keeps no documents with their counts, which topics are found in and measured by; "
    "pass some: find_topics(documents=…), index_documents or with_documents of kept topics"
)


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
        """All the documents.

        Raises:
            InputError: when there are none.
        """
        if self._collection is None:
            raise InputError(NOT_KEPT)
        return self._collection

    @cached_property
    def counted(self) -> CountedDocuments:
        """The documents looked at.

        Raises:
            NothingCountedError: when none are kept, or without counts: says what to do.
        """
        trained, found = self.trained, None
        if self._collection is not None:
            said = trained.statistics
            usual = said.document_frequency.sum() / max(said.n_documents, 1)  # distinct words
            most = min(AT_MOST, int(NUMBERS / (trained.network.n_vector + usual)))
            found = self._collection.counted(len(trained.vocabulary), most)
        if found is None:
            raise NothingCountedError(NOT_KEPT)
        if not found.bag.nnz:
            raise NothingCountedError(
                "no document has a word of the vocabulary; there are no topics"
            )
        return found

    @property
    def is_there(self) -> bool:
        """Whether there are documents with counts and words."""
        try:
            return self.counted is not None
        except NothingCountedError:
            return False

    @cached_property
    def space(self) -> SharedSpace:
        """The model's words and these documents as directions."""
        counted = self.counted
        return shared_space(self.trained.components.T, counted.vectors, counted.bag)

    @property
    def wordless(self) -> NDArray[np.bool_]:
        """(n,) which of the documents looked at have no word."""
        return np.asarray(self.counted.bag.distinct == 0)


def places_of(counted: CountedDocuments, rows: Any, what: str) -> NDArray[np.int64]:
    """Where these rows of the collection are among those looked at; others are left out.

    Args:
        counted: the documents looked at.
        rows: of the collection.
        what: these rows are, for a message.

    Raises:
        InputError: for anything but rows, and when none of them was looked at.
    """
    wanted = np.asarray([] if rows is None else rows)
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


def groups_of(sample: DocumentSample, by: Sequence[str | None] | None) -> list[str | None]:
    """A group for each document looked at: of those given for the collection, else its labels.

    Raises:
        InputError: when they do not fit the documents, or there are none.
    """
    rows, collection = sample.counted.rows, sample.collection
    groups = collection.labels if by is None else list(by)
    if len(groups) != len(collection):
        raise InputError(f"{len(groups)} groups do not fit {len(collection)} documents")
    if not any(groups):
        raise InputError(
            "the model's documents have no labels; fit documents with a ",
            ParameterName("label_column"),
            ", or pass a group for each",
        )
    return [groups[row] for row in rows]
