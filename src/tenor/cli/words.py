"""Words that the model uses like a word: cosine of the decoder's rows, 1 for the same direction."""

from __future__ import annotations

import argparse

from tenor.cli import models, output
from tenor.cli.parser import Parser

EXAMPLE = """
tenor words news jesus
tenor words news scientist football -n 5
"""


def declare(parser: Parser) -> None:
    """Add the model, the words and how many neighbours each."""
    models.declare(parser)
    parser.add_argument("words", nargs="+", metavar="WORD", help="a word of the vocabulary")
    models.declare_count(parser, "neighbours a word")


def run(options: argparse.Namespace) -> None:
    """Print each word's neighbours, side by side."""
    model = models.open_model(options)
    found = {word: model.most_similar(word, options.n) for word in options.words}
    if options.json:
        listed = {
            word: [{"word": other, "cosine": cosine} for other, cosine in near]
            for word, near in found.items()
        }
        output.print_json({"words": listed})
        return
    for word, near in found.items():
        table = output.table("cosine", word, right=("cosine",))
        for other, cosine in near:
            table.add_row(f"{cosine:.3f}", other)
        output.show(table, "")
