"""What every benchmark prints beside its table, and how it prints means."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tenor
from tenor.kernels import COMPILED

PEERS = ("scikit-learn", "gensim", "tomotopy", "topica")
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


def circumstances() -> list[str]:
    """Hardware, versions, day and load: what a speed means nothing without."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        f"{_cpu()}, {cores()} cores, {_memory() / 2**30:.0f} GiB memory, {platform.system()}",
        f"Python {platform.python_version()}, torch {torch.__version__} "
        f"({torch.get_num_threads()} threads), {', '.join(_versions())}; compiled kernels: "
        f"{'yes' if COMPILED else 'no'}",
        f"{datetime.date.today().isoformat()}; load average before (1, 5, 15 min): {load}",
    ]


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions() -> list[str]:
    found = []
    for name in ("tenor", "numpy", "scipy", "polars", "pyarrow", *PEERS):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found += [f"{name} not installed"] * (name in PEERS)
    return found


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def mebibytes(size: float) -> str:
    """Bytes as MiB with one digit below 10."""
    value = size / 2**20
    return f"{value:.1f}" if abs(value) < 10 else f"{value:,.0f}"


def megabytes(size: float) -> float:
    """Bytes as 10^6 bytes, the MB of the throughputs."""
    return size / 1e6


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of log(values) over log(sizes): 1 is linear, 0 constant."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
