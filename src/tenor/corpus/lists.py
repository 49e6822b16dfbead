"""What callers pass as lists (texts, ids, labels), checked and made strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.errors import InputError, SourceError
from tenor.sources.batches import Stream, TextBatch, from_rows, no_labels
from tenor.sources.columns import RawDocument
from tenor.text.decoding import is_storable, refuse_longer

_AT_ONCE = 1 << 12


def raw_documents(
    texts: Iterable[Any],
    ids: list[str] | None,
    labels: list[str | None] | None,
    start: int = 0,
) -> Iterator[RawDocument]:
    """A list of texts as documents; ``start`` is the number of the first row.

    Raises:
        SourceError: names the first row that is no str.
    """
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            value = f" ({text})" if text is None or isinstance(text, float) else ""
            raise SourceError(f"{_place(start + row)} is {type(text).__name__}{value}, not str")
        identity = str(start + row) if ids is None else ids[row]
        label = labels[row] if labels else None
        yield RawDocument(identity, text, label, _place(start + row))


def stream(texts: Sequence[Any], ids: list[str] | None, labels: list[str | None] | None) -> Stream:
    """A list of texts as columns.

    Raises:
        SourceError: names the first row that is no str, or no Unicode.
    """
    return Stream(_columns(texts, ids, labels), unique=ids is None)


def _columns(
    texts: Sequence[Any], ids: list[str] | None, labels: list[str | None] | None
) -> Iterator[TextBatch]:
    for start in range(0, len(texts), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        some = texts[rows]
        named = [str(row) for row in range(start, start + len(some))] if ids is None else ids[rows]
        tagged = None if labels is None else labels[rows]
        if all(type(text) is str for text in some):
            with suppress(UnicodeEncodeError, SourceError):
                column = pa.array(some, pa.string())
                refuse_longer(column.nbytes, "all together")  # one by one they may do
                tags = no_labels(len(some)) if tagged is None else pa.array(tagged, pa.string())
                columns = {"id": pa.array(named, pa.string()), "text": column, "label": tags}
                yield TextBatch(columns, lambda row, first=start: _place(first + row))  # type: ignore[misc]
                continue
        yield from from_rows(raw_documents(some, named, tagged, start))


def _place(row: int) -> str:
    return f"row {row} of the texts"


def as_ids(ids: Any, n_documents: int) -> list[str]:
    """Ids of any plain kind as strings; without any, the row numbers from 0."""
    if ids is None:
        return [str(row) for row in range(n_documents)]
    given = _listed("ids", ids, n_documents)
    for row, identity in enumerate(given):
        if _is_missing(identity) or identity == "":
            raise InputError(f"the id of row {row} is {identity!r}; every document needs one")
    return [str(identity) for identity in given]


def as_labels(labels: Any, n_documents: int) -> list[str | None] | None:
    """Labels of any kind as strings; None and NaN stay none."""
    if labels is None:
        return None
    given = _listed("labels", labels, n_documents)
    return [None if _is_missing(label) else str(label) for label in given]


def as_texts(texts: Any, n_documents: int) -> list[str] | None:
    """Texts to keep beside counts.

    Raises:
        InputError: when there are not D of them, or one is no str.
    """
    if texts is None:
        return None
    listed = _listed("texts", texts, n_documents)
    for document in raw_documents(listed, None, None):
        if not is_storable(document.text or ""):
            raise InputError(
                f"{document.where} holds half a surrogate pair, which is not valid Unicode"
            )
    return listed


def _listed(name: str, values: Any, n_documents: int) -> list[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InputError(f"{name} must be a list, one a document, not {type(values).__name__}")
    listed = list(values)
    if len(listed) != n_documents:
        raise InputError(f"there are {len(listed)} {name} for {n_documents} documents")
    return listed


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
