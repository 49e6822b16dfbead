from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_matrix

from tenor.errors import InputError
from tenor.evaluation import by_label
from tenor.evaluation.by_label import cluster_scores, retrieval_scores


def naive(queries, labels, base, base_labels, n):
    """Precision by full sorting, one query at a time; base None: among themselves."""
    found, names = (queries, labels) if base is None else (base, base_labels)
    precisions = []
    for q, label in enumerate(labels):
        if label is None:
            continue
        ranked = []
        for d, name in enumerate(names):
            if name is None or (base is None and d == q):
                continue
            norm = np.linalg.norm(queries[q]) * np.linalg.norm(found[d])
            cosine = queries[q] @ found[d] / norm if norm > 0 else 0.0
            ranked.append((-round(cosine, 9), d))
        precisions.append(np.mean([names[d] == label for _, d in sorted(ranked)[:n]]))
    return np.mean(precisions)


@pytest.fixture
def two_sets():
    rng = np.random.default_rng(0)
    queries, base = rng.standard_normal((23, 4)), rng.standard_normal((160, 4))
    base[40:60] = base[:20]  # ties
    queries[5] = base[7] = 0
    labels = [None if i % 7 == 6 else "abc"[i % 3] for i in range(23)]
    base_labels = [None if i % 9 == 8 else "abd"[i % 3] for i in range(160)]
    return queries, labels, base, base_labels


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("at_once", [1, 1000, 1 << 22])
def test_precision_equals_full_sorting(two_sets, monkeypatch, at_once, sparse):
    monkeypatch.setattr(by_label, "_SCORES_AT_ONCE", at_once)
    queries, labels, base, base_labels = two_sets
    kind = csr_matrix if sparse else np.asarray
    found = retrieval_scores(kind(queries), labels, kind(base), base_labels)
    assert (found.n_queries, found.n_collection, found.n_nearest) == (20, 143, 3)
    assert found.n_unlabelled == 3 + 17
    assert found.precision_at_10 == pytest.approx(naive(*two_sets, 10))
    assert found.precision_at_2_percent == pytest.approx(naive(*two_sets, 3))


@pytest.mark.parametrize("at_once", [1, 1000, 1 << 22])
def test_a_set_searched_in_itself_never_finds_the_document(two_sets, monkeypatch, at_once):
    monkeypatch.setattr(by_label, "_SCORES_AT_ONCE", at_once)
    _, _, base, labels = two_sets
    found = retrieval_scores(base, labels)
    assert (found.n_queries, found.n_collection, found.n_nearest) == (143, 142, 3)
    assert found.n_unlabelled == 17
    assert found.precision_at_10 == pytest.approx(naive(base, labels, None, None, 10))
    assert found.precision_at_2_percent == pytest.approx(naive(base, labels, None, None, 3))


def test_each_with_a_label_of_its_own_finds_no_likeness():
    points = np.random.default_rng(1).standard_normal((60, 3))
    assert retrieval_scores(points, [str(i) for i in range(60)]).precision_at_10 == 0.0
    # and the very same documents as another set are each found first
    names = [str(i) for i in range(60)]
    found = retrieval_scores(points, names, points, names)
    assert (found.precision_at_2_percent, found.n_nearest) == (1.0, 1)
    assert found.precision_at_10 == pytest.approx(0.1)


def test_a_query_that_is_in_the_base_does_not_find_itself(two_sets):
    _, _, base, labels = two_sets
    rows = np.array([3, 8, 30, 150, 159])  # row 8 has no label
    asking = [labels[row] for row in rows]
    found = retrieval_scores(base[rows], asking, base, labels, exclude=rows)
    among = []
    for row, label in zip(rows, asking, strict=True):
        if label is not None:
            others = [name if d != row else None for d, name in enumerate(labels)]
            among.append(naive(base[[row]], [label], base, others, 10))
    assert found.precision_at_10 == pytest.approx(np.mean(among))
    assert (found.n_queries, found.n_collection) == (4, 142)
    nobody = retrieval_scores(base[rows], asking, base, labels, exclude=np.full(5, -1))
    assert nobody == retrieval_scores(base[rows], asking, base, labels)


def test_equal_documents_rank_by_row():
    # 20 equal documents: rows 0 to 9 come first, whatever the partition would prefer
    labels = ["yes"] * 10 + ["no"] * 10
    found = retrieval_scores(np.ones((1, 3)) / 3, ["yes"], np.full((20, 3), 0.1), labels)
    assert found.precision_at_10 == 1.0


@pytest.mark.parametrize(("documents", "nearest"), [(11_290, 226), (74, 1), (75, 2), (10, 1)])
def test_two_percent_is_rounded(documents, nearest):
    base = np.ones((documents, 1))
    found = retrieval_scores(np.ones((1, 1)), ["a"], base, ["a"] * documents)
    assert found.n_nearest == nearest


def test_huge_and_tiny_vectors_keep_their_direction():
    rng = np.random.default_rng(3)
    points, labels = rng.standard_normal((40, 3)), ["ab"[i % 2] for i in range(40)]
    scales = np.where(np.arange(40) % 3 == 0, 1e200, 1e-200)[:, None]
    assert retrieval_scores(points * scales, labels) == retrieval_scores(points, labels)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((np.eye(12), ["a"] * 11), "query_labels has 11 entries"),
        ((np.eye(12), [None] * 12), "no label"),
        ((np.eye(10), ["a"] * 10), "there are 9"),
        ((np.eye(12) * np.nan, ["a"] * 12), "NaN"),
        ((np.eye(12), ["a"] * 12, np.eye(13), ["a"] * 13), "12 dimensions, but base has 13"),
        ((np.eye(12), ["a"] * 12, np.eye(12), None), "base_labels are needed"),
        ((np.eye(12), ["a"] * 12, None, ["a"] * 12), "without base"),
        ((np.eye(12), ["a"] * 12, None, None, np.arange(12)), "without base"),
        ((np.eye(12), ["a"] * 12, np.eye(12), ["a"] * 12, [1.0] * 12), "exclude must be 12 rows"),
        ((np.eye(12), ["a"] * 12, np.eye(12), ["a"] * 12, [12] * 12), "0 to 11, or -1"),
    ],
)
def test_bad_input_gets_one_line(arguments, says):
    with pytest.raises(InputError, match=says):
        retrieval_scores(*arguments)


MISSING = [float("nan"), np.float32("nan"), np.datetime64("NaT"), pd.NA, ""]


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_label_joins_no_measure(two_sets, missing):
    queries, labels, base, base_labels = two_sets
    expected = retrieval_scores(queries, labels, base, base_labels)

    def with_missing(values):
        return [missing if label is None else label for label in values]

    rows = np.arange(len(base_labels))[::-1]  # an index that is not the rows' numbers
    found = pd.Series(with_missing(base_labels), index=rows, dtype=object)
    assert retrieval_scores(queries, with_missing(labels), base, found) == expected
    assert retrieval_scores(queries, pa.array(labels), base, pa.array(base_labels)) == expected
    assert retrieval_scores(base, found) == retrieval_scores(base, base_labels)
    clustered = cluster_scores(base, base_labels, 3, 2)
    assert cluster_scores(base, found, 3, 2) == clustered
    assert clustered.n_unlabelled == 17
    with pytest.raises(InputError, match="labels holds no label"):
        cluster_scores(base, [missing] * 160, 3)


def test_what_is_no_label(two_sets):
    queries, labels, _, _ = two_sets
    with pytest.raises(InputError, match="query_labels has a list in row 0, which is no label"):
        retrieval_scores(queries, [["x"], *labels[1:]])
