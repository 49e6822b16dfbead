from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics import support
from tenor.topics.finding import find
from tenor.topics.space import shared_space
from tenor.topics.support import best_overlap, bootstrapped_words, multiplicities


def stability(ground, topics=None, **asked):
    topics = ground.topics if topics is None else topics
    return told(ground.word_vectors, ground.vectors, ground.bag, topics, **asked)


def told(rows, vectors, bag, topics, **asked):
    return support.stability(topics, bootstrapped_words(rows, vectors, bag, topics, **asked))


def test_best_overlap_is_the_share_of_the_words_in_the_most_similar_list():
    shown = [[1, 2, 3, 4], [5, 6], [], [9]]
    found = [[1, 2, 7, 5], [3, 8], [1, 2, 3, 0]]
    assert best_overlap(shown, found).tolist() == [0.75, 0.5, 0.0, 0.0]
    assert best_overlap(shown, []).tolist() == [0.0] * 4


def test_documents_are_drawn_with_replacement(planted_themes):
    bag, vectors = planted_themes.bag, planted_themes.vectors
    draws = np.array(list(multiplicities(vectors, bag, 200, seed=1)))
    filled = bag.distinct > 0
    assert (draws.sum(axis=1) == filled.sum()).all()
    assert (draws[:, ~filled] == 0).all()
    assert draws[:, filled].mean(axis=0) == pytest.approx(1.0, abs=0.4)
    assert (draws[:, filled] == 0).mean() == pytest.approx(np.exp(-1), abs=0.01)
    assert not np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], next(multiplicities(vectors, bag, 1, seed=2)))


def test_draws_go_by_the_documents_and_not_by_their_order(planted_themes):
    order = np.random.default_rng(0).permutation(len(planted_themes.bag))
    drawn = next(multiplicities(planted_themes.vectors, planted_themes.bag, 1, 0))
    moved = next(
        multiplicities(planted_themes.vectors[order], planted_themes.bag.take(order), 1, 0)
    )
    assert np.array_equal(moved, drawn[order])


def test_planted_topics_come_back_and_noise_does_not(planted_themes, as_bag):
    assert stability(planted_themes).min() > 0.7
    rng = np.random.default_rng(0)
    rows, vectors = rng.normal(size=(200, 8)), rng.normal(size=(400, 8))
    bag = as_bag(rng.poisson(0.3, size=(400, 200)))
    topics = find(shared_space(rows, vectors, bag), 8)
    assert told(rows, vectors, bag, topics).mean() < 0.6


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(planted_themes, threads, monkeypatch):
    usual = stability(planted_themes, seed=3)
    monkeypatch.setattr(support, "THREADS", threads)
    assert np.array_equal(stability(planted_themes, seed=3), usual)


def test_neither_order_of_words_nor_of_documents_changes_anything(planted_themes, as_bag):
    usual = stability(planted_themes, n_bootstraps=3)
    rng = np.random.default_rng(5)
    words = rng.permutation(planted_themes.bag.n_words)
    documents = rng.permutation(len(planted_themes.bag))
    rows, vectors = planted_themes.word_vectors[words], planted_themes.vectors[documents]
    bag = as_bag(planted_themes.dense[documents][:, words])
    topics = find(shared_space(rows, vectors, bag), len(planted_themes.topics))
    again = told(rows, vectors, bag, topics, n_bootstraps=3)
    assert again == pytest.approx(usual)


def test_it_is_the_mean_over_bootstraps(planted_themes):
    done: list[tuple[int, int]] = []
    both = stability(planted_themes, n_bootstraps=2, progress=lambda *steps: done.append(steps))
    assert done == [(1, 2), (2, 2)]
    expected = np.zeros(len(planted_themes.topics))
    for times in multiplicities(planted_themes.vectors, planted_themes.bag, 2, 0):
        space = shared_space(
            planted_themes.word_vectors, planted_themes.vectors, planted_themes.bag, times
        )
        found = find(space, len(planted_themes.topics)).top_words(10)
        others = [{word for word, _ in topic} for topic in found]
        for place, words in enumerate(planted_themes.shown):
            expected[place] += max(len(set(words) & other) for other in others) / len(words) / 2
    assert both == pytest.approx(expected)


def test_edited_topics_are_compared_by_what_they_show(planted_themes):
    topics = planted_themes.topics
    allowed = topics.allowed.copy()
    gone = planted_themes.shown[0][:2]
    allowed[gone] = False
    kept_out = stability(planted_themes, replace(topics, allowed=allowed))
    # The words kept out are kept out of what is found again too, or they would take two places.
    assert kept_out[0] > 0.95
    nothing = replace(topics, allowed=np.zeros_like(allowed) | (np.arange(len(allowed)) < 12))
    silent = [place for place, words in enumerate(nothing.top_words(10)) if not words]
    assert silent
    assert (stability(planted_themes, nothing, n_bootstraps=1)[silent] == 0).all()


def test_bad_input_gets_one_line(planted_themes, as_bag):
    with pytest.raises(InputError, match="n_bootstraps must be a whole number"):
        stability(planted_themes, n_bootstraps=0)
    with pytest.raises(InputError, match="counted over 3 words"):
        bootstrapped_words(np.ones((3, 2)), np.ones((1, 2)), as_bag([[1, 0, 2]]),
                           planted_themes.topics)  # fmt: skip
    with pytest.raises(InputError, match="vectors must have one entry"):
        bootstrapped_words(
            planted_themes.word_vectors,
            planted_themes.vectors[:5],
            planted_themes.bag,
            planted_themes.topics,
        )
