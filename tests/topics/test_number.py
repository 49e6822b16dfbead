"""How many topics: planted ones, each estimator against a plain reference, and small corpora."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.topics import number
from tenor.topics.number import eigengap, estimate_number, knee, last_stable, middle_of, modes

WORDS, LENGTH = 24, 25  # of a topic, of a document


def planted(n_topics, n_documents, seed=0):
    """Word vectors, document vectors and counts of topics of like size, a third of it noise."""
    rng = np.random.default_rng(seed)
    n_words = n_topics * WORDS
    axes = np.linalg.qr(rng.normal(size=(40, 40)))[0][:n_topics]
    topic_of_word = rng.permutation(np.arange(n_words) % n_topics)
    topic = rng.integers(0, n_topics, n_documents)
    rows = axes[topic_of_word] + 0.08 * rng.normal(size=(n_words, 40))
    vectors = axes[topic] + 0.08 * rng.normal(size=(n_documents, 40))
    own = topic_of_word[None, :] == topic[:, None]
    p = 0.3 / n_words + 0.7 / WORDS * own
    return rows, vectors, bag_of(np.array([rng.multinomial(LENGTH, row / row.sum()) for row in p]))


def bag_of(dense):
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(len(dense) + 1))
    return BagOfWords(offsets, words, dense[documents, words].astype(np.int64), dense.shape[1])


@pytest.mark.parametrize("n_topics", [5, 10, 20])
def test_the_planted_number_is_found_by_all_who_can(n_topics):
    rows, vectors, bag = planted(n_topics, 60 * n_topics + 300)
    found = estimate_number(rows, vectors, bag)
    assert found.n == n_topics
    assert set(found.estimates) == {
        *("held-out NPMI", "held-out cosine", "stability", "eigengap", "modes")
    }
    for name in ("held-out cosine", "eigengap", "modes"):  # with any seed
        assert found.estimates[name] == n_topics
    # By chance NPMI errs either way, and stability upwards: halves come back as whole topics do.
    assert n_topics / 2 <= found.estimates["held-out NPMI"] <= 2 * n_topics
    assert n_topics <= found.estimates["stability"] <= 2 * n_topics
    estimates = [estimate for estimate in found.estimates.values() if estimate is not None]
    assert [at.n for at in found.curve] == [n for n in number.GRID if n <= found.curve[-1].n]
    octaves = np.log2(estimates)
    assert found.spread == pytest.approx(octaves.max() - octaves.min())
    assert found.n_documents == len(bag)


def test_the_same_seed_gives_the_same_and_so_do_other_numbers_for_words():
    rows, vectors, bag = planted(6, 400)
    once = estimate_number(rows, vectors, bag, seed=3)
    assert once == estimate_number(rows, vectors, bag, seed=3)
    assert once.curve != estimate_number(rows, vectors, bag, seed=4).curve
    order = np.random.default_rng(1).permutation(bag.n_words)
    place = np.argsort(order)
    dense = np.zeros(bag.shape, dtype=np.int64)
    dense[np.repeat(np.arange(len(bag)), bag.distinct), place[bag.words]] = bag.counts
    again = estimate_number(rows[order], vectors, bag_of(dense), seed=3)
    assert again.estimates == once.estimates and again.n == once.n
    for one, other in zip(again.curve, once.curve, strict=True):
        assert one.cosine == pytest.approx(other.cosine, abs=0.02)


def test_the_order_of_documents_changes_nothing():
    rows, vectors, bag = planted(5, 301)
    order = np.random.default_rng(2).permutation(len(bag))
    assert estimate_number(rows, vectors[order], bag.take(order)) == estimate_number(
        rows, vectors, bag
    )


def test_each_half_judges_what_the_other_found():
    """A point of the curve from its definition, in plain loops."""
    from tenor.evaluation.coherence import npmi
    from tenor.topics.finding import find
    from tenor.topics.space import shared_space

    rows, vectors, bag = planted(4, 300)
    found = estimate_number(rows, vectors, bag, seed=5)
    shuffled = np.random.default_rng(5).permutation(np.argsort(vectors[:, 7]))
    halves = shuffled[:150], shuffled[150:]
    topics = [find(shared_space(rows, vectors[half], bag.take(half)), 5) for half in halves]
    words = [[[word for word, _ in top] for top in ten.top_words(10)] for ten in topics]
    at = found.curve[0]
    assert at.n == 5
    judged = [npmi(words[0], bag.take(halves[1])).mean, npmi(words[1], bag.take(halves[0])).mean]
    assert at.npmi == pytest.approx(np.mean(judged))
    cosines = []
    for own, half in ((topics[0], halves[1]), (topics[1], halves[0])):
        for z in vectors[half]:
            d = z / np.linalg.norm(z) - own.mean
            both = np.concatenate([d, d]) / np.linalg.norm(d) / np.sqrt(2)
            cosines.append(max(both @ c for c in own.centres.astype(float)))
    assert at.cosine == pytest.approx(np.mean(cosines), rel=1e-5)
    most = max(
        sum(len(set(words[0][i]) & set(words[1][j])) for i, j in enumerate(order))
        for order in permutations(range(5))
    )
    assert at.stability == pytest.approx(most / 50)


def test_topics_without_words_count_nothing():
    bag = bag_of(np.array([[1, 1, 0], [0, 0, 1]]))
    assert number.held_out_npmi([[0, 1], [2], []], bag) == pytest.approx(1 / 3)
    assert number.held_out_npmi([[2], []], bag) == 0
    assert number.shared_words([[1, 2, 3], [4, 5]], [[5, 9], [3, 2, 7], [1]]) == pytest.approx(0.1)


def test_the_knee_is_the_point_farthest_above_the_chord():
    curve = [(4, 0.1), (8, 0.5), (16, 0.8), (32, 0.9), (64, 0.92)]
    above = [(value - 0.1) / 0.82 - np.log2(n / 4) / 4 for n, value in curve]
    assert knee(curve) == curve[int(np.argmax(above))][0] == 16
    assert knee([(n, 2 * np.log(n)) for n in (3, 5, 9)]) == 3  # a straight line: the first
    assert knee([(3, 0.5), (5, 0.5), (7, 0.4)]) is None


def test_the_last_stable_number():
    assert last_stable([(3, 0.9), (5, 1.0), (7, 0.89), (10, 0.9), (14, 0.3)]) == 10
    assert last_stable([(3, 0.0), (5, 0.0)]) is None


def test_the_eigengap_against_a_plain_graph(monkeypatch):
    monkeypatch.setattr(number, "NEAREST", 3)
    rng = np.random.default_rng(0)
    words = np.repeat(np.eye(6)[:4], 8, axis=0) + 0.25 * rng.normal(size=(32, 6))
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    graph = np.zeros((32, 32))
    for i in range(32):
        near = sorted((j for j in range(32) if j != i), key=lambda j: -words[i] @ words[j])[:3]
        for j in near:
            graph[i, j] = graph[j, i] = max(words[i] @ words[j], 0)
    degree = graph.sum(axis=1)
    plain = np.eye(32) - graph / np.sqrt(np.outer(degree, degree))
    np.testing.assert_allclose(number._laplacian(words), plain, atol=1e-12)
    values = np.linalg.eigvalsh(plain)
    gaps = {k: values[k] - values[k - 1] for k in range(2, 20)}  # λ_k is values[k - 1]
    assert eigengap(words, 2, 19) == max(gaps, key=gaps.__getitem__) == 4
    assert eigengap(words, 5, 19) == max(range(5, 20), key=gaps.__getitem__)
    assert eigengap(words[:3], 3, 9) is None


def test_modes_are_the_heaps_words_lie_in(monkeypatch):
    monkeypatch.setattr(number, "FELT", 8)
    rng = np.random.default_rng(0)
    words = np.repeat(np.eye(9)[:7], 12, axis=0) + 0.05 * rng.normal(size=(84, 9))
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    assert modes(words, np.ones(84)) == 7
    assert modes(words[:1], np.ones(1)) == 1
    assert modes(words[:12], rng.random(12) + 0.1) == 1


def test_the_middle_is_taken_in_octaves():
    assert middle_of([4, 16, 64]) == (16, 4.0)
    assert middle_of([4, 16]) == (8, 2.0)
    assert middle_of([7]) == (7, 0.0)


@pytest.mark.parametrize("n_documents", [1, 2, 70])
def test_what_is_too_small_for_a_curve_says_what_it_carries(n_documents):
    rows, vectors, bag = planted(2, n_documents)
    found = estimate_number(rows, vectors, bag)
    assert found.curve == () and found.estimates == {} and found.spread == 0
    assert found.n == max(1, n_documents // 20)
    assert str(found) == f"{found.n} topics: what so few documents or words can carry"


def test_three_words():
    found = estimate_number(np.eye(3), np.eye(3).repeat(50, axis=0), bag_of(np.ones((150, 3))))
    assert found.n == 1 and found.estimates == {}


def test_documents_without_words_are_not_looked_at():
    rows, vectors, bag = planted(4, 300)
    dense = np.zeros((310, bag.n_words), dtype=np.int64)
    dense[np.repeat(np.arange(300), bag.distinct), bag.words] = bag.counts
    more = estimate_number(rows, np.vstack([vectors, np.ones((10, 40))]), bag_of(dense))
    assert more == estimate_number(rows, vectors, bag)
    with pytest.raises(InputError, match="no document has a word"):
        estimate_number(rows, vectors[:2], bag_of(np.zeros((2, bag.n_words))))
    with pytest.raises(InputError, match="vectors must have one entry for each of 300 rows"):
        estimate_number(rows, vectors[:7], bag)


def test_of_many_documents_a_sample_is_looked_at(monkeypatch):
    monkeypatch.setattr(number, "SAMPLE", 300)
    rows, vectors, bag = planted(5, 900)
    heard = []
    found = estimate_number(rows, vectors, bag, progress=lambda *at: heard.append(at))
    assert found.n_documents == 300 and found.n == 5
    assert heard == [(i + 1, len(found.curve)) for i in range(len(found.curve))]
    assert "of 300 documents" in str(found)


def test_json_and_text_show_every_estimate_and_the_curve():
    rows, vectors, bag = planted(5, 400)
    found = replace(estimate_number(rows, vectors, bag), n=17)
    said = json.loads(json.dumps(found.to_json()))
    assert set(said) == {"n", "estimates", "curve", "spread", "n_documents"}
    assert said["n"] == 17 and said["estimates"] == found.estimates
    assert set(said["curve"][0]) == {"n", "npmi", "cosine", "stability"}
    text = str(found)
    assert text.startswith("17 topics: the median of five estimates, ")
    assert all(name in text for name in found.estimates)
    assert len(text.splitlines()) == 1 + 5 + 2 + len(found.curve)
