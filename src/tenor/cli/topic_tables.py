"""What is said of topics: one JSON document, or tables and lines for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenor.checks import amount
from tenor.cli import output
from tenor.cli.models import SHOW

if TYPE_CHECKING:
    from rich.text import Text

    from tenor.explore.dimensions import Dimension
    from tenor.model.topic_records import TopicRecord
    from tenor.model.topics import ModelTopics
    from tenor.topics.by_group import GroupShares
    from tenor.topics.number import NumberOfTopics
    from tenor.topics.tree import TopicTree

_SHOWN = 160  # characters of a text


def all_topics(topics: ModelTopics, n: int, as_json: bool) -> Any:
    """Every topic, flagged ones last."""
    records, found = topics.table(n), topics.found
    if as_json:
        return {
            "topics": [record.to_json() for record in records],
            "asked": found.asked,
            "number": None if found.number is None else found.number.to_json(),
            "n_documents": found.n_documents,
            "looked_at": found.looked_at,
            "edits": len(topics.edits),
            "lost": list(topics.lost),
        }
    told = [] if found.number is None else [*_number(found.number), ""]
    named = [record.name if record.given else "" for record in records]
    columns = ("topic", "share", "stable", *(["name"] * any(named)), "words")
    table = output.table(*columns, right=("topic", "share", "stable"), wide="words")
    flagged = False
    for record, name in zip(records, named, strict=True):
        if record.flags and not flagged:
            table.add_section()
        flagged = bool(record.flags)
        stable = "" if record.stability is None else f"{record.stability:.0%}"
        words = output.said(" ".join(word for word, _ in record.words))
        if record.flags:
            reasons = "; ".join(f"{flag.kind}: {flag.reason}" for flag in record.flags)
            words = output.said(words, "  ", output.styled(f"({reasons})"))
        cells = [str(record.id), f"{record.size:.1%}", stable]
        table.add_row(*cells, *([name] * any(named)), words)
    told.append(table)
    if found.looked_at < found.n_documents:
        many = f"{found.looked_at:,} of {amount(found.n_documents, 'document')}"
        told.append(output.styled(f"looked at {many}, drawn at random"))
    return told


def one_topic(topics: ModelTopics, topic: int, n: int, as_json: bool) -> Any:
    """One topic: words, figures, the documents that show it."""
    topic = topics.ids[topics.topics.place(topic)]
    record = next(record for record in topics.table(n) if record.id == topic)
    documents = topics.documents(topic) if topics.keeps_documents else None
    if as_json:
        shown = None if documents is None else [document.to_json() for document in documents]
        return {"topic": record.to_json(), "documents": shown}
    table = output.table("", "value", wide="value")
    table.made.show_header = False
    for name, value in _facts(record):
        table.add_row(output.styled(name), value)
    if documents is None:
        told = f"the model keeps no documents to show it by; name some: {SHOW}"
        return [table, "", output.styled(told)]
    said = output.table("weight", "id", "text", right=("weight",), wide="text")
    for document in documents:
        text = output.shortened(document.text, _SHOWN)
        said.add_row(f"{document.weight:.2f}", document.id, text)
    return [table, "", said]


def _facts(record: TopicRecord) -> list[tuple[str, str]]:
    rows = [
        ("topic", f"{record.id}: {record.name}"),
        ("words", " ".join(f"{word} {score:.2f}" for word, score in record.words)),
        ("share of documents", f"{record.size:.1%}"),
    ]
    if record.token_share is not None:
        rows.append(("share of tokens", f"{record.token_share:.1%} are its ten words"))
    if record.stability is not None:
        rows.append(("stability", f"{record.stability:.0%} of the words come back"))
    if record.npmi is not None:
        rows.append(("NPMI", f"{record.npmi:.3f}"))
    if record.document_frequency is not None:
        found = amount(round(record.document_frequency), "document")
        rows.append(("document frequency", f"a word of it is in {found}"))
    rows += [("flag", f"{flag.kind}: {flag.reason}") for flag in record.flags]
    if record.parts:
        rows.append(("merged from", "; ".join(record.parts)))
    return rows


def latent_axes(axes: Sequence[Dimension], as_json: bool) -> Any:
    """The words at both ends of every latent dimension."""
    if as_json:
        return {"axes": [axis.to_json() for axis in axes]}
    table = output.table("axis", "", "words", right=("axis",), wide="words")
    for axis in axes:
        table.add_row(str(axis.index), output.styled("+", "green"), " ".join(axis.words))
        if axis.negative:
            words = " ".join(axis.negative_words)
            table.add_row("", output.styled("-", "red"), words, end_section=True)
    return [table]


def topic_tree(tree: TopicTree, words: Sequence[str], as_json: bool) -> Any:
    """Topics of topics, indented."""
    if as_json:
        return tree.to_json(words)
    return tree.text(words).split("\n")


def topic_shares(shares: GroupShares, names: Sequence[str], as_json: bool) -> Any:
    """What sets every group apart: the topics it really has more and less of."""
    if as_json:
        return shares.to_json(names)
    named = dict(zip(shares.ids, names, strict=True))
    table = output.table("group", "documents", "", "topics", right=("documents",), wide="topics")
    for group in shares.telling(5):
        rows = [("more", group.more), ("less", group.less)]
        head = [group.group, f"{group.documents:,}"]
        for word, entries in rows:
            told: list[str | Text] = []
            for entry in entries:
                rest = output.styled(f"(others {entry.rest or 0.0:.1%})")
                told += ["; "] * bool(told)
                told += [f"{named[entry.topic]} {entry.share or 0.0:.1%} ", rest]
            if told:
                table.add_row(*head, word, output.said(*told))
                head = ["", ""]
    left = [f"{shares.unlabelled:,} without a label"] * bool(shares.unlabelled)
    left += [f"{shares.wordless:,} without a known word"] * bool(shares.wordless)
    note = "real differences only: at most 5 % of those shown are chance"
    return [table, output.styled("; ".join([note, *left]))]


def _number(number: NumberOfTopics) -> list[Any]:
    """How many topics: the estimates and the curve behind them."""
    many = amount(number.n, "topic")
    if not number.curve:
        return [
            f"{many}, as many as so few documents and words carry: "
            "too few to estimate how many there are"
        ]
    told = ", ".join(
        f"{name} {'none' if estimate is None else estimate}"
        for name, estimate in number.estimates.items()
    )
    columns = tuple(vars(number.curve[0]))
    table = output.table(*columns, right=columns)
    for at in number.curve:
        table.add_row(f"{at.n:,}", f"{at.npmi:.3f}", f"{at.cosine:.3f}", f"{at.stability:.3f}")
    spread = f"the median of five estimates that differ by {number.spread:.1f} octaves"
    return [f"{many}: {spread} ({told})", table]
