"""tenor: neural variational document models, exact and never dense.

The public names load what they need when they are first used; ``import tenor`` itself loads
none of torch, scikit-learn, polars and pyarrow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenor.bow import BagOfWords
    from tenor.corpus import datasets
    from tenor.corpus.corpus import Corpus
    from tenor.errors import TenorError
    from tenor.estimators.loading import load
    from tenor.estimators.nvdm import NVDM
    from tenor.settings import preset
    from tenor.text.tokenizer import Tokenizer
    from tenor.text.vocabulary import Vocabulary, VocabularyRule

__version__ = "0.1.0"

_HOMES = {
    "BagOfWords": "tenor.bow",
    "Corpus": "tenor.corpus.corpus",
    "NVDM": "tenor.estimators.nvdm",
    "TenorError": "tenor.errors",
    "Tokenizer": "tenor.text.tokenizer",
    "Vocabulary": "tenor.text.vocabulary",
    "VocabularyRule": "tenor.text.vocabulary",
    "load": "tenor.estimators.loading",
    "preset": "tenor.settings",
}

__all__ = [
    "NVDM",
    "BagOfWords",
    "Corpus",
    "TenorError",
    "Tokenizer",
    "Vocabulary",
    "VocabularyRule",
    "__version__",
    "datasets",
    "load",
    "preset",
]


def __getattr__(name: str) -> Any:
    if name == "datasets":
        return import_module("tenor.corpus.datasets")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tenor' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
