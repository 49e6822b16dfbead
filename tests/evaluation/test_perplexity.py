from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.errors import InputError
from tenor.evaluation.perplexity import (
    Perplexity,
    active_units,
    estimator_name,
    perplexity,
    summarise,
    unigram_bound,
    unigram_log_probability,
)

documents = st.lists(
    st.tuples(st.floats(-500, 0), st.integers(0, 50)), min_size=1, max_size=20
).filter(lambda rows: any(n for _, n in rows))


def test_uniform_words_have_the_vocabulary_size_as_perplexity():
    lengths = np.array([3, 10, 1])
    corpus, per_document = perplexity(-lengths * math.log(2000), lengths)
    assert corpus == pytest.approx(2000) and per_document == pytest.approx(2000)


@given(documents)
def test_both_perplexities_equal_the_definition(rows):
    figures = perplexity([b for b, _ in rows], [n for _, n in rows])
    counted = [(b, n) for b, n in rows if n > 0]
    corpus = math.exp(-sum(b for b, _ in counted) / sum(n for _, n in counted))
    per_document = math.exp(-sum(b / n for b, n in counted) / len(counted))
    assert figures == pytest.approx((corpus, per_document))


def test_hopeless_bounds_are_infinite_without_a_warning():
    assert perplexity([-1e6], [1]) == (math.inf, math.inf)


@pytest.mark.parametrize(
    ("bound", "lengths", "says"),
    [
        ([1.0, 2.0], [1], "bound has 2 entries, but lengths has 1"),
        ([np.nan, 1.0], [1, 1], "entry 0"),
        ([1.0, np.inf], [1, 1], "entry 1"),
        ([1.0, 1.0], [1, -1], "document 1"),
        ([1.0], [0], "no document has a word"),
        ([], [], "no document has a word"),
        (["a"], [1], "array of numbers"),
        ([[1.0]], [1], "shape"),
    ],
)
def test_bad_arrays_get_one_line(bound, lengths, says):
    with pytest.raises(InputError, match=says) as caught:
        perplexity(bound, lengths)
    assert "\n" not in str(caught.value)


def result(**more) -> Perplexity:
    return summarise(
        estimator_name(20),
        [-10.0, -0.5, -30.0],
        [2, 0, 5],
        importance_weighted=[-9.0, -0.4, -28.0],
        kl=[1.0, 99.0, 3.0],
        posterior_mean=[[0.0, 5.0], [9.0, 9.0], [0.0, 6.0]],
        unigram=[-14.0, 0.0, -35.0],
        **more,
    )


def test_summary_leaves_the_empty_document_out_of_every_figure():
    found = result()
    assert (found.n_documents, found.n_tokens, found.n_empty) == (2, 7, 1)
    assert found.corpus == pytest.approx(math.exp(40 / 7))
    assert found.per_document == pytest.approx(math.exp((5 + 6) / 2))
    assert found.importance_weighted_corpus == pytest.approx(math.exp(37 / 7))
    assert found.importance_weighted_per_document == pytest.approx(math.exp((4.5 + 5.6) / 2))
    assert found.unigram_corpus == pytest.approx(math.exp(7))
    assert found.unigram_per_document == pytest.approx(math.exp(7))
    assert found.kl == pytest.approx(2.0)
    assert found.bound == pytest.approx(-40 / 7)
    assert found.corpus == pytest.approx(math.exp(-found.bound))
    assert found.active_units == 1  # of the counted documents; the empty one would make it 2


def test_summary_names_its_estimator_in_text_and_json():
    refined = summarise(estimator_name(20, 50), [-8.0, 0, -25.0], [2, 0, 5])
    found = result(refined=refined)
    assert "ELBO, 20 samples, no refinement" in str(found)
    assert "ELBO, 20 samples, 50 refinement steps" in str(found)
    assert "1 without a known word" in str(found)
    plain = json.loads(json.dumps(found.to_json()))
    assert plain["estimator"] == "ELBO, 20 samples, no refinement"
    assert plain["refined"]["corpus"] == refined.corpus
    assert plain["refined"]["kl"] is None


def test_summary_refuses_what_is_about_other_documents():
    other = summarise("x", [-1.0], [2])
    with pytest.raises(InputError, match="same documents"):
        result(refined=other)
    with pytest.raises(InputError, match="posterior_mean has 1 rows"):
        summarise("x", [-1.0, -1.0], [1, 1], posterior_mean=[[0.0]])
    with pytest.raises(InputError, match="kl has 1 entries"):
        summarise("x", [-1.0, -1.0], [1, 1], kl=[0.0])
    with pytest.raises(InputError, match="likelihood"):
        summarise("x", [-1.0], [1], likelihood="binary")


def test_active_units_are_those_whose_mean_varies():
    step = np.array([-1.0, 1.0] * 50)[:, None]  # variance = scale²
    scales = np.array([0.0, 0.0999, 0.1001, 3.0])
    assert active_units(step * scales + 7.0) == 2
    assert active_units(step * scales, threshold=0.0) == 3
    with pytest.raises(InputError, match="at least one document"):
        active_units(np.zeros((0, 3)))
    with pytest.raises(InputError, match="finite"):
        active_units([[np.nan]])


def test_unigram_bound_equals_a_loop(random_counts, as_bag):
    frequency = np.arange(1, 13)
    found = unigram_bound(frequency, as_bag(random_counts))
    for d, counts in enumerate(random_counts):
        looped = sum(n * math.log(frequency[v] / frequency.sum()) for v, n in enumerate(counts))
        assert found[d] == pytest.approx(looped)


def test_unigram_of_a_slice_is_the_slice_of_the_unigram(random_counts, as_bag):
    bag, frequency = as_bag(random_counts), np.arange(1, 13)
    assert np.array_equal(unigram_bound(frequency, bag[3:9]), unigram_bound(frequency, bag)[3:9])


def test_smoothing_changes_nothing_where_every_word_was_seen():
    exact = unigram_log_probability([3, 1])
    assert np.allclose(exact, np.log([0.75, 0.25]), rtol=0, atol=1e-15)
    assert np.array_equal(exact, unigram_log_probability([3, 1], smoothing=0))
    smoothed = np.exp(unigram_log_probability([3, 1, 0]))
    assert smoothed == pytest.approx(np.array([3.5, 1.5, 0.5]) / 5.5)


def test_unigram_refuses_what_it_cannot_score(random_counts, as_bag):
    bag = as_bag(random_counts)
    unseen = np.arange(12)
    with pytest.raises(InputError, match="word 0 never occurred"):
        unigram_bound(unseen, bag, smoothing=0)
    with pytest.raises(InputError, match="11 words, but the documents have 12"):
        unigram_bound(np.ones(11), bag)
    with pytest.raises(InputError, match="training documents are empty"):
        unigram_bound(np.zeros(12), bag)
    with pytest.raises(InputError, match="negative"):
        unigram_bound(-np.ones(12), bag)


def test_unigram_on_the_benchmark_set(nvdm_20news):
    train, test = nvdm_20news["train"].bag, nvdm_20news["test"].bag
    assert (len(train), train.lengths.sum(), train.nnz) == (11_290, 1_138_254, 730_581)
    assert (len(test), test.lengths.sum(), test.nnz) == (7_510, 721_646, 477_344)
    figures = perplexity(unigram_bound(train.word_frequency, test), test.lengths)
    assert (round(figures.corpus), round(figures.per_document)) == (1211, 1210)
