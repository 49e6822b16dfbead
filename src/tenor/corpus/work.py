"""The hidden folder beside a corpus that is being prepared, which outlives a kill.

journal.jsonl                        what is done; see :mod:`tenor.corpus.journal`
words-…, documents-NNNNNN.arrow      counted parts; see :mod:`tenor.corpus.spill`
corpus/                              the corpus as far as it is written
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tenor.corpus.building import (
    ENCODERS,
    choose_vocabulary,
    encoded_shard,
    placement_over,
    refuse_repeats_in,
    shard_groups,
)
from tenor.corpus.fingerprint import Fingerprint
from tenor.corpus.journal import COUNTED, ENCODED, READ, STARTED, VOCABULARY, Journal
from tenor.corpus.manifest import recorded, shard_name
from tenor.corpus.parts import Part, in_order
from tenor.corpus.spill import Spill, map_batch, write_batch
from tenor.corpus.vocabulary_file import NAME as VOCABULARY_FILE
from tenor.corpus.vocabulary_file import read_vocabulary, write_vocabulary
from tenor.storage.checksum import sha256_file
from tenor.storage.claim import Claim
from tenor.text.vocabulary import Vocabulary, VocabularyRule


class Work:
    """A prepare under way."""

    def __init__(self, folder: Path, target: Path) -> None:
        """Take the folder, with what an earlier one left in it.

        Args:
            folder: is made if it is not there.
            target: what is being prepared.

        Raises:
            ArtifactError: when another process prepares the same target.
            OSError: when the folder cannot be made.
        """
        self._claim = Claim(folder, "tenor prepare", target)
        self.corpus = folder / "corpus"
        try:
            self.journal = Journal(folder)
        except BaseException:
            self._claim.close()
            raise
        self.spill = Spill(folder)
        self._makes_corpus = self.is_unfinished

    @property
    def is_begun(self) -> bool:
        """Whether parts are kept here."""
        return self.journal.one(STARTED) is not None

    @property
    def is_unfinished(self) -> bool:
        """Whether parts are kept here of a corpus that is not in its place yet."""
        return self.is_begun and self.corpus.is_dir()

    @property
    def is_published(self) -> bool:
        """Whether the corpus that was made here has gone to its place."""
        return self._makes_corpus and not self.corpus.is_dir()

    def make_corpus(self) -> None:
        """Make the folder that the corpus is written into."""
        self.corpus.mkdir()
        self._makes_corpus = True

    def begin(self, key: str) -> None:
        """Keep parts from here on."""
        self.make_corpus()
        self.journal.add(STARTED, key=key)

    def may_go_on(self, key: str) -> bool:
        """Whether it was begun by this key and its files are what was written."""
        started = self.journal.one(STARTED)
        return started is not None and started["key"] == key and self._is_sound()

    @property
    def parts(self) -> list[dict[str, Any]]:
        """What is known of the parts that are counted."""
        return self.journal.of(COUNTED)

    @property
    def is_read(self) -> bool:
        """Whether the whole source is counted."""
        return self.journal.one(READ) is not None

    @property
    def labelled(self) -> bool:
        """Whether a document has a label."""
        return any(part["labelled"] for part in self.parts)

    def add(self, part: Part) -> None:
        """Keep the next counted part."""
        self.journal.add(COUNTED, **self.spill.add(len(self.parts), part))

    def finish_reading(self, unique: bool) -> None:
        """The source has no more documents."""
        documents = sum(part["documents"] for part in self.parts)
        if not unique:
            refuse_repeats_in(self.spill, len(self.parts), documents)
        self.journal.add(READ, documents=documents)

    def vocabulary(self, rule: VocabularyRule, given: Vocabulary | None) -> Vocabulary:
        """The words, chosen once."""
        path = self.corpus / VOCABULARY_FILE
        if self.journal.one(VOCABULARY) is not None:
            return read_vocabulary(path)[0]
        words = given or choose_vocabulary(self.spill, len(self.parts), rule)
        placement = placement_over(words, map(self.spill.placement, range(len(self.parts))))
        write_vocabulary(path, words, placement)
        self.journal.add(VOCABULARY, sha256=sha256_file(path))
        return words

    def shards(
        self, words: Vocabulary, taken: Fingerprint, tell: Callable[[int, int], None]
    ) -> list[dict[str, Any]]:
        """Write the shards that are not written yet, in order; their records."""
        groups = shard_groups([part["text_bytes"] for part in self.parts])
        done = self.journal.of(ENCODED)
        for number, record in enumerate(done):
            taken.add(map_batch(self.corpus / record["file"]))
            tell(number + 1, len(groups))
        labelled = self.labelled
        left = range(len(done), len(groups))
        jobs = (partial(self._shard, number, groups[number], words, labelled) for number in left)
        for number, record in zip(left, in_order(jobs, ENCODERS), strict=True):
            self.journal.add(ENCODED, **record)
            for part in groups[number]:
                self.spill.remove(part)
            taken.add(map_batch(self.corpus / record["file"]))
            tell(number + 1, len(groups))
        names = ("documents", "file", "bytes", "sha256")
        return [{name: entry[name] for name in names} for entry in self.journal.of(ENCODED)]

    def clear(self) -> None:
        """Delete what is there, to begin anew; the journal first, or it would tell of the rest."""
        self._makes_corpus = False
        self.journal.clear()
        self._claim.clear()

    def close(self) -> None:
        """Leave it to the next command."""
        self._claim.close()

    def remove(self) -> None:
        """Delete all of it."""
        self._claim.remove()

    def _shard(
        self, number: int, group: range, words: Vocabulary, labelled: bool
    ) -> dict[str, Any]:
        path = self.corpus / shard_name(number)
        batch = encoded_shard(self.spill, group, words, labelled)
        write_batch(path, batch)
        return {"documents": len(batch), **recorded(path)}

    def _is_sound(self) -> bool:
        """Whether the files that the journal tells of are what was written."""
        encoded, parts = self.journal.of(ENCODED), self.parts
        groups = shard_groups([part["text_bytes"] for part in parts]) if parts else []
        needed = groups[len(encoded)].start if len(encoded) < len(groups) else len(parts)
        chosen = self.journal.one(VOCABULARY)
        known = [(self.corpus / entry["file"], entry["sha256"]) for entry in encoded]
        if chosen is not None:
            known.append((self.corpus / VOCABULARY_FILE, chosen["sha256"]))
        return all(path.is_file() and sha256_file(path) == said for path, said in known) and all(
            self.spill.holds(number, parts[number]) for number in range(needed, len(parts))
        )
