"""Which of a model's documents are meant: their rows, or a group for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError, ParameterName
from tenor.explore.collection import CountedDocuments, DocumentCollection


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


def groups_of(
    counted: CountedDocuments, store: DocumentCollection, by: Sequence[str | None] | None
) -> list[str | None]:
    """A group for each document looked at: of those given for all of ``store``, else its labels.

    Raises:
        InputError: when they do not fit the documents, or there are none.
    """
    groups = store.labels if by is None else list(by)
    if len(groups) != len(store):
        raise InputError(f"{len(groups)} groups do not fit {len(store)} documents")
    if not any(groups):
        raise InputError(
            "the model's documents have no labels; fit documents with a ",
            ParameterName("label_column"),
            ", or pass a group for each",
        )
    return [groups[row] for row in counted.rows]
