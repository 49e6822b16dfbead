"""The strongest words at both ends of every latent dimension.

A document far on the + side of a dimension uses the words after +, one far on the - side those
after -. Dimensions come in no particular order.
"""

from __future__ import annotations

import argparse

from tenor.cli import models, output
from tenor.cli.parser import Parser

EXAMPLE = """
tenor topics news -n 8
tenor topics news --json | jq '.topics[0].positive[].word'
"""


def declare(parser: Parser) -> None:
    """Add the model and the number of words."""
    models.declare(parser)
    models.declare_count(parser, "words an end")


def run(options: argparse.Namespace) -> None:
    """Print the topics."""
    topics = models.open_model(options).top_words(options.n)
    if options.json:
        output.print_json({"topics": [topic.to_json() for topic in topics]})
        return
    table = output.table("topic", "", "words", right=("topic",), wide="words")
    for topic in topics:
        table.add_row(str(topic.index), "[green]+[/]", output.escaped(" ".join(topic.words)))
        if topic.negative:
            words = output.escaped(" ".join(topic.negative_words))
            table.add_row("", "[red]-[/]", words, end_section=True)
    output.show(table)
