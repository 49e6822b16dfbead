"""What inference asks of numbers, said in the same words."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenor.errors import InputError


def whole(name: str, value: Any, least: int) -> int:
    """``value`` as a whole number of at least ``least``.

    Raises:
        InputError: when it is anything else.
    """
    number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not number or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)
