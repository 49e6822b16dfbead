"""Vectors of documents as a file: id, label, empty and vector, a row a document.

The suffix says how: .parquet, .arrow (IPC), .csv (vector_0, vector_1, … are columns), or .npy, an
array of the vectors alone, row i being document i.

With --topic-weights also topics, what the document has of each of the model's topics, and
like_none, whether it is like none of them. The weights of a document add up to one; the topics'
numbers, in their order, are the file's metadata "topics" and in a CSV file the names topic_ID.
--topic-weights only leaves vectors out.

The rows are those of the source, in its order; a document without any word of the model's
vocabulary keeps its row and is marked empty. Memory does not grow with the documents. After
Ctrl-C or a crash the same command goes on where it was, unless the documents are standard input.
"""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError
from typing import Any

from tenor import checks
from tenor.checks import amount
from tenor.cli import models, output, source_flags
from tenor.cli.kinds import PLACE, at_least
from tenor.cli.models import KEEP, or_named
from tenor.cli.parser import Parser

EXAMPLE = """
tenor transform news 20newsgroups --subset test -o test-vectors.parquet
tenor transform news more.csv -o weights.parquet --topic-weights only
tenor transform reviews new.csv --id-column review_id -o new.parquet --refine 20
tenor transform reviews new.csv -o vectors.npy
"""


def declare(parser: Parser) -> None:
    """Add the model, the documents and the file."""
    models.declare(parser)
    source_flags.declare_sources(parser, "the documents; see tenor --help")
    add = parser.add_argument
    about = "the .parquet, .arrow, .csv or .npy file to write"
    add("-o", "--output", type=PLACE.read, metavar="FILE", required=True, help=about)
    about = "gradient steps on each document's own bound (0)"
    add("--refine", type=at_least(0).read, default=0, metavar="STEPS", help=about)
    about = "each document's weights of the topics, beside its vector or instead of it (beside)"
    place: dict[str, Any] = {"type": _place, "metavar": "beside|only", "const": "beside"}
    add("--topic-weights", nargs="?", help=about, **place)
    add("--overwrite", action="store_true", help="replace the file")
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")
    models.declare_device(parser)
    source_flags.declare(parser, keeps=True)


def run(options: argparse.Namespace) -> None:
    """Write the file, say what is in it."""
    from tenor.cli.progress import display
    from tenor.model.inputs import stream_documents
    from tenor.model.vector_files import refuse_unfit
    from tenor.model.vectors import check_vectors_path, write_vectors

    path, source = checks.path(options.output), source_flags.source_of(options)
    check_vectors_path(path)
    columns = {"only": ["topics"], "beside": ["vector", "topics"], None: ["vector"]}
    refuse_unfit(path, [*columns[options.topic_weights], *source.keep])
    source.refuse_as_target(path)
    model = models.open_model(options)
    with display(options.quiet) as shown:
        with or_named(KEEP):
            topics = model.topics_.topics if options.topic_weights else None
        stream = stream_documents(model.trained_, source)
        pace = shown.pace("refining" if options.refine else "encoding")
        beside = options.topic_weights != "only"
        written = write_vectors(
            model.trained_,
            stream,
            path,
            options.refine,
            topics,
            pace,
            shown.note,
            beside,
            options.overwrite,
        )
        shown.read(written.origin, model.trained_)
    if options.json:
        output.print_json(written.to_json())
        return
    empty = f", {written.n_empty:,} of them empty" if written.n_empty else ""
    held = []
    if written.n_components is not None:
        held.append(f"vectors of {written.n_components}")
    if written.n_topics is not None:
        held.append(f"weights of {amount(written.n_topics, 'topic')}")
    output.say(
        f"{written.path}: {amount(written.n_documents, 'document')}{empty}, "
        f"{' and '.join(held)} (columns {', '.join(written.columns)})"
    )


def _place(text: str) -> str:
    if text not in ("beside", "only"):
        raise ArgumentTypeError(f"{text!r} is neither beside nor only; SOURCE comes before it")
    return text
