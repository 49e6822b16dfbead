"""From a corpus and a plan to a trained model: split, learn, train, finish."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import tenor
from tenor.amounts import amount
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, ParameterName, TrainingError
from tenor.kernels import COMPILED
from tenor.model.trained import Statistics, TrainedModel
from tenor.networks.network import Network
from tenor.networks.noise import numpy_generator
from tenor.training.checkpoint import Checkpoint
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import Position, TrainingState
from tenor.training.watch import Silent, Watcher
from tenor.training.world import World


@dataclass(frozen=True)
class Plan:
    """What a fit will do, whatever the documents.

    Attributes:
        kind: the model's name in files.
        build: makes the network for a vocabulary of a given size.
        settings: of the training loop.
        device: where it runs.
    """

    kind: str
    build: Callable[[int], Network]
    settings: TrainingSettings
    device: torch.device


def fit_corpus(
    plan: Plan,
    corpus: Corpus,
    watcher: Watcher | None = None,
    checkpoint: Checkpoint | None = None,
    base: TrainedModel | None = None,
) -> TrainedModel:
    """Train on ``corpus``, from the checkpoint if there is one, else from the start.

    With ``base`` the start is that model: its network is trained further in place, the figures
    of its documents and its history are added to.

    Raises:
        InputError: when no document has a word, or too few are left to train on.
        TrainingError: when the loss is no longer finite.
    """
    training, held_out = split_corpus(plan, corpus)
    documents = corpus.documents.select(training)
    if base is None:
        network = plan.build(corpus.bag.n_words)
        network.learn(documents)
    else:
        network = base.network
    network.to(plan.device)
    state = TrainingState.begin(network, plan.settings, documents)
    if checkpoint is not None:
        checkpoint.load(state)
    judged = corpus.documents.select(held_out) if len(held_out) else None
    world = World(plan.device)
    watcher = watcher or Silent()
    trainer = Trainer(network, documents, plan.settings, world, judged, watcher, checkpoint)
    try:
        if base is not None:
            trainer.judge_beginning(state)
        trainer.run(state)
    except TrainingError as error:
        network.decoder.finish()
        error.kept = _trained(plan, corpus, state, base)
        raise
    network.decoder.finish()
    return _trained(plan, corpus, state, base)


def split_corpus(plan: Plan, corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows held out.

    Raises:
        InputError: when no document has a word, or too few are left to train on.
    """
    if not corpus.bag.nnz:
        raise InputError("no document has a word of the vocabulary; there is nothing to train on")
    settings = plan.settings
    return split_rows(corpus.bag.distinct > 0, settings.validation_fraction, settings.seed)


def split_rows(
    filled: NDArray[np.bool_], fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows held out, both ascending: a function of the arguments alone.

    Only documents with words (``filled``) are held out: the others judge nothing.

    Raises:
        InputError: when no document with words is left to train on.
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
    trained_on = np.ones(len(filled), dtype=np.bool_)
    trained_on[held_out] = False
    return np.flatnonzero(trained_on), held_out


def _trained(
    plan: Plan, corpus: Corpus, state: TrainingState, base: TrainedModel | None
) -> TrainedModel:
    position = state.position
    statistics, history = Statistics.of(corpus.bag, corpus.placement), position.history
    if base is not None:
        statistics = base.statistics.plus(statistics)
    before = [] if base is None else base.history
    history = [{**record, "epoch": len(before) + record["epoch"]} for record in history]
    best = position.best_epoch
    return TrainedModel(
        kind=plan.kind,
        network=state.network,
        vocabulary=corpus.vocabulary,
        tokenizer=corpus.tokenizer if base is None else base.tokenizer,
        statistics=statistics,
        history=[*before, *history],
        provenance={
            "source": corpus.source,
            "fingerprint": corpus.fingerprint(),
            "outcome": state.outcome,
            "epochs_done": len(before) + position.epoch,
            "best_epoch": None if best is None else len(before) + best + 1,
            **({} if base is None else {"continues": _origin(base), **_improved(position)}),
            **environment(plan.device),
        },
    )


def _origin(base: TrainedModel) -> dict[str, Any]:
    """What a model was before it was trained further, for those who find it."""
    return {
        "source": base.provenance.get("source"),
        "n_documents": base.statistics.n_documents,
        "epochs_done": len(base.history),
    }


def _improved(position: Position) -> dict[str, bool]:
    """Whether an epoch was better on the held-out documents than the model before it."""
    return {} if position.best_bound is None else {"improved": position.best_epoch is not None}


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
