"""Checkpoints are whole or absent, and one that is damaged or foreign is refused."""

from __future__ import annotations

import json
import os

import pytest
import torch

from tenor.errors import ArtifactError
from tenor.storage.tensors import read_tensors, write_tensors
from tenor.training.checkpoint import Checkpoint


@pytest.fixture
def saved(make_fit, tmp_path):
    """A checkpoint of a fit after two epochs."""
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    make_fit(epochs=2, checkpoint=checkpoint).run()
    return checkpoint


def refused(checkpoint, state):
    with pytest.raises(ArtifactError) as error:
        checkpoint.load(state)
    message = str(error.value)
    assert "\n" not in message
    assert str(checkpoint.path) in message
    return message


def test_none_yet(make_fit, tmp_path):
    fit = make_fit()
    before = fit.weights
    assert not Checkpoint(tmp_path / "nothing").load(fit.state)
    assert all(torch.equal(value, before[name]) for name, value in fit.weights.items())


def test_every_so_many_epochs(tmp_path):
    due = [epochs for epochs in range(1, 8) if Checkpoint(tmp_path, every=3).due(epochs)]
    assert due == [3, 6]


def test_one_file_and_no_leftovers(saved):
    assert [path.name for path in saved.folder.iterdir()] == ["state.safetensors"]


def harm(path, how):
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "overwritten":
        path.write_bytes(b"{}" * 100)
    else:
        tensors, metadata = read_tensors(path)
        if how == "version":
            metadata["version"] = "999"
        elif how == "no metadata":
            metadata = {}
        elif how == "position":
            metadata["position"] = '{"epoch": '
        elif how == "other position":
            metadata["position"] = json.dumps({"chapter": 3})
        elif how == "weights":
            tensors.pop("weights/decoder.bias")
        elif how == "moments":
            tensors["optimizer/nothing.exp_avg"] = torch.zeros(1)
        write_tensors(path, tensors, metadata)


@pytest.mark.parametrize(
    "how",
    [
        "cut",
        "emptied",
        "overwritten",
        "version",
        "no metadata",
        "position",
        "other position",
        "weights",
        "moments",
    ],
)
def test_a_damaged_one_is_refused(saved, make_fit, how):
    harm(saved.path, how)
    message = refused(saved, make_fit().state)
    if how == "version":
        assert "another version" in message


def test_one_of_another_model_is_refused(saved, make_fit):
    refused(saved, make_fit(shape={"n_components": 3}).state)
    refused(saved, make_fit(shape={"generator_sizes": (3,)}).state)


def test_a_write_that_fails_leaves_the_one_before(saved, make_fit, monkeypatch):
    before = saved.path.read_bytes()
    fit = make_fit(epochs=3)

    def full(handle):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactError, match="No space left"):
        saved.save(fit.state)
    monkeypatch.undo()
    assert saved.path.read_bytes() == before
    assert saved.load(fit.state)


def test_an_unwritable_folder_is_one_clear_line(make_fit, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="cannot write") as error:
        Checkpoint(tmp_path / "file" / "checkpoint").save(make_fit().state)
    assert "\n" not in str(error.value)


def test_a_changed_weight_is_noticed(saved, make_fit):
    data = bytearray(saved.path.read_bytes())
    for place in (len(data) - 1, len(data) // 2, 20):
        data[place] ^= 1
        saved.path.write_bytes(data)
        refused(saved, make_fit().state)
        data[place] ^= 1
    saved.path.write_bytes(data)
    assert saved.load(make_fit().state)
