"""What tenor says when something is wrong: one clear line that a person can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ParameterName:
    """A parameter in a message: the library writes its name, the command its flag.

    Attributes:
        name: in Python.
        written: what the library says, where that is more than the name.
        value: what the command says after the flag.
    """

    name: str
    written: str = ""
    value: str = ""

    def __str__(self) -> str:
        return self.written or self.name


@dataclass(frozen=True)
class Advice:
    """What to do, in the words of who asks: in Python, or at the command line."""

    python: str
    command: str

    def __str__(self) -> str:
        return self.python


class TenorError(Exception):
    """Base of every error a user can mend. Its message is a single line.

    Args:
        parts: of the message: text, a :class:`ParameterName` where a parameter is named, and an
            :class:`Advice` where Python and the command do different things.
    """

    def __str__(self) -> str:
        return self.said(str)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the message names, in its order."""
        return tuple(part.name for part in self.args if isinstance(part, ParameterName))

    def said(self, called: Callable[[ParameterName | Advice], str]) -> str:
        """The message with every parameter and advice as ``called`` writes it."""
        message = "".join(
            called(part) if isinstance(part, ParameterName | Advice) else str(part)
            for part in self.args
        )
        return " ".join(line.strip() for line in message.splitlines())  # an array has many


class InputError(TenorError, ValueError):
    """Bad text, counts, columns or parameters; the message says what, where and what to do."""


class SourceError(InputError):
    """A source that cannot be read: missing, undecodable, malformed or without documents."""


class VocabularyError(InputError):
    """A vocabulary that is empty, repeated, or not the one the model was trained on."""


class UnknownWordError(InputError, KeyError):
    """A word that is not in the vocabulary; the message offers near spellings."""


class ArtifactError(TenorError):
    """A saved model or corpus that is damaged, foreign, unfinished or in the way."""


KEPT = "the last good weights are kept; "  # a part of what a fit says to whoever called it


class TrainingError(TenorError):
    """A fit that cannot go on, for instance because its loss is no longer finite.

    Attributes:
        kept: the model with the last good weights, if there is one.
    """

    kept: object = None
