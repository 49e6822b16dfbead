"""A map of documents as one HTML page: no network, no library, the text on hover.

The page is ``page.html`` with its data filled in: a canvas and some 250 lines of script, so it
weighs little more than the texts. Its content security policy allows that one script, by its
hash, and nothing else: whatever a document's text holds, the browser runs and loads none of it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.explore import palette
from tenor.explore.groups import NAMED, SUBTITLE, UNLABELLED, Group, arrange, default_title
from tenor.legible import legible
from tenor.storage.atomic import write_text
from tenor.storage.target import check_file

SIDE = 65535  # points are stored as whole numbers: finer than any screen
ALL_TEXT = 16_000_000  # characters of text a page holds, shared among its documents
TEXT = (80, 600)  # characters of one document's text, at least and at most
SUFFIXES = (".html", ".htm")


def write_map_page(
    points: ArrayLike,
    groups: Sequence[Any] | None,
    texts: Sequence[str | None] | None,
    ids: Sequence[str] | None,
    path: str | Path,
    *,
    scores: ArrayLike | None = None,
    title: str | None = None,
    subtitle: str = SUBTITLE,
    noun: str = "documents",
    by: str = "label",
    score_name: str = "score",
    above: Mapping[str, str] | None = None,
    unlabelled: str = UNLABELLED,
    max_text: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Write an interactive map into ``path``; whole or not at all.

    Points, groups, title, subtitle, noun, by, above, unlabelled and overwrite are those of
    :func:`tenor.explore.plots.draw_map`.

    ``texts`` are for the card on hover and for the search, each cut to ``max_text`` characters: by
    default 600, fewer from some 27,000 documents on. Without ``ids`` documents are called by row
    number. ``scores`` (D,) are numbers for the card, for instance the cosine with the cluster's
    centre, and ``score_name`` says what they are. The path ends in .html.
    """
    path = check_file(checks.path(path), overwrite, "a map page", SUFFIXES)
    places = checks.matrix("points", points, 2).astype(np.float64)
    found = arrange(places, groups, above=above, unlabelled=unlabelled)
    heading = default_title(places, found, noun, by) if title is None else title
    n = len(places)
    leaves = [leaf for group in found for leaf in group.parts or (group,)]
    x, y = _whole(places)
    wider, named = _wider_and_places(found, places)
    for name, values in (("ids", ids), ("texts", texts)):
        if values is not None:
            checks.same_length(name, values, n)
    numbers = None if scores is None else checks.vector("scores", scores, n).tolist()
    data = {
        "title": heading,
        "subtitle": subtitle,
        "noun": noun,
        "by": by,
        "groups": [] if groups is None else [_described(group) for group in leaves],
        "wider": wider,
        "places": named,
        "x": x,
        "y": y,
        "group": _group_numbers(leaves, n),
        "ids": [f"row {row}" for row in range(n)] if ids is None else [str(name) for name in ids],
        "texts": None if texts is None else _shortened(texts, max_text),
        "scores": None if numbers is None else [round(number, 3) for number in numbers],
        "score": score_name,
    }
    write_text(path, _page(heading, data))
    return path


def _page(title: str, data: dict[str, Any]) -> str:
    template = files("tenor.explore").joinpath("page.html").read_text(encoding="utf-8")
    script = re.search(r"<script>(.*?)</script>", template, flags=re.DOTALL)
    assert script is not None  # page.html is ours
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    filled = {"TITLE": html.escape(legible(title)), "HASH": digest, "DATA": embed(data)}
    return re.sub(r"\{\{(TITLE|HASH|DATA)\}\}", lambda found: filled[found[1]], template)


def embed(data: Any) -> str:
    """JSON that may stand inside a script element: no sign in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return _text(text)


def _text(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _whole(points: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Both coordinates in 0 … SIDE on one scale, y upwards."""
    if not len(points):
        return [], []
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = SIDE / max(float(extent.max()), 1e-12)
    centred = (points - low) * scale + (SIDE - extent * scale) / 2
    whole = np.rint(centred).astype(np.int64)
    return whole[:, 0].tolist(), whole[:, 1].tolist()


def _described(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "named": group.kind == NAMED,
        "colour": group.colour,
        "ink": palette.ink(group.colour),
        "count": len(group.rows),
    }


def _wider_and_places(
    groups: list[Group], points: NDArray[np.float64]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups that hold others, and the names on the map, the most important first.

    Both have the first and the number of the groups they are of; a name also the document it
    stands at, and from where it is seen: "far", "near", or None for both.
    """
    wider, far, near, first = [], [], [], 0
    for group in groups:
        n = len(group.parts)
        if n:
            wider.append(_described(group) | {"first": first, "n": n})
        if group.kind == NAMED:
            far.append(_stands(group, points, first, "far" if n else None))
        near += [_stands(part, points, first + k, "near") for k, part in enumerate(group.parts)]
        first += n or 1
    return wider, far + sorted(near, key=lambda place: -place["count"])


def _stands(
    group: Group, points: NDArray[np.float64], first: int, seen: str | None
) -> dict[str, Any]:
    # The document nearest to the anchor stands for it: the page has no other points.
    apart = np.linalg.norm(points[group.rows] - np.array(group.anchor), axis=1)
    return _described(group) | {
        "at": int(group.rows[int(np.argmin(apart))]),
        "first": first,
        "n": len(group.parts) or 1,
        "seen": seen,
    }


def _group_numbers(groups: list[Group], n: int) -> list[int]:
    numbers = np.zeros(n, dtype=np.int64)
    for number, group in enumerate(groups):
        numbers[group.rows] = number
    return numbers.tolist()


def _shortened(texts: Sequence[str | None], limit: int | None) -> list[str]:
    """Each at most ``limit`` characters with runs of white space made one."""
    if limit is None:
        limit = min(max(ALL_TEXT // max(len(texts), 1), TEXT[0]), TEXT[1])
    reach = 8 * checks.whole("max_text", limit)
    found = []
    for text in texts:
        line = " ".join((text or "")[:reach].split())
        whole = len(line) <= limit and len(text or "") <= reach
        found.append(line if whole else line[: limit - 1].rstrip() + "…")
    return found
