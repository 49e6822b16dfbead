"""What can go wrong, and what is said then: one line on standard error and an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from tenor.errors import MissingLibraryError, TenorError, package_of

DONE, FAILED, WRONG_USAGE, STOPPED = 0, 1, 2, 130


def exit_status(work: Callable[[], None]) -> int:
    """Do ``work``; whatever happens, no traceback (TENOR_TRACEBACK=1 shows it)."""
    try:
        work()
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else DONE
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not try to flush again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as stop:
        _say(str(stop) or "stopped")
        return STOPPED
    except BaseException as error:
        if os.environ.get("TENOR_TRACEBACK"):
            traceback.print_exc()
        _say(_reason(error))
        return FAILED
    return DONE


def _say(line: str) -> None:
    print(f"tenor: {line}", file=sys.stderr)


def _reason(error: BaseException) -> str:
    """One line that a person can act on."""
    said = " ".join(str(error).split())
    if isinstance(error, TenorError):
        from tenor.cli.parameters import flag_of

        return " ".join(error.said(flag_of).split())
    if isinstance(error, ModuleNotFoundError) and package_of(error) != "tenor":
        return str(MissingLibraryError("this", error))
    if isinstance(error, MemoryError):
        return "out of memory; try a smaller --batch-size, fewer --max-words or fewer documents"
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or said}{where}"
    return (
        f"this should not have happened: {type(error).__name__}: {said}; "
        "TENOR_TRACEBACK=1 shows where"
    )
