"""How much of some documents a vocabulary knows: counted while they are, never estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tenor.bow import DocumentCounts
from tenor.checks import amount

Ids = NDArray[np.int64]
NO_IDS: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Coverage:
    """How many documents and tokens there were, and what the vocabulary knows of them.

    A token is what the tokenizer made of the texts: without stop words and all that it drops.
    """

    n_documents: int
    n_empty: int  # documents without a word of the vocabulary
    n_known: int  # tokens that are words of the vocabulary
    n_tokens: int | None = None  # all of them; None where nobody counted: of ready counts

    @classmethod
    def of(cls, bag: DocumentCounts, n_tokens: int | None = None, phrases: Ids = NO_IDS) -> Self:
        """Of documents over the vocabulary, and the tokens that their texts had.

        ``phrases``: the ids of words that are two tokens each.
        """
        lengths = bag.lengths
        known = int(lengths.sum()) + int(bag.word_frequency[phrases].sum() if len(phrases) else 0)
        return cls(len(bag), int((lengths == 0).sum()), known, n_tokens)

    @property
    def unknown_share(self) -> float | None:
        """Which share of the tokens the vocabulary does not know, if that is known."""
        return (self.n_tokens - self.n_known) / self.n_tokens if self.n_tokens else None

    def plus(self, other: Coverage) -> Coverage:
        """Both together."""
        tokens = None
        if self.n_tokens is not None and other.n_tokens is not None:
            tokens = self.n_tokens + other.n_tokens
        return Coverage(
            self.n_documents + other.n_documents,
            self.n_empty + other.n_empty,
            self.n_known + other.n_known,
            tokens,
        )

    def is_poor(self, usual: float | None = None) -> bool:
        """Whether less than half of what is usual is known; ``usual``: the share that is unknown
        of the documents the words were chosen from.
        """
        share = self.unknown_share
        return share is not None and 1 - share < (1 - (usual or 0)) / 2

    def line(self, usual: float | None = None) -> str | None:
        """What a person should know of it, and do where it is poor; None where nobody can tell."""
        share = self.unknown_share
        if share is None:
            return None
        beside = "" if usual is None else f" ({100 * usual:.1f} % in its training documents)"
        said = f"{100 * share:.1f} % of the tokens are not in the model's vocabulary{beside}"
        if self.n_empty:
            documents = amount(self.n_documents, "document")
            verb = "has" if self.n_empty == 1 else "have"
            said += f"; {self.n_empty:,} of {documents} {verb} no known word"
        if self.is_poor(usual):
            said += (
                ". What the model says of them rests on little: see that language, text column and "
                "tokenizer are those of its training documents, or fit a model on such documents"
            )
        return said

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "n_documents": self.n_documents,
            "n_empty": self.n_empty,
            "n_tokens": self.n_tokens,
            "n_known_tokens": self.n_known,
            "unknown_share": self.unknown_share,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What :meth:`to_json` described; KeyError, TypeError or ValueError for anything else."""
        tokens = values["n_tokens"]
        return cls(
            int(values["n_documents"]),
            int(values["n_empty"]),
            int(values["n_known_tokens"]),
            None if tokens is None else int(tokens),
        )
