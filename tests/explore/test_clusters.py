"""Clusters and their names on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.clusters import cluster, k_means, name_clusters
from tenor.explore.telling import distinct_names


def heaps(sizes=(60, 40, 20), seed=0):
    rng = np.random.default_rng(seed)
    centres = np.eye(len(sizes), 8)
    vectors = [
        centre + 0.1 * rng.normal(size=(n, 8)) for centre, n in zip(centres, sizes, strict=True)
    ]
    lengths = 10 ** rng.uniform(-3, 3, size=(sum(sizes), 1))  # only the direction counts
    return np.concatenate(vectors) * lengths, np.repeat(np.arange(len(sizes)), sizes)


def test_given_clusters_are_found_and_numbered_by_size():
    vectors, truth = heaps()
    found = cluster(vectors, 3)
    assert found.labels.tolist() == truth.tolist()
    assert found.sizes.tolist() == [60, 40, 20]
    assert found.criterion == "given"
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (directions * found.centres[found.labels]).sum(axis=1)
    np.testing.assert_allclose(found.scores, cosines, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found.centres, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("k", [2, 5])
def test_the_number_of_clusters_is_chosen(k):
    vectors, truth = heaps((40,) * k)
    found = cluster(vectors)
    assert len(found) == k and "silhouette" in found.criterion
    assert len(set(zip(found.labels.tolist(), truth.tolist(), strict=True))) == k


def test_same_seed_same_clusters_and_float32_is_fine():
    vectors = np.random.default_rng(0).normal(size=(300, 10)).astype(np.float32)
    first, second = cluster(vectors, 7, seed=0), cluster(vectors, 7, seed=0)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert first.labels.tolist() != cluster(vectors, 7, seed=5).labels.tolist()


def test_documents_without_direction_keep_their_row():
    vectors, _ = heaps()
    vectors[5] = 0
    found = cluster(vectors, 3)
    assert len(found.labels) == len(vectors)
    assert found.scores[5] == 0


def test_representatives_are_the_nearest_to_the_centre():
    vectors, _ = heaps()
    found = cluster(vectors, 3)
    rows = found.representatives(1, 3)
    members = found.rows(1)
    assert [row for row, _ in rows] == members[np.argsort(-found.scores[members])][:3].tolist()
    with pytest.raises(InputError, match="no cluster 3"):
        found.rows(3)


@pytest.mark.parametrize("vectors", [np.ones((1, 3)), np.ones((9, 3)), np.zeros((4, 3))])
def test_too_little_to_choose_from_is_one_cluster(vectors):
    found = cluster(vectors)
    assert len(found) == 1 and found.labels.tolist() == [0] * len(vectors)


def test_more_clusters_than_documents_that_differ_is_refused():
    with pytest.raises(
        InputError, match="5 clusters need 5 documents that differ, and there are 1"
    ):
        cluster(np.ones((9, 3)), 5)
    with pytest.raises(InputError, match="no documents"):
        cluster(np.zeros((0, 3)))


WORDS = ["the", "god", "faith", "engine", "wheel", "rare"]


def bag(rows):
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    words = np.array([word for row in rows for word in sorted(row)], dtype=np.int32)
    counts = np.array([row[word] for row in rows for word in sorted(row)], dtype=np.int32)
    return BagOfWords(offsets, words, counts, len(WORDS))


def documents():
    religion = [{0: 2, 1: 1, 2: 1}] * 10 + [{0: 1, 1: 1}] * 10
    cars = [{0: 1, 3: 1, 4: 1}] * 10 + [{0: 3, 3: 1}] * 9 + [{0: 1, 5: 900}]
    return bag([*religion, *cars]), np.repeat([0, 1], 20)


def test_names_are_what_sets_a_cluster_apart():
    counts, labels = documents()
    religion, cars = name_clusters(labels, counts, WORDS, in_name=2)
    assert religion.name == "god · faith" and cars.name == "engine · wheel"
    assert religion.size == 20
    # neither the word of every document nor one document's 900 repeats leads
    assert [word for word, _ in cars.words][:2] == ["engine", "wheel"]
    assert "the" not in [word for word, _ in religion.words]


def test_empty_and_wordless_clusters_are_named_too():
    counts, _ = documents()
    named = name_clusters([0] * 20 + [2] * 20, counts, WORDS)
    assert [entry.size for entry in named] == [20, 0, 20]
    assert named[1].name == "cluster 1" and named[1].words == ()


def test_names_differ_where_the_first_words_are_the_same():
    rows = [{1: 1, 2: 1, 3: 1}] * 9 + [{1: 1, 2: 1, 4: 1}] * 9 + [{0: 1}] * 9
    names = [entry.name for entry in name_clusters([0] * 9 + [1] * 9 + [2] * 9, bag(rows), WORDS)]
    assert len(set(names)) == 3


def test_a_name_takes_more_words_where_the_first_ones_are_taken():
    same = [["a", "b"], ["a", "b"], ["a"], []]
    others = ["cluster 0", "cluster 1", "cluster 2", "cluster 3"]
    assert distinct_names(same, 1, others) == ["a", "a · b", "cluster 2", "cluster 3"]
    assert distinct_names(same, 1, others, ["a"]) == [
        "a · b",
        "cluster 1",
        "cluster 2",
        "cluster 3",
    ]


def test_a_slice_of_a_bag_counts_only_its_own_documents():
    counts, labels = documents()
    whole = name_clusters(labels[10:30], counts.take(np.arange(10, 30)), WORDS)
    assert name_clusters(labels[10:30], counts[10:30], WORDS) == whole
    shifted = BagOfWords(counts.offsets[10:31], counts.words, counts.counts, len(WORDS))
    assert name_clusters(labels[10:30], shifted, WORDS) == whole


def test_labels_that_do_not_fit_are_refused():
    counts, labels = documents()
    for wrong in (labels[1:], labels - 1, labels.astype(float)):
        with pytest.raises(InputError, match="labels"):
            name_clusters(wrong, counts, WORDS)


def test_alike_documents_are_no_reason_to_warn():
    labels, centres = k_means(np.eye(2).repeat(5, axis=0), 4, seed=0, starts=2)
    assert len(labels) == 10 and len(set(labels.tolist())) == 2 and len(centres) == 4
