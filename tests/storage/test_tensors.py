"""Weights go to disk and come back bit for bit."""

from __future__ import annotations

import pytest
import torch

from tenor.errors import ArtifactError
from tenor.storage.tensors import read_tensors, write_tensors

TENSORS = {
    "float32": torch.tensor([[1.0, -0.0], [float("inf"), 1e-45]]),
    "float64": torch.tensor([0.1], dtype=torch.float64),
    "whole": torch.arange(3),
    "single": torch.tensor(7.0),
    "empty": torch.zeros(0, 4),
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "transposed": torch.arange(6.0).view(2, 3).t(),
}


def test_round_trip(tmp_path):
    path = tmp_path / "w.safetensors"
    write_tensors(path, TENSORS, {"version": "1", "né": "{}"})
    found, metadata = read_tensors(path)
    assert metadata == {"version": "1", "né": "{}"}
    assert found.keys() == TENSORS.keys()
    for name, value in TENSORS.items():
        assert found[name].dtype == value.dtype
        assert found[name].shape == value.shape
        assert torch.equal(found[name], value.detach())
        assert not found[name].requires_grad


def test_no_metadata_is_an_empty_mapping(tmp_path):
    write_tensors(tmp_path / "w", {"a": torch.zeros(1)})
    assert read_tensors(tmp_path / "w")[1] == {}


def test_what_was_read_outlives_the_file(tmp_path):
    path = tmp_path / "w"
    write_tensors(path, {"a": torch.arange(1000)})
    found, _ = read_tensors(path)
    write_tensors(path, {"a": torch.zeros(1000)})
    assert torch.equal(found["a"], torch.arange(1000))


def truncated(data):
    return data[: len(data) // 2]


def flipped_header(data):
    return b"\xff" * 8 + data[8:]


@pytest.mark.parametrize(
    "harm", [truncated, flipped_header, lambda data: b"", lambda data: b"no tensors at all"]
)
def test_a_damaged_file_is_one_clear_line(tmp_path, harm):
    path = tmp_path / "w"
    write_tensors(path, TENSORS)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(ArtifactError) as error:
        read_tensors(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(ArtifactError, match="is missing"):
        read_tensors(tmp_path / "nothing")
    with pytest.raises(ArtifactError, match="no readable safetensors"):
        read_tensors(tmp_path)


def test_an_unwritable_place_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="cannot write"):
        write_tensors(tmp_path / "file" / "w", {"a": torch.zeros(1)})
