"""Adam on rows: compiled and with torch, against each other and the formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.kernels.adam_rows import BETA1, BETA2, EPSILON, Moving, pay_rows, step_rows

V, H = 30, 7
ROWS = torch.tensor([0, 3, 11, 29])


def drawn():
    generator = torch.Generator().manual_seed(0)
    values, first = (torch.randn(V, H, generator=generator) for _ in range(2))
    second = torch.rand(V, H, generator=generator) * 1e-4
    second[3] = 0.0
    return Moving(values, first * 1e-2, second)


def close(found, expected):
    torch.testing.assert_close(found.double(), expected, rtol=2e-6, atol=1e-12)


def test_a_step(way):
    moving, expected = drawn(), Moving(*(t.double() for t in drawn()))
    slopes = 1e-3 * torch.randn(len(ROWS), H, generator=torch.Generator().manual_seed(1))
    step_rows(moving, ROWS, slopes, 0.01, 5)
    w, m, v = (t[ROWS] for t in expected)
    m, v = (b * t + (1 - b) * s for b, t, s in ((BETA1, m, slopes), (BETA2, v, slopes**2)))
    root = (v / (1 - BETA2**5)).sqrt()
    for matrix, rows in zip(
        expected, (w - 0.01 / (1 - BETA1**5) * m / (root + EPSILON), m, v), strict=True
    ):
        matrix[ROWS] = rows.double()
    for one, other in zip(moving, expected, strict=True):
        close(one, other)


@pytest.mark.parametrize("n_nodes", [1, 2])
def test_missed_steps(way, n_nodes):
    moving, expected = drawn(), Moving(*(t.double() for t in drawn()))
    rng = np.random.default_rng(0)
    nodes = [(0.5 + rng.random(4), 1e-3 * rng.random(4)) for _ in range(n_nodes)]
    age = np.array([1, 2, 40, 300], dtype=np.int32)
    pay_rows(moving, ROWS, nodes, age)
    w, m, v = (t[ROWS] for t in expected)
    for place, weight in (map(torch.as_tensor, node) for node in nodes):
        w = w - m * (weight[:, None] / (v.sqrt() * place[:, None] + EPSILON))
    fades = (torch.as_tensor(b ** age.astype(np.float64))[:, None] for b in (BETA1, BETA2))
    for matrix, rows in zip(
        expected, (w, *(t * f for t, f in zip((m, v), fades, strict=True))), strict=True
    ):
        matrix[ROWS] = torch.as_tensor(rows)
    for one, other in zip(moving, expected, strict=True):
        close(one, other)


def test_no_rows(way):
    moving, before = drawn(), drawn()
    none = torch.zeros(0, dtype=torch.int64)
    step_rows(moving, none, torch.zeros(0, H), 0.01, 1)
    pay_rows(moving, none, [(np.zeros(0), np.zeros(0))], np.zeros(0, dtype=np.int32))
    for one, other in zip(moving, before, strict=True):
        assert torch.equal(one, other)


def test_autograd_sees_the_change(way):
    """A graph that kept the old values must not be used with the new ones."""
    moving = drawn()
    parameter = torch.nn.Parameter(moving.values)
    product = (parameter * parameter).sum()
    step_rows(moving._replace(values=parameter), ROWS, torch.ones(len(ROWS), H), 0.1, 1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.backward()


@pytest.mark.parametrize("row", [-1, V])
def test_rows_outside_are_refused(way, row):
    with pytest.raises((ValueError, IndexError)):
        step_rows(drawn(), torch.tensor([row]), torch.ones(1, H), 0.1, 1)
