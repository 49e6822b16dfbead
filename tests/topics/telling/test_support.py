from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.evaluation.coherence import npmi
from tenor.topics.support import support


def test_support_equals_a_dense_loop(planted_themes):
    found = support(planted_themes.topics, planted_themes.bag)
    dense = planted_themes.dense
    for place, words in enumerate(planted_themes.shown):
        documents = [(dense[:, word] > 0).sum() for word in words]
        assert found.document_frequency[place] == pytest.approx(np.mean(documents))
        assert found.token_share[place] == pytest.approx(dense[:, words].sum() / dense.sum())
        alone = npmi([words], planted_themes.bag).mean
        assert found.npmi[place] == pytest.approx(alone)
    assert found.size.sum() == pytest.approx(1.0)


def test_fewer_words_are_taken_where_fewer_are_asked_for(planted_themes):
    found = support(planted_themes.topics, planted_themes.bag, top=3)
    words = planted_themes.shown[0][:3]
    assert found.token_share[0] == pytest.approx(
        planted_themes.dense[:, words].sum() / planted_themes.dense.sum()
    )


def test_a_topic_of_one_word_or_none_has_no_npmi_and_is_no_error(planted_themes):
    topics = planted_themes.topics
    allowed = topics.allowed.copy()
    scores = topics.scores()
    own = [np.flatnonzero(np.argmax(scores, axis=0) == place) for place in range(2)]
    allowed[own[0][1:]] = False
    allowed[own[1]] = False
    found = support(replace(topics, allowed=allowed), planted_themes.bag)
    assert np.isnan(found.npmi[:2]).all()
    assert np.isfinite(found.npmi[2:]).all()
    assert found.document_frequency[0] == (planted_themes.dense[:, own[0][0]] > 0).sum()
    assert math.isnan(found.document_frequency[1])
    assert found.token_share[1] == 0
    records = found.to_json()
    assert records[0]["npmi"] is None
    assert records[1]["document_frequency"] is None
    assert records[2]["npmi"] == found.npmi[2]


def test_bad_input_gets_one_line(planted_themes, as_bag):
    with pytest.raises(InputError, match="counted over 3 words, the topics over 96"):
        support(planted_themes.topics, as_bag([[1, 0, 2]]))
    with pytest.raises(InputError, match="nothing supports"):
        support(planted_themes.topics, as_bag(np.zeros((2, 96), dtype=int)))
    with pytest.raises(InputError, match="top must be"):
        support(planted_themes.topics, planted_themes.bag, top=0)
