"""Opens folders that somebody else made, and tells of all that Python did meanwhile.

    python hostile.py HOME ROOM

HOME has a model and a corpus. Copies of them are made hostile in every way that a format could
offer: pickles in the place of every file and of arrays' bytes, names of functions where a name is
asked for, paths that lead out. All are opened and used; a line of JSON says what was loaded,
compiled, run or connected to meanwhile, and which of the traps went off.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

import tenor
from tenor.cli import main
from tenor.errors import TenorError

EXECUTES = (
    *("exec", "compile", "pickle.find_class", "os.system", "subprocess.Popen", "os.exec"),
    *("os.posix_spawn", "os.fork", "socket.connect", "socket.getaddrinfo", "urllib.Request"),
    *("ctypes.dlopen", "marshal.loads", "code.__new__", "webbrowser.open", "shutil.unpack_archive"),
)
EVENTS: list[str] = []
WATCHING = [False]


class Trap:
    """What a pickle does that is loaded."""

    def __reduce__(self) -> Any:
        return os.mkdir, (str(TRAP),)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not WATCHING[0]:
        return
    if event in EXECUTES:
        own = str(arguments[:1])[:200]
        EVENTS.append(f"{event} {own}")
    if event == "import" and str(arguments[0]).split(".")[0] in ("antigravity", "trap", "this"):
        EVENTS.append(f"import {arguments[0]}")


def use(folder: Path) -> None:
    for what in (tenor.load, tenor.Corpus.open):
        try:
            found = what(folder)
            if what is tenor.load:
                found.transform(["w01 w02"])
                found.topics_.table()
                found.similar_documents(1, id="0")
            str(found)
        except TenorError:
            pass
    main(["info", str(folder)])
    main(["topics", str(folder), "-q"])


def traps(room: Path, home: Path) -> list[Path]:
    """Hostile copies."""
    made: list[Path] = []
    pickled = pickle.dumps(Trap())

    def copy(what: str) -> Path:
        made.append(room / f"{what}-{len(made)}")
        return Path(shutil.copytree(home / what, made[-1]))

    for what in ("model", "corpus"):
        names = [str(p.relative_to(home / what)) for p in (home / what).rglob("*") if p.is_file()]
        for name in names:
            (copy(what) / name).write_bytes(pickled)
            folder = copy(what)
            np.save(folder / "x.npy", np.array([Trap()], dtype=object), allow_pickle=True)
            (folder / "x.npy").replace(folder / name)
            import torch

            torch.save({"weights": Trap()}, copy(what) / name)
        for name in (n for n in names if n.endswith(".json")):
            text = (home / what / name).read_text()
            value = json.loads(text)
            value.pop("seal", None)
            for change in (
                {"tokenizer": {"function": "antigravity:geohash", "pattern": "unicode"}},
                {"tokenizer": {"function": "os:mkdir"}, "function": "this:s"},
                {"kind": "antigravity:geohash"},
                {"kind": "../trap", "format": "antigravity"},
                {"files": {"../../../etc/passwd": "0" * 64}, "vocabulary": {"file": "/etc/passwd"}},
                {"settings": {"tokenizer": "os:mkdir", "model": "antigravity"}},
                {"network": {"__reduce__": ["os.mkdir", str(TRAP)], "activation": "antigravity"}},
            ):
                (copy(what) / name).write_text(json.dumps({**value, **change}))
        (copy(what) / "sitecustomize.py").write_text(f"import os; os.mkdir({str(TRAP)!r})")
        (copy(what) / "__init__.py").write_text(f"import os; os.mkdir({str(TRAP)!r})")
    return made


if __name__ == "__main__":
    home, room = Path(sys.argv[1]), Path(sys.argv[2])
    TRAP = room / "it-went-off"
    for name in ("model", "corpus"):
        use(home / name)  # whatever is imported the first time
    folders = traps(room, home)
    sys.addaudithook(watch)
    WATCHING[0] = True
    for folder in folders:
        os.chdir(folder)
        use(folder)
    told = {"folders": len(folders), "events": [*EVENTS], "went_off": TRAP.exists()}
    pickle.loads(pickle.dumps(Trap()))  # as it would be noticed
    WATCHING[0] = False
    print(json.dumps({**told, "control": EVENTS[len(told["events"]) :]}))
