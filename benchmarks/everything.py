"""Every table, one after the other, into RESULTS.md; `make bench` runs this.

python benchmarks/everything.py              # three hours on two quiet cores, most of it topics
python benchmarks/everything.py --quick      # minutes, tiny sizes, nothing saved
python benchmarks/everything.py --only step,prepare
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import results
import watching

MINUTES = {"step": 5, "epoch": 4, "prepare": 6, "summaries": 13, "transform": 3, "growth": 4,
           "topics": 150}  # fmt: skip


def main() -> None:
    parser = results.parser(__doc__)
    parser.add_argument("--only", default=",".join(results.SECTIONS), help="tables, a,b,…")
    asked = parser.parse_args()
    names = [name for name in results.SECTIONS if name in asked.only.split(",")]
    if not asked.quick:
        told = ", ".join(f"{name} {MINUTES[name]}" for name in names)
        total = sum(MINUTES[name] for name in names)
        print(f"about {total} minutes on two quiet cores ({told})", flush=True)
    # As the command does: OpenMP's threads wait a moment before they sleep, for all contestants.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    if os.getloadavg()[0] > 0.5:
        print(f"note: the machine is not quiet (load average {os.getloadavg()[0]:.2f})", flush=True)
    failed = []
    for name in names:
        flags = ["--quick"] if asked.quick else []
        flags += ["--results", asked.results] if asked.results != str(results.RESULTS) else []
        flags += ["--save"] if asked.save or not asked.quick else []
        began = time.perf_counter()
        ended = subprocess.run(watching.script(f"{name}.py", *flags), check=False)
        print(f"\n{name}: {(time.perf_counter() - began) / 60:.1f} minutes\n", flush=True)
        failed += [name] * (ended.returncode != 0)
    if failed:
        sys.exit(f"these failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
