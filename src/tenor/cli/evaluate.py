"""How good a model is on documents it was not trained on.

Perplexity (lower is better) beside that of word frequencies alone, completion of half-read
documents, coherence and diversity of the topics; where documents have labels, retrieval and
clustering by them.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tenor.checks import amount
from tenor.cli import models, output, source_flags
from tenor.cli.kinds import WHOLE, at_least
from tenor.cli.parser import Parser

if TYPE_CHECKING:
    from rich.text import Text

    from tenor.cli.output import Rows
    from tenor.model.evaluation import Evaluation

EXAMPLE = """
tenor evaluate news 20newsgroups --subset test --remove headers,footers,quotes
tenor evaluate news test.csv --label-column topic --refine 20 --json
"""


def declare(parser: Parser) -> None:
    """Add the model, the documents and how exactly to measure."""
    models.declare(parser)
    source_flags.declare_sources(parser, "held-out documents; see tenor --help")
    add = parser.add_argument
    about = "also measure after so many gradient steps on each document's bound (0)"
    add("--refine", type=at_least(0).read, default=0, metavar="STEPS", help=about)
    about = "posterior samples a document (20)"
    add("--samples", type=at_least(1).read, default=20, metavar="N", help=about)
    add("--seed", type=WHOLE.read, default=0, metavar="N", help="of the samples and halves (0)")
    add("-q", "--quiet", action="store_true", help="do not tell how it goes")
    models.declare_device(parser)
    source_flags.declare(parser)


def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    from tenor.cli.progress import display
    from tenor.model.inputs import read_documents

    model = models.open_model(options)
    with display(options.quiet) as shown:
        corpus = read_documents(model.trained_, source_flags.source_of(options), shown.reading)
        shown.read(corpus.origin, model.trained_)
        refining = f", refining each in {amount(options.refine, 'step')}" if options.refine else ""
        shown.stage(f"measuring on {amount(len(corpus), 'document')}{refining}")
        measured = model.evaluate(
            corpus, n_samples=options.samples, refine=options.refine, seed=options.seed
        )
    if options.json:
        output.print_json({"read": corpus.origin.to_json(), **measured.to_json()})
        return
    output.show(*_perplexity(measured), "", _topics(measured))
    if measured.clustering:  # wherever there are labels
        output.show("", *_by_label(measured))
    for part, reason in measured.left_out.items():
        output.show(output.styled(f"no {part}: {reason}"))


def _perplexity(measured: Evaluation) -> tuple[Rows, Text]:
    found = measured.perplexity
    what = "perplexity" if found.likelihood == "counts" else "perplexity (presence, not counts)"
    table = output.table(what, "per document", "corpus", right=("per document", "corpus"))
    rows = found.rows()
    if measured.completion is not None:
        completion = measured.completion.per_document, measured.completion.corpus
        rows.append(("second halves, given the first", *completion))
    for name, per_document, corpus in rows:
        table.add_row(name, f"{per_document:,.1f}", f"{corpus:,.1f}")
    empty = f", {found.n_empty:,} without a known word left out" if found.n_empty else ""
    units = found.active_units
    active = "" if units is None else f"; {amount(units, 'active unit')}"
    tokens, known = amount(found.n_tokens, "token"), measured.coverage
    if known.n_tokens is not None and known.n_tokens != known.n_known == found.n_tokens:
        tokens += f" of {known.n_tokens:,}"
    return table, output.styled(
        f"{amount(found.n_documents, 'document')}, {tokens}{empty}; "
        f"KL {found.kl or 0.0:.1f} nats a document{active}"
    )


def _topics(measured: Evaluation) -> Rows:
    name, whose = ("topics", "topic's") if measured.of_topics else ("dimensions", "end's")
    table = output.table(name, "", right=("",))
    if measured.coherence is not None:
        table.add_row(f"coherence: NPMI of each {whose} 10 words", f"{measured.coherence.mean:.3f}")
    table.add_row(f"diversity: different words among each {whose} 10", f"{measured.diversity:.3f}")
    return table


def _by_label(measured: Evaluation) -> tuple[Rows, Text]:
    from tenor.settings import CLUSTER_SPACE, SIMILARITY_SPACE

    some = next(iter(measured.retrieval.values()), None)
    share = "P@2%" if some is None else f"P@2% ({some.n_nearest:,})"
    names = ("P@10", share) * (some is not None) + ("NMI", "purity", "ARI")
    table = output.table("by label, in the space", *names, "default for", right=names)
    defaults = {SIMILARITY_SPACE: ["similar documents"]}
    defaults.setdefault(CLUSTER_SPACE, []).append("clusters")
    for space, clusters in measured.clustering.items():
        scores = [score.mean for score in (clusters.nmi, clusters.purity, clusters.ari)]
        if space in measured.retrieval:
            near = measured.retrieval[space]
            scores = [near.precision_at_10, near.precision_at_2_percent, *scores]
        cells = (f"{score:.3f}" for score in scores)
        table.add_row(space, *cells, ", ".join(defaults.get(space, [])))
    if some is None:
        return table, output.said("")
    many = f"{some.n_queries:,} labelled documents sought among {some.n_collection:,}"
    return table, output.styled(many)
