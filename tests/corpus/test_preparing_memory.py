"""Memory does not grow with the documents, nor with the different words that they bring."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tenor.corpus.corpus import Corpus

SCRIPT = Path(__file__).with_name("prepare_memory.py")


def peak(folder: Path, n_documents: int) -> tuple[int, int]:
    """The most bytes held by NumPy and Python, and by Arrow."""
    command = [sys.executable, str(SCRIPT), str(folder), str(n_documents)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    first, second = done.stdout.split()
    return int(first), int(second)


def test_peaks_stay_where_they_are(tmp_path: Path) -> None:
    small, large = peak(tmp_path, 20_000), peak(tmp_path, 80_000)
    corpus = Corpus.open(tmp_path / "80000-corpus")
    assert corpus.shape == (80_000, 500) and len(corpus.table.to_batches()) > 15
    # 60,000 documents more are 2 MB of text, 1.2 MB of counts and 60,000 different words.
    assert large[0] < small[0] + 500_000
    assert large[1] < small[1] + 500_000
