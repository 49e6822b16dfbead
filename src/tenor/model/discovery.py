"""Topics read out of a trained model by a sample of documents, and measured by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tenor.errors import InputError
from tenor.model.document_sample import DocumentSample
from tenor.model.trained import TrainedModel
from tenor.settings import checked
from tenor.topics.discovery import UNMEASURED, Discovery, Figures
from tenor.topics.edit import Edited
from tenor.topics.finding import Hand, carried, find
from tenor.topics.flags import flags
from tenor.topics.naming import shown_words
from tenor.topics.number import estimate_number
from tenor.topics.support import bootstrapped_words, stability, support
from tenor.topics.topics import Topics

AUTO = "auto"
Progress = Callable[[str, int, int], None]


def discover(
    sample: DocumentSample,
    n: int | str,
    hand: Hand | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Find topics; nothing in the model changes.

    Args:
        sample: the documents that the model is asked about.
        n: topics at most, or "auto".
        hand: seed words and words kept out.
        progress: told of what is under way, steps done, steps in all.

    Raises:
        InputError: for a bad number, or when no document has a word.
    """
    n = checked("n_topics", n)
    space, counted, hand = sample.space, sample.counted, hand or Hand()
    number = None
    if n == AUTO:
        number = estimate_number(
            sample.trained.components.T,
            counted.vectors,
            counted.bag,
            progress=_told(progress, "estimating how many topics there are"),
        )
    wanted = carried(space, int(n) if number is None else number.n)
    topics = find(space, max(wanted, len(hand.seeds)), hand)
    return Discovery(topics, n, number, counted.n_documents, len(counted.rows))


def measured(
    sample: DocumentSample, found: Discovery, progress: Progress | None = None
) -> Discovery:
    """The topics with their figures; bootstraps take the time."""
    again = found.again
    if again is None:
        again = bootstrapped_words(
            sample.trained.components.T,
            sample.counted.vectors,
            sample.counted.bag,
            found.topics,
            progress=_told(progress, "finding topics again in resampled documents"),
        )
    return replace(found, figures=figures_of(sample, found.topics, again), again=again)


def _told(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(what, done, of)


def figures_of(sample: DocumentSample, topics: Topics, again: Any) -> tuple[Figures, ...]:
    """What each topic says of itself, also after edits.

    Args:
        sample: the documents that topics were found in.
        topics: perhaps edited.
        again: as in :class:`Discovery`; None leaves stability out.
    """
    bag, said = sample.counted.bag, sample.trained.statistics
    supported = support(topics, bag).to_json()
    steady = [None] * len(topics) if again is None else stability(topics, again).tolist()
    raised = flags(topics, sample.space, bag, said.late_share, said.early_share)
    return tuple(
        Figures(
            npmi=record["npmi"],
            document_frequency=record["document_frequency"],
            token_share=float(record["token_share"] or 0.0),
            stability=value,
            flags=tuple(own),
        )
        for record, value, own in zip(supported, steady, raised, strict=True)
    )


def known_figures(found: Discovery, edited: Edited) -> list[Figures]:
    """Figures of edited topics without documents: those that show the same words keep theirs.

    The others have their stability, where topics were found again in bootstraps.
    """
    before = shown_words(found.topics, edited.vocabulary)
    known = dict(zip(map(tuple, before), found.figures or (), strict=False))
    again, topics = found.again, edited.topics
    steady = [None] * len(topics) if again is None else stability(topics, again).tolist()
    return [
        known.get(tuple(shown)) or replace(UNMEASURED, stability=value)
        for shown, value in zip(edited.shown, steady, strict=True)
    ]


def hand_of(
    trained: TrainedModel,
    seed_words: Mapping[str, Sequence[str]] | None,
    hold: bool,
    keep_out: Sequence[str],
) -> Hand:
    """Words as ids.

    Raises:
        UnknownWordError: for a word that the model does not know.
        InputError: for anything but lists of words where they are expected, and a word that two
            topics should begin with.
    """
    seeds: dict[str, list[int]] = {}
    topic_of: dict[str, str] = {}
    if not isinstance(seed_words, Mapping | None):
        raise InputError('seed_words must be words by topic, such as {"space": ["nasa", "orbit"]}')
    for name, words in (seed_words or {}).items():
        if isinstance(words, str) or not isinstance(words, Iterable) or not list(words):
            raise InputError(f"the seed words of {name!r} must be a list of words")
        for word in words:
            if (other := topic_of.setdefault(word, name)) != name:
                raise InputError(f"{word!r} cannot be a seed word of both {other!r} and {name!r}")
        seeds[name] = [trained.vocabulary.id_of(word) for word in words]
    if isinstance(keep_out, str):
        raise InputError("the words to keep out must be a list of words")
    return Hand(seeds, hold, [trained.vocabulary.id_of(word) for word in keep_out])


def unsown(trained: TrainedModel, found: Discovery) -> list[str]:
    """A line for each topic that was to begin with words which are in no document."""
    frequency, known = found.topics.frequency, trained.vocabulary
    return [
        f"no seed word of the topic {name!r} is in any document: it was not begun"
        for name, words in found.wishes.seed_words.items()
        if not any(frequency[known.id_of(word)] for word in words)
    ]
