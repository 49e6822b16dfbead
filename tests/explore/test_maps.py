"""Projection, pictures and pages."""

from __future__ import annotations

import json
import re
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

from tenor.errors import ArtifactError, InputError
from tenor.explore import palette
from tenor.explore.groups import arrange
from tenor.explore.labels import fit_labels, spread_labels
from tenor.explore.page import embed, write_map_page
from tenor.explore.plots import draw_map
from tenor.explore.projection import _neighbours, project


def heaps(n=40, k=3, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    return np.eye(k, 10)[truth] + 0.05 * rng.normal(size=(n, 10)), truth


def test_a_map_keeps_heaps_together_and_is_the_same_every_time():
    vectors, truth = heaps(90)
    steps = []
    points = project(vectors, seed=0, progress=lambda done, total: steps.append((done, total)))
    np.testing.assert_array_equal(points, project(vectors, seed=0))
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert (truth[apart.argmin(axis=1)] == truth).all()
    assert points[:, 0].std() >= points[:, 1].std()
    assert steps[-1] == (750, 750) and steps == sorted(steps)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 8])
def test_few_documents_have_a_map(n):
    points = project(np.random.default_rng(0).normal(size=(n, 5)))
    assert points.shape == (n, 2) and np.isfinite(points).all()
    assert len(np.unique(points, axis=0)) == n


@pytest.mark.parametrize("vectors", [np.ones((30, 4)), np.zeros((30, 4)), np.ones((30, 1))])
def test_equal_and_empty_documents_have_a_place(vectors):
    points = project(vectors)
    assert points.shape == (30, 2) and np.isfinite(points).all()
    assert len(np.unique(points, axis=0)) == 30  # every one can be pointed at


def test_a_map_refuses_nan():
    with pytest.raises(InputError, match="row 2"):
        project([[1.0, 2.0], [1.0, 2.0], [np.nan, 1.0]])


def test_exact_neighbours(monkeypatch):
    monkeypatch.setattr("tenor.explore.projection.PAIRS", 1000)
    rows = np.random.default_rng(0).normal(size=(100, 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found, distances = _neighbours(rows, 7)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(found, np.argsort(apart, axis=1)[:, :7])
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :7], atol=1e-6)


def test_the_approximate_way_for_many_documents(monkeypatch):
    monkeypatch.setattr("tenor.explore.projection.EXACT", 10)
    vectors, truth = heaps(90)
    points = project(vectors, perplexity=8)
    centres = np.array([points[truth == group].mean(axis=0) for group in range(3)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=-1).argmin(axis=1)
    assert (nearest == truth).all()


def test_colours_stay_apart_without_red_and_green():
    apart = palette.distances(palette.COLOURS) + np.eye(24)
    assert len(set(palette.COLOURS)) == 24
    assert apart.min() > 0.05 and apart[:6, :6].min() > 0.07
    assert palette.distances(("#ff0000", "#8a7a00"))[0, 1] < 0.12  # the measure sees like they do


def test_groups_that_touch_get_colours_that_differ():
    touching = np.full((24, 24), 1e-3)
    pair = np.argwhere(palette.distances(palette.COLOURS) + np.eye(24) < 0.065)[0]
    touching[pair[0], pair[1]] = touching[pair[1], pair[0]] = 1.0
    colours = palette.assign(touching)
    assert sorted(colours) == sorted(palette.COLOURS)
    assert palette.distances((colours[pair[0]], colours[pair[1]]))[0, 1] > 0.2


def test_groups_are_the_largest_then_other_then_unlabelled():
    labels = ["a"] * 5 + ["b"] * 7 + ["c", "d", None, "", " c "]
    points = np.random.default_rng(0).normal(size=(len(labels), 2))
    found = arrange(points, labels, limit=2)
    sizes = [(group.name, len(group.rows)) for group in found]
    assert sizes == [("b", 7), ("a", 5), ("other (2 groups)", 3), ("unlabelled", 2)]
    assert sorted(np.concatenate([group.rows for group in found])) == list(range(len(labels)))


def test_a_name_stands_in_the_larger_heap_not_between_two():
    points = np.array([[0.0, 0.0]] * 6 + [[10.0, 10.0]] * 5)
    assert arrange(points, ["a"] * 11)[0].anchor == (0.0, 0.0)


def test_groups_within_wider_ones_share_their_colour():
    labels = ["a"] * 5 + ["b"] * 4 + ["c"] * 8 + ["d"] * 3 + [None] * 2
    points = np.random.default_rng(0).normal(size=(len(labels), 2))
    above = {"a": "ab", "b": "ab", "c": "c", "d": "de", "e": "de"}
    found = arrange(points, labels, above=above, unlabelled="none")
    names = [(group.name, len(group.rows), group.kind) for group in found]
    named = [("ab", 9, "named"), ("c", 8, "named"), ("de", 3, "named"), ("none", 2, "unlabelled")]
    assert names == named
    assert [[part.name for part in group.parts] for group in found] == [["a", "b"], [], ["d"], []]
    first, second = found[0].parts
    assert first.colour == second.colour == found[0].colour != found[1].colour
    assert sorted(np.concatenate([first.rows, second.rows])) == sorted(found[0].rows)
    assert first.anchor is not None and found[0].anchor is not None


def test_inks_can_be_read_on_white():
    for colour in palette.COLOURS:
        dark = np.array(palette.rgb(palette.ink(colour)))
        linear = np.where(dark <= 0.04045, dark / 12.92, ((dark + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5
    assert palette.ink("#0072b2") == palette.darker("#0072b2")


def test_small_names_take_the_room_that_is_left():
    taken = np.array([[50.0, 50.0]]), np.array([[60.0, 20.0]])
    anchors = np.array([[50.0, 50.0], [50.0, 50.0], [52.0, 50.0], [300.0, 90.0]])
    sizes = np.tile([40.0, 10.0], (4, 1))
    places, written = fit_labels(anchors, sizes, (400, 100), taken)
    assert written.tolist() == [True, True, False, True]
    assert (places[3] == anchors[3]).all() and (places[:2, 0] == 50).all()
    spots = np.concatenate([taken[0], places[written]])
    spans = np.concatenate([taken[1], sizes[written]])
    apart, reach = np.abs(spots[:, None] - spots), (spans[:, None] + spans) / 2
    covers = (apart < reach).all(axis=-1)
    assert covers.sum() == len(spots)  # each covers only itself


def test_names_do_not_cover_each_other():
    anchors = np.random.default_rng(0).uniform(100, 400, size=(20, 2))
    sizes = np.tile([90.0, 14.0], (20, 1))
    places, written = spread_labels(anchors, sizes, (500, 500))
    assert written.all()
    apart = np.abs(places[:, None] - places[None]) / sizes[0]
    np.fill_diagonal(apart[..., 0], 9)
    assert apart.max(axis=-1).min() > 0.97
    assert (places - sizes / 2 >= 0).all() and (places + sizes / 2 <= 500).all()
    _, crowded = spread_labels(anchors, sizes, (100, 30))
    assert crowded[0] and crowded.sum() < 20  # no room: the first stays, some go unwritten


def test_pictures_of_every_kind(tmp_path):
    points = np.random.default_rng(0).normal(size=(60, 2))
    groups = ["a long name, " * 9, "日本語 $\\frac{$ \x00", None, "<b>&"] * 15
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph must not shout
        draw_map(points, groups, tmp_path / "map.png")
        draw_map(points, groups, tmp_path / "map.svg", noun="posts", by="news")
        draw_map(points, None, tmp_path / "none.png")
        draw_map(np.zeros((5, 2)), ["one"] * 5, tmp_path / "one.png")
        draw_map(np.zeros((0, 2)), [], tmp_path / "empty.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    tree = ElementTree.parse(tmp_path / "map.svg")
    assert "tenor map: 60 posts by news" in (tmp_path / "map.svg").read_text()
    assert tree.getroot().tag.endswith("svg")
    assert len(list(tmp_path.iterdir())) == 5


def test_the_same_map_is_the_same_file(tmp_path):
    points = np.random.default_rng(0).normal(size=(30, 2))
    for suffix in ("svg", "png"):
        files = [draw_map(points, ["a", "b"] * 15, tmp_path / f"{n}.{suffix}") for n in "xy"]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_pictures_refuse_in_one_line_and_leave_nothing(tmp_path):
    points = np.zeros((3, 2))
    with pytest.raises(InputError, match=r"map\.gif: a map is written as \.png or \.svg"):
        draw_map(points, None, tmp_path / "map.gif")
    with pytest.raises(InputError, match="3 rows, not 2"):
        draw_map(points, ["a", "b"], tmp_path / "map.png")
    (tmp_path / "file.png").write_text("mine")
    with pytest.raises(ArtifactError, match="cannot write"):
        draw_map(points, None, tmp_path / "file.png" / "map.png")
    with pytest.raises(ArtifactError, match=r"file\.png exists already.*overwrite=True"):
        draw_map(points, None, tmp_path / "file.png")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file.png", "mine")]


def test_drawing_leaves_matplotlib_as_it_was(tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_map(np.zeros((3, 2)), None, tmp_path / "map.png")
    assert dict(matplotlib.rcParams) == before


def test_without_the_extra_one_line_says_how(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    monkeypatch.setitem(__import__("sys").modules, "openTSNE", None)
    with pytest.raises(InputError, match=r'pip install "tenor\[map\]"'):
        draw_map(np.zeros((3, 2)), None, tmp_path / "map.png")
    with pytest.raises(InputError, match=r'pip install "tenor\[map\]"'):
        project(np.eye(9))


HOSTILE = (
    "</script><script>alert(1)</script><!--<img src=http://evil.example/x>\u2028 {{DATA}} \ud800"
)


def data_of(page):
    return json.loads(re.search(r'type="application/json">(.*?)</script>', page, re.S)[1])


def test_a_hostile_text_stays_a_text(tmp_path):
    points = np.random.default_rng(0).normal(size=(4, 2))
    path = write_map_page(
        points, [HOSTILE, "b"] * 2, [HOSTILE] * 4, [HOSTILE] * 4, tmp_path / "m.html", title=HOSTILE
    )
    page = path.read_text(encoding="utf-8")
    assert page.count("<script") == 2 and page.count("</script>") == 2
    assert "<img" not in page and "<!--" not in page
    data = data_of(page)
    assert data["texts"][0].startswith("</script><script>alert(1)")
    assert data["title"] == HOSTILE.replace("\ud800", "?")


def test_a_page_loads_nothing(tmp_path):
    page = write_map_page(np.eye(2), None, ["a", "b"], None, tmp_path / "m.html").read_text()
    assert "http:" not in page and "https:" not in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(?!data:)[\w/]""", page.split("<script")[0])
    assert not re.search(r"@import|fetch\(|XMLHttpRequest|import\(|url\(", page)
    assert "default-src 'none'" in page


def test_the_policy_allows_exactly_the_script(tmp_path):
    import base64
    import hashlib

    page = write_map_page(np.eye(2), None, None, None, tmp_path / "m.html").read_text()
    script = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert len(script) == 1 and f"script-src 'sha256-{digest}'" in page


def test_a_page_holds_every_document_in_order(tmp_path):
    points = np.array([[0.0, 0.0], [2.0, 1.0], [4.0, 2.0]])
    path = write_map_page(
        points,
        ["a", None, "a"],
        ["x " * 900, None, "z"],
        ["i", "j", "k"],
        tmp_path / "m.html",
        scores=[0.5, 1 / 3, 1],
        max_text=20,
        noun="posts",
        by="news",
    )
    data = data_of(path.read_text())
    assert data["x"] == [0, 32768, 65535] and data["y"][0] < data["y"][1] < data["y"][2]
    assert data["ids"] == ["i", "j", "k"] and data["scores"] == [0.5, 0.333, 1.0]
    assert [len(text) for text in data["texts"]] == [20, 0, 1] and data["texts"][0][-1] == "…"
    assert [data["groups"][group]["name"] for group in data["group"]] == ["a", "unlabelled", "a"]
    assert data["title"] == "tenor map: 3 posts by news"


def test_a_page_holds_names_for_two_zooms(tmp_path):
    points = np.random.default_rng(0).normal(size=(24, 2))
    groups = [*["a1", "a2", "b", None] * 5, *["a1", "c", "c", "c"]]
    above = {"a1": "a", "a2": "a"}
    path = write_map_page(
        points, groups, None, None, tmp_path / "m.html", above=above, unlabelled="like none"
    )
    data = data_of(path.read_text())
    names = [group["name"] for group in data["groups"]]
    assert names == ["a1", "a2", "b", "c", "like none"]
    assert [names[number] for number in data["group"]] == [name or "like none" for name in groups]
    assert [(w["name"], w["first"], w["n"], w["count"]) for w in data["wider"]] == [("a", 0, 2, 11)]
    seen = [(place["name"], place["seen"], place["first"], place["n"]) for place in data["places"]]
    assert seen[:3] == [("a", "far", 0, 2), ("b", None, 2, 1), ("c", None, 3, 1)]
    assert seen[3:] == [("a1", "near", 0, 1), ("a2", "near", 1, 1)]
    for place in data["places"]:
        assert place["first"] <= data["group"][place["at"]] < place["first"] + place["n"]


def test_a_picture_names_wider_groups_and_those_within(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr("tenor.explore.plots.save", lambda figure, _: figures.append(figure))
    rng = np.random.default_rng(0)
    names = np.array([f"group {number}" for number in range(30)])
    centres = rng.uniform(0, 40, size=(30, 2))
    groups = np.repeat(names, 10)
    points = np.repeat(centres, 10, axis=0) + rng.normal(size=(300, 2))
    above = {name: f"side {place % 4}" for place, name in enumerate(names)}
    draw_map(points, groups, tmp_path / "m.png", above=above, by="topic")
    figure = figures[0]
    assert any(text.get_text() == "tenor map: 300 documents by topic" for text in figure.texts)
    legend = {text.get_text() for text in figure.texts}
    assert {f"side {place}" for place in range(4)} <= legend and len(legend & set(names)) > 10
    texts = [text for text in figure.axes[0].texts if text.get_visible()]
    shown = {text.get_text(): text for text in texts}
    assert {f"side {place}" for place in range(4)} <= set(shown) and len(shown) > 20
    assert shown["side 0"].get_size() > shown["group 0"].get_size()
    boxes = [text.get_window_extent() for text in texts]
    middles = np.array([[(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2] for box in boxes])
    sizes = np.array([[box.width, box.height] for box in boxes])
    covers = np.abs(middles[:, None] - middles) < (sizes[:, None] + sizes) / 2 - 0.5
    assert covers.all(axis=-1).sum() == len(boxes)


def test_pages_refuse_in_one_line(tmp_path):
    with pytest.raises(InputError, match="texts must have one entry"):
        write_map_page(np.eye(2), None, ["a"], None, tmp_path / "m.html")
    with pytest.raises(InputError, match=r"m\.pdf"):
        write_map_page(np.eye(2), None, None, None, tmp_path / "m.pdf")
    assert list(tmp_path.iterdir()) == []
    write_map_page(np.zeros((0, 2)), [], [], [], tmp_path / "empty.html")


def test_embedded_json_is_the_same_json():
    value = {"a": ['<>&\u2028\u2029"\\', 1.5, None]}
    assert json.loads(embed(value)) == value and not set("<>&") & set(embed(value))
