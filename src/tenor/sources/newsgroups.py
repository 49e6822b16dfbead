"""The 20 Newsgroups posts (bydate split), through scikit-learn's cache or its download."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tenor.errors import SourceError
from tenor.sources.columns import RawDocument
from tenor.sources.newsgroups_cache import cached_posts
from tenor.text.decoding import storable

_SECONDS = 30.0  # a network that swallows packets must not hold a fit for ever


def documents(subset: str, remove: tuple[str, ...] = ()) -> Iterator[RawDocument]:
    """The posts of "train", "test" or "all" (train first), in scikit-learn's unshuffled order.

    Raises:
        SourceError: when the posts are neither in the cache nor to be downloaded.
    """
    cached = None if remove else cached_posts()
    for part in ("train", "test") if subset == "all" else (subset,):
        posts = _fetch(part, remove) if cached is None else cached[part]
        for position, (text, target) in enumerate(zip(posts.data, posts.target, strict=True)):
            identity = f"{part}-{position:05d}"
            label = posts.target_names[target]
            yield RawDocument(identity, storable(text), label, f"20newsgroups {identity}")


def _fetch(subset: str, remove: tuple[str, ...]) -> Any:
    from sklearn.datasets import fetch_20newsgroups

    try:
        with _patience(_SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "Retry downloading …": the error below says it
            return fetch_20newsgroups(subset=subset, remove=remove, shuffle=False, n_retries=1)
    except Exception as error:  # network, disk, a cache that is something else: all mean one thing
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise SourceError(
            f"20newsgroups could not be had ({said}); connect to a network, or set "
            "SCIKIT_LEARN_DATA to a folder with 20news-bydate_py3.pkz"
        ) from error


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
