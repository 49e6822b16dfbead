"""The command line: parse, call one public function, print.

Nothing is imported here but the standard library: a verb loads what it needs when it runs.
"""

from __future__ import annotations

from tenor.cli.app import main

__all__ = ["main"]
