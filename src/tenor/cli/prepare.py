"""Tokenise and count documents once: a corpus folder for any number of fits.

The words are those of the documents given here; take training documents only. Sources may be far
larger than memory. The same command after a kill goes on where it was, except from standard input.

With --append the documents join a corpus that is there. Its words stay; with --grow those come to
them that --min-df, --max-df and --max-words choose of all documents together.
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
from tenor.errors import ParameterName
from tenor.settings import COUNTING, PARAMETERS, CountingParameters

EXAMPLE = """
tenor prepare 20newsgroups --remove headers,footers,quotes -o news-corpus
tenor fit news-corpus -o news-50
tenor fit news-corpus -o news-200 --components 200
tenor prepare 'posts/part-*.parquet' -o posts-corpus --id-column key
tenor prepare posts/new.parquet --append posts-corpus --id-column key
"""


def declare(parser: Parser) -> None:
    """Add the flags of a source and those of the counting."""
    source_flags.declare_sources(parser, "the documents; see tenor --help")
    add = parser.add_argument
    add("-o", "--output", type=PLACE.read, metavar="CORPUS", help="folder to write")
    about = "add the documents to this corpus instead, counted over its words"
    add("--append", type=PLACE.read, metavar="CORPUS", help=about)
    add("--grow", action="store_true", help="with --append: add words too, and count all anew")
    add("--overwrite", action="store_true", help="replace what is in the folder")
    add("--no-texts", action="store_true", help="keep counts only")
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")
    source_flags.declare(parser, keeps=True)
    parameters.declare(parser, (p for p in PARAMETERS if p.group in COUNTING))
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> None:
    """Read, count, save, say what came out."""
    _check(options)
    if options.append is not None:
        _append(options)
        return
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


def _check(options: argparse.Namespace) -> None:
    if (options.output is None) == (options.append is None):
        if options.append is not None:
            options.refuse("-o is for a new corpus, --append for one that is there; name one")
        options.refuse("where to? name a new folder with -o, or a corpus with --append")
    if options.append is None:
        if options.grow:
            options.refuse("--grow is for --append")
        return
    if options.overwrite or options.no_texts:
        options.refuse("--append leaves the corpus as it is: no --overwrite, no --no-texts")
    limits = {"min_df", "max_df", "max_words"} if options.grow else set()
    for name in parameters.given(options).keys() - limits:
        flag = parameters.flag_of(ParameterName(name))
        options.refuse(f"the corpus of --append is counted in its own way; leave {flag} out")


def _append(options: argparse.Namespace) -> None:
    """Add to a corpus, say what it holds now."""
    from tenor.cli.info import show_corpus
    from tenor.cli.progress import display
    from tenor.corpus.appending import append
    from tenor.corpus.facts import written_facts

    folder, source = checks.path(options.append), source_flags.source_of(options)
    source.refuse_as_target(folder)
    rule = counting_settings(parameters.given(options))["rule"] if options.grow else None
    with display(options.quiet) as shown:
        read, grown = append(source, folder, shown, rule)
        shown.read(read)
        shown.note(f"words: {grown:,} more" if options.grow else "words: those of the corpus")
    with _whole(folder):
        facts = {**written_facts(folder), "appended": read.to_json(), "n_new_words": grown}
        if options.json:
            output.print_json(facts)
        else:
            show_corpus(facts, read=False)


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
