"""A map of a model's documents: which of them, in which space, coloured by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.estimators import answers
from tenor.estimators.default_spaces import SIMILARITY_SPACE
from tenor.explore import page, plots
from tenor.explore.collection import DocumentCollection
from tenor.explore.projection import FEW, project
from tenor.explore.spaces import SPACES
from tenor.inference import encode
from tenor.trained import TrainedModel

BY = ("label", "cluster")
LIMIT = 20_000  # points beyond this hide each other, and cost minutes
LAST_SEED = 2**32 - 1  # that scikit-learn takes
SUFFIXES = (*plots.SUFFIXES, *page.SUFFIXES)


@dataclass(frozen=True)
class MapRequest:
    """What a map shows.

    Attributes:
        by: "label" or "cluster"; None: label where the documents have any.
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
            raise InputError(f"a map is coloured by {' or '.join(BY)}, not {self.by!r}")
        if self.space not in (None, *SPACES):
            raise InputError(f"there is no space {self.space!r}; choose one of {', '.join(SPACES)}")
        if self.limit < 1:
            raise InputError(f"a map needs at least 1 document, not {self.limit}")
        if self.n_clusters is not None and self.n_clusters < 1:
            raise InputError(f"a map needs at least 1 cluster, not {self.n_clusters}")
        if not 0 <= self.seed <= LAST_SEED:
            raise InputError(f"the seed of a map must be from 0 to {LAST_SEED}, not {self.seed}")
        if self.n_clusters is not None and self.by == "label":
            raise InputError("a number of clusters is for a map by cluster, not by label")


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
        groups: documents drawn of each label or cluster, the largest first.
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
) -> DrawnMap:
    """Lay the documents out and draw them; a picture or a page by the path's ending.

    Raises:
        InputError: for a bad path or request, labels asked for where there are none, or a
            library for maps that is not installed.
        ArtifactError: when the file cannot be written.
    """
    check_map_path(path)
    request = request or MapRequest()
    labelled = any(store.labels)
    by = request.by or ("cluster" if request.n_clusters or not labelled else "label")
    if by == "label" and not labelled:
        raise InputError("the model's documents have no labels; colour the map by cluster")
    groups, scores = _groups(trained, store, by, request)
    said = np.flatnonzero(~wordless(trained, store.vectors))
    rows = said[chosen_rows(len(said), request.limit, request.seed)]
    space = request.space or SIMILARITY_SPACE
    vectors = answers.in_space(trained, np.asarray(store.vectors)[rows], space)
    n_jobs = -1 if len(rows) > FEW else 1  # threads cost more than they bring to a small map
    points = project(vectors, request.seed, n_jobs=n_jobs, progress=progress)
    shown = [groups[row] for row in rows]
    left_out = len(store) - len(said)
    subtitle = plots.SUBTITLE
    if left_out:
        subtitle += f" Left out: {left_out:,} without a known word."
    if path.suffix.lower() in plots.SUFFIXES:
        plots.draw_map(points, shown, path, title=request.title, subtitle=subtitle, by=by)
    else:
        page.write_map_page(
            points,
            shown,
            store.texts(rows.tolist()),
            [store.ids[row] for row in rows],
            path,
            scores=None if scores is None else scores[rows],
            score_name="cosine with the cluster's centre",
            title=request.title,
            subtitle=subtitle,
            by=by,
        )
    sizes = Counter(name for name in shown if name)
    return DrawnMap(
        str(path), len(store), len(rows), left_out, by, space, dict(sizes.most_common())
    )


def wordless(trained: TrainedModel, vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(D,) which documents have no word of the vocabulary: they all have the same vector.

    They are no part of a map: t-SNE would make them a heap that means nothing.
    """
    nothing = BagOfWords(
        np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), len(trained.vocabulary)
    )
    vector = encode.vectors(trained.network, nothing)
    return np.asarray(np.isclose(vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1))


def chosen_rows(n_documents: int, limit: int, seed: int) -> NDArray[np.int64]:
    """All rows, or ``limit`` of them drawn at random; ascending."""
    if n_documents <= limit:
        return np.arange(n_documents)
    drawn = np.random.default_rng(seed).choice(n_documents, limit, replace=False)
    return np.sort(drawn).astype(np.int64)


def _groups(
    trained: TrainedModel, store: DocumentCollection, by: str, request: MapRequest
) -> tuple[Sequence[str | None], NDArray[np.float32] | None]:
    if by == "label":
        return store.labels, None
    found = answers.clusters(trained, store, request.n_clusters, None, request.seed)
    names = [found.names[number].name for number in found.clusters.labels]
    return names, found.clusters.scores
