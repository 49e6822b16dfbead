"""The names others rely on, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import tenor

HEAVY = ("torch", "sklearn", "polars", "pyarrow", "scipy", "numpy", "matplotlib", "typer")


def test_the_public_names_are_these_and_all_load() -> None:
    assert sorted(tenor.__all__) == [
        "BagOfWords",
        "Corpus",
        "NVDM",
        "TenorError",
        "Tokenizer",
        "Vocabulary",
        "VocabularyRule",
        "__version__",
        "datasets",
        "load",
        "preset",
    ]
    assert all(getattr(tenor, name) is not None for name in tenor.__all__)


def test_importing_tenor_loads_nothing_heavy() -> None:
    code = f"import sys, tenor; print([m for m in {HEAVY!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_preset_is_a_model() -> None:
    from tenor.settings import PRESETS

    for name in PRESETS:
        parameters = tenor.NVDM(**tenor.preset(name)).get_params()
        assert all(parameters[key] == value for key, value in tenor.preset(name).items())
