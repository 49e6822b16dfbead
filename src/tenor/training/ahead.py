"""Making the next item while the last one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Key = TypeVar("Key")
Item = TypeVar("Item")


def one_ahead(make: Callable[[Key], Item], keys: Sequence[Key]) -> Iterator[Item]:
    """``make(key)`` for every key, in order; each is begun when the one before it is handed out.

    ``make`` runs in one thread of its own. What it raises is raised here, in its turn. No item
    but the next is held.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="tenor-ahead") as pool:
        coming = [pool.submit(make, key) for key in keys[:1]]
        for key in keys[1:]:
            item = coming.pop().result()
            coming.append(pool.submit(make, key))
            yield item
        for last in coming:
            yield last.result()
