from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.topics.finding import find
from tenor.topics.flags import (
    agreement,
    edge_scores,
    everyday_scores,
    flags,
    mean_shares,
    repeated_texts,
    row_numbers,
)
from tenor.topics.space import shared_space

TALK, ADDRESSES, THEMES, EACH = 6, 7, 6, 12  # groups of words, as planted


def kinds(found):
    return [[flag.kind for flag in own] for own in found]


def shares(ground, late=0.15, early=0.15):
    """Everything anywhere, addresses at the given shares."""
    group = np.arange(ground.bag.n_words) // EACH
    return np.where(group == ADDRESSES, late, 0.15), np.where(group == ADDRESSES, early, 0.15)


def by_loop(ground):
    """(V,) agreement, word by word and document by document."""
    found = np.full(ground.bag.n_words, np.nan)
    for word in {word for topic in ground.shown for word in topic}:
        total, direction = 0.0, np.zeros(ground.space.documents.shape[1])
        for document, row in enumerate(ground.dense):
            weight = np.log1p(row[word]) * ground.space.multiplicity[document]
            total += weight
            direction += weight * ground.space.documents[document]
        if total:
            found[word] = np.linalg.norm(direction) / total
    return found


def test_agreement_and_scores_equal_loops(planted_themes):
    agree = agreement(planted_themes.shown, planted_themes.space, planted_themes.bag)
    assert agree == pytest.approx(by_loop(planted_themes), nan_ok=True)
    frequency = (planted_themes.dense > 0).sum(axis=0)
    looped = [
        np.mean([np.log(frequency[word]) - 2 * np.log(agree[word]) for word in words])
        for words in planted_themes.shown
    ]
    scores = everyday_scores(planted_themes.shown, frequency, agree)
    assert scores == pytest.approx(looped - np.median(looped))
    late, early = shares(planted_themes, 0.4, 0.2)
    edges = [
        np.mean([late[word] + early[word] - 0.2 * agree[word] for word in words])
        for words in planted_themes.shown
    ]
    assert edge_scores(planted_themes.shown, late, early, agree) == pytest.approx(edges)


def test_what_is_not_known_is_left_out():
    known = np.array([0.5, np.nan, 0.1, np.nan])
    means = mean_shares([[0, 1], [1, 3], [], [0, 2]], known)
    assert means == pytest.approx([0.5, np.nan, np.nan, 0.3], nan_ok=True)


def test_everyday_words_are_flagged_and_themes_are_not(planted_themes):
    late, early = shares(planted_themes)
    found = flags(planted_themes.topics, planted_themes.space, planted_themes.bag, late, early)
    expected = [[] for _ in found]
    expected[planted_themes.of_group(TALK)] = ["everyday talk"]
    assert kinds(found) == expected
    (flag,) = found[planted_themes.of_group(TALK)]
    words = planted_themes.shown[planted_themes.of_group(TALK)]
    filled = planted_themes.dense.sum(axis=1) > 0
    share = (planted_themes.dense[filled][:, words] > 0).mean()
    assert f"{100 * share:.1f} % of the documents" in flag.reason


def test_addresses_are_flagged_by_where_they_stand(planted_themes):
    place = planted_themes.of_group(ADDRESSES)
    topics, space, bag = planted_themes.topics, planted_themes.space, planted_themes.bag
    late, early = shares(planted_themes, 0.45, 0.3)
    both, alone = flags(topics, space, bag, late, early), flags(topics, space, bag, late)
    absent = flags(topics, space, bag)
    assert kinds(both)[place] == kinds(alone)[place] == ["addresses and signatures"]
    assert "75 %" in both[place][0].reason
    assert "45 %" in alone[place][0].reason
    assert kinds(absent)[place] == []
    for found in (both, alone):
        assert sum("addresses and signatures" in own for own in kinds(found)) == 1


def test_addresses_that_are_everywhere_are_not_called_talk(planted_themes):
    place = planted_themes.of_group(TALK)
    late = np.where(np.arange(planted_themes.bag.n_words) // EACH == TALK, 0.9, 0.15)
    early = np.full(planted_themes.bag.n_words, 0.05)
    found = flags(planted_themes.topics, planted_themes.space, planted_themes.bag, late, early)
    assert kinds(found)[place] == ["addresses and signatures"]


def test_words_whose_place_is_not_known_raise_no_flag(planted_themes):
    unknown = np.full(planted_themes.bag.n_words, np.nan)
    topics, space, bag = planted_themes.topics, planted_themes.space, planted_themes.bag
    assert kinds(flags(topics, space, bag, unknown, unknown)) == kinds(flags(topics, space, bag))


@pytest.mark.parametrize(("copies", "flagged"), [(0.6, True), (0.1, False)])
def test_one_text_many_times_is_flagged(grow, copies, flagged):
    ground = grow(copies=copies)
    found = kinds(flags(ground.topics, ground.space, ground.bag))
    assert ("one repeated text" in found[ground.of_group(0)]) == flagged
    assert sum("one repeated text" in own for own in found) == flagged


def test_equal_documents_have_equal_numbers_and_others_do_not(as_bag):
    rng = np.random.default_rng(0)
    dense = rng.poisson(0.4, size=(300, 5))
    dense[:, 0] += 1
    numbers = row_numbers(as_bag(dense))
    same = (dense[:, None] == dense[None]).all(axis=2)
    assert np.array_equal(numbers[:, None] == numbers[None], same)
    owners = rng.integers(0, 3, size=300)
    largest, own = repeated_texts(as_bag(dense), owners, 4)
    for topic in range(4):
        rows = [tuple(row) for row in dense[owners == topic]]
        assert own[topic] == len(rows)
        assert largest[topic] == max(map(rows.count, rows), default=0)


def test_offsets_that_begin_elsewhere_change_no_number(random_bag):
    bag = random_bag(30, 8)
    part = BagOfWords(bag.offsets[7:21], bag.words, bag.counts, bag.n_words)
    assert np.array_equal(row_numbers(part), row_numbers(bag)[7:20])


def test_a_document_agrees_as_often_as_it_counts(planted_themes):
    times = np.random.default_rng(4).integers(0, 4, len(planted_themes.bag))
    space = shared_space(
        planted_themes.word_vectors, planted_themes.vectors, planted_themes.bag, times
    )
    counted = replace(planted_themes, space=space)
    agree = agreement(counted.shown, space, counted.bag)
    assert agree == pytest.approx(by_loop(counted), nan_ok=True)


def twice(topics, place):
    """The topics, and one more that lies where one of them does, half its size."""
    sizes = np.append(topics.sizes, topics.sizes[place] / 2)
    return replace(
        topics,
        centres=np.vstack([topics.centres, topics.centres[place]]),
        owner=np.append(topics.owner, len(topics)),
        ids=(*topics.ids, 77),
        names=(*topics.names, None),
        sizes=sizes,
    )


def test_of_two_topics_that_say_the_same_the_smaller_is_flagged(planted_themes):
    doubled = twice(planted_themes.topics, 2)
    found = flags(doubled, planted_themes.space, planted_themes.bag)
    (flag,) = [flag for own in found for flag in own if flag.kind == "near-duplicate"]
    assert flag in found[-1]
    assert flag.about == doubled.ids[2]
    assert flag.reason == f"topic {doubled.ids[2]} has 10 of the 10 words nearest to it too"
    assert flag.to_json() == {"kind": flag.kind, "reason": flag.reason, "about": flag.about}


def test_neither_order_of_documents_nor_of_words_changes_flags(planted_themes, as_bag):
    rng = np.random.default_rng(2)
    documents = rng.permutation(len(planted_themes.bag))
    words = rng.permutation(planted_themes.bag.n_words)
    bag = as_bag(planted_themes.dense[documents][:, words])
    space = shared_space(planted_themes.word_vectors[words], planted_themes.vectors[documents], bag)
    late, early = shares(planted_themes, 0.45, 0.3)
    moved = flags(find(space, 8), space, bag, late[words], early[words])
    usual = flags(planted_themes.topics, planted_themes.space, planted_themes.bag, late, early)
    assert moved == usual


@pytest.mark.parametrize(
    ("late", "says"),
    [([0.1] * 5, r"late_share must have the shape \(96,\)"), ([1.5] * 96, "shares from 0 to 1")],
)
def test_bad_shares_get_one_line(planted_themes, late, says):
    with pytest.raises(InputError, match=says):
        flags(planted_themes.topics, planted_themes.space, planted_themes.bag, late)


def test_documents_over_other_words_are_refused(planted_themes, as_bag):
    with pytest.raises(InputError, match="counted over 3 words"):
        flags(planted_themes.topics, planted_themes.space, as_bag([[1, 0, 2]]))
