"""Held-out perplexity and document completion on nvdm-20news, test split.

    python benchmarks/likelihood.py                        # K = 50, three seeds
    python benchmarks/likelihood.py --components 200
    python benchmarks/likelihood.py --preset vectors

The model is fitted on all training posts for the preset's number of epochs, which was chosen on
posts held out of them; the test posts are read once, at the end. Posts come from scikit-learn's
cache (SCIKIT_LEARN_DATA) or a download.
"""

from __future__ import annotations

import time
from collections import defaultdict

import tables

import tenor
from tenor.model.evaluation import completion_of


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--vocabulary", default=tables.VOCABULARY)
    parser.add_argument("--components", type=int, default=50)
    parser.add_argument("--preset", default="likelihood", choices=["likelihood", "vectors"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="in place of the preset's")
    parser.add_argument("--refine", type=int, default=100, help="refinement steps; 0 for none")
    asked = parser.parse_args()
    train, test = tables.benchmark_set(asked.vocabulary)
    # All training documents, for the number of epochs that held-out ones chose.
    parameters = tenor.preset(asked.preset) | {
        "validation_fraction": 0,
        "patience": None,
        "keep_documents": False,
    }
    if asked.epochs:
        parameters["epochs"] = asked.epochs
    found: dict[str, list[float]] = defaultdict(list)
    for seed in range(asked.seeds):
        started = time.perf_counter()
        model = tenor.NVDM(asked.components, **parameters, random_state=seed).fit(train)
        found["seconds"].append(time.perf_counter() - started)
        measure(model, test, asked.refine, found)
    report(asked.preset, asked.components, found)


def measure(
    model: tenor.NVDM, test: tenor.Corpus, refine: int, found: dict[str, list[float]]
) -> None:
    """One seed's figures on the test posts."""
    result = model.perplexity(test, n_samples=20, refine=refine)
    for name, figures in {"": result, "refined ": result.refined}.items():
        if figures is None:
            continue
        found[f"{name}per document"].append(figures.per_document)
        found[f"{name}corpus"].append(figures.corpus)
        found[f"{name}IW per document"].append(figures.importance_weighted_per_document)
        found[f"{name}IW corpus"].append(figures.importance_weighted_corpus)
    completion = completion_of(model.trained_, test)
    found["completion per document"].append(completion.per_document)
    found["completion corpus"].append(completion.corpus)
    found["KL"].append(result.kl)
    found["active units"].append(result.active_units)


def report(preset: str, components: int, found: dict[str, list[float]]) -> None:
    """Print the table."""
    seeds = len(found["seconds"])
    print(f"nvdm-20news test, K = {components}, preset {preset}, mean ± sd of {seeds} seeds\n")
    tables.header("measure (20 samples)", "per document", "corpus")
    names = {
        "ELBO, no refinement": "",
        "importance-weighted, no refinement": "IW ",
        "ELBO, refined": "refined ",
        "importance-weighted, refined": "refined IW ",
        "document completion": "completion ",
    }
    for title, prefix in names.items():
        if f"{prefix}corpus" in found:
            cells = (found[f"{prefix}{kind}"] for kind in ("per document", "corpus"))
            tables.row(title, *(tables.mean_sd(values, 1) for values in cells))
    print(
        f"\ntraining {tables.mean_sd(found['seconds'], 0)} s; KL {tables.mean_sd(found['KL'], 2)} "
        f"nats; {tables.mean_sd(found['active units'], 0)} active units"
    )
    tables.machine()


if __name__ == "__main__":
    main()
