"""Which documents make each batch, and how they are thinned: functions of the seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.kernels.bag import copied
from tenor.networks.noise import numpy_generator
from tenor.networks.parts import Batch
from tenor.training import schedule
from tenor.training.read_ahead import read_ahead
from tenor.training.settings import TrainingSettings
from tenor.training.world import World

FEWEST_TOKENS = 5


@dataclass(frozen=True, eq=False)
class Share:
    """One worker's part of a step."""

    batch: Batch
    weights: Tensor  # (B,) what the bound of each document weighs in the loss
    total: float  # Σ weight · tokens over the documents of all workers: the loss's divisor
    n_documents: int  # of all workers


@dataclass(frozen=True, eq=False)
class BatchSource:
    """Batches drawn lazily from training documents, as their network observes them.

    The order of an epoch depends on (seed, epoch) alone; every worker takes each ``size``-th
    document of each global batch, beginning with its rank.
    """

    documents: Documents
    settings: TrainingSettings
    world: World

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """(D,) tokens of every document."""
        return self.documents.bag.lengths

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(D,) N^−a, what every document's bound weighs in the loss."""
        return np.maximum(self.lengths, 1) ** -self.settings.length_weighting

    @cached_property
    def epochs(self) -> int:
        """How many the fit takes at most."""
        epochs = self.settings.for_documents(len(self.documents)).epochs
        assert epochs is not None  # for_documents settles it
        return epochs

    @property
    def steps_per_epoch(self) -> int:
        """Steps that visit every document once; the last batch may be smaller."""
        return -(-len(self.documents) // self.settings.batch_size)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """All rows in the order of ``epoch``."""
        return numpy_generator(self.settings.seed, "order", epoch).permutation(len(self.documents))

    def shares(self, epoch: int, step: int) -> Iterator[Share]:
        """This worker's shares of the steps of ``epoch`` from ``step`` on.

        Another thread draws the next one while a GPU is busy with the last. On the CPU that would
        cost more than it saves (docs/decisions/0008).
        """
        order = self.order(epoch)
        steps = range(step, self.steps_per_epoch)
        shares = (self.draw(order, epoch, number) for number in steps)
        yield from shares if self.world.device.type == "cpu" else read_ahead(shares)

    def draw(self, order: NDArray[np.int64], epoch: int, step: int) -> Share:
        """This worker's share of a step's batch."""
        size = self.settings.batch_size
        everyone = order[step * size : (step + 1) * size]
        rows = everyone[self.world.rank :: self.world.size]
        weights = copied(self.weights[rows], torch.float32, self.world.device)
        batch = self._batch(rows, weights, epoch, step)
        if self.world.device.type == "cpu":
            for bag in {batch.seen, batch.bag}:  # where the decoder, too, reads its bag by word
                bag.by_word  # noqa: B018  sorted here, where nobody waits for it
        else:
            batch.seen.order  # noqa: B018
        total = float((self.weights[everyone] * self.lengths[everyone]).sum())
        return Share(batch, weights, total, len(everyone))

    def _batch(self, rows: NDArray[np.int64], weights: Tensor, epoch: int, step: int) -> Batch:
        whole, seen = self.documents.take(rows), None
        steps = self.steps_per_epoch
        least = schedule.thinning(self.settings, epoch * steps + step, self.epochs * steps)
        if least < 1:
            key = ("thinning", epoch, step, self.world.rank)
            seen = thinned(whole.bag.joined(), least, numpy_generator(self.settings.seed, *key))
            if self.settings.thinned == "document":
                whole, seen = whole.counted_as(seen), None
        return Batch.of(whole, torch.as_tensor(rows), self.world.device, seen, weights)


def thinned(bag: BagOfWords, least: float, generator: np.random.Generator) -> BagOfWords:
    """x_v replaced by Binomial(x_v, r) with r uniform in [least, 1], one r a document.

    Of a short document of N tokens about :data:`FEWEST_TOKENS` stay at the least (r ≥ 5 / N):
    what is left of it must still say something. One that would lose all its words stays whole.
    """
    document = np.repeat(np.arange(len(bag)), bag.distinct)
    shortest = np.minimum(FEWEST_TOKENS / np.maximum(bag.lengths, 1), 1.0)
    rates = generator.uniform(np.maximum(least, shortest), 1.0, size=len(bag))
    counts = generator.binomial(bag.counts, rates[document])
    left = np.bincount(document, weights=counts, minlength=len(bag))
    return bag.with_counts(np.where(left[document] > 0, counts, bag.counts))
