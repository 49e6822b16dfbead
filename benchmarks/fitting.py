"""Child: tenor trains on a prepared corpus; its epochs are timed, its model may be kept.

    fitting.py CORPUS EPOCHS [--model FOLDER] [--held FOLDER] [--batch-size N] …

With ``--held`` the completion perplexity of those documents is told.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import watching

import tenor
from tenor.model.evaluation import completion_of
from tenor.training.watch import Moment, Watcher


class Clock(Watcher):
    """When every epoch ended."""

    def __init__(self) -> None:
        self.ends = [time.perf_counter()]

    def step(self, moment: Moment) -> None:
        pass

    def epoch(self, moment: Moment) -> None:
        self.ends.append(time.perf_counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("epochs", type=int)
    parser.add_argument("--model", help="folder to save into")
    parser.add_argument("--held", help="prepared corpus that completion is judged on")
    parser.add_argument("--documents", type=int, help="train on the first so many only")
    parser.add_argument("--batch-size", type=int, help="in place of the default")
    asked = parser.parse_args()
    changed: dict[str, Any] = {} if asked.batch_size is None else {"batch_size": asked.batch_size}
    model = tenor.NVDM(epochs=asked.epochs, keep_documents=False, validation_fraction=0, **changed)
    watching.stage("open")
    began = time.perf_counter()
    corpus = tenor.Corpus.open(asked.corpus)
    if asked.documents:
        corpus = corpus[: asked.documents]
    opened = time.perf_counter() - began
    watching.stage("fit")
    clock = Clock()
    model.fit_planned(model.make_plan(), corpus, clock)
    seconds = time.perf_counter() - clock.ends[0]
    watching.stage("end")
    if asked.model:
        model.save(asked.model, overwrite=True)
    told: dict[str, Any] = {}
    if asked.held:
        figures = completion_of(model.trained_, tenor.Corpus.open(asked.held))
        told = {"corpus": figures.corpus, "per_document": figures.per_document}
    epochs = [after - before for before, after in zip(clock.ends, clock.ends[1:], strict=False)]
    watching.result(
        opened=opened, seconds=seconds, epochs=epochs, documents=len(corpus),
        words=len(corpus.vocabulary), **told,
    )  # fmt: skip


if __name__ == "__main__":
    main()
