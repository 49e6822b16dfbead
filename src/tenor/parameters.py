"""How a parameter is declared: once, as a field of a group of :mod:`tenor.settings`.

    batch_size: int = parameter(200, WHOLE, "documents a step", "larger for many documents")

From the declarations come the estimators' constructors and their help, the checks, the flags of
the command and docs/parameters.md. A group is a dataclass; it checks nothing when it is made, so
that an estimator may inherit it (scikit-learn checks in fit): see :func:`check`.
"""

from __future__ import annotations

import csv
import difflib
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, fields, replace
from numbers import Integral, Real
from typing import Any, TypeVar, cast, get_type_hints

from tenor import checks
from tenor.errors import InputError, ParameterName

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Kind:
    """What values a parameter has; ``read`` and ``check`` raise InputError."""

    placeholder: str  # stands for the value in the command's help
    read: Callable[[str], Any]  # the value that was typed
    check: Callable[[str, Any], Any] = lambda _, value: value  # of name and value: as it is kept
    choices: tuple[str, ...] = ()  # where it is one of some words
    gathers: bool = False  # a flag may come several times, its values together


def whole(least: int) -> Kind:
    """A whole number of at least ``least``."""
    return Kind("N", _read_whole, lambda name, value: checks.whole(name, value, least))


def number(interval: str) -> Kind:
    """A finite number of an interval such as "[0, 1)"."""
    return Kind("X", _read_number, lambda name, value: float(checks.within(name, value, interval)))


def choice(*names: str) -> Kind:
    """One of these words."""

    def read(text: str) -> str:
        if text not in names:
            raise InputError(f"{text!r} is none of {', '.join(names)}")
        return text

    return Kind("|".join(names), read, lambda name, value: checks.one_of(name, value, names), names)


def some_of(*names: str) -> Kind:
    """Any of these words, with commas between them; a tuple."""

    def check(name: str, value: Any) -> tuple[str, ...]:
        listed = None if isinstance(value, str) or not isinstance(value, Iterable) else [*value]
        if listed is None or not all(isinstance(v, str) and v in names for v in listed):
            said = f" takes a list of any of {', '.join(names)}, not {checks.shown(value)}"
            raise InputError(ParameterName(name), said)
        return tuple(listed)

    def read(text: str) -> tuple[str, ...]:
        parts = tuple(filter(None, text.split(",")))
        for part in parts:
            if part not in names:
                raise InputError(f"{part!r} is none of {', '.join(names)}")
        return parts

    return Kind(",".join(names), read, check, names, gathers=True)


def or_none(kind: Kind) -> Kind:
    """The same, or None, which is typed ``none``."""
    return replace(
        kind,
        read=lambda text: None if text == "none" else kind.read(text),
        check=lambda name, value: None if value is None else kind.check(name, value),
    )


def or_callable(kind: Kind) -> Kind:
    """The same, or a function, which cannot be typed."""

    def check(name: str, value: Any) -> Any:
        return value if callable(value) else kind.check(name, value)

    return replace(kind, check=check)


def _reader(convert: Callable[[str], Any], what: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return convert(text)
        except ValueError:
            raise InputError(f"{text!r} is no {what}") from None

    return read


def _limit(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


_read_whole = _reader(lambda text: int(text.replace("_", "")), "whole number")
_read_number = _reader(float, "number")
_read_limit = _reader(_limit, "number")
_read_sizes = _reader(
    lambda text: () if text in ("", "none") else tuple(map(int, text.split(","))),
    "list of sizes such as 500,500, or none",
)


def _check_limit(name: str, value: Any) -> int | float:
    if checks.is_whole(value) and value >= 1:
        return int(value)
    share = isinstance(value, Real) and not isinstance(value, Integral)
    if share and 0 <= value <= 1:
        return float(value)
    said = " must be a whole number of documents (1 or more) or a fraction from 0.0 to 1.0, not "
    raise InputError(ParameterName(name), f"{said}{checks.shown(value)}")


def _check_topics(name: str, value: Any) -> int | str:
    if isinstance(value, str) and value == "auto":
        return value
    if checks.is_whole(value) and value >= 1:
        return int(value)
    said = f' must be a whole number of at least 1 or "auto", not {checks.shown(value)}'
    raise InputError(ParameterName(name), said)


def _check_sizes(name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping | Set):
        said = f" must be a list of sizes such as (500,), not {checks.shown(value)}"
        raise InputError(ParameterName(name), said)
    return tuple(checks.whole(name, size, 1, "every one of ") for size in value)


def _check_seed(name: str, value: Any) -> Any:
    if not checks.is_whole(value) and not hasattr(value, "randint"):  # a RandomState draws one
        said = f" must be a whole number, a RandomState or None, not {checks.shown(value)}"
        raise InputError(ParameterName(name), said)
    return value


def _check_name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(ParameterName(name), f" must be a name, not {checks.shown(value)}")
    return value


def _check_names(name: str, value: Any) -> tuple[str, ...]:
    if not checks.is_listing(value):
        said = f" must be a list of names, not {checks.shown(value)}"
        raise InputError(ParameterName(name), said)
    return tuple(_check_name(name, part) for part in value)


def _check_text_column(name: str, value: Any) -> str | tuple[str, ...] | None:
    if value is None or isinstance(value, str):
        return None if value is None else _check_name(name, value)
    if not checks.is_listing(value):
        said = f" must be a name or a list of names, not {checks.shown(value)}"
        raise InputError(ParameterName(name), said)
    names = _check_names(name, value)
    if not names:
        raise InputError(ParameterName(name), " names no column; leave it out to have it found")
    return names


def _mark(*words: str) -> Kind:
    """A single character, or one of these words; ``tab`` may be typed for that one."""

    def check(name: str, value: Any) -> str:
        if isinstance(value, str) and value in words:
            return value
        given = _MARKS.get(value, value) if isinstance(value, str) else ""
        if len(given) != 1 or given in "\r\n":
            known = ", ".join(words)
            said = f" must be one character or one of tab, {known}; it is {value!r:.40}"
            raise InputError(ParameterName(name), said)
        return str(given)

    return Kind("|".join(["CHARACTER", *words]), str, check)


def _check_split(name: str, value: Any) -> str:
    """``paragraphs``, or a number and ``-words``."""
    if isinstance(value, str) and re.fullmatch(r"paragraphs|[1-9]\d{0,8}-words", value, re.ASCII):
        return value
    said = f" must be paragraphs or a number of words, such as 200-words, not {value!r:.40}"
    raise InputError(ParameterName(name), said)


def _read_names(text: str) -> tuple[str, ...]:
    """Names with commas between them; one with a comma or the end of a line in double quotes."""
    try:
        names = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        names = []
    if not names or not all(names):
        raise InputError(f"{text!r} is no C,C")
    return tuple(names)


_MARKS = {"tab": "\t", "\\t": "\t"}
WHOLE = whole(1)
TOPICS = Kind("N|auto", lambda text: text if text == "auto" else _read_whole(text), _check_topics)
LIMIT = Kind("N|X", _read_limit, _check_limit)  # 5 counts documents, 0.5 is a share of them
SIZES = Kind("N,N", _read_sizes, _check_sizes)
SEED = or_none(Kind("N", _read_whole, _check_seed))
NAME = Kind("NAME", str, _check_name)
FILE = or_none(Kind("FILE", checks.expanded))
PATH = Kind("PATH", checks.expanded)
COLUMN = Kind("C", str, lambda name, value: None if value is None else _check_name(name, value))
COLUMNS = Kind("C,C", _read_names, _check_names, gathers=True)
TEXT_COLUMN = Kind("C[,C]", str, _check_text_column)
DELIMITER, QUOTE = _mark("auto"), _mark("auto", "none")
SPLIT = or_none(Kind("paragraphs|N-words", str, _check_split))
ON = Kind("", bool, checks.truth)  # a flag that turns something on …
OFF = Kind("", bool, checks.truth)  # … or off: it takes no value


@dataclass(frozen=True)
class Parameter:
    """A parameter as it was declared."""

    default: Any
    kind: Kind
    meaning: str  # what it is, and in which unit
    advice: str  # when to change it
    flag: str = ""  # the command's; the name with dashes, unless it was given
    more: str = ""  # what the help in Python says besides
    name: str = ""
    group: str = ""  # the heading it stands under

    @property
    def option(self) -> str:
        """The flag."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        """Whether the flag takes no value."""
        return not self.kind.placeholder


def parameter(
    default: Any, kind: Kind, meaning: str, advice: str, *, flag: str = "", more: str = ""
) -> Any:
    """A field of a group; see :class:`Parameter`."""
    declared = Parameter(default, kind, meaning, advice, flag, more)
    return field(default=default, metadata={"parameter": declared})


def declared(group: Any, heading: str = "") -> tuple[Parameter, ...]:
    """The parameters of a group, or of an object or class that inherits groups, in their order."""
    return tuple(
        replace(found, name=f.name, group=heading)
        for f in fields(group)
        if (found := f.metadata.get("parameter")) is not None
    )


def as_in(group: type, name: str) -> Any:
    """A field of a class with a constructor of its own, declared in a group."""
    (found,) = (f for f in fields(group) if f.name == name)
    return field(default=found.default, metadata=found.metadata)


def kept(settings: Any) -> dict[str, Any]:
    """Every declared parameter of an object, by name, checked and as it is kept.

    Raises:
        InputError: names the first that is out of range.
    """
    known = declared(settings)
    return {p.name: p.kind.check(p.name, getattr(settings, p.name)) for p in known}


def check(settings: Any) -> None:
    """Check every declared parameter of an object, which then has its values as they are kept.

    Raises:
        InputError: names the first that is out of range.
    """
    for name, value in kept(settings).items():
        object.__setattr__(settings, name, value)  # it may be frozen


def shared(settings: Any, target: type) -> dict[str, Any]:
    """Those fields of ``settings`` that ``target`` has too, as Python's own values."""
    names = {f.name for f in fields(settings)}
    return {f.name: plain(getattr(settings, f.name)) for f in fields(target) if f.name in names}


def plain(value: Any) -> Any:
    """A parameter as Python has it: NumPy's numbers are what searches over ranges pass."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    if isinstance(value, tuple | list):
        return type(value)(plain(part) for part in value)
    return value


def documented(made: Class) -> Class:
    """The class with its parameters in place of "{parameters}" in its documentation."""
    if made.__doc__ is not None:
        made.__doc__ = made.__doc__.replace("{parameters}", _lines(declared(made), 8))
    return made


def taking(group: type) -> Callable[[Function], Function]:
    """A function whose last argument ``**options`` is the parameters of a group: signature and
    documentation, in place of "{parameters}", name them; one that is none of them is refused.
    """
    known = declared(group)
    names = [p.name for p in known]

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def checked(*args: Any, **options: Any) -> Any:
            for name in options.keys() - own - set(names):
                near = difflib.get_close_matches(name, [*names, *own], n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
                raise InputError(f"{function.__name__} has no parameter {name}; {hint}")
            return function(*args, **options)

        signature = inspect.signature(function)
        *others, _ = signature.parameters.values()
        own = {other.name for other in others}
        hints = get_type_hints(group)
        added = [
            inspect.Parameter(
                p.name, inspect.Parameter.KEYWORD_ONLY, default=p.default, annotation=hints[p.name]
            )
            for p in known
        ]
        checked.__signature__ = signature.replace(parameters=[*others, *added])  # type: ignore[attr-defined]
        checked.__doc__ = (function.__doc__ or "").replace("{parameters}", _lines(known, 12))
        return cast(Function, checked)

    return decorate


def _lines(known: Iterable[Parameter], indent: int) -> str:
    """Of each parameter what documentation says, indented but for the first line."""
    lines = []
    for p in known:
        choices = p.kind.choices
        text = f"{p.name}: {checks.either(choices) + ': ' if choices else ''}{p.meaning}"
        text += f" ({p.more})." if p.more else "."
        if p.advice != "rarely":
            text += f" Change it: {p.advice}."
        first, rest = " " * indent, " " * (indent + 4)
        lines += textwrap.wrap(text, 96, initial_indent=first, subsequent_indent=rest)
    return "\n".join(lines).lstrip()
