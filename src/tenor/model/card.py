"""The model card: what a model is and where it is from, for the person who finds its folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenor.amounts import amount
from tenor.explore.dimensions import top_words
from tenor.model.trained import TrainedModel
from tenor.topics.discovery import Discovery, Figures


def model_card(
    trained: TrainedModel, settings: dict[str, Any], topics: Discovery | None = None
) -> str:
    """Markdown about ``trained``, the parameters it was fitted with and the topics found in it."""
    parts = [_head(trained), _topics(trained, topics), _fit(trained), _dimensions(trained)]
    return "\n".join([*(line for part in parts for line in part), *_settings(settings), ""])


def _head(trained: TrainedModel) -> list[str]:
    statistics = trained.statistics
    source = trained.provenance.get("source") or "documents passed from Python"
    kind = trained.kind.upper()
    return [
        f"# {kind} of {source}",
        "",
        f"A neural variational document model ({kind}) made by tenor "
        f"{trained.provenance.get('tenor', '')}.",
        "",
        f"- documents: {statistics.n_documents:,}, of which {statistics.n_empty:,} have no word "
        "of the vocabulary",
        f"- tokens: {statistics.n_tokens:,}; vocabulary: {amount(len(trained.vocabulary), 'word')}",
        f"- latent dimensions: {trained.network.n_components}",
        "",
        "```python",
        "import tenor",
        'model = tenor.load("this folder")',
        "model.topics_.table()",
        "```",
    ]


def _fit(trained: TrainedModel) -> list[str]:
    provenance = trained.provenance
    lines = ["", "## The fit", "", f"- outcome: {provenance.get('outcome')}"]
    lines.append(f"- epochs: {provenance.get('epochs_done')}")
    if before := provenance.get("continues"):
        lines.append(
            f"- continues a model of {amount(before['n_documents'], 'document')} "
            f"({before['source'] or 'passed from Python'}) after "
            f"its {amount(before['epochs_done'], 'epoch')}"
        )
    best = provenance.get("best_epoch")
    if provenance.get("improved") is False:
        lines.append("- no epoch was better on held-out documents; weights are those it began with")
    if best is not None:
        held_out = trained.history[best - 1]["held_out_bound_per_token"]
        lines.append(
            f"- weights are those of epoch {best}, the best on held-out documents "
            f"(bound per token {held_out:.4f} nats, an estimate used to choose the epoch)"
        )
    threads = f", {amount(provenance['threads'], 'thread')}" if "threads" in provenance else ""
    lines.append(
        f"- torch {provenance.get('torch')}, Python {provenance.get('python')}, "
        f"{provenance.get('device')}{threads}"
    )
    return lines


def _topics(trained: TrainedModel, found: Discovery | None) -> list[str]:
    if found is None:
        return []
    topics, known = found.topics, trained.vocabulary.words
    lines = [
        "",
        "## Topics",
        "",
        f"{amount(len(topics), 'topic')}, read out of the model: they change nothing in it. "
        f"{_looked_at(found)} Stability is the share of a topic's ten words that comes back when "
        "documents are drawn anew; flagged topics may be none. As found when the model was saved, "
        "before any edit (`tenor topics` shows them as they are now):",
        "",
        "| topic | size | words | stability | NPMI | |",
        "| - | - | - | - | - | - |",
    ]
    figures: Sequence[Figures | None] = found.figures or [None] * len(topics)
    for topic, size, words, own in zip(
        topics.ids, topics.topic_sizes, topics.top_words(8), figures, strict=True
    ):
        flags = ", ".join(flag.kind for flag in own.flags) if own else ""
        said = " ".join(known[word] for word, _ in words)
        numbers = (own.stability, own.npmi) if own else (None, None)
        cells = ("" if number is None else f"{number:.2f}" for number in numbers)
        lines.append(f"| {topic} | {size:.1%} | {said} | {' | '.join(cells)} | {flags} |")
    return lines


def _looked_at(found: Discovery) -> str:
    if found.looked_at == found.n_documents:
        return f"Found in {amount(found.n_documents, 'document')}."
    return f"Found in {found.looked_at:,} of {found.n_documents:,} documents, drawn at random."


def _dimensions(trained: TrainedModel) -> list[str]:
    lines = ["", "## The dimensions", "", "Both ends of each, by the strongest words:", ""]
    topics = top_words(trained.components, trained.vocabulary.words, 8)
    return lines + [
        f"- {topic.index}: **+** {' '.join(topic.words)} **−** {' '.join(topic.negative_words)}"
        for topic in topics
    ]


def _settings(settings: dict[str, Any]) -> list[str]:
    shown = {k: v for k, v in settings.items() if not (isinstance(v, list) and len(v) > 20)}
    rows = [f"| {name} | {value!r} |" for name, value in shown.items()]
    return ["", "## Settings", "", "| parameter | value |", "| --- | --- |", *rows]
