"""The one training loop: Adam on the bound, judged on held-out documents, stoppable anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from tenor.documents import Documents
from tenor.errors import KEPT, ParameterName, TrainingError
from tenor.inference.bounds import document_bounds, document_elbos
from tenor.kernels import recycled
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.training import schedule
from tenor.training.checkpoint import Checkpoint
from tenor.training.interrupt import StopRequest, stop_on_ctrl_c
from tenor.training.settings import TrainingSettings
from tenor.training.shares import BatchSource, Share
from tenor.training.state import Outcome, Position, TrainingState
from tenor.training.tally import Tally
from tenor.training.threads import as_many_as_worth
from tenor.training.watch import Moment, Silent, Watcher
from tenor.training.world import World

PROBED = 64  # documents that must have a finite bound after every epoch
HELD_OUT_SAMPLES = 2  # with the same noise at every epoch, so epochs compare


@final
@dataclass
class Trainer:
    """Trains a network on documents."""

    network: Network  # changed in place; asks for gradients only while it trains
    documents: Documents
    settings: TrainingSettings
    world: World
    held_out: Documents | None = None  # to judge the bound on after every epoch, at KL weight 1
    watcher: Watcher = field(default_factory=Silent)
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        if not self.world.is_first:
            self.watcher = Silent()
        observed = self.network.observed(self.documents)
        self.source = BatchSource(observed, self.settings, self.world)
        self.documents_seen = 0  # by this run

    def run(self, state: TrainingState) -> TrainingState:
        """Train from ``state`` to the end, to early stopping or to Ctrl-C.

        The best weights are in the network afterwards: those of the best judged epoch, or of the
        last whole one when no documents are held out. When stopped by Ctrl-C, the state as it was
        is checkpointed first. On a TrainingError, for a loss that is no longer finite, the network
        goes back to the best weights so far, in the first epoch to those it began with.
        """
        self.network.requires_grad_(True)
        if state.best is None:
            state.keep_best()
        threads = as_many_as_worth(self.network, self.settings.batch_size)
        try:
            with stop_on_ctrl_c() as stop, threads:
                state.outcome = self._epochs(state, stop)
            self._save(state)  # at the end too: what follows may be killed
            state.optimizer.settle()
            if state.position.history:
                state.restore_best()
        except BaseException as error:  # a second Ctrl-C: nobody is left with half a step
            if isinstance(error, TrainingError):
                state.outcome = "no longer finite"
            state.restore_best()
            raise
        finally:
            self.network.requires_grad_(False)
            state.optimizer.zero_grad()
            recycled.forget()
        return state

    def judge_beginning(self, state: TrainingState) -> None:
        """Hold the weights it begins with against those to come: they are of a trained model."""
        untouched = state.position.epoch == state.position.step == 0
        if self.held_out is not None and untouched:
            state.position.best_bound = self._held_out_bound(self.held_out)

    def _epochs(self, state: TrainingState, stop: StopRequest) -> Outcome:
        position, settings = state.position, self.settings
        while position.epoch < self.source.epochs:
            if settings.patience is not None and position.stale >= settings.patience:
                return "stopped early"
            if not self._epoch(state, stop):
                return "interrupted"
            self._end_epoch(state)
            if self.checkpoint is not None and self.checkpoint.due(position.epoch):
                self._save(state)
            if position.epoch < self.source.epochs and self.world.any(stop.asked):
                return "interrupted"
        return "completed"

    def _save(self, state: TrainingState) -> None:
        if self.checkpoint is not None and self.world.is_first:
            self.checkpoint.save(state)

    def _epoch(self, state: TrainingState, stop: StopRequest) -> bool:
        """The steps left in the epoch; False when asked to stop before its last one."""
        position, steps = state.position, self.source.steps_per_epoch
        self._choose_parameters(schedule.phase(self.settings, position.epoch))
        tally = Tally(position, self.world)
        for share in self.source.shares(position.epoch, position.step):
            self.step(state, share, tally)
            position.step += 1
            if tally.is_due(position.step) or position.step == steps:
                self._look(tally, position)
                self.watcher.step(self._moment(position))
            if position.step < steps and self.world.any(stop.asked):
                self._look(tally, position)
                return False
        return True

    def _look(self, tally: Tally, position: Position) -> None:
        """Bring the sums of the epoch to ``position``, unless a step was not finite."""
        step = tally.look(position)
        if step is not None:
            raise self._not_finite(position, step)

    def _choose_parameters(self, phase: str) -> None:
        """Only the parameters of the phase ask for gradients; the kernels make no others."""
        for parameter in self.network.generative_parameters():
            parameter.requires_grad_(phase != "encoder")
        for parameter in self.network.inference_parameters():
            parameter.requires_grad_(phase != "decoder")

    def step(self, state: TrainingState, share: Share, tally: Tally) -> None:
        """One update of the weights from one share of documents; none if it is not finite.

        Nothing in it waits for a GPU.
        """
        position, steps = state.position, self.source.steps_per_epoch
        key = (self.settings.seed, "train", position.epoch, position.step, self.world.rank)
        noise = Noise(self.world.device, *key)
        kl_weight = schedule.kl_weight(self.settings, position.epoch, position.step, steps)
        state.optimizer.zero_grad()  # now: the forward pass needs the room
        state.optimizer.prepare(share.batch)
        posterior = self.network.encoder(share.batch, noise)
        epsilon = posterior.noise(self.settings.n_samples, noise)
        bound = self.network.bound(posterior, share.batch, epsilon, noise)
        loss = -(share.weights * bound.objective(kl_weight)).sum() / max(share.total, 1.0)
        loss.backward()  # type: ignore[no-untyped-call]
        finite = self._update(state, loss.detach(), position)
        tally.add(bound, share.batch.bag.counts, finite)
        self.documents_seen += share.n_documents

    def _update(self, state: TrainingState, loss: Tensor, position: Position) -> Tensor:
        """Whether it was done, as a tensor: not where loss or gradients are not finite."""
        norm = nn.utils.get_total_norm(self._summed_gradients(loss))
        finite = torch.isfinite(loss + norm)
        most, steps = self.settings.clip_norm, self.source.steps_per_epoch
        rate = schedule.learning_rate(
            self.settings, position.epoch * steps + position.step, self.source.epochs * steps
        )
        divisor = None if most is None else (norm / most).clamp(min=1)
        state.optimizer.step(rate, divisor, finite)
        return finite

    def _summed_gradients(self, loss: Tensor) -> list[Tensor]:
        """What the gradients hold, summed over the workers in place; the loss is summed too."""
        gradients = []
        for parameter in self.network.parameters():
            if parameter.grad is not None:
                if parameter.grad.is_sparse:
                    parameter.grad = self.world.sum_of_rows(parameter.grad)
                gradients.append(parameter.grad)
        # The loss too, so that all workers stop as one.
        self.world.sum_([*(g for g in gradients if not g.is_sparse), loss])
        return [g.values() if g.is_sparse else g for g in gradients]

    def _end_epoch(self, state: TrainingState) -> None:
        position = state.position
        state.optimizer.settle()
        tokens = max(position.sums["tokens"], 1.0)
        record = {
            "epoch": position.epoch + 1,
            "phase": schedule.phase(self.settings, position.epoch),
            "bound_per_token": position.sums["bound"] / tokens,
            "reconstruction_per_token": position.sums["reconstruction"] / tokens,
            "kl_per_document": position.sums["kl"] / position.sums["documents"],
        }
        self._refuse_unusable(position)
        if self.held_out is None:
            state.keep_best()
        else:
            record["held_out_bound_per_token"] = self._judge(state, self.held_out)
        position.history.append(record)
        self.watcher.epoch(self._moment(position))
        position.epoch += 1
        position.step, position.sums = 0, {}

    def _refuse_unusable(self, position: Position) -> None:
        """Weights that were finite a step ago may have become useless in the last one."""
        judged = self.documents[:PROBED] if self.held_out is None else self.held_out[:PROBED]
        bounds = document_bounds(self.network, judged, 1, self.settings.seed)
        weights = all(bool(torch.isfinite(p).all()) for p in self.network.parameters())
        if self.world.any(not (weights and np.isfinite(bounds.elbo).all())):
            raise self._not_finite(position, position.step - 1)

    def _not_finite(self, position: Position, step: int) -> TrainingError:
        return TrainingError(
            f"the loss is no longer finite at epoch {position.epoch + 1}, step {step + 1}; ",
            KEPT,
            "try a lower ",
            ParameterName("learning_rate"),
            f" than {self.settings.learning_rate}",
        )

    def _judge(self, state: TrainingState, held_out: Documents) -> float:
        """The held-out bound per token; keeps the weights when it is the best so far."""
        position, value = state.position, self._held_out_bound(held_out)
        best = -math.inf if position.best_bound is None else position.best_bound
        if value > best:  # never true of a bound that is not a number
            position.best_bound, position.best_epoch, position.stale = value, position.epoch, 0
            state.keep_best()
        else:
            position.stale += 1
        return value

    def _held_out_bound(self, held_out: Documents) -> float:
        """A token, in nats; every worker judges its share of the documents."""
        share = (self.world.rank, self.world.size)
        elbo, lengths = document_elbos(
            self.network, held_out, HELD_OUT_SAMPLES, self.settings.seed, share
        )
        return float(self.world.sum_of(elbo).sum() / max(lengths.sum(), 1.0))

    def _moment(self, position: Position) -> Moment:
        last = position.history[-1] if position.history else {}
        return Moment(
            epoch=position.epoch,
            epochs=self.source.epochs,
            step=position.step,
            steps=self.source.steps_per_epoch,
            documents=self.documents_seen,
            bound=position.sums["bound"] / max(position.sums["tokens"], 1.0),
            held_out=last.get("held_out_bound_per_token"),
            best_epoch=position.best_epoch,
        )
