"""What finds topics finds planted ones, and the table's figures are those of their runs."""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
import pytest

import tenor

WORDS = [f"word{n}" for n in range(40)]


@pytest.fixture(scope="module")
def planted():
    """300 texts of twelve words, each from one of four lists of ten."""
    random = np.random.default_rng(0)
    texts = [
        " ".join(random.choice(WORDS[10 * (n % 4) : 10 * (n % 4) + 10], 12)) for n in range(300)
    ]
    return tenor.Corpus.from_texts(texts, vocabulary=WORDS)


@pytest.mark.parametrize("which", ["FactorisedFromSVD", "FactorisedFromChance", "Tomotopy"])
def test_a_peer_finds_planted_topics(planted, which):
    import topic_peers

    peer = getattr(topic_peers, which)
    for package in peer.needs:
        pytest.importorskip(package)
    one = peer(seed=1)
    one.begin(planted)
    with pytest.warns() if which == "Tomotopy" else _nothing():  # it warns of its threads
        topics = one.find(4)
    found = sorted(sorted(planted.words[word] for word in topic) for topic in topics)
    expected = sorted(sorted(WORDS[a:b]) for a, b in pairwise([0, 10, 20, 30, 40]))
    assert found == expected


def test_the_topics_of_tenor_are_those_of_its_model(planted):
    import topic_peers

    one = topic_peers.Tenor(seed=1, quick=True)
    one.begin(planted)
    topics = one.find(4)
    assert all(len(set(topic)) == len(topic) <= 10 for topic in topics)
    shown = [[planted.words[word] for word in topic] for topic in topics]
    assert shown == [[word for word, _ in topic] for topic in one.model.topics_.words(10)]
    assert one.support()


def test_a_peer_that_is_not_there_is_named():
    import topic_peers

    class Nowhere(topic_peers.Contestant):
        needs = ("nowhere_at_all",)

    assert Nowhere.missing() == (
        "nowhere_at_all does not import here: No module named 'nowhere_at_all'"
    )
    assert topic_peers.FactorisedFromSVD.missing() is None


def test_token_ids_are_the_text(planted):
    import topic_sets

    few = planted[:3]
    for text, ids in zip(few.texts, topic_sets.token_ids(few), strict=True):
        assert " ".join(few.words[word] for word in ids) == text


def test_documents_drawn_anew_are_some_of_them(planted):
    import topic_sets

    drawn = topic_sets.resampled(planted, seed=0)
    assert drawn.shape == planted.shape and drawn.words == planted.words
    rows = np.random.default_rng(0).integers(0, 300, 300)
    assert (drawn.counts != planted.counts[rows]).nnz == 0


def test_a_row_says_what_its_runs_are_worth(planted):
    import topic_sets

    import topics

    made = topic_sets.TopicSet.of("planted", planted, planted[:100])
    good = [list(range(start, start + 10)) for start in (0, 10, 20, 30)]
    runs = [topics.Run(good, 2.0, 1.0), topics.Run(good[::-1], 2.0, 3.0)]
    shown = dict(zip(topics.COLUMNS[1:], topics.cells(made, runs, [good]), strict=True))
    assert shown["diversity"] == "1.000 ± 0.000"
    assert shown["tokens"] == shown["documents"] == "1.00 ± 0.00"
    assert (shown["shared, seeds"], shown["shared, bootstraps"]) == ("10.00", "–")
    assert shown["s"] == "2.0 ± 0.0 + 2.0 ± 1.4"


def test_a_table_has_a_row_for_everyone(planted, tmp_path, monkeypatch):
    import results
    import topic_sets

    import topics

    monkeypatch.setattr(topics, "PEERS", {"nmf": topics.PEERS["nmf"]})
    asked = argparse.Namespace(
        topics="4,3", no_tenor=True, peers="nmf", seeds=2, bootstraps=2, quick=True, save=False
    )
    made = topic_sets.TopicSet.of("planted", planted, planted[:100])
    report = results.Report("topics", "Topics", asked)
    kept = topics.compare(report, made, asked)
    rows = [line for line in report.lines if line.startswith("| scikit-learn NMF")]
    assert len(rows) == 4 and all(len(row.split("|")) == 2 + len(topics.COLUMNS) for row in rows)
    assert len(kept) == 6  # two numbers of topics, one run and two
    assert all(word in WORDS for run in kept for topic in run["topics"] for word in topic)


def _nothing():
    from contextlib import nullcontext

    return nullcontext()
