"""Data sets by name: real text to try things on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tenor.sources.catalogue import checked_subset, names
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

if TYPE_CHECKING:
    from tenor.corpus.corpus import Corpus

__all__ = ["load", "names"]


def load(
    name: str,
    subset: str | None = None,
    *,
    remove: Sequence[str] = (),
    vocabulary: Any | None = None,
    tokenizer: Tokenizer | None = None,
    rule: VocabularyRule | None = None,
    keep_text: bool = True,
    on_progress: Callable[[int], None] | None = None,
) -> Corpus:
    """A data set as a corpus.

    - "20newsgroups": 18,846 posts of 20 groups (scikit-learn's cache, or a download); label:
      the group; id: subset and position in scikit-learn's order, such as train-00012.
    - "nvdm-20news": the same posts as the NVDM paper's released counts; needs its ``vocabulary``;
      ids keep the positions of "20newsgroups", and here posts without any of its words are left
      out, as they are from the released set.
    - "python-docs": the docstrings of the running Python's standard library; id: the qualified
      name, label: the top-level module. Its test subset is a fixed fifth, chosen by id.

    Args:
        name: one of :func:`names`.
        subset: "train", "test" or "all"; None is "train", for python-docs "all".
        remove: of 20newsgroups, any of "headers", "footers", "quotes".
        vocabulary, tokenizer, rule, keep_text, on_progress: as :meth:`tenor.Corpus.read` takes
            them; nvdm-20news has its own tokenizer and no rule.

    Raises:
        SourceError: when the data cannot be had.
        InputError: for an unknown name, subset or a setting the data set does not have.
    """
    from tenor.corpus.choosing import Counting
    from tenor.corpus.corpus import Corpus  # with pyarrow, which the names do without
    from tenor.corpus.source import Source, refuse_other_counting

    checked_subset(name, subset, remove)
    refuse_other_counting(name, tokenizer, rule, vocabulary)
    how = Counting.of(tokenizer, rule, vocabulary, keep_text)
    source = Source((name,), subset=subset, remove=tuple(remove))
    return Corpus(*source.dataset(how, on_progress))
