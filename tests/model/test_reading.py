"""A saved model is read a file at a time, and says the same as the network it was."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import tenor
from tenor.errors import ArtifactError, InputError
from tenor.model.weights import HeldWeights, NetworkFacts, SavedWeights
from tenor.storage.sealed import read_sealed, write_sealed

TEXTS = ["cats and dogs play", "dogs chase cats", "the market fell", "shares of the market"] * 8
TINY: dict[str, Any] = {
    "n_components": 3,
    "n_topics": 2,
    "encoder_sizes": (8,),
    "epochs": 2,
    "min_df": 1,
    "max_df": 1.0,
    "device": "cpu",
    "random_state": 1,
}
SHAPES: dict[str, dict[str, Any]] = {
    "linear": {},
    "beside": {"generator_sizes": (4,)},
    "stacked": {"generator_sizes": (4, 5), "generator": "stacked", "input_transform": "tfidf"},
}


@pytest.fixture(scope="module", params=SHAPES)
def fitted(request: pytest.FixtureRequest) -> Any:
    return tenor.NVDM(**TINY, **SHAPES[request.param]).fit(TEXTS)


@pytest.fixture(scope="module")
def folder(fitted: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("read") / "m"
    fitted.save(place)
    return place


def built(model: Any) -> bool:
    """Whether the network of a loaded model was made."""
    return "_held" in vars(model.trained_.weights)


def test_facts_and_arrays_are_those_of_the_network(fitted: Any, folder: Path) -> None:
    saved, held = tenor.load(folder).trained_.weights, fitted.trained_.weights
    assert isinstance(saved, SavedWeights) and isinstance(held, HeldWeights)
    assert saved.facts == held.facts == NetworkFacts.from_json(saved.facts.to_json())
    assert saved.is_plain == (not fitted.generator_sizes)
    assert (folder / "components.safetensors").exists() != saved.is_plain
    np.testing.assert_array_equal(saved.components(), held.components())
    ours, theirs = saved.arrays(), held.arrays()
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    np.testing.assert_array_equal(saved.slopes(), held.slopes())
    np.testing.assert_array_equal(saved.network.components().cpu(), held.components())


def test_questions_that_read_make_no_network(fitted: Any, folder: Path) -> None:
    model = tenor.load(folder)
    for asked in (
        lambda m: m.top_words(3),
        lambda m: m.topics_.table(),
        lambda m: m.topics_.sizes.tolist(),
        lambda m: m.most_similar("cats"),
        lambda m: m.similar_documents(3, row=1),
        lambda m: m.similar_documents(3, row=1, space="metric"),
        lambda m: m.word_vectors_.tolist(),
        lambda m: (m.vocabulary_, m.history_, m.get_params(), m.trained_.digest()),
        lambda m: list(m.get_feature_names_out()),
    ):
        assert asked(model) == asked(fitted)
        assert not built(model)
    assert model.similar_documents(3, row=1, space="logits") == fitted.similar_documents(
        3, row=1, space="logits"
    )
    assert built(model) != model.trained_.weights.is_plain
    np.testing.assert_array_equal(model.transform(TEXTS), fitted.transform(TEXTS))
    assert built(model) and not any(p.requires_grad for p in model.trained_.network.parameters())


def test_a_saved_model_saved_again_is_the_same_without_a_network(
    folder: Path, tmp_path: Path
) -> None:
    model = tenor.load(folder)
    model.save(tmp_path / "again")
    assert not built(model)
    for path in folder.rglob("*.*"):
        if path.suffix in (".safetensors", ".parquet", ".jsonl", ".md"):
            again = tmp_path / "again" / path.relative_to(folder)
            assert again.read_bytes() == path.read_bytes(), path.name


def test_a_loaded_model_is_the_estimator_it_was(folder: Path) -> None:
    model = tenor.load(folder)
    assert isinstance(model, tenor.NVDM) and clone(model).get_params() == model.get_params()
    for other in (pickle.loads(pickle.dumps(tenor.load(folder))), copy.deepcopy(model)):
        assert other.topics_.table() == model.topics_.table()
        np.testing.assert_array_equal(other.transform(TEXTS), model.transform(TEXTS))
    before = model.components_.copy()
    model.continue_fit(TEXTS, epochs=1)
    assert not np.array_equal(model.components_, before)
    np.testing.assert_array_equal(tenor.load(folder).components_, before)


def test_weights_outlive_the_folder_and_topics_say_that_it_is_gone(
    fitted: Any, folder: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(folder, tmp_path / "m")
    model = tenor.load(place)
    shutil.rmtree(place)
    np.testing.assert_array_equal(model.transform(TEXTS), fitted.transform(TEXTS))
    with pytest.raises(ArtifactError, match="is there no more"):
        _ = model.topics_


def test_a_model_of_before_says_no_facts_and_has_them(fitted: Any, folder: Path, tmp_path: Path):
    place = shutil.copytree(folder, tmp_path / "m")
    config = read_sealed(place / "config.json")
    del config["facts"]
    config["files"].pop("components.safetensors", None)
    (place / "components.safetensors").unlink(missing_ok=True)
    (place / "config.json").write_text(json.dumps(config))
    model = tenor.load(place)
    assert model.trained_.weights.facts == fitted.trained_.weights.facts
    assert model.top_words() == fitted.top_words()
    assert built(model) == bool(fitted.generator_sizes)


@pytest.mark.parametrize(
    "facts", [3, {}, {"n_components": 3}, {"n_vector": "3"}, {"n_parameters": None}], ids=str
)
def test_facts_of_another_kind_are_one_line(
    fitted: Any, folder: Path, tmp_path: Path, facts: Any
) -> None:
    place = shutil.copytree(folder, tmp_path / "m")
    config = read_sealed(place / "config.json")
    whole = config["facts"] | facts if isinstance(facts, dict) and len(facts) == 1 else facts
    if isinstance(facts, dict) and "n_components" in facts:
        whole = facts
    write_sealed(place / "config.json", config | {"facts": whole})
    with pytest.raises(ArtifactError, match="is damaged or was changed by hand") as error:
        tenor.load(place)
    assert "\n" not in str(error.value)


def test_a_device_that_is_not_there_is_refused_at_once(folder: Path) -> None:
    with pytest.raises(InputError, match="not 'abacus'"):
        tenor.load(folder, device="abacus")


@pytest.mark.parametrize("gone", ["deleted", "replaced"])
def test_documents_stay_those_of_the_model_when_its_folder_goes(
    folder: Path, tmp_path: Path, gone: str
) -> None:
    place = tmp_path / "m"
    shutil.copytree(folder, place)
    model, used = tenor.load(place), tenor.load(place)
    texts = [found.text for found in used.similar_documents(3, row=0)]
    if gone == "deleted":
        shutil.rmtree(place)
        reason = "which is there no more"
    else:
        tenor.NVDM(**{**TINY, "random_state": 2}).fit(TEXTS[:20]).save(place, overwrite=True)
        reason = "holds another model than when it was opened; open it again"
    for one in (model, used):
        assert [found.text for found in one.similar_documents(3, row=0)] == texts
        assert len(one.documents_) == len(TEXTS)
        with pytest.raises(ArtifactError, match=reason):
            len(one.topics_)
