"""What a value on the command line may be: how it is read, and how a default is written."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes:
        placeholder: stands for the value in the help.
        read: from the command line; raises ArgumentTypeError.
    """

    placeholder: str
    read: Callable[[str], Any]


def written(value: Any) -> str:
    """A default as one would type it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)


def _whole(text: str) -> int:
    try:
        return int(text.replace("_", ""))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no whole number") from None


def at_least(minimum: int) -> Kind:
    """A whole number from ``minimum`` up."""

    def read(text: str) -> int:
        value = _whole(text)
        if value < minimum:
            raise ArgumentTypeError(f"must be at least {minimum}, not {value}")
        return value

    return Kind("N", read)


def _place(text: str) -> str:
    if not text:
        raise ArgumentTypeError("is empty; name a file or folder")
    if "\0" in text:
        raise ArgumentTypeError("a path cannot hold the byte 0")
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no number") from None


def _limit(text: str) -> int | float:
    """5 counts documents, 0.5 is a share of them."""
    try:
        return int(text)
    except ValueError:
        return _number(text)


def _sizes(text: str) -> tuple[int, ...]:
    if text in ("", "none"):
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no list of sizes such as 500,500, or none") from None


def or_none(kind: Kind) -> Kind:
    """The same, or ``none``."""
    return Kind(kind.placeholder, lambda text: None if text == "none" else kind.read(text))


def choice(*names: str) -> Kind:
    """One of these words."""

    def read(text: str) -> str:
        if text not in names:
            raise ArgumentTypeError(f"{text!r} is none of {', '.join(names)}")
        return text

    return Kind("|".join(names), read)


def _topics(text: str) -> int | str:
    """A number of topics, or auto."""
    return text if text == "auto" else _whole(text)


WHOLE = Kind("N", _whole)
TOPICS = Kind("N|auto", _topics)
NUMBER = Kind("X", _number)
LIMIT = Kind("N|X", _limit)
SIZES = Kind("N,N", _sizes)
WORD = Kind("NAME", str)
FILE = Kind("FILE", _place)
PLACE = Kind("PATH", _place)
ON = Kind("", bool)  # a flag that turns something on …
OFF = Kind("", bool)  # … or off: it takes no value
