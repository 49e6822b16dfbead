"""What a verb says where a model keeps no documents to find or measure topics in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tenor.errors import InputError

SHOW = "tenor topics MODEL SOURCE"  # shows kept topics by the documents of a source …
KEEP = f"{SHOW} --keep"  # … and this finds topics there, which stay


@contextmanager
def or_named(command: str) -> Iterator[None]:
    """Say by which command documents are named, instead of how Python does it.

    Raises:
        InputError: as raised within.
    """
    from tenor.model.document_sample import NOT_KEPT

    try:
        yield
    except InputError as error:
        if str(error) != NOT_KEPT:
            raise
        raise InputError(f"{NOT_KEPT.partition(';')[0]}; name some: {command}") from error
