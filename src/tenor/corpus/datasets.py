"""Data sets by name: real text to try things on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tenor.errors import InputError, ParameterName
from tenor.sources import catalogue
from tenor.sources.catalogue import names
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

if TYPE_CHECKING:
    from tenor.corpus.corpus import Corpus

__all__ = ["load", "names"]

_NVDM_TOKENIZER = Tokenizer(pattern="a-z", min_token_length=1)


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
        vocabulary: count these words: a Vocabulary, words, or the path of a file of words.
        tokenizer: None for ``Tokenizer()``; nvdm-20news has its own.
        rule: None for ``VocabularyRule()``; how the vocabulary is chosen.
        keep_text: whether to keep the texts.
        on_progress: called now and then with the number of documents so far.

    Raises:
        SourceError: when the data cannot be had.
        InputError: for an unknown name, subset or a setting the data set does not have.
    """
    from tenor.corpus.building import build
    from tenor.corpus.corpus import Corpus
    from tenor.sources.batches import Stream, from_rows

    subset = catalogue.checked_subset(name, subset, remove)
    words = None if vocabulary is None else Vocabulary.of(vocabulary)
    if name == "nvdm-20news":
        if words is None:
            raise InputError(
                "nvdm-20news needs ",
                ParameterName("vocabulary", "vocabulary="),
                ", the path of its vocab.txt (2,000 words)",
            )
        if tokenizer is not None or rule is not None:
            raise InputError("nvdm-20news is counted in one way; leave tokenizer and rule out")
    tokenizer = _NVDM_TOKENIZER if name == "nvdm-20news" else tokenizer or Tokenizer()
    built = build(
        Stream(from_rows(catalogue.documents(name, subset, tuple(remove))), unique=True),
        tokenizer,
        rule or VocabularyRule(),
        words,
        keep_text,
        nothing=f"{name} holds no documents",
        on_progress=on_progress,
    )
    corpus = Corpus.of_built(built, tokenizer, f"{name} ({subset})")
    if name == "nvdm-20news":
        corpus = corpus[~corpus.empty]
        corpus.placement = built.placement  # no word of the vocabulary was left out
    return corpus
