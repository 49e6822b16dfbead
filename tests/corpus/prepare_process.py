"""A tenor prepare in a process of its own, with small parts; it may kill itself on the way.

    python prepare_process.py SOURCE TARGET [HOW] [tenor prepare's flags]

HOW is nothing, or one of

    --die WHAT COUNT      WHAT is an entry of the journal: killed before it writes the COUNT-th;
                          "published": when the corpus is in its place and the work still there
    --stop MODULE:NAME    Ctrl-C once that function has done its work

What was counted and encoded is told on standard output, a line each.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

from tenor.cli import main
from tenor.corpus import piece_folder, pieces, preparing
from tenor.corpus.piece_folder import PieceFolder
from tenor.sources import batches
from tenor.storage.job import Job, Journal

SIZE = 4_000


def small() -> None:
    batches.BATCH_BYTES = pieces.PIECE_BYTES = SIZE
    piece_folder.SHARD_BYTES = preparing.HELD_BYTES = 3 * SIZE


def die_before(what: str, times: int) -> None:
    if what == "published":
        Job.remove = lambda self: os.kill(os.getpid(), signal.SIGKILL)
    write, seen = Journal.add, []

    def add(self, kind, **facts):
        seen.append(kind)
        if seen.count(what) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, kind, **facts)

    Journal.add = add


def stop_after(module: str, name: str) -> None:
    """Ctrl-C when a function or method has done its work for the first time."""
    place = import_module(f"tenor.{module}")
    first, _, last = name.rpartition(".")
    place = getattr(place, first) if first else place
    work = getattr(place, last)

    def stopped(*given: object, **more: object) -> object:
        setattr(place, last, work)
        work(*given, **more)
        raise KeyboardInterrupt

    setattr(place, last, stopped)


def tell() -> None:
    count, encode = PieceFolder.add, PieceFolder._write

    def add(self, piece):
        os.write(1, b"counted %d\n" % len(self.pieces))
        return count(self, piece)

    def shard(self, number, *others):
        os.write(1, b"encoded %d\n" % number)  # one piece, whatever the threads
        return encode(self, number, *others)

    PieceFolder.add, PieceFolder._write = add, shard


if __name__ == "__main__":
    small()
    tell()
    source, target, *flags = sys.argv[1:]
    if flags[:1] == ["--die"]:
        die_before(flags[1], int(flags[2]))
        flags = flags[3:]
    if flags[:1] == ["--stop"]:
        stop_after(*flags[1].split(":"))
        flags = flags[2:]
    sys.exit(main(["prepare", source, "-o", target, *flags]))
