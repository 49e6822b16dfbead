"""Adam with decoupled weight decay on whole parameters, by torch's fused loops.

Loshchilov & Hutter (2019, arXiv:1711.05101), algorithm 2. torch's own class would import its
compiler, two seconds at the start of every fit, and do the bookkeeping of any optimiser anew at
every step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from tenor.kernels.adam_rows import BETA1, BETA2, EPSILON

_MOMENTS = ("exp_avg", "exp_avg_sq")


@final
class WholeAdam:
    """Adam for parameters on one device that share a learning rate and a weight decay λ.

    A parameter begins at its first gradient. A step takes rate · λ · w off every weight.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], factor: float, weight_decay: float
    ) -> None:
        self.parameters = list(parameters)
        self.factor, self.weight_decay = factor, weight_decay  # the factor is the rate's
        self.moments: dict[Tensor, dict[str, Tensor]] = {}  # m, v, steps of what has begun

    @torch.no_grad()
    def step(
        self, rate: float, divisor: Tensor | None = None, finite: Tensor | None = None
    ) -> None:
        """Update every parameter that has a gradient, divided by ``divisor`` (), if given.

        On a GPU with fused loops nothing is updated where ``finite`` () is false.
        """
        chosen: list[Tensor] = [p for p in self.parameters if p.grad is not None]
        if not chosen:
            return
        gradients = [p.grad for p in chosen if p.grad is not None]
        device = chosen[0].device
        fused = self.fused(device)
        if divisor is not None and device.type == "cpu" and float(divisor) == 1:
            divisor = None  # which saves a pass over the gradients
        if divisor is not None and not fused:
            torch._foreach_div_(gradients, divisor)
            divisor = None
        skipped = None
        if finite is not None and device.type != "cpu" and fused:
            skipped = finite.logical_not().float()
        kept = [self._moments_of(p) for p in chosen]
        adamw(
            chosen,
            gradients,
            [moments["exp_avg"] for moments in kept],
            [moments["exp_avg_sq"] for moments in kept],
            [],
            [moments["step"] for moments in kept],
            fused=fused,
            grad_scale=divisor,
            found_inf=skipped,
            amsgrad=False,
            beta1=BETA1,
            beta2=BETA2,
            lr=self.factor * rate,
            weight_decay=self.weight_decay,
            eps=EPSILON,
            maximize=False,
        )

    def load(self, parameter: Tensor, tensors: dict[str, Tensor]) -> None:
        """Take the moments of ``parameter``, those of any device."""
        counted_on = parameter.device if self.fused(parameter.device) else "cpu"
        moments = {what: tensors[what].to(parameter) for what in _MOMENTS}
        self.moments[parameter] = {**moments, "step": tensors["step"].to(counted_on)}

    @staticmethod
    def fused(device: torch.device) -> bool:
        """Whether torch has one loop for all of it there, which counts steps on the device."""
        return device.type in ("cpu", "cuda")

    def _moments_of(self, parameter: Tensor) -> dict[str, Tensor]:
        if parameter not in self.moments:
            zeros = {what: torch.zeros_like(parameter, requires_grad=False) for what in _MOMENTS}
            self.load(parameter, {**zeros, "step": torch.tensor(0.0)})
        return self.moments[parameter]
