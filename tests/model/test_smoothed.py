"""The smoothed space of a model's own documents and of new ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import InputError
from tenor.explore.smoothing import Smoothing
from tenor.model import evaluation
from tenor.model.mapping import MapRequest, draw_documents
from tenor.model.spaces import in_space, smoothing_over, stored_in_space


def small(docs: Any, **parameters: Any) -> Any:
    return tenor.NVDM(3, encoder_sizes=(8,), epochs=1, device="cpu", **parameters).fit(docs)


def with_empty(docs: Any) -> Any:
    """Thirty documents, of which three hold no known word."""
    counts = docs[:30].counts.tolil()
    for row in (2, 11, 29):
        counts[row] = 0
    return tenor.Corpus.from_counts(counts.tocsr(), docs.vocabulary, docs[:30].ids)


def test_the_models_documents_are_smoothed_over_each_other(model: Any, docs: Any) -> None:
    found = stored_in_space(model.trained_, model.documents_, "smoothed")
    latent = model.transform(docs)
    expected = Smoothing(latent, docs.empty).stored()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    cosines = unit @ unit[7]
    cosines[7] = -2
    nearest = model.similar_documents(5, row=7, space="smoothed")
    assert [document.row for document in nearest] == np.argsort(-cosines)[:5].tolist()
    assert [d.score for d in nearest] == pytest.approx(np.sort(cosines)[::-1][:5], abs=1e-5)


def test_a_document_does_not_depend_on_those_beside_it(model: Any, docs: Any) -> None:
    latent = model.transform(docs)[:40]
    own = np.arange(40)
    together = in_space(model.trained_, latent, "smoothed", model.documents_, own)
    stored = stored_in_space(model.trained_, model.documents_, "smoothed")
    np.testing.assert_allclose(together, stored[:40], rtol=1e-4, atol=1e-5)
    alone = model.transform(docs[25:26])
    one = in_space(model.trained_, alone, "smoothed", model.documents_, own[25:26])
    np.testing.assert_allclose(one[0], together[25], rtol=1e-4, atol=1e-5)


def test_a_wordless_document_is_smoothed_over_nothing(docs: Any) -> None:
    corpus = with_empty(docs)
    alone = small(corpus)
    latent = alone.transform(corpus)
    found = stored_in_space(alone.trained_, alone.documents_, "smoothed")
    np.testing.assert_allclose(found[[2, 11, 29]], latent[[2, 11, 29]], rtol=1e-5)
    said = ~corpus.empty
    expected = Smoothing(latent[said], np.zeros(27, dtype=bool)).stored()
    np.testing.assert_allclose(found[said], expected, rtol=1e-4, atol=1e-5)
    new = in_space(alone.trained_, latent, "smoothed", alone.documents_)  # as if new
    np.testing.assert_allclose(new[[2, 11, 29]], latent[[2, 11, 29]], rtol=1e-5)


def test_it_is_computed_once_and_again_when_the_documents_change(
    docs: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    init = Smoothing.__init__

    def counted(self: Smoothing, *arguments: Any) -> None:
        made.append(self)
        init(self, *arguments)

    monkeypatch.setattr(Smoothing, "__init__", counted)
    alone = small(docs[:40])
    for row in (0, 1):
        alone.similar_documents(3, row=row, space="smoothed")
    alone.similar_documents(3, text=docs.texts[0], space="smoothed")
    alone.clusters(3, space="smoothed")
    assert len(made) == 1
    alone.index_documents(docs[40:60])
    assert len(alone.similar_documents(30, row=0, space="smoothed")) == 19
    assert len(made) == 2
    alone.save(tmp_path / "m")
    loaded = tenor.load(tmp_path / "m", device="cpu")
    asked = {"row": 3, "space": "smoothed"}
    found, expected = (m.similar_documents(4, **asked) for m in (loaded, alone))
    assert [d.row for d in found] == [d.row for d in expected]
    assert smoothing_over(loaded.trained_, loaded.documents_) is made[2]


def test_evaluation_measures_it_with_no_document_its_own_neighbour(
    docs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = docs[:60]
    ids = [str(row) for row in range(60)]
    own_label = tenor.Corpus.from_counts(corpus.counts, docs.vocabulary, corpus.ids, labels=ids)
    alone = small(corpus)
    alone.index_documents(own_label)
    among = alone.evaluate(own_label[:12], n_samples=1)
    assert among.retrieval["smoothed"].n_collection == 59
    assert among.retrieval["smoothed"].precision_at_10 == 0
    seen = {}

    def watched(name: str) -> Any:
        measure = getattr(evaluation, name)

        def kept(queries: Any, *others: Any) -> Any:
            seen[name] = queries  # in the end, of the last space
            return measure(queries, *others)

        return kept

    for name in ("retrieval_scores", "cluster_scores"):
        monkeypatch.setattr(evaluation, name, watched(name))
    alone.evaluate(own_label[:12], n_samples=1)
    assert len(seen) == 2
    stored = stored_in_space(alone.trained_, alone.documents_, "smoothed")[:12]
    for queries in seen.values():
        np.testing.assert_allclose(queries, stored, rtol=1e-4, atol=1e-5)


def test_clusters_and_maps_are_made_in_it(docs: Any, tmp_path: Any) -> None:
    pytest.importorskip("openTSNE")
    alone = small(docs[:60])
    assert len(alone.clusters(4, space="smoothed").clusters) == 4
    drawn = draw_documents(
        alone.trained_, alone.documents_, tmp_path / "m.svg", MapRequest(space="smoothed", limit=40)
    )
    assert (drawn.space, drawn.n_drawn) == ("smoothed", 40)


def test_without_documents_it_says_what_to_do(docs: Any) -> None:
    lean = small(docs[:60], keep_documents=False)
    for ask in (
        lambda: lean.similar_documents(2, text="email", space="smoothed"),
        lambda: lean.clusters(2, space="smoothed"),
        lambda: in_space(lean.trained_, lean.transform(docs[:3]), "smoothed"),
    ):
        with pytest.raises(InputError, match="index_documents"):
            ask()
    measured = lean.evaluate(docs[:60], n_samples=1)
    assert set(measured.retrieval) == set(measured.clustering) == {"latent", "metric", "logits"}
    assert "index_documents" in measured.left_out["smoothed space"]


def test_an_unknown_space_names_it_too(model: Any) -> None:
    for ask in (
        lambda: model.similar_documents(2, row=0, space="smooth"),
        lambda: model.clusters(2, space="smooth"),
        lambda: MapRequest(space="smooth"),
    ):
        with pytest.raises(InputError, match="latent, metric, logits, smoothed"):
            ask()
