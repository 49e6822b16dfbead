"""scikit-learn's cache of the 20 Newsgroups posts, read without loading scikit-learn.

Loading the library takes longer than counting the posts does. Its cache is a compressed pickle;
here nothing but strings, lists and the array of labels may come out of one, and no function of the
file's choosing is called, as it is when scikit-learn itself loads it.
"""

from __future__ import annotations

import io
import os
import pickle
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

_FILE = "20news-bydate_py3.pkz"
_ARRAYS = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_BUNCHES = ("sklearn.utils", "sklearn.utils._bunch")


def cached_posts() -> dict[str, Any] | None:
    """The posts of "train" and "test" as scikit-learn fetches them; None: ask scikit-learn."""
    home = os.environ.get("SCIKIT_LEARN_DATA", str(Path("~", "scikit_learn_data")))
    path = Path(home).expanduser() / _FILE
    if not path.is_file():
        return None
    try:
        subsets = _Posts(io.BytesIO(zlib.decompress(path.read_bytes()))).load()
        return {name: _checked(subsets[name]) for name in ("train", "test")}
    except Exception:  # a cache of another make: its maker knows what to say of it
        return None


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
