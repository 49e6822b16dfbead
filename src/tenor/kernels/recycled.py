"""Memory of gradients that are done with, for the next ones.

Large blocks go back to the system when they are freed and come again a page at a time, which can
take longer than to fill them. On the CPU only: a GPU's allocator keeps what it has.
"""

from __future__ import annotations

from threading import Lock

import torch
from torch import Tensor

LEAST = 1 << 16  # elements; smaller ones the allocator keeps
MOST_LENT = 100  # of which the places are remembered
_SLACK = 16  # a sixteenth more, for sizes that vary from batch to batch
_LARGEST_KEPT = 31 << 20  # bytes; above 32 MiB glibc keeps none

_lock = Lock()
_lent: set[int] = set()  # where what was handed out begins
_kept: list[Tensor] = []  # flat


def empty(*shape: int, like: Tensor) -> Tensor:
    """Unset memory of the type of ``like``; some that was given back, if it is enough."""
    size = torch.Size(shape).numel()
    if size < LEAST or like.device.type != "cpu":
        return like.new_empty(shape)
    with _lock:
        alike = sorted((t for t in _kept if t.dtype == like.dtype), key=len)
        flat = next((t for t in alike if len(t) >= size), None)
        chosen = flat if flat is not None else alike[-1] if alike else None
        _kept[:] = [t for t in _kept if t is not chosen]  # too small: dropped for a larger one
        if flat is None:
            # glibc's malloc keeps freed blocks of up to the size of the largest it saw freed.
            torch.empty(_LARGEST_KEPT, dtype=torch.uint8)
            flat = like.new_empty(size + size // _SLACK)
        if len(_lent) >= MOST_LENT:  # of somebody who gives none back
            _lent.clear()
        _lent.add(flat.data_ptr())
    return flat[:size].view(shape)


def give_back(tensor: Tensor) -> None:
    """Nobody reads ``tensor`` again; its memory is kept if it came from :func:`empty`."""
    with _lock:
        if tensor.data_ptr() not in _lent:
            return
        _lent.discard(tensor.data_ptr())
        storage = tensor.untyped_storage()
        _kept.append(tensor.new_empty(0).set_(storage))


def forget() -> None:
    """Free what is kept."""
    with _lock:
        _kept.clear()
        _lent.clear()
