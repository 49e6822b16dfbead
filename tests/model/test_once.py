"""What costs time is done once: encoding, laying out words and documents, hashing weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tenor
from tenor.errors import ArtifactError
from tenor.model import discovery
from tenor.model.trained import TrainedModel
from tenor.storage.sealed import read_sealed


def test_an_evaluation_encodes_documents_once(model: Any, docs: Any) -> None:
    encoded: list[int] = []

    def count(module: Any, given: Any, posterior: Any) -> None:
        encoded.append(len(posterior.mean))

    assert model.topics_ is not None  # found now, not while counting
    hook = model.trained_.network.encoder.register_forward_hook(count)
    try:
        found = model.evaluate(docs[:60], n_samples=1)
    finally:
        hook.remove()
    assert found.retrieval and found.clustering and found.completion
    # The other sixty are first halves, which completion is given; a document without words is one.
    assert encoded.count(60) == 2 and set(encoded) <= {60, 1}


def test_words_and_documents_share_one_space(
    own: Any, docs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, shared_space = [], discovery.shared_space
    monkeypatch.setattr(
        discovery, "shared_space", lambda *of: (made.append(of), shared_space(*of))[1]
    )
    topics = own.find_topics(4)
    topics.merge(topics.ids[:2])
    assert topics.table() and topics.tree().nodes
    assert len(made) == 1
    own.index_documents(docs[:200])
    assert topics.table() and len(made) == 2, "other documents share another space"


def test_weights_are_hashed_only_where_their_digest_is_not_known(
    own: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.find_topics(3)
    own.save(tmp_path / "m")
    path = tmp_path / "m" / "config.json"
    config = read_sealed(path)
    hashed, digest = [], TrainedModel.digest
    monkeypatch.setattr(TrainedModel, "digest", lambda of: (hashed.append(of), digest(of))[1])
    before = tenor.load(tmp_path / "m", device="cpu").topics_.table()
    assert not hashed
    path.write_text(json.dumps({**config, "digest": "0" * 64}))
    with pytest.raises(ArtifactError, match="topics of other weights"):
        _ = tenor.load(tmp_path / "m", device="cpu").topics_
    del config["digest"]  # as in models of before
    path.write_text(json.dumps(config))
    assert tenor.load(tmp_path / "m", device="cpu").topics_.table() == before
    assert len(hashed) == 1
