"""What tenor says when something is wrong: one clear line that a person can act on."""

from __future__ import annotations


class TenorError(Exception):
    """Base of every error a user can mend. Its message is a single line."""


class InputError(TenorError, ValueError):
    """Bad text, counts, columns or parameters; the message says what, where and what to do."""


class SourceError(InputError):
    """A source that cannot be read: missing, undecodable, malformed or without documents."""


class VocabularyError(InputError):
    """A vocabulary that is empty, repeated, or not the one the model was trained on."""


class UnknownWordError(InputError, KeyError):
    """A word that is not in the vocabulary; the message offers near spellings."""

    def __str__(self) -> str:  # KeyError would print the message's repr
        return str(self.args[0])


class ArtifactError(TenorError):
    """A saved model or corpus that is damaged, foreign, unfinished or in the way."""


class TrainingError(TenorError):
    """A fit that cannot go on, for instance because its loss is no longer finite.

    Attributes:
        kept: the model with the last good weights, if there is one.
    """

    kept: object = None
