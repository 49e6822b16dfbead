"""What tenor says when something is wrong: one clear line that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tenor.legible import legible


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
    """Base of every error a user can mend. Its message is a single line, whatever it names.

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
        return _joined(self.args, called)


class TenorWarning(UserWarning):
    """What was done, but is likely not what was meant. A single line, made of parts as an error's.

    The command prints it without saying where in the program it arose.
    """

    def __str__(self) -> str:
        return self.said(str)

    def said(self, called: Callable[[ParameterName | Advice], str]) -> str:
        """The message with every parameter and advice as ``called`` writes it."""
        return _joined(self.args, called)


def _joined(parts: tuple[object, ...], called: Callable[[ParameterName | Advice], str]) -> str:
    """In one line, whatever it names."""
    named = ParameterName | Advice
    return legible(
        "".join(called(part) if isinstance(part, named) else str(part) for part in parts)
    )


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


class MissingLibraryError(TenorError, ImportError):
    """A library that a question needs and that is not installed.

    Args:
        what: needs it.
        error: what importing it raised.
    """

    def __init__(self, what: str, error: ImportError) -> None:
        package = package_of(error)
        super().__init__(f"{what} needs {package}, which is not installed: pip install {package}")


@contextmanager
def needed_by(what: str) -> Iterator[None]:
    """Imports for ``what``: a library that is not installed is a MissingLibraryError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if package_of(error) == "tenor":
            raise
        raise MissingLibraryError(what, error) from error


def package_of(error: ImportError) -> str:
    """What to install for a module that is not there."""
    module = (error.name or str(error)).partition(".")[0]
    return {"sklearn": "scikit-learn"}.get(module, module)


KEPT = "the last good weights are kept; "  # a part of what a fit says to whoever called it


class TrainingError(TenorError):
    """A fit that cannot go on, for instance because its loss is no longer finite.

    Attributes:
        kept: the model with the last good weights, if there is one.
    """

    kept: object = None
