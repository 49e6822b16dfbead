"""The picture of topic shares: what it chooses, in which order, what it says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.shares_plot import _alike, _chosen, _step, _telling, draw_shares


@dataclass(frozen=True, eq=False)
class Given:
    groups: tuple[str, ...]
    documents: np.ndarray
    means: np.ndarray
    intervals: np.ndarray
    rest: np.ndarray
    real: np.ndarray


def given(groups=6, topics=30, seed=0):
    """Group g holds most of topic g, and a pair of groups of topics 10, 11 or 12."""
    rng = np.random.default_rng(seed)
    means = rng.dirichlet(np.full(topics, 50.0), size=groups)
    for group in range(groups):
        means[group, group % topics] += 0.2
        means[group, (10 + group % 3) % topics] += 0.15
    means /= means.sum(axis=1, keepdims=True)
    rest = (means.sum(axis=0) - means) / max(groups - 1, 1)
    ends = np.stack([means * 0.9, means * 1.1], axis=-1)
    names = tuple(f"group {number}" for number in range(groups))
    documents = np.arange(groups, 0, -1) * 10
    return Given(names, documents, means, ends, rest, np.abs(means - rest) > 0.02)


def names(topics=30):
    return [f"word{number} · like · this" for number in range(topics)]


def drawn(shares, path, **options):
    """The texts of the picture: an SVG names each text in a comment."""
    draw_shares(shares, names(shares.means.shape[1]), path, **options)
    ElementTree.parse(path)
    text = path.read_text(encoding="utf-8")
    return [part.split(" -->")[0] for part in text.split("<!-- ")[1:]]


def test_a_picture_shows_the_groups_and_the_best_topics(tmp_path):
    texts = drawn(given(), tmp_path / "shares.svg", noun="posts", by="newsgroup", max_topics=9)
    assert texts[0] == "What the posts of each newsgroup are about"
    assert texts[1].endswith("210 posts, each of which weighs one; the 9 most telling of 30 topics")
    for group in range(6):
        assert f"group {group}" in texts and f"word{group} · like · this" in texts
    assert sum(text.startswith("word") for text in texts) == 9
    found = given()
    _, topics = _chosen(found, 9, 24)
    more = (found.real & (found.means > found.rest))[:, topics].sum()
    assert sum(text.endswith(" %") and text[0].isdigit() for text in texts) == more >= 12
    assert "may be chance (false discovery rate 5 %)" in texts


def test_a_png_is_written_and_the_same_every_time(tmp_path):
    first = draw_shares(given(20), names(), tmp_path / "a.png", title="Mine", max_topics=5)
    second = draw_shares(given(20), names(), tmp_path / "b.png", title="Mine", max_topics=5)
    assert first.read_bytes()[:4] == b"\x89PNG" and first.read_bytes() == second.read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_every_group_keeps_its_best_topic_and_belongs_beside_its_like():
    shares = given()
    groups, topics = _chosen(shares, 9, 24)
    assert sorted(topics.tolist()) == [0, 1, 2, 3, 4, 5, 10, 11, 12]
    kinds = [int(group) % 3 for group in groups]
    assert kinds[0] == kinds[1] and kinds[2] == kinds[3] and kinds[4] == kinds[5]
    homes = [int(shares.means[groups, topic].argmax()) for topic in topics]
    assert homes == sorted(homes)  # from the upper left to the lower right


def test_few_places_go_to_the_largest_differences():
    apart = np.array([[0.1, 0.0, 0.3, -0.5], [0.0, 0.2, 0.0, 0.0]])
    assert _telling(apart, 2).tolist() == [2, 1]
    assert _telling(apart, 3).tolist() == [2, 1, 3]
    assert _telling(apart, 1).tolist() == [2]
    assert sorted(_alike(np.eye(5)).tolist()) == list(range(5))


def test_small_groups_and_groups_without_words_stay_out_and_are_counted(tmp_path):
    shares = given(30)
    shares.documents[29] = 0
    shares.means[29] = np.nan
    texts = drawn(shares, tmp_path / "shares.svg", max_topics=5)
    assert any("the 24 largest of 29 groups" in text for text in texts)
    assert "group 23" in texts and "group 24" not in texts


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_nothing_real_and_nothing_known_can_be_drawn(groups, tmp_path):
    shares = given(groups)
    shares.real[:] = False
    shares.intervals[:] = np.nan
    if groups == 1:
        shares.rest[:] = np.nan
    texts = drawn(shares, tmp_path / "shares.svg")
    assert not any(text.endswith(" %") and text[0].isdigit() for text in texts)  # marks the real


def test_labels_of_any_kind_stay_in_the_picture(tmp_path):
    shares = given(2, topics=3)
    odd = Given(
        ("$x^2$ \n & <b>", "a" * 400),
        *(getattr(shares, key) for key in ("documents", "means", "intervals", "rest", "real")),
    )
    texts = drawn(odd, tmp_path / "shares.svg")
    assert any(text.startswith("aaa") and text.endswith("…") for text in texts)


def test_the_scale_is_a_round_number():
    assert [_step(x) for x in (0.37, 0.0999, 0.05, 0.012)] == pytest.approx([0.2, 0.05, 0.05, 0.01])


def test_what_cannot_be_drawn_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"a picture of shares is written as \.png or \.svg"):
        draw_shares(given(), names(), tmp_path / "shares.pdf")
    with pytest.raises(InputError, match="names must have one entry for each of 30 rows"):
        draw_shares(given(), names(29), tmp_path / "shares.png")
    empty = given(2)
    empty.documents[:] = 0
    with pytest.raises(InputError, match="nothing to draw"):
        draw_shares(empty, names(), tmp_path / "shares.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match="needs matplotlib"):
        draw_shares(given(), names(), tmp_path / "shares.png")
    assert list(tmp_path.iterdir()) == []
