"""What scikit-learn asks of a transformer, said without scikit-learn until it asks.

Its base classes would cost every ``tenor.load`` their import, ten times what a saved model takes to
open. Its protocol is one of methods: parameters, tags, output containers. Where an answer is one of
its own objects, it is imported then.
"""

from __future__ import annotations

import inspect
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError, needed_by


class Transformer(ABC):
    """An estimator that makes vectors of documents; ``__init__`` names its parameters."""

    _sklearn_output_config: dict[str, str]  # what set_output was told, where clones look for it

    @abstractmethod
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train on documents."""

    @abstractmethod
    def transform(self, X: Any) -> Any:
        """The vectors of documents."""

    @property
    @abstractmethod
    def _n_features_out(self) -> int:
        """The size of a vector."""

    @abstractmethod
    def __sklearn_is_fitted__(self) -> bool: ...

    def fit_transform(self, X: Any, y: Any = None, **further: Any) -> Any:
        """Train on documents; their vectors."""
        return self.fit(X, y, **further).transform(X)

    # Parameters

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; none of them has any of its own, so ``deep`` changes nothing."""
        return {name: getattr(self, name) for name in sorted(_defaults(type(self)))}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name.

        Raises:
            InputError: when there is none of a name; nothing is set.
        """
        known = _defaults(type(self))
        for name in parameters:
            if name not in known:
                raise InputError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}. "
                    f"Valid parameters are: {sorted(known)!r}."
                )
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults, set_ = _defaults(type(self)), []
        for name, value in self.get_params().items():
            if repr(value) != repr(defaults[name]):
                set_.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(set_)})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        with needed_by("a picture of an estimator"):
            from sklearn.utils import estimator_html_repr
        return str(estimator_html_repr(self))

    # What comes out

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """A name for each number of a vector: nvdm0, nvdm1, …; ``input_features`` is not read."""
        self._refuse_unfitted()
        prefix = type(self).__name__.lower()
        return np.asarray([f"{prefix}{i}" for i in range(self._n_features_out)], dtype=object)

    def set_output(self, *, transform: str | None = None) -> Self:
        """What transform gives: "default", "pandas" or "polars"; None leaves it as it is."""
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _contained(self, vectors: NDArray[np.float32], X: Any) -> Any:
        """The vectors in the container that was asked for, here or of scikit-learn as a whole."""
        asked = self.__dict__.get("_sklearn_output_config", {}).get("transform")
        if asked == "default" or (asked is None and "sklearn" not in sys.modules):
            return vectors
        from tenor.estimators.output_containers import contained

        return contained(vectors, X, self.get_feature_names_out, asked)

    # What scikit-learn wants to know

    def _refuse_unfitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            kind: type[Exception] = InputError
            with suppress(ModuleNotFoundError):
                kind = import_module("sklearn.exceptions").NotFittedError
            raise kind(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with "
                "appropriate arguments before using this estimator."
            )

    def __sklearn_tags__(self) -> Any:
        with needed_by("what scikit-learn asks"):
            from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags
        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float32"]),
            input_tags=InputTags(sparse=True, string=True, positive_only=True),
        )


def _defaults(made: type) -> Mapping[str, Any]:
    """The constructor's parameters and their defaults."""
    parameters = inspect.signature(made).parameters
    return {name: parameter.default for name, parameter in parameters.items()}
