"""Adam on a matrix of which a step touches few rows, at the cost of those rows.

Kingma & Ba (2015, arXiv:1412.6980), algorithm 1. A row with gradient 0 still moves: its moments
fade, m ← β₁ m and v ← β₂ v, and it goes on along m. A row last touched at step i owes, at step t,

    Σ_{j=i+1..t}  w_j m_i / (√v_i q_j + ε),    w_j = η_j β₁^{j−i} / (1 − β₁^j)
                                               q_j = β₂^{(j−i)/2} / √(1 − β₂^j)

with η_j the learning rate. The weights w and the places q are the same for every entry of every
row touched at step i, and q hardly varies while w lasts. So the sum is taken by a two-node Gauss
quadrature of the measure w, exact for cubic polynomials of q; by one node, its mean, where q
varies by less than a hundredth. How near step-by-step Adam that is, the tests say. Rows pay what
they owe when they are next needed; all of them once an epoch, and at the first powers of two,
between which the bias correction in q does change.
"""

from __future__ import annotations

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tenor.kernels.adam_rows import BETA1, BETA2, Column, Moving, pay_rows, step_rows

_SETTLED_EARLY = 256  # the last of those powers of two
_ROWS = 1 << 16  # that pay at a time: the quadrature takes some twenty float64 a row
_LASTS = 300  # steps; β₁³⁰⁰ is 2e-14 of a step


@final
class RowAdam:
    """Adam for one (V, H) parameter with row-sparse gradients; no weight decay."""

    def __init__(self, parameter: nn.Parameter) -> None:
        self.parameter = parameter
        # (V, H) m and v of each row as of its last step, and (V,) the number of that step
        self.first = torch.zeros_like(parameter, requires_grad=False)
        self.second = torch.zeros_like(parameter, requires_grad=False)
        self.last = torch.zeros(len(parameter), dtype=torch.int32)
        self.step_number = 0
        self._owed = _Owed(0)

    def catch_up(self, rows: Tensor) -> None:
        """Bring ``rows`` (int64, no repeats) to the present, as before they are read."""
        numbers, taken = rows.cpu().numpy(), self.last.numpy()
        behind = np.flatnonzero(taken[numbers] < self.step_number)
        for start in range(0, len(behind), _ROWS):
            part = behind[start : start + _ROWS]
            last = taken[numbers[part]]
            chosen = rows[torch.from_numpy(part).to(rows.device)]
            pay_rows(self._moving, chosen, self._owed.nodes(last), self.step_number - last)
            taken[numbers[part]] = self.step_number

    def catch_up_all(self) -> None:
        """Bring every row to the present."""
        self.catch_up(torch.arange(len(self.parameter), device=self.parameter.device))
        self._owed = _Owed(self.step_number)

    def step(self, gradient: Tensor, rate: float, scale: float = 1.0) -> None:
        """One step of Adam with ``scale`` times a coalesced row-sparse ``gradient``."""
        rows, slopes = gradient.indices()[0], gradient.values()
        self.catch_up(rows)
        self.step_number += 1
        step_rows(self._moving, rows, slopes, rate, self.step_number, scale)
        self._owed.add_step(self.step_number, rate)
        self.last.numpy()[rows.cpu().numpy()] = self.step_number
        if self.step_number <= _SETTLED_EARLY and self.step_number.bit_count() == 1:
            self.catch_up_all()

    def tensors(self) -> dict[str, Tensor]:
        """All there is to keep beside the parameter."""
        return {
            "row_first": self.first,
            "row_second": self.second,
            "row_last": self.last,
            "row_step": torch.tensor([self._owed.begin, self.step_number]),
            "row_owed": torch.from_numpy(self._owed.sums.copy()),
        }

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put back what :meth:`tensors` gave, or the state of a dense Adam (another device's)."""
        if "exp_avg" in tensors:
            self.first.copy_(tensors["exp_avg"])
            self.second.copy_(tensors["exp_avg_sq"])
            self.step_number = int(tensors["step"])
            self.last.fill_(self.step_number)
            self._owed = _Owed(self.step_number)
            return
        self.first.copy_(tensors["row_first"])
        self.second.copy_(tensors["row_second"])
        self.last.copy_(tensors["row_last"])
        begin, self.step_number = tensors["row_step"].tolist()
        self._owed = _Owed(begin, tensors["row_owed"].cpu().numpy().copy())

    @property
    def _moving(self) -> Moving:
        return Moving(self.parameter, self.first, self.second)


def whole_moments(parameter: nn.Parameter, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state of a dense Adam, made of a RowAdam's where ``tensors`` are that.

    ``parameter`` holds the weights that belong to them, and is brought to the present.
    """
    if "row_first" not in tensors:
        return tensors
    rows = RowAdam(parameter)
    rows.load(tensors)
    rows.catch_up_all()
    step = torch.tensor(float(rows.step_number))
    return {"step": step, "exp_avg": rows.first, "exp_avg_sq": rows.second}


class _Owed:
    """Σ w q^n, n = 0 … 3, over the steps since each step i ≥ ``begin``: a row of ``sums`` each."""

    def __init__(self, begin: int, sums: NDArray[np.float64] | None = None) -> None:
        self.begin = begin
        self.sums = np.zeros((1, 4)) if sums is None else sums

    def add_step(self, step: int, rate: float) -> None:
        """Take in step number ``step`` at learning rate ``rate``."""
        done = step - self.begin  # rows so far, of steps begin … step − 1
        first = max(0, done - _LASTS)
        age = np.arange(done - first, 0, -1, dtype=np.float64)
        place = BETA2 ** (age / 2) / np.sqrt(1 - BETA2**step)
        weight = rate * BETA1**age / (1 - BETA1**step)
        self.sums[first:done] += weight[:, None] * place[:, None] ** np.arange(4)
        if len(self.sums) <= done:
            added = np.zeros((max(done + 1 - len(self.sums), len(self.sums)), 4))
            self.sums = np.concatenate([self.sums, added])

    def nodes(self, last: NDArray[np.int32]) -> list[tuple[Column, Column]]:
        """Places and weights (R,) of the quadrature, for rows of step ``last``.

        Where q varies by less than a hundredth one node, its mean, is within 1e-4 already.
        """
        mass, *raw = self.sums[last - self.begin].T
        mass = np.maximum(mass, np.finfo(np.float64).tiny)
        mean, square, cube = (moment / mass for moment in raw)
        variance = np.maximum(square - mean**2, 1e-14 * mean**2)
        if (variance < 1e-4 * mean**2).all():
            return [(mean, mass)]
        spread = np.sqrt(variance)
        skew = (cube - 3 * mean * variance - mean**3) / spread**3
        skew = np.where(variance > 1e-12 * mean**2, skew, 0.0)  # else it is rounding alone
        half = np.sqrt(1 + skew**2 / 4)
        share = 0.5 * (1 - skew / 2 / half)
        near, far = mean + spread * (skew / 2 - half), mean + spread * (skew / 2 + half)
        return [(near, mass * (1 - share)), (far, mass * share)]
