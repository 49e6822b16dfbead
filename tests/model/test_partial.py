"""partial_fit: a pass at a time, stopped, pickled, failing."""

from __future__ import annotations

import os
import pickle
import signal

import numpy as np
import pytest

import tenor
from tenor.errors import InputError, TrainingError
from tenor.model.fitting import split_rows
from tenor.training.loop import Trainer

TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red", "green"] * 8
TINY = {"encoder_sizes": (4,), "min_df": 1, "max_df": 1.0, "device": "cpu", "epochs": 2}


def test_a_model_can_be_pickled_between_passes() -> None:
    model = tenor.NVDM(2, **TINY).partial_fit(TEXTS)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.transform(TEXTS), model.transform(TEXTS))
    assert np.array_equal(
        copy.partial_fit(TEXTS).transform(TEXTS), model.partial_fit(TEXTS).transform(TEXTS)
    )


def test_a_pass_after_ctrl_c_visits_every_document(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tenor.NVDM(2, **TINY, batch_size=5).partial_fit(TEXTS)
    step = Trainer.step

    def interrupted(self: Trainer, *args: object) -> None:
        step(self, *args)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "step", interrupted)
        model.partial_fit(TEXTS)
    visited = []
    monkeypatch.setattr(
        Trainer, "step", lambda self, *args: (visited.append(None), step(self, *args))
    )
    model.partial_fit(TEXTS)
    assert len(visited) == 8


def test_history_goes_on_after_a_fit() -> None:
    model = tenor.NVDM(2, **TINY).fit(TEXTS)
    assert len(model.partial_fit(TEXTS).history_) == 3


def test_a_model_of_texts_still_reads_them_after_a_pass_over_counts(tmp_path) -> None:
    model = tenor.NVDM(2, **TINY).partial_fit(TEXTS)
    model.partial_fit(np.ones((6, len(model.vocabulary_)), dtype=np.int64))
    model.partial_fit(TEXTS).save(tmp_path / "m")
    assert len(tenor.load(tmp_path / "m").transform(TEXTS)) == len(TEXTS)


def test_an_exploded_step_at_the_end_of_an_epoch_is_noticed() -> None:
    more = {"validation_fraction": 0, "learning_rate": 1e30, "warmup": 0.0, "clip_norm": None}
    model = tenor.NVDM(2, **{**TINY, **more, "epochs": 1})
    with pytest.raises(TrainingError, match="no longer finite"):
        model.fit(TEXTS)
    assert np.isfinite(model.transform(TEXTS)).all(), "it keeps the weights it began with"


def test_only_documents_with_words_are_held_out() -> None:
    filled = np.zeros(50, dtype=bool)
    filled[::5] = True
    training, held_out = split_rows(filled, 0.3, seed=1)
    assert len(held_out) == 3 and filled[held_out].all()
    assert sorted([*training, *held_out]) == list(range(50))
    with pytest.raises(InputError, match="leaves none"):
        split_rows(np.array([True, False, False]), 0.6, seed=1)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n_components", 5, "n_components was set to 5, but .* made with 2; set it back, or"),
        ("encoder_sizes", (4, 4), r"encoder_sizes was set to \(4, 4\)"),
        ("min_df", 3, "min_df was set to 3"),
        ("vocabulary", np.array(["red", "blue"]), "vocabulary was set to"),
        ("tokenizer", str.split, "tokenizer was set to"),
    ],
)
@pytest.mark.parametrize("go_on", ["continue_fit", "partial_fit"])
def test_a_parameter_that_makes_another_model_is_noticed(go_on, name, value, said) -> None:
    model = tenor.NVDM(2, **TINY).partial_fit(TEXTS)
    before, trained = getattr(model, name), model.trained_
    model.set_params(**{name: value})
    with pytest.raises(InputError, match=said):
        getattr(model, go_on)(TEXTS)
    assert model.trained_ is trained
    model.set_params(**{name: before})
    getattr(model, go_on)(TEXTS)
    model.set_params(epochs=1, encoder_sizes=[4], random_state=3)
    assert len(getattr(model, go_on)(TEXTS).components_) == 2
    assert len(model.set_params(n_components=3).fit(TEXTS).components_) == 3
    assert len(getattr(model, go_on)(TEXTS).components_) == 3
