"""What every benchmark prints beside its table, and how it prints means."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

import tenor

VOCABULARY = "../shared/data/nvdm-20news/vocab.txt"


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser that shows a script's docstring as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )


def benchmark_set(vocabulary: str) -> tuple[tenor.Corpus, tenor.Corpus]:
    """nvdm-20news: training and test documents."""
    train, test = (
        tenor.datasets.load("nvdm-20news", subset=subset, vocabulary=vocabulary)
        for subset in ("train", "test")
    )
    return train, test


def mean_sd(values: Sequence[float], digits: int) -> str:
    """Mean ± sd over seeds; the mean alone for one seed."""
    mean = f"{np.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {np.std(values, ddof=1):.{digits}f}"


def row(*cells: Any) -> None:
    """Print a row of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*cells: str) -> None:
    """Print the head of a Markdown table."""
    row(*cells)
    row(*["---"] * len(cells))


def machine() -> None:
    """Print what the figures were taken with."""
    print(
        f"\ntenor {tenor.__version__}, torch {torch.__version__}, Python "
        f"{platform.python_version()}, {torch.get_num_threads()} threads, {platform.machine()}"
    )
