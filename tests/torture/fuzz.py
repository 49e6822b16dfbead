"""Coverage-guided fuzzing of one target, with atheris (libFuzzer).

    python fuzz.py TARGET HOME ROOM INPUTS SEED [CORPUS]

HOME is what the tests make: texts.txt, table.csv, model, corpus. An input that takes over 10 s or
1 GB, or fails as no input should, ends it, and lies in ROOM as crash-…, timeout-… or oom-….
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tenor"], enable_loader_override=False):
    from made import TARGETS, make


def fuzz(name: str, home: Path, room: Path, inputs: int, seed: int, corpus: Path | None) -> None:
    target = make(name, room, home)
    known = corpus or room / "corpus-of-inputs"
    known.mkdir(exist_ok=True)
    for number, data in enumerate(target.seeds):
        (known / f"seed-{number}").write_bytes(data)
    atheris.Setup(
        [
            *(sys.argv[0], str(known), f"-runs={inputs}", f"-seed={seed or 1}", "-timeout=10"),
            *("-rss_limit_mb=1024", "-max_len=8192", f"-artifact_prefix={room}/", "-verbosity=0"),
            "-print_final_stats=1",
        ],
        target,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    name, *folders, inputs, seed = sys.argv[1:6]
    assert name in TARGETS, f"{name} is none of {', '.join(TARGETS)}"
    more = Path(sys.argv[6]) if len(sys.argv) > 6 else None
    fuzz(name, Path(folders[0]), Path(folders[1]), int(inputs), int(seed), more)
