"""Vectors in scikit-learn's output containers, by its own base class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin


class _Done(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A transformer whose vectors are there already."""

    def __init__(
        self, vectors: NDArray[np.float32], names: Callable[[], NDArray[np.object_]]
    ) -> None:
        self.vectors, self.names = vectors, names

    def transform(self, X: Any) -> NDArray[np.float32]:
        return self.vectors

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return self.names()


def contained(
    vectors: NDArray[np.float32],
    X: Any,
    names: Callable[[], NDArray[np.object_]],
    asked: str | None,
) -> Any:
    """(D, K) vectors of X as set_output was told, or as scikit-learn's configuration says."""
    return _Done(vectors, names).set_output(transform=asked).transform(X)
