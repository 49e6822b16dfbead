"""What can go wrong, and what is said then: one line on standard error and an exit status."""

from __future__ import annotations

import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tenor.cli.output import note
from tenor.cli.streams import give_up_output, prepared
from tenor.errors import MissingLibraryError, TenorError, TenorWarning, package_of

_FULL = re.compile("allocate memory|out of memory|calculation overflowed")  # as torch says it
DONE, FAILED, WRONG_USAGE, STOPPED = 0, 1, 2, 130


def exit_status(work: Callable[[], None]) -> int:
    """Do ``work``; whatever happens, no traceback (TENOR_TRACEBACK=1 shows it)."""
    with prepared():
        return _status(work)


def _status(work: Callable[[], None]) -> int:
    status = DONE
    try:
        with notes_of_warnings():
            work()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else DONE
    except BrokenPipeError:  # the reader (head, less) has seen enough
        give_up_output()
    except KeyboardInterrupt as stop:
        _say(str(stop) or "stopped")
        return STOPPED
    except BaseException as error:
        if os.environ.get("TENOR_TRACEBACK"):
            traceback.print_exc()
        _say(_reason(error))
        status = FAILED
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_output()
    except (OSError, ValueError) as error:
        give_up_output()
        if status == DONE:
            _say(f"cannot write to standard output: {getattr(error, 'strerror', None) or error}")
            return FAILED
    return status


@contextmanager
def notes_of_warnings() -> Iterator[None]:
    """Have tenor's own warnings printed as one line, each of them; others as Python does."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TenorWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if isinstance(message, TenorWarning):
                _say(_in_flags(message))
            else:
                others(message, category, *where, **more)

        warnings.showwarning = show
        yield


def _in_flags(message: TenorError | TenorWarning) -> str:
    """One line, in which parameters are flags."""
    from tenor.cli.parameters import flag_of

    return " ".join(message.said(flag_of).split())


def _say(line: str) -> None:
    note(f"tenor: {line}")


def _reason(error: BaseException) -> str:
    """One line that a person can act on."""
    said = " ".join(str(error).split())
    if isinstance(error, TenorError):
        return _in_flags(error)
    if isinstance(error, ModuleNotFoundError) and package_of(error) != "tenor":
        return str(MissingLibraryError("this", error))
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _FULL.search(said)):
        return "out of memory; try a smaller --batch-size, fewer --max-words or fewer documents"
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"cannot read or write: {error.strerror or said}{where}"
    return (
        f"this should not have happened: {type(error).__name__}: {said}; "
        "TENOR_TRACEBACK=1 shows where"
    )
