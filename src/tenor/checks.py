"""What is asked of numbers, arrays and paths, once and in the same words.

NumPy is loaded by what looks at arrays only: the command's help shows parameters without it.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence, Sized
from numbers import Integral, Number, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tenor.errors import InputError, ParameterName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = "NDArray[np.floating[Any]]"
Doubles: TypeAlias = "NDArray[np.float64]"
_KINDS = {"NoneType": "None", "bytes": "bytes", "ndarray": "an array", "dict_items": "dict.items()"}
_SHORT = 40  # characters of a string that a message may repeat
MOST = 2**63 - 1  # of a whole number: no library below counts further


def whole(name: str, value: Any, least: int = 1, which: str = "") -> int:
    """``value`` as a whole number of at least ``least``; NumPy's are numbers, truth values not.

    ``which`` is said before the name.

    Raises:
        InputError: when it is anything else.
    """
    if not is_whole(value) or value < least:
        said = f" must be a whole number of at least {least}, not {shown(value)}"
        raise InputError(which, ParameterName(name), said)
    if value > MOST:
        raise InputError(which, ParameterName(name), f" must be at most {MOST}, not {shown(value)}")
    return int(value)


def listed(name: str, values: Any, what: str = "list") -> list[Any]:
    """``values`` as a list, such as a "list of words"; one text is none.

    Raises:
        InputError: when it is anything else.
    """
    if not is_listing(values):
        raise InputError(ParameterName(name), f" must be a {what}, not {kind_of(values)}")
    return list(values)


def is_listing(values: Any) -> bool:
    """Whether ``values`` are several, one after the other; one text is none, nor is a table."""
    if isinstance(values, str | bytes | Mapping) or getattr(values, "ndim", 1) != 1:
        return False
    return isinstance(values, Iterable)


def is_whole(value: Any) -> bool:
    """Whether ``value`` is a whole number."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def within(name: str, value: Any, interval: str) -> Any:
    """``value``, a finite number of the interval, such as "[0, 1)" or "(0, inf)".

    Raises:
        InputError: when it is anything else.
    """
    low, high = map(float, interval[1:-1].split(","))
    real = isinstance(value, Real) and not isinstance(value, bool)
    inside = real and (
        low < value < high
        or (value == low and interval[0] == "[")
        or (value == high and interval[-1] == "]")
    )
    if not inside:
        wanted = f"in {interval}"
        if math.isinf(high):
            wanted = f"{low:g} or more" if interval[0] == "[" else f"greater than {low:g}"
        raise InputError(ParameterName(name), f" must be {wanted}, not {shown(value)}")
    return value


def one_of(name: str, value: Any, choices: Sequence[str]) -> Any:
    """``value``, one of these words.

    Raises:
        InputError: when it is anything else.
    """
    if not isinstance(value, str) or value not in choices:
        said = f" must be {either(choices)}, not {shown(value)}"
        raise InputError(ParameterName(name), said)
    return value


def truth(name: str, value: Any) -> bool:
    """``value`` as a truth value; 0 and 1 are those too, and NumPy's.

    Raises:
        InputError: when it is anything else.
    """
    if isinstance(value, bool) or (is_whole(value) and value in (0, 1)):
        return bool(value)
    if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise InputError(ParameterName(name), f" must be True or False, not {shown(value)}")


def shown(value: Any) -> str:
    """A value as a message writes it: in short, and never a text that somebody passed."""
    if value is None or isinstance(value, Number | bool):
        return repr(value)
    if isinstance(value, str) and len(value) <= _SHORT:
        return repr(value)
    kind = kind_of(value)
    if isinstance(value, Sized) and not hasattr(value, "shape"):
        return f"{kind} of {amount(len(value), 'character' if isinstance(value, str) else 'item')}"
    return kind


def brief(text: Any) -> str:
    """A word or a name in a message: on one line, and cut where somebody passed a whole text."""
    line = " ".join(str(text).split())
    return line if len(line) <= _SHORT else f"{line[: _SHORT // 2]}…"


def kind_of(value: Any) -> str:
    """ "a list", "an int": what kind of thing a value is."""
    name = type(value).__name__
    if name in _KINDS:
        return _KINDS[name]
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def either(choices: Sequence[str]) -> str:
    """ "a", "b" or "c"."""
    *others, last = (f'"{choice}"' for choice in choices)
    return f"{', '.join(others)} or {last}"


def path(value: Any) -> Path:
    """The path that a user named, ``~`` and ``~user`` expanded; ``./~`` has that very name.

    Raises:
        InputError: when it is no path, or none that can be.
    """
    named = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(named, str):
        raise InputError(f"a path must be a str or a Path, not {kind_of(value)}")
    found = Path(expanded(named))
    # Path("./~") is Path("~"): absolute, so that asking twice expands nothing.
    return Path.cwd() / found if str(found).startswith("~") else found


def expanded(named: str) -> str:
    """A path as it was written, but for the home folder that it begins with.

    Raises:
        InputError: for none that can be.
    """
    if not named:
        raise InputError("the path is empty; name a file or folder")
    if "\0" in named:
        raise InputError("a path cannot hold the byte 0")
    if not _is_text(named):
        raise InputError(
            f"{named!a} is no name in {sys.getfilesystemencoding()}; rename it, or say what "
            "encoding names have here, as in LC_ALL=C.UTF-8"
        )
    if not named.startswith("~"):
        return named
    found = os.path.expanduser(named)  # noqa: PTH111  # Path would lose a leading "./"
    if found.startswith("~") and not os.path.lexists(named):
        user = named.partition("/")[0]
        raise InputError(f"there is no home folder {user}; what is called so is ./{named}")
    return found


def _is_text(named: str) -> bool:
    """Whether UTF-8 knows a name: other libraries take no other paths."""
    try:
        named.encode()
    except UnicodeEncodeError:
        return False
    return True


def amount(number: int, unit: str) -> str:
    """ "1 document", "1,200 documents": the unit is given in the singular."""
    return f"{number:,} {unit}{'s' * (number != 1)}"


def matrix(name: str, values: ArrayLike, columns: int | None = None) -> Floats:
    """``values`` as a two-dimensional array of finite floats, as wide as asked for.

    Raises:
        InputError: when it has another shape, is not numeric or holds NaN or infinity.
    """
    import numpy as np

    array = _floats(name, values)
    if array.ndim != 2 or (columns is not None and array.shape[1] != columns):
        wanted = "(rows, columns)" if columns is None else f"(rows, {columns})"
        raise InputError(ParameterName(name), f" must have the shape {wanted}, not {array.shape}")
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(ParameterName(name), f" must be finite; row {row} holds NaN or infinity")
    return array


def vector(name: str, values: ArrayLike, size: int | None = None) -> Doubles:
    """``values`` as a one-dimensional array of finite doubles, as long as asked for.

    Raises:
        InputError: when it has another shape, is not numeric or holds NaN or infinity.
    """
    import numpy as np

    array = _floats(name, values).astype(np.float64, copy=False)
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(n,)" if size is None else f"({size},)"
        raise InputError(ParameterName(name), f" must have the shape {wanted}, not {array.shape}")
    finite = np.isfinite(array)
    if not finite.all():
        place = int(np.argmin(finite))
        raise InputError(ParameterName(name), f" must be finite; entry {place} is NaN or infinite")
    return array


def same_length(name: str, values: Any, rows: int) -> None:
    """Check that ``values`` holds one entry a row.

    Raises:
        InputError: when it does not.
    """
    if len(values) != rows:
        said = f" must have one entry for each of {rows} rows, not {len(values)}"
        raise InputError(ParameterName(name), said)


def _floats(name: str, values: ArrayLike) -> Floats:
    import numpy as np

    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError
        return array if array.dtype.kind == "f" else array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(ParameterName(name), " must be an array of numbers") from None
