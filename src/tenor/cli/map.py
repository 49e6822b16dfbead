"""A map of the documents a model keeps: documents about similar things lie close together.

.png and .svg make a picture with a legend, .html a page with each document's text on hover;
the page is one file and needs no network. Without labels the colours are topics: the names of
coarse ones stand on the whole map, those of the topics within them as one comes nearer.
"""

from __future__ import annotations

import argparse

from tenor import checks
from tenor.checks import amount
from tenor.cli import models, output
from tenor.cli.kinds import PLACE, WHOLE, choice
from tenor.cli.parser import Parser

EXAMPLE = """
tenor map news -o map.png
tenor map news -o map.html --by topic
tenor map news -o map.html --by cluster --clusters 20
"""


def declare(parser: Parser) -> None:
    """Add the model, the file and what the map shows."""
    models.declare(parser)
    by = choice("label", "topic", "cluster")
    add = parser.add_argument
    about = ".png, .svg or .html"
    add("-o", "--output", type=PLACE.read, metavar="FILE", required=True, help=about)
    about = "what the colours are (label, where documents have labels, else topic)"
    add("--by", type=by.read, metavar=by.placeholder, help=about)
    about = "how many clusters, named by their words (chosen)"
    add("--clusters", type=WHOLE.read, metavar="N", help=about)
    models.declare_space(parser)
    about = "documents drawn at most, chosen at random (20000)"
    add("--max-documents", type=WHOLE.read, default=20_000, metavar="N", help=about)
    add("--overwrite", action="store_true", help="replace the file")
    add("--title", metavar="TEXT", help="heading of the map")
    add("--seed", type=WHOLE.read, default=0, metavar="N", help="of layout and clusters (0)")
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")


def run(options: argparse.Namespace) -> None:
    """Draw the map, say where it is."""
    from tenor.cli.progress import display
    from tenor.model.mapping import SUFFIXES, MapRequest
    from tenor.storage.target import check_file

    path = checks.path(options.output)
    check_file(path, options.overwrite, "a map", SUFFIXES)
    request = MapRequest(
        by=options.by,
        n_clusters=options.clusters,
        space=options.space,
        seed=options.seed,
        limit=options.max_documents,
        title=options.title,
    )
    model = models.open_model(options)
    with display(options.quiet) as shown:
        drawn = model.draw_map(
            path,
            request,
            lambda done, of: shown.steps("layout", done, of),
            overwrite=options.overwrite,
        )
    if options.json:
        output.print_json(drawn.to_json())
        return
    some = f"{drawn.n_drawn:,} of " if drawn.n_drawn < drawn.n_documents else ""
    wordless = f" ({drawn.n_wordless:,} without a known word left out)" * bool(drawn.n_wordless)
    output.say(
        f"{drawn.path}: {some}{amount(drawn.n_documents, 'document')}{wordless}, "
        f"{amount(len(drawn.groups), drawn.by)}, laid out in the {drawn.space} space"
    )
