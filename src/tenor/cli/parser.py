"""How tenor parses: argparse, with one clear line for wrong usage and help that is easy to read.

argparse, not typer: the flags of ``fit`` come from a table rather than from a function's
signature, and ``tenor --help`` has a quarter of a second beyond Python's own start.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from typing import Any, NoReturn, final

from tenor.cli.failures import WRONG_USAGE
from tenor.cli.spelling import meant
from tenor.legible import legible

_FLAG = re.compile(r"--?[^\W\d][^\s]*|--[^\s]+")


@final
class Parser(argparse.ArgumentParser):
    """The parser of one verb: a command ("tenor fit"), plain text about it, commands to try."""

    def __init__(self, command: str, about: str, example: str) -> None:
        super().__init__(
            prog=command,
            description=about.strip(),
            epilog="Example:\n" + "".join(f"  {line}\n" for line in example.strip().splitlines()),
            formatter_class=_Help,
            allow_abbrev=False,
        )
        self._optionals.title = "options"

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The options; exits with status 2 and one line when the arguments are wrong.

        Sources may stand on both sides of a flag, but not of a ``--`` before odd names.
        """
        given = sys.argv[1:] if args is None else list(args)
        for argument in given[: given.index("--") if "--" in given else None]:
            self._refuse_unknown(argument)  # before anything else is missed
        parse = self.parse_known_args if "--" in given else self.parse_known_intermixed_args
        options, surplus = parse(given, namespace)
        if surplus:
            self.error(f"what is {surplus[0]!r} for?")
        return options

    def error(self, message: str) -> NoReturn:
        """Exit with status 2 and one line."""
        line = " ".join(message.split())
        told = "did you mean" in line or "unless you say" in line
        hint = "" if told else f"; see: {self.prog} --help"
        self.exit(WRONG_USAGE, f"{self.prog}: {legible(line)}{hint}\n")

    def _refuse_unknown(self, argument: str) -> None:
        """Exit for a flag that there is not; argparse takes what has a blank for no flag."""
        flag, known = argument.partition("=")[0], self._option_string_actions
        if not _FLAG.fullmatch(flag) or flag in known:
            return
        if not flag.startswith("--") and flag[:2] in known and f"-{flag}" not in known:
            return  # -n5 is -n 5, but -output is not -o utput
        self.error(f"there is no option {flag}{meant(flag, known)}")


class _Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal up to 100 columns; headings in bold where there is colour."""

    def __init__(self, prog: str, **_: Any) -> None:
        width = min(shutil.get_terminal_size().columns, 100) - 2
        super().__init__(prog, max_help_position=30, width=width)

    def start_section(self, heading: str | None) -> None:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        bold = colour and heading and sys.version_info < (3, 14)  # argparse itself has colour then
        super().start_section(f"\x1b[1m{heading}\x1b[0m" if bold else heading)

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        """The required parts only: forty flags in a usage line help nobody."""
        shown = [a for a in actions if not a.option_strings or a.required]
        if len(shown) < len(actions):
            flag = argparse.Action(["options"], "options", nargs=0)
            flag.option_strings = ["[options]"]
            flag.required = True
            shown.append(flag)
        super().add_usage(usage, shown, [], prefix)
