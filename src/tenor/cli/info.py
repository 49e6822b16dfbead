"""What a folder of tenor's is: a model, an unfinished fit or a prepared corpus."""

from __future__ import annotations

import argparse
from typing import Any

from tenor.checks import amount
from tenor.cli import output
from tenor.cli.kinds import PLACE, written
from tenor.cli.parser import Parser
from tenor.settings import PARAMETERS
from tenor.sources.facts import PASSED

EXAMPLE = """
tenor info news
tenor info news --json | jq .settings.learning_rate
"""
LARGEST = 4  # topics named


def declare(parser: Parser) -> None:
    """Add the folder."""
    about = "made by tenor fit or tenor prepare"
    parser.add_argument("folder", type=PLACE.read, metavar="FOLDER", help=about)


def run(options: argparse.Namespace) -> None:
    """Print the facts."""
    from tenor.corpus.facts import CORPUS
    from tenor.model.description import UNFINISHED, describe

    facts = describe(options.folder)
    if options.json:
        output.print_json(facts)
    elif facts["what"] == UNFINISHED:
        _show_unfinished(facts)
    elif facts["what"] == CORPUS:
        show_corpus(facts, read=True)
    else:
        show_model(facts, settings=True)


def show_model(facts: dict[str, Any], settings: bool) -> None:
    """A model, and if asked for the settings that are not the defaults and the fit's history."""
    source = _source(facts)
    rows: dict[str, str | list[str]] = {
        f"{facts['kind']} model": facts["folder"],
        "trained on": f"{source}: {_documents(facts)}",
        "size": f"{amount(facts['n_components'], 'latent dimension')}, "
        f"{amount(facts['n_words'], 'word')}, {amount(facts['n_parameters'], 'weight')}",
        "fit": _outcome(facts),
    }
    if facts["held_out_perplexity"] is not None:
        rows["held-out perplexity"] = (
            f"about {facts['held_out_perplexity']:,.1f} (corpus; it chose the epoch, so measure "
            "with tenor evaluate)"
        )
    if before := facts["continues"]:
        rows["continues"] = (
            f"a model of {amount(before['n_documents'], 'document')}, after its "
            f"{amount(before['epochs_done'], 'epoch')}"
        )
    if facts["n_topics"] is not None:
        largest = "; ".join(" ".join(words[:4]) for words in facts["topics"][:LARGEST])
        rows["topics"] = f"{facts['n_topics']}, the largest: {largest}"
    else:
        rows["topics"] = f"none yet; {_topics_command(facts)} finds some"
    if facts["counts_bytes"] is not None:
        rows["documents"] = f"kept, with their counts ({facts['counts_bytes'] / 1e6:,.1f} MB)"
    if not facts["keeps_documents"]:
        rows["documents"] = (
            "not kept: docs and map have nothing to show, and topics are shown by those of a "
            f"source: tenor topics {facts['folder']} SOURCE"
        )
    if settings:
        rows["read"] = _read(facts)
        about = "tenor {tenor}, torch {torch}, Python {python}, {device}"
        rows["made with"] = about.format(**facts["made_with"])
        rows["kernels here"] = _kernels(facts)
        rows["settings"] = _settings(facts["settings"])
        rows["history"] = _history(facts["history"])
    _print(rows)


def _topics_command(facts: dict[str, Any]) -> str:
    """Which command finds topics: in the model's documents, or in others where it keeps none."""
    command = f"tenor topics {facts['folder']}"
    return command if facts["counts_bytes"] is not None else f"{command} SOURCE --keep"


def show_corpus(facts: dict[str, Any], read: bool) -> None:
    """A prepared corpus, and if asked for what was read for it."""
    labels = amount(facts["n_labels"], "label") if facts["n_labels"] else "no labels"
    texts = "texts kept" if facts["keeps_texts"] else "no texts"
    rows: dict[str, str | list[str]] = {
        "corpus": facts["folder"],
        "made from": _source(facts),
        "holds": f"{_documents(facts)}, {amount(facts['n_words'], 'word')}, {labels}, {texts}",
    }
    if facts["columns"]:
        rows["columns"] = ", ".join(facts["columns"])
    if read:
        rows["read"] = _read(facts)
    _print(rows)


def _show_unfinished(facts: dict[str, Any]) -> None:
    done, of = facts["epochs_done"], facts["epochs"]
    epochs = f"{'' if of is None else f'{done} of '}{amount(of or done, 'epoch')}"
    where = f"{epochs} done and safe" if done else "no checkpoint yet: it starts over"
    _print(
        {
            f"unfinished {facts['kind']} fit": facts["folder"],
            "trains on": _source(facts),
            "read": _read(facts),
            "so far": where,
            "settings": _settings(facts["settings"]),
            "history": _history(facts["history"]),
            "go on with": f"tenor fit --resume {facts['folder']}",
        }
    )


def _source(facts: dict[str, Any]) -> str:
    if facts["source"] == "-":
        return "standard input"
    return str(facts["source"] or PASSED)


def _read(facts: dict[str, Any]) -> list[str]:
    """What was read, and of it what a person may have meant otherwise."""
    read = facts["read"]  # of an earlier tenor's folder nothing is known
    return [] if read is None else [read["summary"], *read["notes"]]


def _documents(facts: dict[str, Any]) -> str:
    empty = f" ({facts['n_empty']:,} without a known word)" if facts["n_empty"] else ""
    documents = amount(facts["n_documents"], "document")
    return f"{documents}{empty}, {amount(facts['n_tokens'], 'token')}"


def _outcome(facts: dict[str, Any]) -> str:
    line = f"{facts['outcome']} after {amount(facts['epochs_done'] or 0, 'epoch')}"
    if facts["improved"] is False:
        return line + ", none better than the model it went on from, whose weights stay"
    return line + (f", best epoch {facts['best_epoch']}" if facts["best_epoch"] else "")


def _kernels(facts: dict[str, Any]) -> str:
    if facts["kernels"] == "compiled":
        return "compiled"
    if facts["kernels"] == "none":
        return "none: torch is not installed; pip install torch"
    return "torch's, slower; install tenor again where a C compiler with OpenMP is"


def _settings(settings: dict[str, Any]) -> str:
    """As flags, what differs from the defaults."""
    parts = []
    for parameter in PARAMETERS:
        value = settings.get(parameter.name, parameter.default)
        value = tuple(value) if isinstance(value, list) else value
        if value != parameter.default:
            typed = "" if parameter.is_switch else f" {written(value)}"
            parts.append(parameter.option + typed)
    return "   ".join(parts) or "all defaults"


def _history(history: list[dict[str, Any]]) -> list[str]:
    """A handful of epochs from the first to the last."""
    if not history:
        return []
    last = len(history) - 1
    chosen = sorted({0, last, *(round(last * part / 4) for part in range(1, 4))})
    lines = []
    for record in (history[place] for place in chosen):
        held_out = record.get("held_out_bound_per_token")
        tail = "" if held_out is None else f", held-out {held_out:.4f}"
        lines.append(
            f"epoch {record['epoch']}: bound/token {record['bound_per_token']:.4f}{tail}, "
            f"KL {record['kl_per_document']:.1f}"
        )
    return lines


def _print(rows: dict[str, str | list[str]]) -> None:
    table = output.table("", "value", wide="value")
    table.made.show_header = False
    for name, value in rows.items():
        if value:
            shown = output.said(value) if isinstance(value, str) else output.lines(value)
            table.add_row(output.styled(name), shown)
    output.show(table)
