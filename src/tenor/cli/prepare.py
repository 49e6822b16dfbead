"""Tokenise and count documents once: a corpus folder for any number of fits.

The words are those of the documents given here; take training documents only. Sources may be far
larger than memory. The same command after a kill goes on where it was, except from standard input.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenor import checks
from tenor.cli import output, parameters, source_flags
from tenor.cli.kinds import PLACE
from tenor.cli.parser import Parser
from tenor.settings import COUNTING, PARAMETERS, CountingParameters

EXAMPLE = """
tenor prepare 20newsgroups --remove headers,footers,quotes -o news-corpus
tenor fit news-corpus -o news-50
tenor fit news-corpus -o news-200 --components 200
tenor prepare 'posts/part-*.parquet' -o posts-corpus --id-column key
"""


def declare(parser: Parser) -> None:
    """Add the flags of a source and those of the counting."""
    source_flags.declare_sources(parser, "the documents; see tenor --help")
    add = parser.add_argument
    add("-o", "--output", type=PLACE.read, metavar="CORPUS", required=True, help="folder to write")
    add("--overwrite", action="store_true", help="replace what is in the folder")
    add("--no-texts", action="store_true", help="keep counts only")
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")
    source_flags.declare(parser, keeps=True)
    parameters.declare(parser, (p for p in PARAMETERS if p.group in COUNTING))


def run(options: argparse.Namespace) -> None:
    """Read, count, save, say what came out."""
    from tenor.cli.info import show_corpus
    from tenor.cli.progress import display
    from tenor.corpus.facts import written_facts
    from tenor.corpus.origin import Origin
    from tenor.corpus.preparing import prepare

    folder = checks.path(options.output)
    source = source_flags.source_of(options)
    source.refuse_as_target(folder)
    settings = counting_settings(parameters.given(options))
    with display(options.quiet) as shown:
        prepare(source, folder, options.overwrite, not options.no_texts, shown, **settings)
        with _whole(folder):
            facts = written_facts(folder)
            shown.read(Origin.from_json(facts["read"]))
    with _whole(folder):
        if options.json:
            output.print_json(facts)
        else:
            show_corpus(facts, read=False)
            output.note(f"next: tenor fit {folder} -o MODEL")


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Say to who stops it here that the work is done."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"stopped; {folder} is written whole") from stop


def counting_settings(given: dict[str, Any]) -> dict[str, Any]:
    """Tokenizer, rule and vocabulary as a model of these parameters has them, without torch."""
    from tenor.text.tokenizer import Tokenizer
    from tenor.text.vocabulary import VocabularyRule

    counting = CountingParameters(**given)
    return {
        "tokenizer": Tokenizer.of(counting),
        "rule": VocabularyRule.of(counting),
        "vocabulary": counting.vocabulary,
    }
