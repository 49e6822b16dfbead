"""The next item of an iterator made while the last one is worked on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def read_ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items in the same order, one of them ahead, in a thread of its own.

    What ``items`` raises is raised here. The thread is a daemon and stops after the item it is
    at when this iterator is closed, so nothing waits for a source that is slow.
    """
    ready: Queue[tuple[object, BaseException | None]] = Queue(maxsize=1)
    closed = Event()

    def make() -> None:
        try:
            for item in items:
                ready.put((item, None))
                if closed.is_set():
                    return
            ready.put((_END, None))
        except BaseException as error:  # raised where the items are used
            ready.put((_END, error))

    Thread(target=make, name="tenor-read-ahead", daemon=True).start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item  # type: ignore[misc]  # what is not the end is an item
    finally:
        closed.set()
        while not ready.empty():
            ready.get_nowait()
