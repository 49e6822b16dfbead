"""Do two runs find the same topics?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenor.checks import whole
from tenor.evaluation.coherence import Topics, top_words


@dataclass(frozen=True)
class MatchedWords:
    """How many of its top words each topic shares with its counterpart.

    Attributes:
        mean, per_topic: shared words of each topic of the first run, 0 without a counterpart.
        partner: the counterpart's number in the second run; −1 without one.
        top: words taken of each topic.
    """

    mean: float
    per_topic: tuple[int, ...]
    partner: tuple[int, ...]
    top: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def matched_words(one: Topics, other: Topics, top: int = 10) -> MatchedWords:
    """Topics of two runs matched one to one, so that they share as many top words as can be.

    Both hold word ids over one vocabulary, the best first. Where the first run has more topics
    than the second, some stay without a counterpart.

    Raises:
        InputError: for no topics, an empty topic, or a word repeated within a topic.
    """
    from scipy.optimize import linear_sum_assignment

    top = whole("top", top, 1)
    first, second = (
        [set(topic.tolist()) for topic in top_words(topics, top)] for topics in (one, other)
    )
    shared = np.array([[len(words & others) for others in second] for words in first])
    rows, columns = linear_sum_assignment(shared, maximize=True)
    per_topic = np.zeros(len(one), dtype=np.int64)
    partner = np.full(len(one), -1)
    per_topic[rows], partner[rows] = shared[rows, columns], columns
    mean = float(per_topic.mean())
    return MatchedWords(mean, tuple(per_topic.tolist()), tuple(partner.tolist()), top)
