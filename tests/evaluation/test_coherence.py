from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.evaluation.coherence import diversity, npmi


def naive(topic, dense, top):
    dense = dense[dense.sum(axis=1) > 0] > 0
    total, scores = len(dense), []
    for i, j in combinations(topic[:top], 2):
        p_i, p_j = dense[:, i].mean(), dense[:, j].mean()
        p_ij = (dense[:, i] & dense[:, j]).sum() / total
        if p_ij == 0:
            scores.append(-1.0)
        elif p_ij == 1:
            scores.append(0.0)
        else:
            scores.append(math.log(p_ij / (p_i * p_j)) / -math.log(p_ij))
    return float(np.mean(scores))


@pytest.mark.parametrize("top", [2, 3, 10])
def test_npmi_equals_a_naive_loop(random_counts, as_bag, top):
    topics = [[3, 1, 0, 7], [11, 2, 5, 8, 9, 4], [6, 3, 10]]
    found = npmi(topics, as_bag(random_counts), top=top)
    looped = [naive(topic, random_counts, top) for topic in topics]
    assert found.per_topic == pytest.approx(looped)
    assert found.mean == pytest.approx(np.mean(looped))
    assert (found.n_documents, found.absent) == (28, ())


def test_npmi_of_pairs_with_a_known_value(as_bag):
    counts = np.zeros((8, 7), dtype=int)
    counts[:4, 0] = counts[:4, 1] = 3  # always together: 1
    counts[4:, 2] = 1  # never with 0: -1
    counts[[0, 1, 4, 5], 3] = 1  # with 0 by chance: 0
    counts[:, [4, 5]] = 2  # in every document: 0
    pairs = [[0, 1], [0, 2], [0, 3], [4, 5], [0, 6]]
    found = npmi(pairs, as_bag(counts))
    assert found.per_topic == pytest.approx([1, -1, 0, 0, -1])
    assert found.absent == (6,)


def test_npmi_of_a_view_is_that_of_its_documents(random_counts, as_bag):
    topics = [[3, 1, 0, 7]]
    assert npmi(topics, as_bag(random_counts)[5:20]) == npmi(topics, as_bag(random_counts[5:20]))


def test_diversity_is_the_share_of_unique_words():
    assert diversity([[1, 2], [3, 4]]) == 1.0
    assert diversity([[1, 2, 3], [1, 2, 3], [3, 2, 1]]) == pytest.approx(1 / 3)
    assert diversity([[1, 2], [2, 3]]) == 0.75
    assert diversity([[1, 9], [2, 9]], top=1) == 1.0
    assert diversity([list(range(30)), list(range(25, 55))]) == 1.0  # 25 words of each


@pytest.mark.parametrize(
    ("topics", "says"),
    [
        ([], "no topics"),
        ([[1]], "topic 0 has 1 word;"),
        ([[1, 2], [3, 3]], "topic 1 holds a word twice"),
        ([[1, 12]], "outside the vocabulary, which has 12"),
        ([[-1, 1]], "outside the vocabulary"),
        ([["a", "b"]], "word ids"),
    ],
)
def test_bad_topics_get_one_line(topics, says, random_counts, as_bag):
    with pytest.raises(InputError, match=says):
        npmi(topics, as_bag(random_counts))


def test_an_empty_reference_is_refused(as_bag):
    with pytest.raises(InputError, match="reference"):
        npmi([[0, 1]], as_bag(np.zeros((3, 2), dtype=int)))


def test_equals_gensims_npmi_but_for_pairs_that_never_meet(as_bag):
    models = pytest.importorskip("gensim.models")
    corpora = pytest.importorskip("gensim.corpora")
    counts = np.random.default_rng(1).poisson(0.5, size=(40, 12))
    counts[counts.sum(1) == 0, 3] = 1  # gensim counts empty documents as well
    counts[counts[:, 0] > 0, 7] = 0  # these two never meet
    topics = [[3, 1, 0, 7], [11, 2, 5, 8, 9, 4], [6, 3, 10]]
    texts = [[f"w{v}" for v in np.repeat(np.arange(12), row)] for row in counts]
    expected = models.CoherenceModel(
        topics=[[f"w{v}" for v in topic] for topic in topics],
        texts=texts,
        dictionary=corpora.Dictionary(texts),
        coherence="c_npmi",
        window_size=1000,  # longer than any: each document is one window
        topn=10,
        processes=1,
    ).get_coherence_per_topic()
    held = counts > 0
    share = held.mean(0)
    for number, topic in enumerate(topics):
        for i, j in combinations(topic, 2):
            if not (held[:, i] & held[:, j]).any():  # by gensim not −1, for its epsilon
                theirs = math.log(1e-12 / (share[i] * share[j])) / -math.log(1e-12)
                expected[number] += (-1 - theirs) / math.comb(len(topic), 2)
    found = npmi(topics, as_bag(counts))
    assert found.per_topic == pytest.approx(expected, abs=1e-9)
