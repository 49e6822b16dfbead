"""The command ``tenor``: its help, its verbs, its exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType

import tenor
from tenor.cli.failures import WRONG_USAGE, exit_status
from tenor.cli.output import note, say
from tenor.cli.parser import Parser
from tenor.sources.formats import LINES, flag_of, usual_suffixes
from tenor.sources.packing import PACKINGS

GROUPS = {
    "Make a model": {
        "fit": "train a model on documents",
        "prepare": "tokenise and count documents once, for any number of fits",
    },
    "See what it found": {
        "topics": "what the documents are about; find, edit, compare topics",
        "words": "words like a word",
        "docs": "documents like a text or like one of the model's own",
        "map": "a map of the documents, as a picture or a page",
    },
    "Use and judge it": {
        "transform": "vectors of documents, as Parquet, Arrow, CSV or NumPy",
        "evaluate": "perplexity, coherence, retrieval and clustering on held-out documents",
        "info": "what a model, an unfinished fit or a prepared corpus is",
    },
}
VERBS = {verb: summary for group in GROUPS.values() for verb, summary in group.items()}
# What other tools call them.
_SAID = {
    **dict.fromkeys(("train", "learn", "build", "run"), "fit"),
    **dict.fromkeys(("predict", "infer", "encode", "embed", "vectors", "apply"), "transform"),
    **dict.fromkeys(("preprocess", "tokenize", "tokenise", "count", "import"), "prepare"),
    **dict.fromkeys(("eval", "test", "score", "perplexity", "coherence"), "evaluate"),
    **dict.fromkeys(("search", "query", "find", "documents"), "docs"),
    **dict.fromkeys(("neighbours", "neighbors", "similar"), "words"),
    **dict.fromkeys(("show", "describe", "inspect", "status"), "info"),
    **dict.fromkeys(("plot", "visualize", "visualise"), "map"),
}

_EXAMPLE = """\
A first look, with text that every Python has:
  tenor fit python-docs -o docs-model
  tenor topics docs-model
  tenor words docs-model socket
  tenor map docs-model -o map.html

SOURCE is a data set (20newsgroups, nvdm-20news, python-docs), a prepared corpus, or any
number of files, folders, quoted patterns ('part-*.csv') and - for standard input. Files are
tables, {tables} or {last}, in which a document is a row, or texts: a {lines}
named alone is a document a line, other texts are a document a file; --documents lines or
files says it otherwise. Each {whole} is a document (pip install
"tenor[documents]"). But for {last} they may be compressed ({packings}).
Every verb takes --json, and --help with an example of its own.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``tenor`` with these arguments; returns its exit status.

    0: done; 1: the work failed, one line on standard error says why; 2: wrong usage;
    130: stopped by Ctrl-C.
    """
    # Threads that spin for long while they wait slow each other down tenfold on a shared machine;
    # those that never spin are woken late, which makes a step half as fast on a quiet one.
    # Read once by OpenMP, so it must be set before torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    given = list(sys.argv[1:] if arguments is None else arguments)
    return exit_status(lambda: _run(given))


def _run(given: list[str]) -> None:
    if not given:
        sys.stderr.write(_help())
        raise SystemExit(WRONG_USAGE)
    first, rest = given[0], given[1:]
    if first in ("-h", "--help", "help"):
        if rest and rest[0] in VERBS:  # tenor help fit
            parser_of(rest[0]).print_help()
        else:
            sys.stdout.write(_help())
        return
    if first in ("-V", "--version"):
        say(f"tenor {tenor.__version__}")
        return
    if first not in VERBS:
        near = [_SAID[first]] if first in _SAID else get_close_matches(first, VERBS, n=1)
        hint = f"did you mean {near[0]}?" if near else "see: tenor --help"
        what = "option" if first.startswith("-") else "verb"
        note(f"tenor: there is no {what} {first!r}; {hint}")
        raise SystemExit(WRONG_USAGE)
    options = parser_of(first).parse_args(rest)
    _module(first).run(options)


def parser_of(verb: str) -> Parser:
    """The parser of one verb."""
    module = _module(verb)
    parser = Parser(f"tenor {verb}", module.__doc__ or "", module.EXAMPLE)
    module.declare(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _module(verb: str) -> ModuleType:
    return import_module(f"tenor.cli.{verb}")


def _help() -> str:
    lines = ["usage: tenor VERB …   (tenor VERB --help says more)", ""]
    lines += ["Neural variational document models: see what a pile of text is about.", ""]
    for group, verbs in GROUPS.items():
        lines += [f"{group}:", *(f"  {verb:<10} {text}" for verb, text in verbs.items()), ""]
    *tables, last = usual_suffixes(lambda kind: kind.has_columns)
    whole = usual_suffixes(lambda kind: kind.is_whole)
    about = _EXAMPLE.format(
        lines=f".{flag_of(LINES)}",
        tables=", ".join(tables),
        last=last,
        whole=", ".join(whole),
        packings=", ".join(PACKINGS),
    )
    return "\n".join([*lines, about])
