"""A map of a model's documents: which of them, in which space, coloured by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tenor.errors import InputError
from tenor.explore import page, plots
from tenor.explore.collection import DocumentCollection, drawn_rows
from tenor.explore.projection import FEW, project
from tenor.explore.spaces import SPACES
from tenor.model import answers
from tenor.model.colouring import BY, CLUSTER, LABEL, TOPIC, by_cluster, by_label, by_topic
from tenor.model.default_spaces import SIMILARITY_SPACE
from tenor.model.model_topics import ModelTopics
from tenor.model.smoothed import wordless
from tenor.model.trained import TrainedModel

LIMIT = 20_000  # points beyond this hide each other, and cost minutes
LAST_SEED = 2**32 - 1  # that scikit-learn takes
Topics = Callable[[], ModelTopics]
SUFFIXES = (*plots.SUFFIXES, *page.SUFFIXES)


@dataclass(frozen=True)
class MapRequest:
    """What a map shows.

    Attributes:
        by: "label", "topic" or "cluster"; None: label where the documents have any, else topic
            where the model has topics, else cluster.
        n_clusters: how many clusters; None has the number chosen.
        space: the documents are laid out in; None: that of similar documents.
        seed: of the layout, the clusters and the choice of documents.
        limit: documents drawn at most, chosen at random.
        title: None for "tenor map: …".

    Raises:
        InputError: when a value is not one a map has.
    """

    by: str | None = None
    n_clusters: int | None = None
    space: str | None = None
    seed: int = 0
    limit: int = LIMIT
    title: str | None = None

    def __post_init__(self) -> None:
        if self.by not in (None, *BY):
            raise InputError(f"a map is coloured by one of {', '.join(BY)}, not {self.by!r}")
        if self.space not in (None, *SPACES):
            raise InputError(f"there is no space {self.space!r}; choose one of {', '.join(SPACES)}")
        if self.limit < 1:
            raise InputError(f"a map needs at least 1 document, not {self.limit}")
        if self.n_clusters is not None and self.n_clusters < 1:
            raise InputError(f"a map needs at least 1 cluster, not {self.n_clusters}")
        if not 0 <= self.seed <= LAST_SEED:
            raise InputError(f"the seed of a map must be from 0 to {LAST_SEED}, not {self.seed}")
        if self.n_clusters is not None and self.by in (LABEL, TOPIC):
            raise InputError(f"a number of clusters is for a map by cluster, not by {self.by}")


@dataclass(frozen=True)
class DrawnMap:
    """What was drawn.

    Attributes:
        path: the file.
        n_documents: documents the model keeps.
        n_drawn: those on the map.
        n_wordless: those left out because they have no word of the vocabulary.
        by: what the colours are.
        space: where neighbours were sought.
        groups: documents drawn of each label, topic or cluster, the largest first.
    """

    path: str
    n_documents: int
    n_drawn: int
    n_wordless: int
    by: str
    space: str
    groups: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def check_map_path(path: Path) -> None:
    """Refuse, before any work, a path that no map can be written to.

    Raises:
        InputError: for another ending, or a folder that is not there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: a map is written as {', '.join(SUFFIXES[:-1])}")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent} to write {path.name} into")


def draw_documents(
    trained: TrainedModel,
    store: DocumentCollection,
    path: Path,
    request: MapRequest | None = None,
    progress: Callable[[int, int], None] | None = None,
    topics: Topics | None = None,
) -> DrawnMap:
    """Lay the documents out and draw them; a picture or a page by the path's ending.

    Args:
        trained: the model.
        store: its documents.
        path: the file.
        request: what to draw.
        progress: called with the steps done and in all.
        topics: gives the model's topics, or raises InputError; called only where they are drawn.

    Raises:
        InputError: for a bad path or request, labels or topics asked for where there are none,
            or a library for maps that is not installed.
        ArtifactError: when the file cannot be written.
    """
    check_map_path(path)
    request = request or MapRequest()
    by, found = _chosen(store, request, topics)
    # Wordless documents share one vector: t-SNE would make them a heap that means nothing.
    said = np.flatnonzero(~wordless(trained, store.vectors))
    rows = said[drawn_rows(len(said), request.limit, request.seed)]
    if by == LABEL:
        colours = by_label(store, rows)
    elif found is not None:
        colours = by_topic(found, store.vectors[rows])
    else:
        colours = by_cluster(trained, store, rows, request.n_clusters, request.seed)
    space = request.space or SIMILARITY_SPACE
    vectors = answers.stored_in_space(trained, store, space, rows)
    n_jobs = -1 if len(rows) > FEW else 1  # threads cost more than they bring to a small map
    points = project(vectors, request.seed, n_jobs=n_jobs, progress=progress)
    left_out = len(store) - len(said)
    subtitle = plots.SUBTITLE
    if left_out:
        subtitle += f" Left out: {left_out:,} without a known word."
    shown: dict[str, Any] = {
        "title": request.title,
        "subtitle": subtitle,
        "by": by,
        "above": colours.above,
        "unlabelled": colours.unlabelled,
    }
    if path.suffix.lower() in plots.SUFFIXES:
        plots.draw_map(points, colours.groups, path, **shown)
    else:
        page.write_map_page(
            points,
            colours.groups,
            store.texts(rows.tolist()),
            [store.ids[row] for row in rows],
            path,
            scores=colours.scores,
            score_name=colours.score_name,
            **shown,
        )
    sizes = Counter(name for name in colours.groups if name)
    return DrawnMap(
        str(path), len(store), len(rows), left_out, by, space, dict(sizes.most_common())
    )


def _chosen(
    store: DocumentCollection, request: MapRequest, topics: Topics | None
) -> tuple[str, ModelTopics | None]:
    """What the colours are, and the topics where these are it."""
    labelled = any(store.labels)
    if request.by == LABEL and not labelled:
        raise InputError("the model's documents have no labels; colour the map by topic or cluster")
    if request.by == TOPIC:
        if topics is None:
            raise InputError("the model has no topics; colour the map by cluster")
        return TOPIC, topics()
    if request.by is not None:
        return request.by, None
    if request.n_clusters is not None:
        return CLUSTER, None
    if labelled:
        return LABEL, None
    try:
        found = None if topics is None else topics()
    except InputError:  # a model of before keeps no counts: the map of before
        found = None
    return (CLUSTER, None) if found is None else (TOPIC, found)
