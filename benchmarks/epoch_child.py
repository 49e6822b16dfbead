"""Child of epoch.py: tenor or the dense model trains on 20 Newsgroups, judged after every epoch.

    epoch_child.py tenor|dense 2000|full EPOCHS VOCABULARY_FILE

The clock stands still while an epoch is judged. Told after every epoch, so that a child that is
ended leaves what it had.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import dense
import stepping
import tables
import torch
import watching

import tenor
from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.evaluation.perplexity import perplexity
from tenor.inference.bounds import document_bounds
from tenor.model.fitting import split_rows
from tenor.networks.network import Network
from tenor.text.vocabulary import VocabularyRule
from tenor.training import schedule
from tenor.training.settings import TrainingSettings
from tenor.training.shares import BatchSource
from tenor.training.watch import Moment, Watcher
from tenor.training.world import World

BATCH = 200


class History(Watcher):
    """Seconds of every epoch and the held-out perplexity after it."""

    def __init__(self, held: BagOfWords, network: Callable[[], Network]) -> None:
        self.held, self.network = held, network
        self.seconds: list[float] = []
        self.perplexity: list[float] = []
        self.since = time.perf_counter()

    def step(self, moment: Moment) -> None:
        pass

    def epoch(self, moment: Moment | None = None) -> None:
        self.seconds.append(time.perf_counter() - self.since)
        bounds = document_bounds(self.network(), Documents(self.held), 4, 0)
        self.perplexity.append(perplexity(bounds.elbo, bounds.lengths).per_document)
        watching.result(seconds=self.seconds, perplexity=self.perplexity)
        self.since = time.perf_counter()


def main() -> None:
    who, size, epochs, vocabulary = sys.argv[1:]
    corpus = newsgroups(size, vocabulary)
    training, held = split_rows(corpus.bag.distinct > 0, 0.1, 0)
    bag, judged = corpus.bag.take(training), corpus.bag.take(held)
    watching.result(documents=len(bag), held=len(judged), words=bag.n_words)
    watching.stage("train")
    run = {"tenor": run_tenor, "dense": run_dense}[who]
    run(bag, judged, stepping.settings(BATCH, epochs=int(epochs), patience=None))
    watching.stage("end")


def newsgroups(size: str, vocabulary: str) -> tenor.Corpus:
    """The training posts over the 2,000 words of the benchmark set, or over all their words."""
    if size == "2000":
        return tables.benchmark_set(vocabulary)[0]
    everything = VocabularyRule(min_df=1, max_df=1.0, max_words=None)
    return tenor.datasets.load("20newsgroups", "train", rule=everything)


def run_tenor(bag: BagOfWords, held: BagOfWords, chosen: TrainingSettings) -> None:
    network = stepping.network(bag.n_words, bag)
    stepper = stepping.Stepper.begin(network, bag, chosen)
    stepper.trainer.watcher = History(held, lambda: network)
    stepper.trainer.run(stepper.state)


def run_dense(bag: BagOfWords, held: BagOfWords, chosen: TrainingSettings) -> None:
    network = stepping.network(bag.n_words, bag)
    training = dense.DenseTraining(dense.DenseNVDM.like(network), chosen)
    # the same order of documents
    source = BatchSource(Documents(bag), chosen, World(torch.device("cpu")))
    counts, weights, lengths = dense.matrix(bag), source.weights, source.lengths

    def judged() -> Network:
        network.load_state_dict(training.model.state_dict())
        return network

    history, steps = History(held, judged), source.steps_per_epoch
    for epoch in range(source.epochs):
        order = source.order(epoch)
        for step in range(steps):
            rows = order[step * BATCH : (step + 1) * BATCH]
            training.step(
                dense.densify(counts, rows),
                torch.as_tensor(weights[rows], dtype=torch.float32),
                float((weights[rows] * lengths[rows]).sum()),
                torch.randn(len(rows), network.n_components),
                schedule.learning_rate(chosen, epoch * steps + step, source.epochs * steps),
            )
        history.epoch()


if __name__ == "__main__":
    main()
