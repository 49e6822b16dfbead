"""Documents with planted topics, and every model there is, small enough to fit in seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

import tenor
from tenor.estimators.loading import ESTIMATORS
from tenor.networks.models import MODELS as NETWORKS


def load_models() -> Any:
    """models.py as a module: pytest's importlib mode puts no test folder on the path."""
    spec = spec_from_file_location("contract_models", Path(__file__).with_name("models.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # for pickle and dataclasses
    spec.loader.exec_module(module)
    return module


OTHERS = load_models()
SHARES = (0.36, 0.24, 0.16, 0.12, 0.07, 0.05)  # sizes that differ sevenfold
N_WORDS, N_OWN, N_SHARED = 400, 36, 12
NOISE = 0.7  # share of a document's tokens that come from no topic


@dataclass(frozen=True)
class Planted:
    """Counts whose topics are known.

    Attributes:
        counts: (D, V).
        topic: (D,) the main topic of each document.
        words: for each topic the ids of its words; neighbours share a third of theirs.
    """

    counts: Any
    topic: NDArray[np.int64]
    words: list[NDArray[np.int64]]


def plant(n_documents: int, seed: int) -> Planted:
    """Documents of a main topic, a second one, and noise in which a few words are everywhere."""
    rng = np.random.default_rng(seed)
    step = N_OWN - N_SHARED
    words = [10 + step * k + np.arange(N_OWN) for k in range(len(SHARES))]
    background = 1 / (1 + np.arange(N_WORDS)) ** 1.2
    background /= background.sum()
    topic = rng.choice(len(SHARES), n_documents, p=SHARES)
    counts = np.zeros((n_documents, N_WORDS), dtype=np.int64)
    for row, main in enumerate(topic):
        p = NOISE * background
        p[words[main]] += (1 - NOISE) * 0.8 / N_OWN
        p[words[rng.integers(len(SHARES))]] += (1 - NOISE) * 0.2 / N_OWN
        counts[row] = rng.multinomial(rng.integers(30, 80), p)
    return Planted(csr_array(counts), topic, words)


@pytest.fixture(scope="session")
def planted() -> Planted:
    return plant(1500, seed=0)


SMALL: dict[str, Any] = {
    "n_components": 8,
    "encoder_sizes": (64, 64),
    "epochs": 60,
    "batch_size": 100,
    "learning_rate": 5e-3,
    "device": "cpu",
}

MODELS = {
    "nvdm": lambda **more: tenor.NVDM(**{**SMALL, **more}),
    "nvdm-hidden-generator": lambda **more: tenor.NVDM(
        **{**SMALL, "generator_sizes": (16,), **more}
    ),
    "nvdm-paper": lambda **more: tenor.NVDM(
        **{**SMALL, "encoder": "plain", "thinning": 1.0, "updates": "alternating", **more}
    ),
    "nvdm-presence": lambda **more: tenor.NVDM(**{**SMALL, "likelihood": "presence", **more}),
    "mixture": OTHERS.Mixture,
    "shifted": OTHERS.Shifted,
}


@pytest.fixture(scope="session", autouse=True)
def known() -> Iterator[None]:
    """The models of models.py can be saved and opened like tenor's own."""
    with pytest.MonkeyPatch.context() as patch:
        for estimator in (OTHERS.Mixture, OTHERS.Shifted, OTHERS.Beside):
            patch.setitem(ESTIMATORS, estimator._kind, estimator)
            patch.setitem(NETWORKS, estimator._kind, OTHERS.BUILDERS[estimator._kind])
        yield


@pytest.fixture(scope="session")
def other_models() -> Any:
    """models.py."""
    return OTHERS


@pytest.fixture(scope="session", params=MODELS)
def make(request: pytest.FixtureRequest) -> Any:
    """A function that makes the model of this round with some parameters changed."""
    return MODELS[request.param]


@pytest.fixture(scope="session")
def fitted(make: Any, planted: Planted) -> Any:
    """The model of this round, fitted on the planted documents; not to be changed."""
    return make().fit(planted.counts)
