"""Document vectors on nvdm-20news: retrieval and clustering by label, in each space.

    python benchmarks/vectors.py                           # the defaults, K = 50, three seeds
    python benchmarks/vectors.py --preset likelihood

Test posts are searched against training posts; k-means(20) runs on the test posts. In the
smoothed space each post is smoothed over the training posts near it, itself left out. What a user
would pick instead is printed by benchmarks/baselines.py.
"""

from __future__ import annotations

import time
from collections import defaultdict

import tables

import tenor
from tenor.evaluation.by_label import cluster_scores, retrieval_scores
from tenor.explore.spaces import SPACES
from tenor.model.spaces import in_space, stored_in_space

MEASURES = ("precision@10", "nearest 2 %", "NMI", "purity", "ARI")


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--components", type=int, default=50)
    parser.add_argument("--preset", default="vectors", choices=["likelihood", "vectors"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="in place of the preset's")
    asked = parser.parse_args()
    train, test = tables.benchmark_set(asked.vocabulary)
    # All training documents, for the number of epochs that held-out ones chose.
    parameters = tenor.preset(asked.preset) | {
        "validation_fraction": 0,
        "patience": None,
    }
    if asked.epochs:
        parameters["epochs"] = asked.epochs
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    seconds = []
    for seed in range(asked.seeds):
        started = time.perf_counter()
        model = tenor.NVDM(asked.components, **parameters, random_state=seed).fit(train)
        seconds.append(time.perf_counter() - started)
        measure(model, train, test, found)
    print(
        f"nvdm-20news, K = {asked.components}, preset {asked.preset}, "
        f"mean ± sd of {asked.seeds} seeds, {tables.mean_sd(seconds, 0)} s to train\n"
    )
    tables.header("space", *MEASURES)
    for space in SPACES:
        tables.row(space, *(tables.mean_sd(found[space, name], 3) for name in MEASURES))
    tables.machine()


def measure(
    model: tenor.NVDM,
    train: tenor.Corpus,
    test: tenor.Corpus,
    found: dict[tuple[str, str], list[float]],
) -> None:
    """One seed's figures."""
    queries = model.transform(test)
    assert train.labels is not None and test.labels is not None and model.documents_ is not None
    for space in SPACES:
        asking = in_space(model.trained_, queries, space, model.documents_)
        searched = stored_in_space(model.trained_, model.documents_, space)
        near = retrieval_scores(asking, test.labels, searched, train.labels)
        groups = cluster_scores(asking, test.labels, 20)
        values = (
            near.precision_at_10,
            near.precision_at_2_percent,
            groups.nmi.mean,
            groups.purity.mean,
            groups.ari.mean,
        )
        for name, value in zip(MEASURES, values, strict=True):
            found[space, name].append(value)


if __name__ == "__main__":
    main()
