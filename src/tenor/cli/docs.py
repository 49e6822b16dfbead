"""Documents of the model like a text, or like one of its own documents."""

from __future__ import annotations

import argparse
import sys

from tenor.cli import models, output
from tenor.cli.kinds import WHOLE
from tenor.cli.parser import Parser

EXAMPLE = """
tenor docs news --text "the shuttle reached its orbit"
tenor docs news --id train-00012 -n 5
tenor docs news --row 12 --space latent --json
"""

_SHOWN = 160  # characters of a text


def declare(parser: Parser) -> None:
    """Add the model, what to compare with, and how."""
    models.declare(parser)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--text", metavar="TEXT", help="a new text; - reads standard input")
    asked.add_argument("--id", metavar="ID", help="a document of the model, by its id")
    asked.add_argument("--row", type=WHOLE.read, metavar="N", help="the same, by its row from 0")
    models.declare_count(parser, "documents")
    models.declare_space(parser)
    models.declare_device(parser)


def run(options: argparse.Namespace) -> None:
    """Print score, id, label and the beginning of each text."""
    text = sys.stdin.read() if options.text == "-" else options.text
    model = models.open_model(options)
    known = None if text is None else model.coverage([text])
    found = model.similar_documents(
        options.n, text=text, id=options.id, row=options.row, space=options.space
    )
    if known is not None and (line := known.line(model.trained_.unknown_share)):
        output.note(line)  # where no word is known, nothing is found, and the error says why
    if options.json:
        listed = {"documents": [document.to_json() for document in found]}
        output.print_json(listed | ({} if known is None else {"coverage": known.to_json()}))
        return
    labelled = any(document.label for document in found)
    columns = ("cosine", "id", *["label"] * labelled, "text")
    table = output.table(*columns, right=("cosine",), wide="text")
    for document in found:
        text = output.shortened(document.text, _SHOWN)
        told = (document.id, *[document.label or ""] * labelled, text)
        table.add_row(f"{document.score:.3f}", *told)
    output.show(table)
