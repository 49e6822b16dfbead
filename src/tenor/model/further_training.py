"""Training a model further: on other documents, or a pass at a time; and what may change then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, final

import numpy as np
import pyarrow as pa

from tenor.amounts import amount
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import count
from tenor.errors import InputError, ParameterName
from tenor.model.fitting import Plan, environment
from tenor.model.trained import Statistics, TrainedModel
from tenor.settings import OF_A_FIT, PARAMETERS
from tenor.text.tokenizer import Tokenizer
from tenor.training.loop import Trainer
from tenor.training.state import TrainingState
from tenor.training.world import World

# What a fit is, as against what the model is: only these may differ from the first fit.
CHANGEABLE = {known.name for known in PARAMETERS if known.group in OF_A_FIT}
LOOKED_AT = 2000  # documents in which unknown words are counted


def refuse_other_model(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Refuse parameters that would make it another model.

    Args:
        settings: the model's parameters.
        changes: those asked for.

    Raises:
        InputError: names the first one that is another and cannot be.
    """
    for name, value in changes.items():
        if name not in settings:
            raise InputError(f"there is no parameter {name!r}")
        if name not in CHANGEABLE and _frozen(value) != _frozen(settings[name]):
            raise InputError(
                ParameterName(name),
                f"={_short(value)}: the model to go on with has {_short(settings[name])}, "
                "which only a new fit can change; leave it out",
            )


def lasting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a model's parameters that only a new fit can change."""
    return {name: value for name, value in settings.items() if name not in CHANGEABLE}


def refuse_set_since(made_with: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse to go on with a model whose parameters were set to those of another one.

    Args:
        made_with: what the fit was made with, as :func:`lasting` says.
        settings: the parameters now.

    Raises:
        InputError: names the first one that differs.
    """
    for name, value in made_with.items():
        if settings[name] is not value and _frozen(settings[name]) != _frozen(value):
            raise InputError(
                ParameterName(name),
                f" was set to {_short(settings[name])}, but the model to go on with was made "
                f"with {_short(value)}; set it back, or call fit for a new model",
            )


@dataclass(frozen=True)
class Unknown:
    """How much of some documents is not in a model's vocabulary.

    Attributes:
        tokens: in the documents looked at.
        unknown: those of them that the vocabulary does not hold.
        n_documents: looked at.
    """

    tokens: int
    unknown: int
    n_documents: int

    def to_json(self) -> dict[str, int]:
        """Plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        share = self.unknown / max(self.tokens, 1)
        return (
            f"{share:.1%} of the tokens are not in the model's vocabulary and are left out "
            f"({self.unknown:,} of {self.tokens:,} in {amount(self.n_documents, 'document')} "
            "looked at)"
        )


def unknown_tokens(corpus: Corpus, tokenizer: Tokenizer | None) -> Unknown | None:
    """Count them in the texts of up to :data:`LOOKED_AT` documents, spread evenly.

    None where that cannot be known: without texts or without the tokenizer.
    """
    texts = corpus.strings("text")
    if texts is None or tokenizer is None or tokenizer.missing_function is not None:
        return None
    chosen = np.unique(np.linspace(0, len(corpus) - 1, LOOKED_AT).astype(np.int64))
    sample = pa.array([texts[row] for row in chosen], pa.string())
    tokens = int(count(sample, tokenizer).bag.counts.sum())
    known = int(corpus.bag.take(chosen).counts.sum())
    return Unknown(tokens, tokens - known, len(chosen))


def _frozen(value: Any) -> Any:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return tuple(value) if isinstance(value, list) else value


def _short(value: Any) -> str:
    many = isinstance(value, list | tuple | np.ndarray) and len(value) > 20
    return f"{len(value):,} words" if many else repr(value)


@final
@dataclass
class Session:
    """A network in training whose documents come in parts.

    Attributes:
        plan: its settings; every pass runs at the constant highest learning rate.
        state: network and optimiser, which live on from pass to pass.
        statistics: of all documents so far, None before the first pass.
        passes: how many there were.
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
