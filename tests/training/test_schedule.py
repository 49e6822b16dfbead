"""Learning rate, KL weight and phase, step by step."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi

import pytest

from tenor.training import schedule


def rates(settings, total=20):
    return [schedule.learning_rate(settings, step, total) for step in range(total)]


def test_cosine(plain):
    settings = replace(plain, schedule="cosine", warmup=0.0, learning_rate=2.0)
    assert rates(settings) == pytest.approx([1 + cos(pi * step / 20) for step in range(20)])


def test_linear_after_a_warm_up(plain):
    settings = replace(plain, schedule="linear", warmup=0.2, learning_rate=1.0)
    expected = [0.25, 0.5, 0.75, 1.0] + [1 - step / 16 for step in range(16)]
    assert rates(settings) == pytest.approx(expected)


def test_constant_after_a_warm_up_that_is_rounded_up(plain):
    settings = replace(plain, schedule="constant", warmup=0.01, learning_rate=0.5)
    assert rates(settings, 120) == [0.25] + [0.5] * 119
    assert rates(settings, 1) == [0.5]


@pytest.mark.parametrize("kind", ["cosine", "linear", "constant"])
def test_always_above_zero(plain, kind):
    for total in (1, 2, 7):
        assert min(rates(replace(plain, schedule=kind, warmup=0.5), total)) > 0


def test_kl_weight(plain):
    settings = replace(plain, kl_warmup=2)
    found = [schedule.kl_weight(settings, e, s, 4) for e in range(3) for s in range(4)]
    assert found == pytest.approx([i / 8 for i in range(8)] + [1.0] * 4)
    assert schedule.kl_weight(plain, 0, 0, 4) == 1.0


def test_phase(plain):
    assert {schedule.phase(plain, epoch) for epoch in range(5)} == {"joint"}
    settings = replace(plain, updates="alternating", alternating_epochs=2)
    found = [schedule.phase(settings, epoch) for epoch in range(6)]
    assert found == ["decoder", "decoder", "encoder", "encoder", "decoder", "decoder"]
