"""Settings out of range are refused with one line that names them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tenor.errors import InputError

BAD = {
    "epochs": [0, -1, 1.5, True],
    "batch_size": [0],
    "learning_rate": [0.0, -1.0, math.nan, math.inf],
    "schedule": ["step"],
    "warmup": [-0.1, 1.0, math.nan],
    "decoder_rate": [0.0],
    "weight_decay": [-1.0, math.nan],
    "clip_norm": [0.0, math.nan],
    "n_samples": [0],
    "kl_warmup": [-1, 0.5],
    "thinning": [0.0, 1.1, math.nan],
    "thinned": ["output"],
    "length_weighting": [-0.1, 1.1],
    "updates": ["together"],
    "alternating_epochs": [0],
    "patience": [0],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in BAD.items() for v in values])
def test_refused(plain, name, value):
    with pytest.raises(InputError, match=name) as error:
        replace(plain, **{name: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "changed", [{"patience": None}, {"clip_norm": None}, {"weight_decay": 0.0}, {"seed": 2**40}]
)
def test_accepted(plain, changed):
    replace(plain, **changed)
