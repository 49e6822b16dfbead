"""A dense column of the documents reaches the encoder: in training, judging and every answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

import tenor
from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.errors import InputError
from tenor.inference.bounds import document_bounds
from tenor.inference.encode import vectors
from tenor.inference.refine import Refinement
from tenor.networks.models import build_network
from tenor.training.checkpoint import Checkpoint
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.watch import Watcher
from tenor.training.world import World

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
SETTINGS = TrainingSettings(epochs=4, batch_size=16, learning_rate=0.01, thinning=0.5)


@pytest.fixture(scope="module")
def documents(random_bag: Any) -> Documents:
    """Their words are noise; the column is not theirs alone."""
    bag = random_bag(90, 40)
    numbers = np.random.default_rng(3).normal(size=(90, 5))
    return Documents.of(bag, {"embedding": numbers, "of no use": np.ones((90, 2))})


class Interrupts(Watcher):
    """As Ctrl-C does, after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, moment: Any) -> None:
        self.left -= 1
        if self.left == 0:
            import signal

            signal.raise_signal(signal.SIGINT)

    def epoch(self, moment: Any) -> None:
        pass


def fit(documents: Documents, folder: Path, steps: int = 0) -> Any:
    network = build_network("beside", {"n_words": 40, "n_components": 3})
    training, held_out = documents.select(np.arange(70)), documents.select(np.arange(70, 90))
    network.learn(training)
    state, checkpoint = TrainingState.begin(network, SETTINGS, training), Checkpoint(folder)
    checkpoint.load(state)
    world = World(torch.device("cpu"))
    Trainer(network, training, SETTINGS, world, held_out, Interrupts(steps), checkpoint).run(state)
    return network, state


def test_it_trains_and_resumes_to_the_same_bits(documents: Documents, tmp_path: Path) -> None:
    whole, state = fit(documents, tmp_path / "whole")
    assert state.outcome == "completed"
    _, stopped = fit(documents, tmp_path / "stopped", steps=7)
    assert stopped.outcome == "interrupted"
    resumed, _ = fit(documents, tmp_path / "stopped")
    other = resumed.state_dict()
    assert all(torch.equal(value, other[name]) for name, value in whole.state_dict().items())
    start = build_network("beside", {"n_words": 40, "n_components": 3}).encoder.beside.weight
    assert (whole.encoder.beside.weight - start).abs().max() > 0.01, "the column was learned from"


def test_each_row_of_a_batch_has_its_own_numbers(documents: Documents, tmp_path: Path) -> None:
    rows = np.arange(70)[::-1]
    network, _ = fit(documents, tmp_path)
    trainer = Trainer(network, documents.select(rows), SETTINGS, World(torch.device("cpu")))
    share = trainer.source.draw(trainer.source.order(0), 0, 1)
    expected = documents.columns["embedding"].take(rows[share.batch.rows.numpy()])
    np.testing.assert_array_equal(share.batch.columns["embedding"], expected)
    assert share.batch.columns.keys() == {"embedding"}
    assert share.batch.thinned is not None


@pytest.mark.parametrize("refine", [0, 3])
def test_a_vector_depends_on_its_own_row_alone(
    documents: Documents, tmp_path: Path, refine: int
) -> None:
    network, _ = fit(documents, tmp_path)
    refinement = Refinement.of(refine)
    together = vectors(network, documents, refinement)
    order = np.random.default_rng(0).permutation(90)
    shuffled = vectors(network, documents.take(order), refinement)
    np.testing.assert_allclose(shuffled, together[order], **CLOSE)
    np.testing.assert_allclose(
        vectors(network, documents[41:42], refinement)[0], together[41], **CLOSE
    )
    numbers = documents.columns["embedding"].joined()
    numbers[41] += 1
    changed = vectors(network, Documents.of(documents.bag, {"embedding": numbers}), refinement)
    assert np.abs(changed[41] - together[41]).max() > 0.01
    np.testing.assert_allclose(np.delete(changed, 41, 0), np.delete(together, 41, 0), **CLOSE)
    bound = document_bounds(network, documents, 2).elbo
    moved = document_bounds(network, Documents.of(documents.bag, {"embedding": numbers}), 2).elbo
    assert np.flatnonzero(np.abs(bound - moved) > 1e-3).tolist() == [41]


def test_a_column_that_is_missing_or_of_another_width_is_refused(documents: Documents) -> None:
    network = build_network("beside", {"n_words": 40, "n_components": 3})
    with pytest.raises(
        InputError, match="reads the column 'embedding', which the documents do not"
    ):
        vectors(network, Documents(documents.bag))
    narrow = Documents.of(documents.bag, {"embedding": np.ones((90, 4))})
    with pytest.raises(
        InputError, match="'embedding' has 4 numbers a document, and the model reads 5"
    ):
        vectors(network, narrow)


# Through an estimator: a corpus whose table has the column


def corpus_of(bag: BagOfWords, numbers: Any) -> tenor.Corpus:
    from scipy.sparse import csr_array

    counts = csr_array((bag.counts, bag.words, bag.offsets), shape=bag.shape)
    corpus = tenor.Corpus.from_counts(counts, labels=[f"{row % 3}" for row in range(len(bag))])
    flat = pa.array(np.asarray(numbers, dtype=np.float32).ravel())
    column = pa.FixedSizeListArray.from_arrays(flat, 5)
    return tenor.Corpus(corpus.table.append_column("embedding", column), corpus.vocabulary)


@pytest.fixture(scope="module")
def corpus(documents: Documents) -> tenor.Corpus:
    return corpus_of(documents.bag.joined(), documents.columns["embedding"].joined())


def test_an_estimator_hands_it_on(
    corpus: tenor.Corpus, documents: Documents, other_models: Any, tmp_path: Path
) -> None:
    model = other_models.Beside(epochs=3).fit(corpus)
    found = model.transform(corpus)
    np.testing.assert_array_equal(found, vectors(model.trained_.network, documents))
    np.testing.assert_array_equal(model.documents_.vectors, found)
    np.testing.assert_allclose(model.transform(corpus[30:50]), found[30:50], **CLOSE)
    rows = np.array([80, 3, 44])
    np.testing.assert_allclose(model.transform(corpus[rows]), found[rows], **CLOSE)
    model.save(tmp_path / "model")
    loaded = tenor.load(tmp_path / "model", device="cpu")
    np.testing.assert_array_equal(loaded.transform(corpus), found)
    evaluation = loaded.evaluate(corpus)
    assert evaluation.completion is not None and "completion" not in evaluation.left_out
    assert set(evaluation.retrieval) == {"latent", "metric", "logits", "smoothed"}
    assert len(loaded.similar_documents(3, row=4, space="smoothed")) == 3
    assert len(model.continue_fit(corpus[:60], epochs=1).history_) == 4
    assert np.isfinite(model.partial_fit(corpus[:60]).transform(corpus)).all()


def test_counts_alone_do_not_do(corpus: tenor.Corpus, other_models: Any) -> None:
    with pytest.raises(InputError, match="reads the column 'embedding'"):
        other_models.Beside(epochs=1).fit(corpus.counts)
