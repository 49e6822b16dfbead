"""Topics of 900,294 package summaries: seconds and memory after the fit.

    python benchmarks/topics_large.py                        # about five minutes
    python benchmarks/topics_large.py --documents 100000,300000

One epoch over the corpus, 30,000 words at most, batches of 512; then topics are found, measured
(six bootstraps) and saved. Anonymous memory is sampled; "growth" is the peak over what the process
held when the fit had ended. Topics are found in some 70,000 of the documents, drawn at random.
"""

from __future__ import annotations

import resource
import tempfile
import threading
import time
from pathlib import Path

import material
import pyarrow.parquet as pq
import tables

import tenor


def main() -> None:
    parser = tables.parser(__doc__)
    material.declare(parser)
    parser.add_argument("--documents", default="900294", help="so many, a,b,…")
    asked = parser.parse_args()
    tables.header("documents", "s to fit", "s to find", "s to measure", "s to save", "MiB growth",
                  "topics", "three of them")  # fmt: skip
    texts = pq.read_table(asked.summaries, columns=["text"]).column("text")
    for count in (int(part) for part in asked.documents.split(",")):
        tables.row(*measured(texts[:count].to_pylist()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak resident memory of the whole process: {peak:,.0f} MiB")
    tables.machine()


def measured(texts: list[str]) -> list[str]:
    """One row."""
    rule = tenor.VocabularyRule(max_words=30_000)
    corpus = tenor.Corpus.from_texts(texts, rule=rule, keep_text=False)
    began = time.perf_counter()
    model = tenor.NVDM(epochs=1, batch_size=512).fit(corpus)
    seconds = [time.perf_counter() - began]
    with Sampler() as sampler, tempfile.TemporaryDirectory() as folder:
        for name in ("find", "measure", "save"):
            began = time.perf_counter()
            if name == "find":
                topics = model.find_topics()
            elif name == "measure":
                topics.measure()
            else:
                model.save(Path(folder) / "model")
            seconds.append(time.perf_counter() - began)
    names = "; ".join(
        " ".join(word for word, _ in words[:4]) for words in model.topics_.words()[:3]
    )
    growth = f"{(sampler.peak - sampler.before) / 2**20:,.0f}"
    told = [f"{value:.1f}" for value in seconds]
    return [f"{len(texts):,}", *told, growth, str(len(model.topics_)), names]


class Sampler:
    """Anonymous memory of this process, looked at every 50 ms."""

    def __enter__(self) -> Sampler:
        self.before = self.peak = anonymous()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, anonymous())


def anonymous() -> int:
    """Bytes of anonymous memory (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    main()
