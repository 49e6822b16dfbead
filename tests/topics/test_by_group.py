"""Topics by group against dense means, planted differences and repeated draws."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics import group_means
from tenor.topics.by_group import shares_by_group
from tenor.topics.group_means import bootstrap_means, interval


def documents(n=600, topics=8, groups=3, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(topics, 0.3), size=n).astype(np.float32)
    return weights, [f"group {number}" for number in rng.integers(0, groups, size=n)]


def planted(n=900, seed=0):
    """Topic 2 holds .4 on average in group a and .1 in b and c; topic 5 makes room for it."""
    rng = np.random.default_rng(seed)
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, size=n)]
    concentration = np.full((n, 6), 0.6)
    concentration[:, 2], concentration[:, 5] = 0.4, 1.2
    concentration[labels == "a", 2], concentration[labels == "a", 5] = 1.6, 0.0001
    drawn = rng.gamma(concentration) + 1e-9
    return drawn / drawn.sum(axis=1, keepdims=True), labels.tolist()


def test_shares_are_plain_means_over_documents():
    weights, labels = documents()
    found = shares_by_group(weights, labels, n_bootstrap=40)
    sizes = {label: labels.count(label) for label in set(labels)}
    assert list(found.groups) == sorted(sizes, key=lambda label: (-sizes[label], label))
    for place, group in enumerate(found.groups):
        inside = np.array(labels) == group
        dense = weights.astype(np.float64)
        np.testing.assert_allclose(found.means[place], dense[inside].mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.rest[place], dense[~inside].mean(axis=0), rtol=1e-12)
        assert found.documents[place] == inside.sum()
    np.testing.assert_array_equal(found.differences, found.means - found.rest)
    assert (found.intervals[..., 0] < found.means).all()
    assert (found.means < found.intervals[..., 1]).all()


def test_the_order_of_documents_changes_no_bit(monkeypatch):
    monkeypatch.setattr(group_means, "BUNDLES", 50)  # bundles are put together by chance
    weights, labels = documents()
    weights[10:30] = weights[0]  # copies
    first = shares_by_group(weights, labels, n_bootstrap=50)
    order = np.random.default_rng(1).permutation(len(labels))
    second = shares_by_group(weights[order], [labels[row] for row in order], n_bootstrap=50)
    assert json.dumps(first.to_json()) == json.dumps(second.to_json())
    other = shares_by_group(weights, labels, n_bootstrap=50, seed=1)
    assert (other.intervals != first.intervals).any()
    np.testing.assert_array_equal(other.p_values, first.p_values)


def test_random_labels_differ_one_time_in_twenty():
    rates, real = [], 0
    for seed in range(60):
        found = shares_by_group(*documents(n=500, groups=5, seed=seed), n_bootstrap=40)
        rates.append((found.p_values < 0.05).mean())
        real += found.real.any()
    assert 0.03 < np.mean(rates) < 0.065  # 2,400 tests
    assert real <= 8  # a false find in 5 % of the tables, give or take


def test_a_planted_difference_is_found_and_its_interval_holds_the_truth():
    weights, labels = planted()
    found = shares_by_group(weights, labels)
    a = found.groups.index("a")
    low, high = found.intervals[a, 2]
    assert low < 0.4 < high and high - low < 0.1
    assert found.real[a, 2] and found.differences[a, 2] > 0.2
    assert found.real[:, 2].all()  # less in b and c than in the others, a among them
    assert not found.real[[g for g in range(3) if g != a]][:, [0, 1]].any()
    telling = found.telling(1)[a]
    assert [topic.topic for topic in telling.more] == [2]
    assert [topic.topic for topic in telling.less] == [5]
    assert telling.group == "a" and telling.documents == labels.count("a")


@pytest.mark.parametrize("bundles", [4096, 60])
def test_intervals_hold_the_truth_95_times_in_100(bundles, monkeypatch):
    monkeypatch.setattr(group_means, "BUNDLES", bundles)
    rng = np.random.default_rng(0)
    held = []
    for _ in range(100):
        rows = rng.dirichlet(np.full(10, 0.3), size=200)
        low, high = interval(bootstrap_means(rows, 400, rng)).T
        held.append(((low < 0.1) & (high > 0.1)).mean())
    assert 0.92 < np.mean(held) < 0.97


def test_resamples_spread_as_the_mean_does_and_repeat():
    rows = documents(n=300)[0]
    drawn = bootstrap_means(rows, 4000, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn, bootstrap_means(rows, 4000, np.random.default_rng(0)))
    error = rows.std(axis=0, dtype=np.float64) / np.sqrt(300)
    np.testing.assert_allclose(drawn.std(axis=0), error, rtol=0.06)
    np.testing.assert_allclose(drawn.mean(axis=0), rows.mean(axis=0), atol=4 * error.max() / 60)


@pytest.mark.parametrize("bundles", [4096, 60])
def test_the_shares_of_a_resample_sum_to_one(bundles, monkeypatch):
    monkeypatch.setattr(group_means, "BUNDLES", bundles)
    drawn = bootstrap_means(documents(n=200)[0], 50, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-6)  # bundles differ in size


def test_memory_does_not_grow_with_documents_times_resamples():
    weights, labels = documents(n=80_000, topics=10, groups=2)
    tracemalloc.start()
    shares_by_group(weights, labels, n_bootstrap=400)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6  # one count a document and resample would be 32 MB in single bytes


def test_copies_of_one_text_are_spread_over_bundles(monkeypatch):
    monkeypatch.setattr(group_means, "BUNDLES", 100)
    rows = np.repeat([[0.9, 0.1], [0.1, 0.9]], 500, axis=0)
    drawn = bootstrap_means(rows, 2000, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.std(axis=0), 0.4 / np.sqrt(1000), rtol=0.2)


def test_documents_without_label_or_words_join_nothing_and_are_counted():
    weights, labels = documents(n=200)
    expected = shares_by_group(weights, labels, n_bootstrap=40)
    extra = np.concatenate([weights, weights[:3], np.zeros((4, 8), dtype=np.float32)])
    found = shares_by_group(extra, [*labels, None, "", None, *labels[:2], None, "empty"], 40)
    assert (found.unlabelled, found.wordless) == (4, 3)
    assert found.groups == (*expected.groups, "empty")
    np.testing.assert_array_equal(found.means[:3], expected.means)
    np.testing.assert_array_equal(found.p_values[:3], expected.p_values)
    np.testing.assert_array_equal(found.real[:3], expected.real)
    assert found.documents[3] == 0 and np.isnan(found.means[3]).all() and not found.real[3].any()
    assert found.of(3)[0].share is None and found.of(3)[0].p is None


def test_one_group_and_one_document_have_shares_but_no_differences():
    weights, _ = documents(n=50)
    alone = shares_by_group(weights, ["a"] * 50)
    assert np.isnan(alone.rest).all() and np.isnan(alone.p_values).all() and not alone.real.any()
    assert np.isfinite(alone.intervals).all()
    one = shares_by_group(weights[:1], ["a"])
    np.testing.assert_allclose(one.means[0], weights[0], rtol=1e-6)
    assert np.isnan(one.intervals).all()
    pair = shares_by_group(weights, ["a"] * 49 + ["b"])
    assert np.isfinite(pair.rest).all() and np.isnan(pair.p_values).all()
    for shares in (alone, one, pair):
        json.dumps(shares.to_json(), allow_nan=False)
        assert all(not entry.more and not entry.less for entry in shares.telling())


def test_the_table_has_a_record_for_each_group_and_topic():
    weights, labels = planted(90)
    found = shares_by_group(weights, labels, n_bootstrap=40)
    names = [f"topic {number}" for number in range(6)]
    table = found.table(names)
    assert len(table) == 18 and table[7]["name"] == "topic 1"
    assert set(found.table()[0]) == {*table[0]} - {"name"}
    record = table[2]
    assert record["difference"] == record["share"] - record["rest"]
    assert found.to_json(names)["groups"][0]["topics"][2]["share"] == record["share"]
    with pytest.raises(InputError, match="names must have one entry for each of 6 rows"):
        found.table(names[1:])


def test_topics_keep_their_numbers():
    weights, labels = planted()
    ids = [9, 3, 7, 0, 1, 4]
    found, plain = (
        shares_by_group(weights, labels, 40, ids=ids),
        shares_by_group(weights, labels, 40),
    )
    a = found.groups.index("a")
    assert [entry.topic for entry in found.of(a)] == ids
    assert [entry.share for entry in found.of(a)] == [entry.share for entry in plain.of(a)]
    told = found.telling()[a]
    assert told.more[0].topic == 7 and told.less[0].topic == 4
    record = found.table(list("abcdef"))[2]
    assert (record["topic"], record["name"]) == (7, "c")
    with pytest.raises(InputError, match="ids must have one number for each of 6 topics, not 5"):
        shares_by_group(weights, labels, ids=ids[1:])


def test_rows_are_ordered_by_content_alone(monkeypatch):
    weights, _ = documents(n=100)
    whole = group_means.canonical_order(weights)
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(
        weights[order][group_means.canonical_order(weights[order])], weights[whole]
    )
    monkeypatch.setattr(group_means, "BLOCK", 7)
    np.testing.assert_array_equal(group_means.canonical_order(weights), whole)


def test_what_does_not_fit_is_refused_in_one_line():
    weights, labels = documents(n=20)
    doubled = weights.copy()
    doubled[7] *= 2
    below = weights.copy()
    below[3, :2] += [-1, 1]
    for wrong, row in ((doubled, "row 7 sums to 2"), (below, "row 3")):
        with pytest.raises(InputError, match=row):
            shares_by_group(wrong, labels)
    with pytest.raises(InputError, match="labels must have one entry for each of 20 rows"):
        shares_by_group(weights, labels[1:])
    with pytest.raises(InputError, match="label 1 is an int"):
        shares_by_group(weights, [None, 5, *labels[2:]])
    with pytest.raises(InputError, match="no document has a label"):
        shares_by_group(weights, [None] * 20)
    with pytest.raises(InputError, match="both a label and words"):
        shares_by_group(np.zeros((20, 8)), labels)
    with pytest.raises(InputError, match="at least 40"):
        shares_by_group(weights, labels, n_bootstrap=39)
