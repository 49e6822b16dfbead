"""No documents × vocabulary matrix: one step at V = 200,000 stays far below the size of one."""

from __future__ import annotations

import subprocess
import sys

ONE_STEP = """
import resource
import numpy as np
import torch
from tenor.bow import BagOfWords
from tenor.networks.noise import Noise
from tenor.networks.nvdm import NVDMConfig, NVDMNetwork

torch.set_num_threads(1)
V, B, DISTINCT = 200_000, 512, 20
config = NVDMConfig(n_words=V, n_components=8, encoder_sizes=(8,), encoder="plain", dropout=0.0)
network = NVDMNetwork(config)
rng = np.random.default_rng(0)
words = np.sort(np.stack([rng.choice(V, DISTINCT, replace=False) for _ in range(4)]), axis=1)
words = np.tile(words, (B // 4, 1)).reshape(-1)
bag = BagOfWords(np.arange(B + 1) * DISTINCT, words, np.ones_like(words), V)
batch = network.batch(bag)
network.bound(network.batch(bag[:1]), Noise("cpu", 0)).elbo.sum().backward()  # loads what is lazy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
network.bound(batch, Noise("cpu", 0)).elbo.sum().backward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_step_needs_less_than_one_dense_matrix():
    done = subprocess.run(
        [sys.executable, "-c", ONE_STEP], capture_output=True, text=True, check=True
    )
    added = int(done.stdout) / 1024
    assert added < 150, f"{added:.0f} MiB; one B × V float32 matrix is 391 MiB"
