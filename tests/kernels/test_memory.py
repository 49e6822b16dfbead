"""No documents × vocabulary matrix: bound and gradients stay far below the size of one."""

from __future__ import annotations

import subprocess
import sys

import pytest

ONE_STEP = """
import resource
import sys
import numpy as np
import torch
from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.networks.noise import Noise
from tenor.networks.models import nvdm
from tenor.networks.models import NVDMConfig

torch.set_num_threads(1)
V, B, DISTINCT = int(sys.argv[1]), int(sys.argv[2]), 20
config = NVDMConfig(n_words=V, n_components=8, encoder_sizes=(8,), encoder="plain", dropout=0.0)
network = nvdm(config)
rng = np.random.default_rng(0)
words = np.sort(np.stack([rng.choice(V, DISTINCT, replace=False) for _ in range(4)]), axis=1)
words = np.tile(words, (B // 4, 1)).reshape(-1)
bag = BagOfWords(np.arange(B + 1) * DISTINCT, words, np.ones_like(words), V)
documents = Documents(bag)
batch = network.batch(documents)


def climb(batch):
    posterior = network.encoder(batch)
    epsilon = posterior.noise(1, Noise("cpu", 0))
    network.bound(posterior, batch, epsilon).elbo.sum().backward()


climb(network.batch(documents[:1]))  # loads what is lazy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
climb(batch)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("n_words", "n_documents", "ceiling"), [(200_000, 512, 150), (1_000_000, 1024, 700)]
)
def test_a_step_needs_less_than_one_dense_matrix(n_words, n_documents, ceiling):
    done = subprocess.run(
        [sys.executable, "-c", ONE_STEP, str(n_words), str(n_documents)],
        capture_output=True,
        text=True,
        check=True,
    )
    added, dense = int(done.stdout) / 1024, n_words * n_documents * 4 / 2**20
    assert added < ceiling < dense / 2, f"{added:.0f} MiB; one float32 matrix is {dense:.0f} MiB"
