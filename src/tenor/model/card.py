"""The model card: what a model is and where it is from, for the person who finds its folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenor.checks import amount
from tenor.explore.dimensions import top_words
from tenor.legible import legible
from tenor.model.trained import TrainedModel
from tenor.sources.facts import PASSED
from tenor.topics.discovery import Discovery, Figures

_CARD = """\
# {kind} of {source}

A neural variational document model ({kind}) made by tenor {tenor}.

- documents: {n_documents:,}, of which {n_empty:,} have no word of the vocabulary
- tokens: {n_tokens:,}; vocabulary: {words}
{read}- latent dimensions: {n_components}

```python
import tenor
model = tenor.load("this folder")
model.topics_.table()
```
{topics}
## The fit

{fit}

## The dimensions

Both ends of each, by the strongest words:

{dimensions}

## Settings

| parameter | value |
| --- | --- |
{settings}
"""
_TOPICS = """
## Topics

{n}, read out of the model: they change nothing in it. {looked_at} Stability is the share of a \
topic's ten words that comes back when documents are drawn anew; flagged topics may be none. As \
found when the model was saved, before any edit (`tenor topics` shows them as they are now):

| topic | size | words | stability | NPMI | |
| - | - | - | - | - | - |
{rows}
"""


def model_card(
    trained: TrainedModel, settings: dict[str, Any], topics: Discovery | None = None
) -> str:
    """Markdown about ``trained``, the parameters it was fitted with and the topics found in it."""
    statistics, provenance = trained.statistics, trained.provenance
    # Those of a fit that was taken up again come out of JSON, which has lists only.
    listed = {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()}
    shown = {k: v for k, v in listed.items() if not (isinstance(v, list) and len(v) > 20)}
    return _CARD.format(
        kind=trained.kind.upper(),
        source=legible(provenance.get("source") or PASSED),
        tenor=provenance.get("tenor", ""),
        n_documents=statistics.n_documents,
        n_empty=statistics.n_empty,
        n_tokens=statistics.n_tokens,
        words=amount(len(trained.vocabulary), "word"),
        n_components=trained.weights.facts.n_components,
        read=_read(provenance.get("read")),
        topics="" if topics is None else _topics(trained, topics),
        fit="\n".join(f"- {line}" for line in _fit(trained)),
        dimensions="\n".join(
            f"- {one.index}: **+** {' '.join(one.words)} **−** {' '.join(one.negative_words)}"
            for one in top_words(trained.components, trained.vocabulary.words, 8)
        ),
        settings="\n".join(f"| {name} | {value!r} |" for name, value in shown.items()),
    )


def _read(read: dict[str, Any] | None) -> str:
    """What was read, and what may have been meant otherwise; earlier tenors did not say."""
    if read is None:
        return ""
    lines = [f"read: {read['summary']}", *read["notes"]]
    return "".join(f"- {line}\n" for line in lines)


def _fit(trained: TrainedModel) -> list[str]:
    provenance = trained.provenance
    lines = [f"outcome: {provenance.get('outcome')}", f"epochs: {provenance.get('epochs_done')}"]
    if before := provenance.get("continues"):
        lines.append(
            f"continues a model of {amount(before['n_documents'], 'document')} "
            f"({legible(before['source'] or 'passed from Python')}) after "
            f"its {amount(before['epochs_done'], 'epoch')}"
        )
    best = provenance.get("best_epoch")
    if provenance.get("improved") is False:
        lines.append("no epoch was better on held-out documents; weights are those it began with")
    if best is not None:
        held_out = trained.history[best - 1]["held_out_bound_per_token"]
        lines.append(
            f"weights are those of epoch {best}, the best on held-out documents "
            f"(bound per token {held_out:.4f} nats, an estimate used to choose the epoch)"
        )
    threads = f", {amount(provenance['threads'], 'thread')}" if "threads" in provenance else ""
    made_with = f"torch {provenance.get('torch')}, Python {provenance.get('python')}"
    return [*lines, f"{made_with}, {provenance.get('device')}{threads}"]


def _topics(trained: TrainedModel, found: Discovery) -> str:
    topics, known = found.topics, trained.vocabulary.words
    looked_at = f"Found in {amount(found.n_documents, 'document')}."
    if found.looked_at != found.n_documents:
        many = f"{found.looked_at:,} of {found.n_documents:,}"
        looked_at = f"Found in {many} documents, drawn at random."
    figures: Sequence[Figures | None] = found.figures or [None] * len(topics)
    rows = []
    for topic, size, words, own in zip(
        topics.ids, topics.topic_sizes, topics.top_words(8), figures, strict=True
    ):
        flags = ", ".join(flag.kind for flag in own.flags) if own else ""
        said = " ".join(known[word] for word, _ in words)
        numbers = (own.stability, own.npmi) if own else (None, None)
        cells = ("" if number is None else f"{number:.2f}" for number in numbers)
        rows.append(f"| {topic} | {size:.1%} | {said} | {' | '.join(cells)} | {flags} |")
    return _TOPICS.format(n=amount(len(topics), "topic"), looked_at=looked_at, rows="\n".join(rows))
