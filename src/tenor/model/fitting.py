"""From a corpus and a plan to a trained model: a whole fit, or a pass at a time.

A trained model can be where either begins.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

import tenor
from tenor.checks import amount
from tenor.corpus.corpus import Corpus
from tenor.documents import Documents
from tenor.errors import InputError, ParameterName, TrainingError
from tenor.kernels import COMPILED
from tenor.model.trained import Statistics, TrainedModel
from tenor.model.weights import HeldWeights
from tenor.networks.models import build_network
from tenor.networks.network import Network
from tenor.networks.noise import numpy_generator
from tenor.training.checkpoint import Checkpoint
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.watch import Silent, Watcher
from tenor.training.world import World


@dataclass(frozen=True)
class Plan:
    """What a fit will do, whatever the documents."""

    kind: str  # the model's name in files
    shape: dict[str, Any]  # the config of its network but for the number of words
    settings: TrainingSettings  # their seed is the network's too
    device: torch.device

    def network(self, documents: Documents, base: TrainedModel | None) -> Network:
        """The network to train: that of ``base``, or a new one that has seen ``documents``."""
        if base is not None:
            return base.network.to(self.device)
        config = {"n_words": documents.bag.n_words, **self.shape}
        network = build_network(self.kind, config, self.settings.seed)
        network.learn(documents)
        return network.to(self.device)


def fit_corpus(
    plan: Plan,
    corpus: Corpus,
    watcher: Watcher | None = None,
    checkpoint: Checkpoint | None = None,
    base: TrainedModel | None = None,
) -> TrainedModel:
    """Train on ``corpus``, from the checkpoint if there is one, else from the start.

    With ``base`` the start is that model: its network is trained further in place, the figures
    of its documents and its history are added to. ``kept`` of a TrainingError, for a loss that is
    no longer finite, has the last good weights.
    """
    training, held_out = split_corpus(plan, corpus)
    documents = corpus.documents.select(training)
    network = plan.network(documents, base)
    state = TrainingState.begin(network, plan.settings, documents)
    if checkpoint is not None:
        checkpoint.load(state)
    judged = corpus.documents.select(held_out) if len(held_out) else None
    world, watcher = World(plan.device), watcher or Silent()
    trainer = Trainer(network, documents, plan.settings, world, judged, watcher, checkpoint)
    try:
        if base is not None:
            trainer.judge_beginning(state)
        trainer.run(state)
    except TrainingError as error:
        network.decoder.finish()
        error.kept = _fitted(plan, corpus, state, base)
        raise
    network.decoder.finish()
    return _fitted(plan, corpus, state, base)


def split_corpus(plan: Plan, corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows held out; InputError when too few have a word."""
    refuse_wordless(corpus)
    settings = plan.settings
    return split_rows(corpus.bag.distinct > 0, settings.validation_fraction, settings.seed)


def refuse_wordless(corpus: Corpus) -> None:
    """Raise InputError when there is nothing to train on."""
    if not corpus.bag.nnz:
        raise InputError("no document has a word of the vocabulary; there is nothing to train on")


def split_rows(
    filled: NDArray[np.bool_], fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows held out, both ascending: a function of the arguments alone.

    Only documents with words (``filled``) are held out: the others judge nothing. That none of
    them is left to train on is an InputError.
    """
    candidates = np.flatnonzero(filled)
    n_held_out = round(fraction * len(candidates))
    if n_held_out >= len(candidates):
        raise InputError(
            ParameterName("validation_fraction"),
            f"={fraction} leaves none of {amount(len(candidates), 'document')} to train on",
        )
    order = numpy_generator(seed, "split").permutation(len(candidates))
    held_out = np.sort(candidates[order[:n_held_out]])
    return np.delete(np.arange(len(filled)), held_out), held_out


def _fitted(
    plan: Plan, corpus: Corpus, state: TrainingState, base: TrainedModel | None
) -> TrainedModel:
    position, before = state.position, 0
    further: dict[str, Any] = {"unknown_share": corpus.coverage.unknown_share}
    statistics, tokenizer = Statistics.of(corpus.bag, corpus.placement), corpus.tokenizer
    history = position.history
    if base is not None:
        before, tokenizer = len(base.history), base.tokenizer
        history = [*base.history, *({**r, "epoch": before + r["epoch"]} for r in history)]
        origin = {
            "source": base.provenance.get("source"),
            "n_documents": base.statistics.n_documents,
            "epochs_done": before,
        }
        further = {"continues": origin, "unknown_share": base.unknown_share}
        statistics = base.statistics.plus(statistics)
        if position.best_bound is not None:  # whether an epoch was better than that model
            further["improved"] = position.best_epoch is not None
    best = position.best_epoch
    return TrainedModel(
        kind=plan.kind,
        weights=HeldWeights(state.network),
        vocabulary=corpus.vocabulary,
        tokenizer=tokenizer,
        statistics=statistics,
        history=list(history),
        provenance={
            "source": corpus.source,
            "read": corpus.origin.to_json(),
            "fingerprint": corpus.fingerprint(),
            "outcome": state.outcome,
            "epochs_done": before + position.epoch,
            "best_epoch": None if best is None else before + best + 1,
            **further,
            **environment(plan.device),
        },
    )


def environment(device: torch.device) -> dict[str, Any]:
    """What a run's exact numbers depend on besides its settings."""
    return {
        "tenor": tenor.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": str(device),
        "compiled": COMPILED,
        "threads": torch.get_num_threads(),
    }


@final
class PartialFit:
    """A network in training that gets its documents a pass at a time, and lives on between."""

    def __init__(self, plan: Plan, corpus: Corpus, trained: TrainedModel | None) -> None:
        """Begin with a new network, or with that of a trained model."""
        settings = replace(
            plan.settings,
            schedule="constant",
            warmup=0.0,
            kl_warmup=0,
            patience=None,
            updates="joint",  # a pass is all there may be, so it updates everything
        )
        self._plan, self._trained = replace(plan, settings=settings), trained
        network = plan.network(corpus.documents, trained)
        self._state = TrainingState.begin(network, settings, corpus.documents)
        self._state.position.history = [] if trained is None else list(trained.history)

    def one_pass(self, corpus: Corpus) -> TrainedModel:
        """Train once over ``corpus`` and take stock; InputError when no document has a word."""
        refuse_wordless(corpus)
        state, position, device = self._state, self._state.position, self._plan.device
        before, done = self._trained, 0
        statistics, tokenizer = Statistics.of(corpus.bag, corpus.placement), corpus.tokenizer
        unknown = corpus.coverage.unknown_share
        if before is not None:
            unknown = before.unknown_share
            done = int(before.provenance.get("epochs_done", 0))
            statistics, tokenizer = before.statistics.plus(statistics), before.tokenizer
        settings = replace(self._plan.settings, epochs=done + 1)
        position.epoch, position.step, position.sums = done, 0, {}
        Trainer(state.network, corpus.documents, settings, World(device)).run(state)
        state.network.decoder.finish()
        self._trained = TrainedModel(
            kind=self._plan.kind,
            weights=HeldWeights(state.network),
            vocabulary=corpus.vocabulary,
            tokenizer=tokenizer,
            statistics=statistics,
            history=list(position.history),
            provenance={
                "source": corpus.source,
                "read": corpus.origin.to_json(),
                "unknown_share": unknown,
                "outcome": state.outcome,
                "epochs_done": done + 1,
                "best_epoch": None,
                **environment(device),
            },
        )
        return self._trained
