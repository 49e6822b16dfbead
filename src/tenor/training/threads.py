"""How many threads a step is worth: a function of shapes, never of a timing.

A thread pays where it has a few milliseconds of a step to itself. Measured on two cores at
60 to 80 GFLOP/s each, a second thread makes a step of 0.1 GFLOP faster by 1.03, of 0.25 by 1.2,
of 0.8 by 1.3, of 2.5 by 1.5; on a machine that does other things as well it makes small ones
slower. What may be used at most is torch's own thread count, which users set.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tenor.networks.network import Network

FLOPS_A_THREAD = 0.15e9  # of a training step


def threads_worth(network: Network, batch_size: int, available: int) -> int:
    """Threads for steps of ``batch_size`` documents: at least one, at most ``available``."""
    sparse = {id(parameter) for parameter in network.encoder.word_parameters()}
    dense = sum(p.numel() for p in network.parameters() if id(p) not in sparse)
    flops = 6 * batch_size * dense  # a product forward, two backward; 2 flops a weight each
    return max(1, min(available, round(flops / FLOPS_A_THREAD)))


@contextmanager
def as_many_as_worth(network: Network, batch_size: int) -> Iterator[None]:
    """torch works with :func:`threads_worth` threads inside, and with those it had after."""
    available = torch.get_num_threads()
    torch.set_num_threads(threads_worth(network, batch_size, available))
    try:
        yield
    finally:
        torch.set_num_threads(available)
