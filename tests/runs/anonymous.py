"""Runs a command of tenor's and prints the most anonymous memory it held, in bytes (Linux).

    python anonymous.py '["fit", "corpus", "-o", "model"]'

Pages of mapped files are not anonymous: the system takes them back when it needs them. Topics are
found in fewer documents than usual here: bootstraps side by side peak by chance, and what little
the rest holds would not be seen beside it.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from tenor.cli import main
from tenor.model import discovery

discovery.AT_MOST = 4_000


def anonymous() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise OSError("no RssAnon in /proc/self/status")


def watch(peak: list[int], done: threading.Event) -> None:
    while not done.wait(0.002):
        peak[0] = max(peak[0], anonymous())


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    peak, done = [anonymous()], threading.Event()
    sampler = threading.Thread(target=watch, args=(peak, done))
    sampler.start()
    status = main(json.loads(sys.argv[1]))
    done.set()
    sampler.join()
    print(peak[0], file=sys.stderr)
    sys.exit(status)
