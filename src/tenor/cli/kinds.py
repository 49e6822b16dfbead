"""What a value on the command line may be, as argparse asks for it."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import replace
from typing import Any

from tenor import parameters
from tenor.errors import InputError
from tenor.parameters import Kind


def typed(kind: Kind) -> Kind:
    """The same; argparse shows the message of its own error only."""

    def read(text: str) -> Any:
        try:
            return kind.read(text)
        except InputError as error:
            raise ArgumentTypeError(str(error)) from None

    return replace(kind, read=read)


def at_least(minimum: int) -> Kind:
    """A whole number from ``minimum`` up."""

    def read(text: str) -> int:
        value: int = WHOLE.read(text)
        if value < minimum:
            raise ArgumentTypeError(f"must be at least {minimum}, not {value}")
        return value

    return Kind("N", read)


def choice(*names: str) -> Kind:
    """One of these words."""
    return typed(parameters.choice(*names))


def written(value: Any) -> str:
    """A default as one would type it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


WHOLE = typed(parameters.WHOLE)
TOPICS = typed(parameters.TOPICS)
PLACE = typed(parameters.PATH)
