"""How far a document goes: the rooms (files of tenor) that a call enters, and how it turns.

    python benchmarks/way.py                    # the table
    python benchmarks/way.py --list transform   # every function of one way, in order, indented

Each call is made once to import what it needs, and traced the second time, on a CSV file of 32
short documents. Counted is every function of tenor that Python runs, once, in the order in which
it is first called, the caller's thread before those it begins. What modules do when they are
imported, comprehensions and compiled code are not.

*rooms*: the files that these functions are in. *returns*: reading the functions in this order, how
often the next one is in another file that was read before. *functions*: all of them. *deep*: the
frames of tenor on the stack where the mathematics begins: the decoder's loss in a fit, the
encoder's first product when a model is applied.

PYTHONPATH=…/src takes another checkout.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NamedTuple

import tables

import tenor
from tenor.cli.app import main as command

HOME = str(Path(tenor.__file__).parent) + os.sep
TEXTS = [
    "the cat sat on the mat with a hat",
    "dogs chase cats around the house at night",
    "stock markets fell as rates rose again",
    "the bank raised interest rates today",
] * 8
SMALL = {"n_components": 4, "epochs": 1, "min_df": 1, "n_topics": 2}
FLAGS = ["--components", "4", "--epochs", "1", "--min-df", "1", "--topics", "2", "-q"]
MATHEMATICS = {"fit": "softmax_nll", "transform": "bag_linear"}


class Function(NamedTuple):
    """A function of tenor, and how many frames of tenor it was first called under."""

    room: str
    name: str
    depth: int


def main() -> None:
    parser = tables.parser(__doc__)
    parser.add_argument("--list", choices=("fit", "transform"), help="functions of the command")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="tenor-way-") as place:
        ways = calls(Path(place))
        if asked.list:
            (call,) = (
                call for name, call in ways.items() if name.startswith(f"tenor {asked.list}")
            )
            for room, name, depth in traced(call):
                print(f"{'  ' * depth}{name}  {room}")
            return
        tables.header("call", "rooms", "returns", "functions", "deep")
        for name, call in ways.items():
            tables.row(f"`{name}`", *summary(traced(call), "fit" if "fit" in name else "transform"))
    tables.machine()


def calls(place: Path) -> dict[str, Callable[[], Any]]:
    """The calls to be traced, each made once."""
    source, folder, written = place / "reviews.csv", place / "model", place / "vectors.parquet"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *enumerate(TEXTS)])

    def fit() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        run("fit", source, "-o", folder, *FLAGS)

    def transform() -> None:
        written.unlink(missing_ok=True)
        run("transform", folder, source, "-o", written)

    fit()
    model = tenor.load(folder)
    words = model.vocabulary_
    ways = {
        "tenor fit reviews.csv -o model": fit,
        "tenor transform model reviews.csv -o vectors.parquet": transform,
        "NVDM().fit(texts)": lambda: tenor.NVDM(**SMALL).fit(TEXTS),
        "model.transform(texts)": lambda: model.transform(TEXTS),
        "model.transform(Corpus.read(csv))": lambda: model.transform(
            tenor.Corpus.read(source, vocabulary=words)
        ),
    }
    for call in ways.values():
        call()
    return ways


def run(*arguments: Any) -> None:
    """A verb of the command, in this process."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = command([str(argument) for argument in arguments])
    if status:
        sys.exit(status)


def traced(call: Callable[[], Any]) -> list[Function]:
    """The functions that a call runs, in the order of their first calls."""
    own: list[Function] = []
    others: list[Function] = []  # in threads that the call begins
    depths: dict[int, int] = {}
    caller = threading.get_ident()

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(HOME):
            return
        thread, name = threading.get_ident(), code.co_qualname
        depth = depths.get(thread, 0)
        if event == "return":
            depths[thread] = max(0, depth - 1)
            return
        depths[thread] = depth + 1
        if name != "<module>" and not name.endswith(("comp>", "<genexpr>")):
            found = Function(code.co_filename.removeprefix(HOME), name, depth)
            (own if thread == caller else others).append(found)

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    first: dict[tuple[str, str], Function] = {}
    for found in own + others:
        first.setdefault(found[:2], found)
    return list(first.values())


def summary(way: list[Function], kind: str) -> tuple[int, int, int, int]:
    """Rooms, returns, functions, and how deep the mathematics is."""
    rooms = [function.room for function in way]
    entered = [room for room, before in zip(rooms, [None, *rooms], strict=False) if room != before]
    (deep,) = (function.depth for function in way if function.name == MATHEMATICS[kind])
    return len(set(rooms)), len(entered) - len(set(rooms)), len(way), deep


if __name__ == "__main__":
    main()
