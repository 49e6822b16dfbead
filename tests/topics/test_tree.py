"""Topics of topics on a hierarchy whose every level is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.topics.finding import find
from tenor.topics.space import shared_space
from tenor.topics.tree import shared_out, split_centres, tree

COARSE, MAIN, FINE, WORDS = 3, 3, 2, 8  # 3 themes of 3 topics of 2 parts of 8 words
K = COARSE * (1 + MAIN * (1 + FINE))
V = COARSE * MAIN * FINE * WORDS
VOCABULARY = [f"w{word}" for word in range(V)]


def directions():
    """(18, K) one direction for each part: its theme's, its topic's and its own."""
    axes = np.eye(K)
    found = []
    for part in range(COARSE * MAIN * FINE):
        topic, theme = part // FINE, part // (FINE * MAIN)
        found.append(
            1.3 * axes[theme] + axes[COARSE + topic] + 0.7 * axes[COARSE + COARSE * MAIN + part]
        )
    return np.array(found)


def planted(n_documents=900, seed=0):
    """The shared space of documents that hold words of one part."""
    rng = np.random.default_rng(seed)
    part_of_word = np.arange(V) // WORDS
    part = rng.integers(0, COARSE * MAIN * FINE, n_documents)
    axes = directions()
    rows = axes[part_of_word] + 0.05 * rng.normal(size=(V, K))
    vectors = axes[part] + 0.05 * rng.normal(size=(n_documents, K))
    dense = np.zeros((n_documents, V), dtype=np.int64)
    for d, own in enumerate(part):
        p = np.full(V, 0.05 / V)
        p[part_of_word == own] += 0.95 / WORDS
        dense[d] = rng.multinomial(20, p)
    return shared_space(rows, vectors, bag_of(dense))


def bag_of(dense):
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(len(dense) + 1))
    return BagOfWords(offsets, words, dense[documents, words], dense.shape[1])


@pytest.fixture(scope="module")
def space():
    return planted()


@pytest.fixture(scope="module")
def topics(space):
    return find(space, COARSE * MAIN)


def check_invariants(found, topics):
    main = found.level("main")
    assert [node.id for node in main] == [
        str(topics.ids[place]) for place in np.argsort(-topics.topic_sizes, kind="stable")
    ]
    for node in found.nodes.values():
        children = [found.nodes[child] for child in node.children]
        assert all(child.parent == node.id for child in children)
        if children:
            assert sum(child.size for child in children) == pytest.approx(node.size, rel=1e-9)
            assert [c.size for c in children] == sorted((c.size for c in children), reverse=True)
        if node.parent is not None:
            assert found.nodes[node.parent].children.count(node.id) == 1
    for level in found.levels:
        nodes = found.level(level)
        assert sum(node.size for node in nodes) == pytest.approx(topics.topic_sizes.sum())
        shown = [word for node in nodes for word, _ in node.words]
        assert len(shown) == len(set(shown)), "no word at two places of a level"
        if level != "main":
            assert all((node.parent is None) == (level == "coarse") for node in nodes)


def test_the_planted_hierarchy_is_found(space, topics):
    found = tree(topics, space, COARSE, COARSE * MAIN * FINE)
    check_invariants(found, topics)
    assert found.levels == ["coarse", "main", "fine"]
    for level, of in (("coarse", FINE * MAIN * WORDS), ("main", FINE * WORDS), ("fine", WORDS)):
        nodes = found.level(level)
        planted_at = [{word // of for word, _ in node.words} for node in nodes]
        assert all(len(ones) == 1 for ones in planted_at), level
        assert len(set.union(*planted_at)) == len(nodes) == V // of
    for node in found.level("main"):
        assert node.parent is not None
        assert node.words[0][0] // 48 == found.nodes[node.parent].words[0][0] // 48
        assert {found.nodes[part].words[0][0] // 16 for part in node.children} == {
            node.words[0][0] // 16
        }


def test_edited_topics_keep_their_ids_names_centres_and_words(space, topics):
    """As merging the first two, dropping a third, and giving a word away would leave them."""
    keep = np.flatnonzero(topics.owner != 4)
    place = np.array([0, 0, 1, 2, -1, 3, 4, 5, 6])
    held = np.full(V, -1)
    moved = topics.top_words(10)[3][0][0]
    held[moved] = 1
    edited = replace(
        topics,
        centres=topics.centres[keep],
        owner=place[topics.owner[keep]],
        sizes=topics.sizes[keep],
        ids=(12, 2, 3, 5, 6, 7, 8),
        names=("two in one", *[None] * 6),
        held=held,
        allowed=topics.allowed & (np.arange(V) != 17),
    )
    found = tree(edited, space, COARSE, 14)
    check_invariants(found, edited)
    assert found.nodes["12"].name(VOCABULARY) == "two in one"
    assert "12.0" in found.nodes and "4" not in found.nodes
    assert found.nodes["2"].words[0][0] == moved
    assert found.nodes["2"].parent is not None
    assert 17 not in {word for node in found.nodes.values() for word, _ in node.words}
    split = split_centres(edited, 0, 2)
    assert split.shape == (2, 2 * K)


def test_levels_that_make_no_sense_fall_away(space, topics):
    for coarse in (COARSE * MAIN, 100, 1, None):
        found = tree(topics, space, coarse, None)
        assert found.levels == ["main"] and len(found.roots) == len(topics)
    for fine in (1, COARSE * MAIN, None):
        assert tree(topics, space, COARSE, fine).levels == ["coarse", "main"]
    one = find(space, 1)
    assert tree(one, space, 10, 1).levels == ["main"]
    check_invariants(tree(one, space, 10, 4), one)


def test_parts_have_five_words_however_many_are_asked_for(space, topics):
    found = tree(topics, space, None, V)
    check_invariants(found, topics)
    fine = found.level("fine")
    assert len(fine) >= COARSE * MAIN * FINE
    assert all(len(node.words) == 5 for node in fine)


def test_a_few_documents_and_words(as_bag):
    space = shared_space(np.eye(3), [[1.0, 2.0, 0.0]], as_bag([[1, 2, 1]]))
    for n in (1, 3):
        topics = find(space, n)
        found = tree(topics, space, 2, 200)
        assert found.levels[-1] == "main" or found.level("fine")
        check_invariants(found, topics)


def test_the_order_of_documents_and_of_words_changes_nothing(space, topics):
    rng = np.random.default_rng(3)
    documents = rng.permutation(len(space.documents))
    shuffled = replace(
        space,
        documents=space.documents[documents],
        multiplicity=space.multiplicity[documents],
    )
    assert tree(topics, shuffled, 3, 18).text(VOCABULARY) == tree(topics, space, 3, 18).text(
        VOCABULARY
    )
    words = rng.permutation(V)
    moved = replace(
        space,
        words=space.words[words],
        frequency=space.frequency[words],
        poisson_likeness=space.poisson_likeness[words],
        weights=space.weights[words],
    )
    again = tree(find(moved, COARSE * MAIN), moved, 3, 18)
    names = [VOCABULARY[word] for word in words]
    assert again.text(names) == tree(topics, space, 3, 18).text(VOCABULARY)


def test_json_and_text_say_the_same(space, topics):
    found = tree(topics, space, COARSE, COARSE * MAIN * FINE)
    said = json.loads(json.dumps(found.to_json(VOCABULARY)))
    assert list(said["levels"]) == ["coarse", "main", "fine"]
    by_id = {node["id"]: node for node in said["topics"]}
    assert list(by_id) == [node for level in said["levels"].values() for node in level]
    first = by_id[said["levels"]["coarse"][0]]
    assert first["parent"] is None and len(first["children"]) == MAIN
    assert first["name"] == " ".join(word["word"] for word in first["words"][:3])
    assert set(first) == {"id", "level", "name", "size", "words", "parent", "children"}
    lines = found.text(VOCABULARY).splitlines()
    assert len(lines) == len(by_id)
    assert lines[0].startswith("c0 ") and lines[1].startswith("    ") and "%" in lines[0]


def test_a_split_gives_the_planted_parts(topics):
    for place, words in enumerate(topics.top_words(16)):
        centres = split_centres(topics, place, 2)
        assert centres.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-5)
        ids = np.array([word for word, _ in words])
        side = np.argmax(topics.words[ids] @ centres.T, axis=1)
        for part in np.unique(ids // WORDS):
            assert len(np.unique(side[ids // WORDS == part])) == 1
        assert len(np.unique(side)) == 2
        np.testing.assert_array_equal(split_centres(topics, place, 2), centres)


def test_a_split_that_cannot_be_says_so(space, topics):
    named = replace(topics, ids=(30, *range(1, len(topics))))
    with pytest.raises(InputError, match=r"topic 30 has too few words that differ to make 9 of"):
        split_centres(named, 0, 9)
    nothing = replace(topics, allowed=np.zeros(V, dtype=bool))
    with pytest.raises(InputError, match=r"\(0 came out\); ask for fewer"):
        split_centres(nothing, 0, 1)
    with pytest.raises(InputError, match="no topic at 9: they stand at 0 to 8"):
        split_centres(topics, 9, 2)
    with pytest.raises(InputError, match="n must be a whole number of at least 1"):
        split_centres(topics, 0, 0)


def test_other_words_than_the_topics_were_found_over(topics):
    small = shared_space(np.eye(3), np.eye(3), bag_of(np.eye(3, dtype=np.int64)))
    with pytest.raises(InputError, match="found over 144 words in 60 dimensions, not 3 in 6"):
        tree(topics, small)


def test_parts_are_shared_out_as_seats_are():
    """Sainte-Laguë from one each, against the divisors written out."""
    mass = np.array([53.0, 24.0, 23.0, 0.0])
    most = np.array([99, 99, 2, 99])
    assert shared_out(mass, 4, most).tolist() == [1, 1, 1, 1]
    quotients = sorted(
        ((m / (2 * k + 1), i) for i, m in enumerate(mass[:2]) for k in range(1, 20)), reverse=True
    )
    more = [i for _, i in quotients[:5]]
    expected = [1 + more.count(0), 1 + more.count(1), 2, 1]
    assert shared_out(mass, 10, most).tolist() == expected
    assert shared_out(mass, 1000, np.array([3, 1, 2, 5])).tolist() == [3, 1, 2, 1]
