"""From a text to its tokens.

The work is split in two so that it is fast: :meth:`Tokenizer.split` cuts a text by one compiled
pattern, and :meth:`Tokenizer.keeps` judges a token by itself, which counting asks once per
distinct word and not once per token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from tenor.checks import either, kind_of, one_of, shown, whole
from tenor.errors import InputError, ParameterName
from tenor.parameters import as_in, check, documented, shared
from tenor.settings import TokenParameters
from tenor.text import stop_words as stop
from tenor.text.normalising import FIRST, NEWEST, normalised
from tenor.text.patterns import (
    PATTERNS,
    latin_words,
    straight_words,
    straightened,
    unicode_words,
)
from tenor.text.segmenting import icu_version, segmenter, weight

JOINT = " "  # between the two words of a phrase
_SPLITTING = (
    *("pattern", "lowercase", "strip_accents"),
    *("min_token_length", "max_token_length", "digits"),
)


@documented
@dataclass(frozen=True)
class Tokenizer:
    """How texts become tokens; immutable, and the same in training and in use.

    A ``function`` does all of the splitting: it gets the text untouched and its tokens are taken
    as they are, so the other settings must be left alone, except ``stop_words``. It is the slow
    path, some ten times slower than the patterns: one call a text, on one core.

    Attributes:
        pattern: "unicode" (words of any script), "icu" (these, cut further where a script has no
            blanks; needs tenor[icu]) or "a-z"; see :mod:`tenor.text.patterns`.
        {parameters}
        function: any callable from a str to a list of str, in place of the pattern.
        missing_function: "module:name" of a function that a saved model was made with and that
            must be passed again; set by :meth:`from_json` only.
        normalisation: the number of the rule by which text is made ready to be cut: that of
            :mod:`tenor.text.normalising` when the tokenizer was first made.
        icu: the version of ICU that first cut these words, set by itself; None for others.

    Raises:
        InputError: when a setting is out of range, with one line that says so.
    """

    pattern: str = "unicode"
    lowercase: bool = as_in(TokenParameters, "lowercase")
    strip_accents: bool = as_in(TokenParameters, "strip_accents")
    min_token_length: int = as_in(TokenParameters, "min_token_length")
    max_token_length: int | None = as_in(TokenParameters, "max_token_length")
    digits: str = as_in(TokenParameters, "digits")
    stop_words: str | tuple[str, ...] | None = as_in(TokenParameters, "stop_words")
    phrases: int = as_in(TokenParameters, "phrases")
    function: Callable[[str], list[str]] | None = None
    missing_function: str | None = None
    normalisation: int = NEWEST
    icu: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stop_words", stop.resolve(self.stop_words))
        one_of("pattern", self.pattern, PATTERNS)
        if self.normalisation not in range(FIRST, NEWEST + 1):
            raise InputError(
                f"text is normalised by rule {self.normalisation!r:.20}, this tenor knows rules "
                f"{FIRST} to {NEWEST}; use a newer tenor"
            )
        if self.pattern == "icu" and self.icu is None:
            object.__setattr__(self, "icu", icu_version())
        check(self)
        if self.max_token_length is not None:
            whole("max_token_length", self.max_token_length, self.min_token_length)
        if self.function is not None and not callable(self.function):
            raise InputError(
                f"the tokenizer function must be callable, not {type(self.function).__name__}"
            )
        taken = self.function is not None or self.missing_function is not None
        for field in fields(self) if taken else ():
            if field.name in _SPLITTING and getattr(self, field.name) != field.default:
                raise InputError(
                    f"a tokenizer function does all of the splitting; leave {field.name} alone"
                )

    @classmethod
    def of(cls, settings: TokenParameters) -> Tokenizer | None:
        """The tokenizer of a model's parameters; None: as is usual, or as a prepared corpus was."""
        asked = settings.tokenizer
        if callable(asked):
            return cls(function=asked, stop_words=settings.stop_words)
        tokenizer = cls("unicode" if asked is None else asked, **shared(settings, cls))
        return None if asked is None and tokenizer == cls() else tokenizer

    @classmethod
    def named(cls, asked: Cutting | None) -> Tokenizer | None:
        """What callers name a tokenizer by: itself, a function from a text to tokens, a pattern."""
        if asked is None or isinstance(asked, Tokenizer):
            return asked
        if isinstance(asked, str) and asked in PATTERNS:
            return cls(asked)
        if callable(asked):
            return cls(function=asked)
        known = f"a tenor.Tokenizer, a function or {either(PATTERNS)}"
        raise InputError(ParameterName("tokenizer"), f" must be {known}, not {shown(asked)}")

    def tokens(self, text: str) -> list[str]:
        """The tokens of ``text``, in order.

        Raises:
            InputError: when ``text`` is no str, the function fails or does not return a list of
                str, or the function was not passed again after loading.
        """
        if not isinstance(text, str):
            raise InputError(f"a text to tokenise must be str, not {type(text).__name__}")
        return [token for token in self.split(text) if self.keeps(token)]

    def split(self, text: str) -> list[str]:
        """All the tokens of ``text``, those that :meth:`keeps` refuses included."""
        self.refuse_unready()
        if self.function is not None:
            return self._call_function(text)
        words = self._uncut(text)
        return words if self.icu is None else next(segmenter(self.icu).cut([words]))

    def split_runs(self, runs: Iterable[str]) -> Iterator[list[str]]:
        """:meth:`split` of many runs without line ends, which is faster than one by one.

        Blanks and line ends compose with nothing, so that the runs may be made ready together.
        """
        text = self._normalised("\n".join(runs))
        if self.pattern == "a-z":
            return (latin_words(run, self.lowercase) for run in text.split("\n"))
        words = map(straight_words, straightened(text).split("\n"))
        return words if self.icu is None else segmenter(self.icu).cut(words)

    def keeps(self, token: str) -> bool:
        """Whether a token that :meth:`split` found counts as a word."""
        if self.function is not None:
            return token != "" and token not in self.stopped
        return (
            self.min_token_length <= (long := self._length(token))
            and (self.max_token_length is None or long <= self.max_token_length)
            and token not in self.stopped
            and not (self.digits == "drop" and token.replace("'", "").isdigit())
        )

    def with_function(self, function: Callable[[str], list[str]]) -> Tokenizer:
        """The same tokenizer with its function passed again."""
        return replace(self, function=function, missing_function=None)

    def of_the_versions_of(self, other: Tokenizer) -> Tokenizer:
        """This one with the other's versions, for which nobody asks."""
        icu = other.icu if self.icu is not None and other.icu is not None else self.icu
        return replace(self, normalisation=other.normalisation, icu=icu)

    @property
    def function_name(self) -> str | None:
        """The import name of the function, "module:name"; None without one."""
        return self.missing_function if self.function is None else import_name(self.function)

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values; a function is kept by its import name only."""
        settings = asdict(replace(self, function=None))
        del settings["missing_function"]
        settings["function"] = self.function_name
        if self.normalisation == FIRST or self.function_name is not None:
            del settings["normalisation"]  # as it was saved before there was another
        for name in ("icu", "phrases"):
            if not settings[name]:
                del settings[name]
        if isinstance(self.stop_words, tuple):
            settings["stop_words"] = list(self.stop_words)
        return settings

    @classmethod
    def from_json(cls, settings: dict[str, Any]) -> Tokenizer:
        """The tokenizer that :meth:`to_json` described. Nothing is ever imported: a function
        leaves its name in ``missing_function``, and text is refused until it is passed again.

        Raises:
            InputError: when the settings are not a tokenizer's.
        """
        known = {field.name for field in fields(cls)} - {"missing_function"}
        if not isinstance(settings, dict) or (strange := sorted(set(settings) - known)):
            named = f"unknown: {', '.join(strange)}" if isinstance(settings, dict) else "no object"
            raise InputError(f"these are not the settings of a tokenizer ({named})")
        given = dict(settings)
        name = given.pop("function", None)
        given.setdefault("normalisation", FIRST if name is None else NEWEST)
        if isinstance(given.get("stop_words"), list):
            given["stop_words"] = tuple(given["stop_words"])
        elif given.get("stop_words") not in (None, "english"):  # a saved model reads no files
            raise InputError(f"unknown stop words in a saved tokenizer: {given['stop_words']!r}")
        return cls(**given, missing_function=name)

    @cached_property
    def stopped(self) -> frozenset[str]:
        """The stop words as tokens: cut and normalised as the text is."""
        if self.stop_words is None:
            return frozenset()
        if self.function is not None:
            return frozenset(stop.ENGLISH if self.stop_words == "english" else self.stop_words)
        if self.stop_words == "english":  # cut as the text is: don't falls to "don", "t" by a-z
            return frozenset(token for word in stop.ENGLISH for token in self.split(word))
        if self.normalisation == FIRST:
            straight = (word.replace("\u2019", "'") for word in self.stop_words)
            return frozenset(self._normalised(word) for word in straight)
        return frozenset(self.word_of(word) or word for word in self.stop_words)

    def word_of(self, text: str) -> str | None:
        """``text`` as the word, or the phrase, that it is in a text, to look it up by.

        None: no word, or several that are no phrase. A function knows texts only, so its words
        are taken as written.
        """
        if self.function_name is not None:
            return text
        words = self._uncut(text)
        return JOINT.join(words) if 0 < len(words) <= (2 if self.phrases else 1) else None

    def refuse_unready(self) -> None:
        """Raise InputError where texts cannot be cut: without the function, or without ICU."""
        if self.missing_function is not None:
            raise InputError(
                f"text was tokenised by the function {self.missing_function}, which is never "
                "imported by itself; pass it again as the tokenizer"
            )
        if self.icu is not None:
            segmenter(self.icu)

    @property
    def is_ready(self) -> bool:
        """Whether texts can be cut."""
        try:
            self.refuse_unready()
        except InputError:
            return False
        return True

    def _uncut(self, text: str) -> list[str]:
        """The words between blanks and signs; several in one where a script has no blanks."""
        text = self._normalised(text)
        return latin_words(text, self.lowercase) if self.pattern == "a-z" else unicode_words(text)

    def _length(self, token: str) -> int:
        return len(token) if self.icu is None else weight(token)

    def _normalised(self, text: str) -> str:
        return normalised(text, self.normalisation, self.lowercase, self.strip_accents)

    def _call_function(self, text: str) -> list[str]:
        assert self.function is not None
        name = import_name(self.function)
        try:
            tokens: Any = self.function(text)  # it may break its promise
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(f"the tokenizer function {name} failed: {said}") from error
        promised = f"the tokenizer function {name} must return a list of str"
        if not isinstance(tokens, list | tuple):
            raise InputError(f"{promised}, not {type(tokens).__name__}")
        for token in tokens:
            if not isinstance(token, str):
                raise InputError(f"{promised}, but it holds {kind_of(token)}")
        return list(tokens)


Cutting = Tokenizer | Callable[[str], list[str]] | str
"""What cuts texts: a tokenizer, a function from a text to tokens, or the name of a pattern."""


def import_name(function: Callable[..., Any]) -> str:
    """ "module:qualified name" of a function, or of the class of a callable object."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{getattr(named, '__module__', None) or 'builtins'}:{named.__qualname__}"
