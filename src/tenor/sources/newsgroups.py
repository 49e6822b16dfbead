"""The 20 Newsgroups posts (bydate split), out of scikit-learn's cache or its download.

Loading scikit-learn takes longer than counting the posts does, so its cache is read without it. It
is a compressed pickle; here nothing but strings, lists and the array of labels may come out of one,
and no function of the file's choosing is called, as it is when scikit-learn itself loads it.
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tenor.errors import SourceError
from tenor.sources.columns import RawDocument
from tenor.text.decoding import storable

_FILE = "20news-bydate_py3.pkz"
_ARRAYS = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_BUNCHES = ("sklearn.utils", "sklearn.utils._bunch")
_MOST = 1 << 28  # bytes of the posts as a pickle: seven times what they are
_SECONDS = 30.0  # a network that swallows packets must not hold a fit for ever


def documents(subset: str, remove: tuple[str, ...] = ()) -> Iterator[RawDocument]:
    """The posts of "train", "test" or "all" (train first), in scikit-learn's unshuffled order."""
    path = _cache()
    if not path.is_file():
        _download()
    subsets = _read(path)
    for name in ("train", "test") if subset == "all" else (subset,):
        posts = subsets[name]
        texts = _without(posts.data, remove)
        for position, (text, target) in enumerate(zip(texts, posts.target, strict=True)):
            identity = f"{name}-{position:05d}"
            label = posts.target_names[target]
            yield RawDocument(identity, storable(text), label, f"20newsgroups {identity}")


def _cache() -> Path:
    home = os.environ.get("SCIKIT_LEARN_DATA", str(Path("~", "scikit_learn_data")))
    return Path(home).expanduser() / _FILE


def _download() -> None:
    """Have scikit-learn make its cache."""
    from sklearn.datasets import fetch_20newsgroups

    try:
        with _patience(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "Retry downloading …": the error below says it
            fetch_20newsgroups(n_retries=1)
    except Exception as error:  # network, disk: all mean one thing
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise SourceError(
            f"20newsgroups could not be had ({said}); connect to a network, or set "
            "SCIKIT_LEARN_DATA to a folder with 20news-bydate_py3.pkz"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    """The posts of "train" and "test" out of the cache."""
    try:
        data = zlib.decompressobj().decompress(path.read_bytes(), _MOST)
        subsets = _Posts(io.BytesIO(data)).load()
        return {name: _checked(subsets[name]) for name in ("train", "test")}
    except Exception as error:  # whatever bytes that are something else make a pickle do
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise SourceError(
            f"{path} does not hold the posts as scikit-learn keeps them ({said}); remove it, and "
            "they are downloaded anew"
        ) from error


def _without(texts: list[str], remove: tuple[str, ...]) -> list[str]:
    """The texts as scikit-learn leaves them; its own reading of the cache would execute it."""
    if not remove:
        return texts
    from sklearn.datasets import _twenty_newsgroups as theirs

    for part, strip in (
        ("headers", theirs.strip_newsgroup_header),
        ("footers", theirs.strip_newsgroup_footer),
        ("quotes", theirs.strip_newsgroup_quoting),
    ):
        if part in remove:
            texts = [strip(text) for text in texts]
    return texts


@contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


class _Bunch(dict[str, Any]):
    """In the place of scikit-learn's."""


class _Posts(pickle.Unpickler):
    """Loads plain values and number arrays only."""

    def find_class(self, module: str, name: str) -> Any:
        if module in _BUNCHES and name == "Bunch":
            return _Bunch
        if module in _ARRAYS and name in ("_reconstruct", "ndarray", "dtype"):
            return np.ndarray(0).__reduce__()[0] if name == "_reconstruct" else getattr(np, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a list of posts")


def _checked(posts: Any) -> Any:
    texts, names, target = posts["data"], posts["target_names"], posts["target"]
    if len(texts) != len(target) or not all(type(text) is str for text in [*texts, *names]):
        raise ValueError("not a list of posts")
    return SimpleNamespace(data=texts, target=target, target_names=names)
