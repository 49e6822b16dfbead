"""From counts to every answer at a size where one dense matrix would break the ceiling."""

from __future__ import annotations

import subprocess
import sys

CEILING_MIB = 600  # beyond what importing takes; 12,000 × 50,000 float32 would be 2,289 MiB

PROGRAM = """
import resource
import numpy as np
from scipy.sparse import csr_array
import tenor, tenor.estimators.nvdm, tenor.model.evaluation

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

D, V, N = 12_000, 50_000, 10
rng = np.random.default_rng(0)
words = rng.integers(0, V, (D, N))
counts = csr_array((np.ones(D * N, dtype=int), (np.repeat(np.arange(D), N), words.ravel())), (D, V))
corpus = tenor.Corpus.from_counts(counts, labels=np.arange(D) % 3)
warm = tenor.NVDM(2, encoder_sizes=(4,), epochs=1, batch_size=2)
warm.fit(np.eye(4, 50, dtype=int))  # loads what is lazy
before = peak()
model = tenor.NVDM(4, encoder_sizes=(8,), epochs=1, batch_size=256, device="cpu").fit(corpus)
model.transform(corpus)
model.transform(corpus[:20], refine=1)
model.evaluate(corpus[:60])
model.reconstruct(corpus[:60], top=5)
model.similar_documents(3, row=0, space="logits")
model.most_similar("word7")
topics = model.find_topics(20)
topics.measure()
topics.weights(corpus)
topics.documents(topics.ids[0])
topics.shares()
topics.tree(5, 40)
topics.merge(topics.ids[:2])
topics.table()
print(peak() - before)
"""


def test_nothing_is_ever_dense() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < CEILING_MIB
