"""C_v: do a topic's words keep the same company, within windows of text?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenor.checks import Doubles, whole
from tenor.errors import InputError
from tenor.evaluation.coherence import Topics, top_words

Integers = NDArray[np.int64]
TokenIds = NDArray[np.integer[Any]] | Sequence[int]

AT_ONCE = 1 << 20  # tokens looked at together
EPSILON = 1e-12  # added to the share of windows that hold both words


@dataclass(frozen=True)
class WindowedCoherence:
    """C_v, at most 1: the words of a topic go with the same of its words.

    Attributes:
        mean, per_topic: over topics, and of each topic the mean over its words.
        absent: ids of top words that no window holds, ascending.
        n_windows: windows that were looked at.
        top, window: words taken of each topic, and tokens a window holds.
    """

    mean: float
    per_topic: tuple[float, ...]
    absent: tuple[int, ...]
    n_windows: int
    top: int
    window: int


class _Spans(NamedTuple):
    """Runs of windows that hold a word, ascending by word; those of a word may overlap."""

    word: Integers
    start: Integers
    stop: Integers


def c_v(
    topics: Topics,
    documents: Iterable[TokenIds],
    top: int = 10,
    window: int = 110,
    as_gensim: bool = True,
) -> WindowedCoherence:
    """C_v coherence (Röder, Both & Hinneburg 2015), as gensim 4.4 computes it or as published.

    Windows of ``window`` tokens move over each document token by token; a shorter document is
    one window, and so is an empty one. A word's vector is its NPMI with each of the topic's
    words, itself included, by shares of windows; a word scores the cosine of its vector with
    the sum of all, a topic the mean of its words.

    A slip of gensim's is kept unless ``as_gensim`` is False, so that figures compare: when a
    token leaves a window, its word counts as gone even where it stands in the window once more,
    until it enters again. It lowers C_v by some hundredths, that of frequent words the most.

    Other than gensim's, a topic with a word that no window holds is not NaN: the word scores 0,
    its pairs have NPMI 0, and it is listed.

    Args:
        topics: word ids of each topic, the best first, at least 2; ``top`` of them are taken.
        documents: each document's token ids in the order of its text, read once, a million
            tokens at a time. Windows run over all that is given: a token outside the vocabulary
            is −1 and takes its place in the window; leave such tokens out to close the gaps.

    Raises:
        InputError: for no topics, a topic of fewer than 2 words, a repeated or negative word,
            a document that is no list of whole numbers, or no documents.
    """
    chosen = top_words(topics, whole("top", top, 2), least=2)
    window = whole("window", window, 1)
    words = np.unique(np.concatenate(chosen))
    places = [np.searchsorted(words, topic) for topic in chosen]
    together = [np.zeros((len(topic), len(topic))) for topic in chosen]
    n_windows = 0
    for tokens, sizes in _chunks(documents):
        spans, held = _spans(tokens, sizes, words, window, as_gensim)
        n_windows += held
        ends = np.searchsorted(spans.word, np.arange(len(words) + 1))
        for found, own in zip(together, places, strict=True):
            _add_together(found, spans, ends[own], ends[own + 1])
    if n_windows == 0:
        raise InputError("there are no documents to look for the words in")
    per_topic = tuple(_topic_c_v(found / n_windows) for found in together)
    present = np.zeros(len(words), dtype=bool)
    for found, own in zip(together, places, strict=True):
        present[own] = found.diagonal() > 0
    absent = tuple(int(word) for word in words[~present])
    return WindowedCoherence(float(np.mean(per_topic)), per_topic, absent, n_windows, top, window)


def _chunks(documents: Iterable[TokenIds]) -> Iterator[tuple[Integers, Integers]]:
    """Tokens of neighbouring documents, one after the other, and how many each has."""
    held: list[Integers] = []
    weight = 0
    for number, document in enumerate(documents):
        tokens = np.asarray(document)
        if tokens.ndim != 1 or (tokens.size and tokens.dtype.kind not in "iu"):
            raise InputError(f"document {number} must be a list of token ids (whole numbers)")
        held.append(tokens.astype(np.int64, copy=False))
        weight += len(tokens) + 1
        if weight >= AT_ONCE:
            yield np.concatenate(held), np.array([len(one) for one in held])
            held, weight = [], 0
    if held:
        yield np.concatenate(held), np.array([len(one) for one in held])


def _spans(
    tokens: Integers, sizes: Integers, words: Integers, window: int, as_gensim: bool
) -> tuple[_Spans, int]:
    """For every token that is one of ``words``, the windows it opens for its word.

    Also returns the number of windows. Windows are numbered through all the documents.
    """
    windows = np.maximum(sizes - window + 1, 1)
    first_window = np.cumsum(windows) - windows
    first_token = np.cumsum(sizes) - sizes
    column = np.minimum(np.searchsorted(words, tokens), len(words) - 1)
    place = np.flatnonzero(words[column] == tokens)
    column = column[place]
    order = np.argsort(column, kind="stable")
    place, column = place[order], column[order]
    document = np.searchsorted(first_token, place, side="right") - 1
    # A word is there from the window that its token ends (or the first one) until the token has
    # left; by gensim until the word's first token in that window has.
    oldest = np.maximum(place - window + 1, first_token[document])
    by_word = column * len(tokens)
    first = np.searchsorted(by_word + place, by_word + oldest)
    leaving = place[first] if as_gensim else place
    shift = first_window[document] - first_token[document]
    stop = np.minimum(shift + leaving + 1, first_window[document] + windows[document])
    return _Spans(column, shift + oldest, stop), int(windows.sum())


def _add_together(found: Doubles, spans: _Spans, begins: Integers, ends: Integers) -> None:
    """Add to ``found`` how many windows hold both words; (n,) where each one's spans lie."""
    runs = [slice(a, b) for a, b in zip(begins, ends, strict=True)]
    start = np.concatenate([spans.start[run] for run in runs])
    stop = np.concatenate([spans.stop[run] for run in runs])
    word = np.repeat(np.arange(len(runs)), ends - begins)
    edges, at = np.unique(np.concatenate([start, stop]), return_inverse=True)
    if len(edges) == 0:
        return
    # Between two edges nothing changes: (edges, n) says which words are open from each edge on.
    open_spans = np.zeros((len(edges), len(runs)), dtype=np.int64)
    np.add.at(open_spans, (at[: len(start)], word), 1)
    np.subtract.at(open_spans, (at[len(start) :], word), 1)
    present = (np.cumsum(open_spans, axis=0, out=open_spans)[:-1] > 0).astype(np.float64)
    found += present.T @ (present * np.diff(edges)[:, None])


def _topic_c_v(share: Doubles) -> float:
    """The mean cosine from the (n, n) shares of windows that hold both words."""
    single = share.diagonal()
    chance = np.outer(single, single)
    known = chance > 0
    npmi = np.zeros_like(share)
    ratio = (share[known] + EPSILON) / chance[known]
    npmi[known] = np.log(ratio) / -np.log(share[known] + EPSILON)
    total = npmi.sum(axis=0)
    lengths = np.linalg.norm(npmi, axis=1) * np.linalg.norm(total)
    cosines = np.divide(npmi @ total, lengths, out=np.zeros(len(npmi)), where=lengths > 0)
    return float(cosines.mean())
