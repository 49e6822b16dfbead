"""Finding a fitted model's topics, again and again, so that their ids and a person's edits stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from tenor.corpus.corpus import Corpus
from tenor.explore.collection import DocumentCollection
from tenor.model.discovery import DocumentSample, NothingCountedError, Progress, discover, hand_of
from tenor.model.topic_files import KeptTopics
from tenor.model.topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.topics.discovery import Wishes
from tenor.topics.edits import Edits
from tenor.topics.finding import Hand
from tenor.topics.naming import Namer, carry_ids

Saved = Callable[[], KeptTopics | None]  # reads what was saved with a model


@dataclass(frozen=True, eq=False)
class Earlier:
    """What there was before topics are found: edits and a namer also of topics that are gone."""

    topics: ModelTopics | None = None  # of this model, or of the one it was trained on from
    edits: Edits = Edits()  # noqa: RUF009  # it never changes
    namer: Namer | None = None


@final
class TopicSearch:
    """The topics of one trained model, and what those found next have from those before."""

    def __init__(
        self,
        trained: TrainedModel,
        read: Callable[[Any], Corpus],
        earlier: Earlier = Earlier(),  # it never changes
    ) -> None:
        """Nothing is searched for yet; ``read`` makes documents a corpus over the model's words."""
        self._trained, self._read, self._earlier = trained, read, earlier
        self._topics: ModelTopics | None = None
        self._saved: tuple[Saved, DocumentCollection | None] | None = None  # not read yet

    def take(self, saved: Saved, documents: DocumentCollection | None) -> None:
        """Go on with what was saved with the model, read when it is needed, in its documents."""
        self._saved = saved, documents

    def __getstate__(self) -> dict[str, Any]:
        self._open()  # a pickle has no folder
        return dict(vars(self))

    def _open(self) -> None:
        """Read what was saved; damage to it is an ArtifactError, now and when it is asked again."""
        if self._saved is None:
            return
        saved, documents = self._saved
        kept = saved()
        self._saved = None
        if kept is None:
            return
        self._earlier = Earlier(None, kept.edits)
        if kept.found is not None:
            sample = DocumentSample(self._trained, documents)
            self._topics = ModelTopics(sample, kept.found, self._read, kept.edits)

    @property
    def topics(self) -> ModelTopics | None:
        """Those found last or kept."""
        self._open()
        return self._topics

    @property
    def latest(self) -> Earlier:
        """The model's topics, or those from before it was trained further."""
        if self.topics is None:
            return self._earlier
        return Earlier(self.topics, self.topics.edits, self.topics.namer)

    def found(
        self,
        documents: DocumentCollection | None,
        usual: int | str,
        progress: Progress | None = None,
    ) -> ModelTopics:
        """The topics there are, else those in ``documents``, as they were asked for before.

        So many, unless the model by now asks for another number (``usual``), and with the same
        seed words and words kept out. Seed words of which no document has any begin no topic,
        which ``lost`` says. Documents without counts are an InputError.
        """
        if self.topics is not None:
            return self.topics
        sample, before = DocumentSample(self._trained, documents), self.latest.topics
        said = sample.counted.bag.word_frequency > 0
        n, wishes = usual, Wishes()
        if before is not None:
            wishes = before.found.wishes
            n = before.found.asked if before.found.usual == usual else usual
        hand = hand_of(self._trained, wishes.seed_words, wishes.hold, wishes.keep_out)
        seeds = {name: words for name, words in hand.seeds.items() if said[list(words)].any()}
        return self._search(sample, n, replace(hand, seeds=seeds), wishes, usual, progress)

    def find(
        self,
        documents: DocumentCollection | None,
        n: int | str,
        hand: Hand,
        usual: int | str,
        progress: Progress | None = None,
    ) -> ModelTopics:
        """Topics in ``documents``; edits of earlier ones are applied again, by content.

        Earlier topics that were edited, or are of the model before it was trained further, give
        their numbers to those that they have become. Others are numbered anew, the largest first.
        """
        known = self._trained.vocabulary.words
        seeds = {name: tuple(known[word] for word in words) for name, words in hand.seeds.items()}
        wishes = Wishes(seeds, hand.hold, tuple(known[word] for word in hand.excluded))
        sample = DocumentSample(self._trained, documents)
        return self._search(sample, n, hand, wishes, usual, progress)

    def kept(
        self,
        documents: DocumentCollection | None,
        usual: int | str,
        progress: Progress | None = None,
    ) -> KeptTopics | None:
        """The topics with all that is measured of them; None without documents to find them in.

        Without documents, edits of topics that are gone are kept for the next ones.
        """
        try:
            topics = self.found(documents, usual, progress)
        except NothingCountedError:
            edits = self.latest.edits
            return KeptTopics(None, edits) if edits else None
        topics.measure(progress)
        return KeptTopics(topics.found, topics.edits)

    def give_up(self) -> None:
        """Find topics anew when they are next asked for."""
        self._earlier, self._topics = self.latest, None

    def _search(
        self,
        sample: DocumentSample,
        n: int | str,
        hand: Hand,
        wishes: Wishes,
        usual: int | str,
        progress: Progress | None,
    ) -> ModelTopics:
        earlier, known = self.latest, self._trained.vocabulary
        out = [known.id_of(word) for word in earlier.edits.kept_out if word in known]
        hand = replace(hand, excluded=(*hand.excluded, *out))
        found = discover(sample, n, hand, progress)
        topics, before, highest = found.topics, earlier.topics, -1
        if before is not None and (
            # somebody may know those topics by number: they were edited, or are of a model before
            before.trained is not self._trained or len(before.edits) or before.found.before >= 0
        ):
            words, highest = before.trained.vocabulary.words, before.highest
            topics = carry_ids(before.found.topics, topics, words, known.words, highest)
            topics = replace(topics, names=found.topics.names)  # those of the seeds asked for now
        usual = int(usual) if isinstance(usual, int | np.integer) else usual
        found = replace(found, topics=topics, wishes=wishes, usual=usual, before=highest)
        self._topics = ModelTopics(sample, found, self._read, earlier.edits)
        self._topics.namer = earlier.namer
        self._topics.anchor()
        return self._topics
