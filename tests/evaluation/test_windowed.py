from __future__ import annotations

import logging
import tracemalloc

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.evaluation import windowed
from tenor.evaluation.windowed import c_v

TOPICS = [[3, 1, 0, 7], [11, 2, 5, 8, 9, 4], [6, 3, 10]]


@pytest.fixture
def texts():
    """Token ids of texts of many lengths, −1 for other words; words come in bursts."""
    random = np.random.default_rng(0)
    drawn = []
    for length in [0, 1, 3, 7, 8, 9, 20, 40, 75, 200, 0, 5]:
        liked = random.choice(12, 4, replace=False)
        tokens = np.where(
            random.random(length) < 0.4,
            random.choice(liked, length),
            random.integers(-1, 12, length),
        )
        drawn.append(np.where(random.random(length) < 0.3, -1, tokens))
    return drawn


def plain(topics, texts, window, as_gensim):
    """C_v in loops over windows, with gensim's way of letting a word go or without."""
    held = []
    for text in texts:
        text = list(text)
        seen = set(text[:window])
        held.append(set(seen))
        for start in range(1, len(text) - window + 1):
            seen.discard(text[start - 1])
            seen.add(text[start + window - 1])
            held.append(set(seen) if as_gensim else set(text[start : start + window]))

    def share(*words):
        return sum(all(word in one for word in words) for one in held) / len(held)

    def npmi(i, j):
        both = share(i, j) + 1e-12
        return np.log(both / (share(i) * share(j))) / -np.log(both)

    scores = []
    for topic in topics:
        vectors = np.array([[npmi(i, j) for j in topic] for i in topic])
        total = vectors.sum(0)
        norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(total)
        scores.append(np.mean(vectors @ total / norms))
    return scores, len(held)


def gensims(topics, texts, **settings):
    """gensim's own figures; token ids stand as words, −1 too."""
    models = pytest.importorskip("gensim.models")
    corpora = pytest.importorskip("gensim.corpora")
    logging.getLogger("gensim").setLevel(logging.ERROR)
    named = [[f"w{token}" for token in text] for text in texts]
    return models.CoherenceModel(
        topics=[[f"w{word}" for word in topic] for topic in topics],
        texts=named,
        dictionary=corpora.Dictionary(named),
        processes=1,
        **settings,
    ).get_coherence_per_topic()


@pytest.mark.parametrize("as_gensim", [True, False])
@pytest.mark.parametrize("window", [1, 2, 8, 30, 110])
def test_equals_plain_loops_over_windows(texts, window, as_gensim):
    found = c_v(TOPICS, texts, window=window, as_gensim=as_gensim)
    looped, windows = plain(TOPICS, texts, window, as_gensim)
    assert found.per_topic == pytest.approx(looped, abs=1e-9)
    assert found.mean == pytest.approx(np.mean(looped), abs=1e-9)
    assert (found.n_windows, found.absent, found.window) == (windows, (), window)


@pytest.mark.parametrize("window", [2, 8, 110])
def test_equals_gensim(texts, window):
    found = c_v(TOPICS, texts, window=window)
    expected = gensims(TOPICS, texts, coherence="c_v", window_size=window, topn=10)
    assert found.per_topic == pytest.approx(expected, abs=1e-6)


def test_windows_without_a_topic_word_count_as_in_gensim(texts):
    padded = [*texts, *[np.full(50, -1)] * 20]
    found = c_v(TOPICS, padded, window=8)
    assert found.n_windows == c_v(TOPICS, texts, window=8).n_windows + 20 * 43
    expected = gensims(TOPICS, padded, coherence="c_v", window_size=8, topn=10)
    assert found.per_topic == pytest.approx(expected, abs=1e-6)


def test_a_word_is_gone_when_its_first_token_leaves_as_in_gensim():
    text = [0, 2, 0, 1, 1, 2, 2, 2]
    # Word 0 stands in windows 0 to 2, word 1 in 1 to 4; gensim sees 0 in the first, 1 in 1 to 3.
    found = c_v([[0, 1]], [text], window=3)
    assert found.n_windows == 6
    both = np.diag([1, 3]) / 6
    assert found.per_topic[0] == pytest.approx(windowed._topic_c_v(both))
    expected = gensims([[0, 1]], [text], coherence="c_v", window_size=3, topn=10)
    assert found.per_topic == pytest.approx(expected, abs=1e-6)


def test_chunks_of_documents_change_nothing(texts, monkeypatch):
    whole = c_v(TOPICS, texts, window=8)
    monkeypatch.setattr(windowed, "AT_ONCE", 60)
    assert c_v(TOPICS, iter(texts), window=8).per_topic == pytest.approx(whole.per_topic)


def test_the_order_of_documents_and_words_changes_nothing(texts):
    straight = c_v(TOPICS, texts, window=8)
    turned = c_v([topic[::-1] for topic in TOPICS], texts[::-1], window=8)
    assert turned.per_topic == pytest.approx(straight.per_topic)


def test_only_the_top_words_count(texts):
    assert c_v(TOPICS, texts, top=3).per_topic == c_v([t[:3] for t in TOPICS], texts).per_topic


def test_an_absent_word_scores_nothing_and_is_named(texts):
    with_it = c_v([[3, 1, 0, 99]], texts, window=8)
    without = c_v([[3, 1, 0]], texts, window=8)
    assert with_it.absent == (99,)
    assert with_it.mean == pytest.approx(without.mean * 3 / 4)


def test_memory_is_that_of_a_chunk(monkeypatch):
    monkeypatch.setattr(windowed, "AT_ONCE", 2_000)
    peaks = []
    for number in (20, 200):
        documents = (np.arange(400) % 12 for _ in range(number))
        tracemalloc.start()
        c_v(TOPICS, documents)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize(
    ("topics", "documents", "says"),
    [
        ([], [[1]], "no topics"),
        ([[1]], [[1]], "topic 0 has 1 word;"),
        ([[1, 1]], [[1]], "holds a word twice"),
        ([[1, 2]], [], "no documents"),
        ([[1, 2]], [[1], ["a"]], "document 1 must be a list of token ids"),
        ([[1, 2]], [[0.5]], "document 0 must be a list of token ids"),
    ],
)
def test_bad_input_gets_one_line(topics, documents, says):
    with pytest.raises(InputError, match=says):
        c_v(topics, documents)
