"""Training a pass at a time: what partial_fit keeps between calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError
from tenor.estimators.fitting import Plan, environment
from tenor.trained import Statistics, TrainedModel
from tenor.training.loop import Trainer
from tenor.training.state import TrainingState
from tenor.training.world import World


@final
@dataclass
class Session:
    """A network in training whose documents come in parts.

    Attributes:
        plan: its settings; every pass runs at the constant highest learning rate.
        state: network and optimiser, which live on from pass to pass.
        corpus: the last documents, whose vocabulary and tokenizer the next ones share.
        statistics: of all documents so far, None before the first pass.
    """

    plan: Plan
    state: TrainingState
    statistics: Statistics | None
    passes: int = 0


def begin(plan: Plan, corpus: Corpus, trained: TrainedModel | None) -> Session:
    """A session from scratch, or one that goes on from a trained model."""
    if trained is None:
        network = plan.build(corpus.bag.n_words)
        network.learn(corpus.documents)
    else:
        network = trained.network
    network.to(plan.device)
    settings = replace(
        plan.settings,
        schedule="constant",
        warmup=0.0,
        kl_warmup=0,
        patience=None,
        updates="joint",  # a pass is all there may be, so it updates everything
    )
    plan = replace(plan, settings=settings)
    statistics = None if trained is None else trained.statistics
    done = 0 if trained is None else int(trained.provenance.get("epochs_done", 0))
    state = TrainingState.begin(network, settings, corpus.documents)
    state.position.history = [] if trained is None else list(trained.history)
    return Session(plan, state, statistics, done)


def one_pass(session: Session, corpus: Corpus) -> TrainedModel:
    """Train once over ``corpus`` and take stock."""
    if not corpus.bag.nnz:
        raise InputError("no document has a word of the vocabulary; there is nothing to train on")
    state, position = session.state, session.state.position
    settings = replace(session.plan.settings, epochs=session.passes + 1)
    position.epoch, position.step, position.sums = session.passes, 0, {}
    Trainer(state.network, corpus.documents, settings, World(session.plan.device)).run(state)
    state.network.decoder.finish()
    session.passes += 1
    seen = Statistics.of(corpus.bag, corpus.placement)
    session.statistics = seen if session.statistics is None else session.statistics.plus(seen)
    return TrainedModel(
        kind=session.plan.kind,
        network=state.network,
        vocabulary=corpus.vocabulary,
        tokenizer=corpus.tokenizer,
        statistics=session.statistics,
        history=list(position.history),
        provenance={
            "source": corpus.source,
            "outcome": state.outcome,
            "epochs_done": session.passes,
            "best_epoch": None,
            **environment(session.plan.device),
        },
    )
