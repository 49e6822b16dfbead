"""What the encoder sees of a bag of words: one value for every word present."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from tenor.bow import DocumentCounts
from tenor.kernels import Bag

TRANSFORMS: dict[str, Callable[[Bag], Tensor]] = {
    "counts": lambda bag: bag.counts,
    "log1p": lambda bag: torch.log1p(bag.counts),
    "l1": lambda bag: bag.counts / bag.lengths[bag.documents],  # whoever has an entry has a length
    "binary": lambda bag: torch.ones_like(bag.counts),
}
INPUT_TRANSFORMS = (*TRANSFORMS, "tfidf")


class InputTransform(nn.Module):
    """x ↦ t(x), entry by entry, so that zeros stay zeros.

    counts: x; log1p: log(1 + x); l1: x / Σx; binary: min(x, 1);
    tfidf: log(1 + x) · idf, scaled to unit length, idf_v = log((1 + D) / (1 + df_v)) + 1
    counted on the training documents and kept with the weights.
    """

    idf: Tensor

    def __init__(self, name: str, n_words: int) -> None:
        super().__init__()
        self.name = name
        if name == "tfidf":
            self.register_buffer("idf", torch.ones(n_words))

    def learn(self, counts: DocumentCounts) -> None:
        """Count what the transform needs from the training documents."""
        if self.name == "tfidf":
            weights = np.log((1 + len(counts)) / (1 + counts.document_frequency)) + 1
            self.idf.copy_(torch.as_tensor(weights, dtype=self.idf.dtype))

    def forward(self, bag: Bag) -> Tensor:
        """(nnz,) the value of every entry of ``bag``."""
        if self.name == "tfidf":
            values = torch.log1p(bag.counts) * self.idf[bag.words]
            return values / bag.sum_by_document(values.square()).sqrt()[bag.documents]
        return TRANSFORMS[self.name](bag)
