"""Finding a fitted model's topics, and finding them anew so that ids and edits stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenor.corpus.corpus import Corpus
from tenor.explore.collection import CountedDocuments, DocumentCollection
from tenor.model.artifact import KeptTopics
from tenor.model.discovering import Progress, counted, discover, hand_of
from tenor.model.model_topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.topics.discovery import Wishes
from tenor.topics.edits import Edits
from tenor.topics.finding import Hand
from tenor.topics.matching import carry_ids
from tenor.topics.naming import Namer

Read = Callable[[Any], Corpus]


@dataclass(frozen=True, eq=False)
class Earlier:
    """What there was before topics are found.

    Attributes:
        topics: of this model, or of the one it was trained on from.
        edits: a person's, of these topics or of some that are gone.
        namer: of these topics or of some that are gone.
    """

    topics: ModelTopics | None = None
    edits: Edits = Edits()  # noqa: RUF009  # it never changes
    namer: Namer | None = None


def find_topics(
    trained: TrainedModel,
    documents: DocumentCollection | None,
    read: Read,
    n: int | str,
    hand: Hand,
    usual: int | str,
    earlier: Earlier,
    progress: Progress | None = None,
) -> ModelTopics:
    """Topics of a model; edits of earlier ones are applied again, by content.

    Earlier topics that were edited, or are of the model before it was trained further, give their
    numbers to those that they have become. Others are numbered anew, the largest first.

    Args:
        trained: the model.
        documents: to find topics in.
        read: makes documents a corpus over the model's vocabulary.
        n: topics at most, or "auto".
        hand: seed words and words kept out.
        usual: how many the model asks for by itself.
        earlier: topics and edits of before.
        progress: told of what takes long.

    Raises:
        InputError: for a bad number or hand, or documents without counts.
    """
    wishes = _wishes(trained, hand)
    looked_at = counted(trained, documents)
    return _found(trained, documents, looked_at, read, n, hand, wishes, usual, earlier, progress)


def find_again(
    trained: TrainedModel,
    documents: DocumentCollection | None,
    read: Read,
    usual: int | str,
    earlier: Earlier,
    progress: Progress | None = None,
) -> ModelTopics:
    """Topics as they were asked for before the model was trained further.

    So many, unless the model asks for another number by now, and with the same seed words and
    words kept out. Seed words of which no document has any begin no topic, which ``lost`` says.

    Raises:
        InputError: for a bad number, or documents without counts.
    """
    before, looked_at = earlier.topics, counted(trained, documents)
    n, wishes = usual, Wishes()
    if before is not None:
        wishes = before.found.wishes
        n = before.found.asked if before.found.usual == usual else usual
    said = looked_at.bag.word_frequency > 0
    hand = hand_of(trained, wishes.seed_words, wishes.hold, wishes.keep_out)
    seeds = {name: words for name, words in hand.seeds.items() if said[list(words)].any()}
    hand = replace(hand, seeds=seeds)
    return _found(trained, documents, looked_at, read, n, hand, wishes, usual, earlier, progress)


def _found(
    trained: TrainedModel,
    documents: DocumentCollection | None,
    looked_at: CountedDocuments,
    read: Read,
    n: int | str,
    hand: Hand,
    wishes: Wishes,
    usual: int | str,
    earlier: Earlier,
    progress: Progress | None,
) -> ModelTopics:
    before, edits, known = earlier.topics, earlier.edits, trained.vocabulary
    out = [known.id_of(word) for word in edits.kept_out if word in known]
    hand = replace(hand, excluded=(*hand.excluded, *out))
    found = discover(trained, looked_at, n, hand, progress)
    topics, highest = found.topics, -1
    if before is not None and _have_a_past(before, trained):
        words = before.trained.vocabulary.words
        highest = before.highest
        topics = carry_ids(before.found.topics, topics, words, known.words, highest)
        topics = replace(topics, names=found.topics.names)  # those of the seeds asked for now
    found = replace(
        found,
        topics=topics,
        wishes=wishes,
        usual=int(usual) if isinstance(usual, int | np.integer) else usual,
        before=highest,
    )
    anew = ModelTopics(trained, found, documents, read, edits)
    anew.namer = earlier.namer
    anew.anchor()
    return anew


def _have_a_past(before: ModelTopics, trained: TrainedModel) -> bool:
    """Whether anybody may know earlier topics by number: edited, or of a model of before."""
    return before.trained is not trained or bool(len(before.edits)) or before.found.before >= 0


def _wishes(trained: TrainedModel, hand: Hand) -> Wishes:
    """The hand in words."""
    known = trained.vocabulary.words
    seeds = {name: tuple(known[word] for word in words) for name, words in hand.seeds.items()}
    return Wishes(seeds, hand.hold, tuple(known[word] for word in hand.excluded))


def opened(
    trained: TrainedModel,
    kept: KeptTopics | None,
    documents: DocumentCollection | None,
    read: Read,
) -> ModelTopics | None:
    """Topics that were saved with a model."""
    if kept is None or kept.found is None:
        return None
    return ModelTopics(trained, kept.found, documents, read, kept.edits)
