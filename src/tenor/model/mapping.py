"""A map of a model's documents: which of them, in which space, coloured by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.checks import is_whole
from tenor.errors import InputError
from tenor.explore import page, plots
from tenor.explore.collection import DocumentCollection, drawn_rows
from tenor.explore.groups import SUBTITLE, UNLABELLED
from tenor.explore.projection import FEW, project
from tenor.explore.spaces import SPACES
from tenor.explore.telling import BETWEEN
from tenor.model.spaces import LAST_SEED, clusters, stored_in_space, stored_wordless
from tenor.model.topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.settings import SIMILARITY_SPACE
from tenor.storage.claim import Claim
from tenor.storage.target import check_file
from tenor.topics.topics import likeness

LABEL, TOPIC, CLUSTER = "label", "topic", "cluster"
BY = (LABEL, TOPIC, CLUSTER)
COARSE = 10  # topics of topics: hues that people tell apart
HUES = 12  # topics at most that have a hue each
LIKE_NONE = "like no topic"
LIMIT = 20_000  # points beyond this hide each other, and cost minutes
Topics = Callable[[], ModelTopics]
SUFFIXES = (*plots.SUFFIXES, *page.SUFFIXES)


@dataclass(frozen=True, eq=False)
class Colouring:
    """The group of each of n documents, and what is said of it."""

    groups: Sequence[str | None]  # n names
    above: Mapping[str, str] | None = None  # of a group: the wider one whose colour it has
    unlabelled: str = UNLABELLED  # what documents without a group are called
    scores: NDArray[np.float32] | None = None  # (n,) a number for each document's card
    score_name: str = ""


def by_topic(topics: ModelTopics, vectors: NDArray[np.float32]) -> Colouring:
    """Documents with words, by vectors (n, K), by their strongest topics; some are like none.

    More topics than have a hue each need a tree: an InputError where no counts are kept for it.
    """
    wordless = np.zeros(len(vectors), dtype=np.bool_)
    weights = topics.topics.weights(vectors, wordless)
    like_none = likeness(topics.topics, vectors, wordless) < topics.limit
    names, strongest = topics.names, np.argmax(weights, axis=1)
    return Colouring(
        [None if none else names[place] for place, none in zip(strongest, like_none, strict=True)],
        _above(topics, names) if len(topics) > HUES else None,
        LIKE_NONE,
        weights.max(axis=1),
        "strongest topic's weight",
    )


def _above(topics: ModelTopics, names: Sequence[str]) -> dict[str, str]:
    """For each topic's name that of the coarse topic above, where this holds several."""
    tree, known = topics.tree(COARSE, fine=None), topics.trained.vocabulary.words
    own = dict(zip(map(str, topics.ids), names, strict=True))
    above: dict[str, str] = {}
    for node in tree.level("coarse"):
        if len(node.children) > 1:
            words = [known[word] for word, _ in node.words]
            name = _wide_name(words, {*names, *above.values()}, f"topics {node.id}")
            above |= {own[child]: name for child in node.children}
    return above


def _wide_name(words: list[str], taken: set[str], otherwise: str) -> str:
    """Three words; the third is another where a topic has that name already."""
    found = (BETWEEN.join([*words[:2], third]) for third in words[2:])
    return next((name for name in found if name not in taken), otherwise)


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
        if not isinstance(self.by, str | None) or self.by not in (None, *BY):
            raise InputError(f"a map is coloured by one of {', '.join(BY)}, not {self.by!r}")
        if not isinstance(self.space, str | None) or self.space not in (None, *SPACES):
            raise InputError(f"there is no space {self.space!r}; choose one of {', '.join(SPACES)}")
        if not is_whole(self.limit) or self.limit < 1:
            raise InputError(f"a map needs at least 1 document, not {self.limit}")
        if self.n_clusters is not None and not (is_whole(self.n_clusters) and self.n_clusters > 0):
            raise InputError(f"a map needs at least 1 cluster, not {self.n_clusters}")
        if not is_whole(self.seed) or not 0 <= self.seed <= LAST_SEED:
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


def draw_documents(
    trained: TrainedModel,
    store: DocumentCollection,
    path: Path,
    request: MapRequest | None = None,
    progress: Callable[[int, int], None] | None = None,
    topics: Topics | None = None,
    overwrite: bool = False,
) -> DrawnMap:
    """Lay a model's documents out and draw them; a picture or a page by the path's ending.

    ``topics`` gives the model's, or raises InputError; it is called only where they are drawn.
    ``progress`` is called with the steps done and in all. Labels or topics asked for where there
    are none are an InputError, and a library for maps that is not installed.
    """
    check_file(path, overwrite, "a map", SUFFIXES)
    with Claim("tenor map", path):
        return _drawn(trained, store, path, request or MapRequest(), progress, topics)


def _drawn(
    trained: TrainedModel,
    store: DocumentCollection,
    path: Path,
    request: MapRequest,
    progress: Callable[[int, int], None] | None,
    topics: Topics | None,
) -> DrawnMap:
    by, found = _chosen(store, request, topics)
    # Wordless documents share one vector: t-SNE would make them a heap that means nothing.
    said = np.flatnonzero(~stored_wordless(trained, store))
    rows = said[drawn_rows(len(said), request.limit, request.seed)]
    if found is not None:
        colours = by_topic(found, store.vectors[rows])
    elif by == LABEL:
        labels = store.labels
        colours = Colouring([labels[row] for row in rows])
    else:
        own = clusters(trained, store, request.n_clusters, None, request.seed)
        each = own.clusters
        names = [own.names[number].name for number in each.labels[rows]]
        about = "cosine with the cluster's centre"
        colours = Colouring(names, scores=each.scores[rows], score_name=about)
    space = request.space or SIMILARITY_SPACE
    vectors = stored_in_space(trained, store, space, rows)
    n_jobs = -1 if len(rows) > FEW else 1  # threads cost more than they bring to a small map
    points = project(vectors, request.seed, n_jobs=n_jobs, progress=progress)
    left_out, subtitle = len(store) - len(said), SUBTITLE
    if left_out:
        subtitle += f" Left out: {left_out:,} without a known word."
    shown: dict[str, Any] = {
        "title": request.title,
        "subtitle": subtitle,
        "by": by,
        "above": colours.above,
        "unlabelled": colours.unlabelled,
        "overwrite": True,  # it was looked at before the work
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
    by, labelled = request.by, any(store.labels)
    if by is None and (request.n_clusters is not None or labelled):
        by = LABEL if request.n_clusters is None else CLUSTER
    if by == LABEL and not labelled:
        raise InputError("the model's documents have no labels; colour the map by topic or cluster")
    if by in (LABEL, CLUSTER):
        return by, None
    if topics is None:
        if by == TOPIC:
            raise InputError("the model has no topics; colour the map by cluster")
        return CLUSTER, None
    try:
        return TOPIC, topics()
    except InputError:  # a model of before keeps no counts: the map of before
        if by == TOPIC:
            raise
        return CLUSTER, None
