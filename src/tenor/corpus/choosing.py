"""How documents are to be counted, and which of their words that chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from tenor.checks import shown
from tenor.corpus.counting import CountedTexts, merged_by_range
from tenor.corpus.origin import Origin
from tenor.corpus.phrases import with_phrases
from tenor.corpus.pieces import in_order
from tenor.corpus.placement import Placement
from tenor.errors import InputError, VocabularyError
from tenor.sources.facts import ReadFacts
from tenor.text.tokenizer import Tokenizer
from tenor.text.uncountable import warn_of_uncountable
from tenor.text.vocabulary import Vocabulary, VocabularyRule, WordStatistics


@dataclass(frozen=True)
class Counting:
    """How documents are counted."""

    tokenizer: Tokenizer
    rule: VocabularyRule
    vocabulary: Vocabulary | None = None  # the words to count, instead of the rule's
    keep_text: bool = True
    first: Vocabulary | None = None  # the words before those that the rule chooses besides

    @classmethod
    def of(
        cls,
        tokenizer: Tokenizer | None,
        rule: VocabularyRule | None,
        vocabulary: Any = None,
        keep_text: bool = True,
    ) -> Counting:
        """As asked for; None: as is usual. Words that a person gave are looked at: see below."""
        if not isinstance(rule, VocabularyRule | None):
            raise InputError(f"rule must be a tenor.VocabularyRule, not {shown(rule)}")
        words = None if vocabulary is None else Vocabulary.of(vocabulary)
        how = cls(tokenizer or Tokenizer(), rule or VocabularyRule(), words, keep_text)
        if words is not vocabulary or how.rule.words:  # a Vocabulary was counted by before
            warn_of_uncountable(words or how.rule.words or (), how.tokenizer)
        return how


def words_of(
    how: Counting,
    statistics: list[WordStatistics],
    counted: Callable[[], Iterable[CountedTexts]],
    read: ReadFacts,
) -> Vocabulary:
    """The words to count; where none are left, what was read may say why."""
    if how.vocabulary is not None:
        return how.vocabulary
    try:
        words = how.rule.vocabulary_of(merged_by_range(statistics))
    except VocabularyError as error:
        if how.first is not None:  # no more words than these
            return how.first
        if not read.sources:
            raise
        missing = f"{read.n_missing:,} of them without a text" if read.n_missing else ""
        said = "; ".join(filter(None, (str(Origin(read)), missing, *read.notes)))
        raise VocabularyError(*error.args, f" (read {said})") from error
    if how.tokenizer.phrases:
        words = with_phrases(words, how.rule, how.tokenizer.phrases, counted)
    if how.first is not None:
        words = Vocabulary([*how.first, *(word for word in words if word not in how.first)])
    return words


def placement_over(vocabulary: Vocabulary, placed: Iterable[tuple[Any, Placement]]) -> Placement:
    """Where a vocabulary's words stand in all; of each piece its words and their placement."""
    jobs = (partial(placement.over, vocabulary, words) for words, placement in placed)
    return reduce(Placement.plus, in_order(jobs))
