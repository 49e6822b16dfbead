"""What a map is coloured by: labels, topics within topics of topics, clusters."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import InputError
from tenor.model.mapping import LIKE_NONE, MapRequest, by_topic, draw_documents

N = 60


@pytest.fixture(autouse=True)
def quick_layout(monkeypatch: Any) -> None:
    """The layout is another matter: tests/explore/test_maps.py."""

    def project(vectors: Any, *_: Any, **__: Any) -> Any:
        return np.asarray(vectors, dtype=np.float64)[:, :2]

    monkeypatch.setattr("tenor.model.mapping.project", project)


def unlabelled(model: Any, docs: tenor.Corpus) -> Any:
    """The same model with the documents it keeps as if they had come without labels."""
    bare = tenor.Corpus.from_counts(docs.counts, docs.vocabulary, docs.ids)
    return tenor.NVDM().adopt(model.trained_).index_documents(bare)


class WithoutCounts:
    """Documents as models of before kept them."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def __len__(self) -> int:
        return len(self._store)

    def counted(self, *_: Any) -> None:
        return None


def data_of(path: Any) -> Any:
    page = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S)[1])


def test_labels_come_first_and_ask_for_no_topics(model: Any, docs: Any, tmp_path: Any) -> None:
    def never() -> Any:
        raise AssertionError("topics were asked for")

    for request in (None, MapRequest(by="label"), MapRequest(n_clusters=3)):
        arguments = model.trained_, model.documents_, tmp_path / "m.svg", request
        drawn = draw_documents(*arguments, topics=never, overwrite=True)
        assert drawn.by == ("cluster" if request and request.n_clusters else "label")
    assert drawn.n_drawn == len(docs) - docs.empty.sum()


def test_without_labels_topics_come_first(model: Any, docs: Any, tmp_path: Any) -> None:
    bare = unlabelled(model, docs)
    drawn = bare.draw_map(tmp_path / "m.html", MapRequest(limit=N))
    assert (drawn.by, drawn.n_drawn) == ("topic", N)
    assert set(drawn.groups) <= set(bare.topics_.names)
    data = data_of(tmp_path / "m.html")
    assert data["title"] == f"tenor map: {N} documents by topic"
    assert data["score"] == "strongest topic's weight"
    counts = Counter(data["groups"][number]["name"] for number in data["group"])
    assert {name: n for name, n in counts.items() if name != LIKE_NONE} == drawn.groups


def test_a_document_has_the_colour_of_its_strongest_topic(model: Any, docs: Any) -> None:
    topics = model.find_topics(20)
    found = by_topic(topics, model.transform(docs[:N]))
    weights, like = topics.weights(docs[:N]), topics.likeness(docs[:N])
    strongest = [topics.names[place] for place in weights.argmax(axis=1)]
    expected = [
        name if of >= topics.limit else None for name, of in zip(strongest, like, strict=True)
    ]
    assert found.groups == expected
    np.testing.assert_allclose(found.scores, weights.max(axis=1), rtol=1e-6)


def test_many_topics_have_the_colours_of_coarse_ones(model: Any, docs: Any, tmp_path: Any) -> None:
    topics = model.find_topics(20)
    found = by_topic(topics, model.documents_.vectors)
    tree = topics.tree(10, None)
    assert found.above is not None and 2 <= len(set(found.above.values())) <= 10
    assert not set(found.above.values()) & set(topics.names)
    own = dict(zip(map(str, topics.ids), topics.names, strict=True))
    for node in tree.level("coarse"):
        wide = {found.above.get(own[child]) for child in node.children}
        assert len(wide) == 1 and (wide == {None}) == (len(node.children) == 1)
    model.draw_map(tmp_path / "m.html", MapRequest(by="topic"))
    data = data_of(tmp_path / "m.html")
    seen = {place["name"]: place["seen"] for place in data["places"]}
    for name, wide_name in found.above.items():
        assert seen[wide_name] == "far" and seen.get(name, "near") == "near"
    assert len(data["wider"]) == len(set(found.above.values()))
    few = by_topic(model.find_topics(6), model.documents_.vectors)
    assert few.above is None


def test_a_name_by_hand_stands_on_the_map(model: Any, docs: Any, tmp_path: Any) -> None:
    bare = unlabelled(model, docs)
    bare.find_topics(6).rename(bare.topics_.ids[0], "the first")
    assert "the first" in bare.draw_map(tmp_path / "m.svg").groups
    assert "the first" in (tmp_path / "m.svg").read_text()


def test_without_counts_there_are_clusters(model: Any, docs: Any, tmp_path: Any) -> None:
    old = unlabelled(model, docs)
    old.documents_ = WithoutCounts(old.documents_)
    assert old.draw_map(tmp_path / "m.svg", MapRequest(limit=N)).by == "cluster"
    with pytest.raises(InputError, match="counts"):
        old.draw_map(tmp_path / "n.svg", MapRequest(by="topic"))


def test_requests_are_refused_in_one_line(model: Any, docs: Any, tmp_path: Any) -> None:
    with pytest.raises(InputError, match="one of label, topic, cluster, not 'colour'"):
        MapRequest(by="colour")
    with pytest.raises(InputError, match="by cluster, not by topic"):
        MapRequest(by="topic", n_clusters=3)
    with pytest.raises(InputError, match="no labels; colour the map by topic or cluster"):
        unlabelled(model, docs).draw_map(tmp_path / "m.svg", MapRequest(by="label"))
    with pytest.raises(InputError, match="no topics"):
        request = MapRequest(by="topic")
        draw_documents(model.trained_, model.documents_, tmp_path / "m.svg", request)
