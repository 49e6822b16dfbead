"""Arrays go to disk without torch, as torch would write them, and are looked through once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.errors import ArtifactError
from tenor.storage.arrays import ArrayFile, read_arrays, read_metadata, write_arrays
from tenor.storage.atomic import sha256_file
from tenor.storage.tensors import write_tensors

ARRAYS = {
    "float32": np.array([[1.0, -0.0], [np.inf, 1e-45]], dtype=np.float32),
    "float64": np.array([0.1]),
    "whole": np.arange(3),
    "truth": np.array([True, False]),
    "single": np.float32(7.0) * np.ones((), dtype=np.float32),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "transposed": np.arange(6.0).reshape(2, 3).T,
}


def test_the_bytes_are_those_that_torch_writes(tmp_path):
    about = {"né": "{}"}  # of several, safetensors writes now this and now that first
    write_arrays(tmp_path / "numpy", ARRAYS, about)
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in ARRAYS.items()}
    write_tensors(tmp_path / "torch", tensors, about)
    assert (tmp_path / "numpy").read_bytes() == (tmp_path / "torch").read_bytes()
    found = read_arrays(tmp_path / "numpy")
    assert read_metadata(tmp_path / "numpy") == about and found.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        assert found[name].dtype == value.dtype and found[name].shape == value.shape
        np.testing.assert_array_equal(found[name], value)


def held(tmp_path) -> ArrayFile:
    path = tmp_path / "w"
    write_arrays(path, ARRAYS)
    return ArrayFile(path, sha256_file(path))


def test_a_held_file_gives_an_array_at_a_time_also_when_it_is_gone(tmp_path):
    file = held(tmp_path)
    write_arrays(tmp_path / "w", {"float64": np.zeros(1)})
    (tmp_path / "w").unlink()
    assert file["float64"][0] == 0.1 and sorted(file.names) == sorted(ARRAYS)
    assert file.sizes["transposed"] == 6 and file.arrays()["whole"].tolist() == [0, 1, 2]
    with pytest.raises(ArtifactError, match="has no array 'other'"):
        file["other"]


@pytest.mark.parametrize("place", [0.9, 0.95, 1.0])
def test_a_changed_byte_is_noticed_before_anything_is_read(tmp_path, place):
    right = sha256_file(held(tmp_path).path)
    data = bytearray((tmp_path / "w").read_bytes())
    data[min(int(len(data) * place), len(data) - 1)] ^= 1
    (tmp_path / "w").write_bytes(data)
    for ask in (lambda f: f["whole"], lambda f: f.arrays(), ArrayFile.verify):
        with pytest.raises(ArtifactError, match="w is not what was written") as error:
            ask(ArrayFile(tmp_path / "w", right))
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"no arrays at all", b"\xff" * 100])
def test_what_is_no_file_of_arrays_is_one_line(tmp_path, data):
    (tmp_path / "w").write_bytes(data)
    for read in (read_arrays, read_metadata, lambda path: ArrayFile(path, "")):
        with pytest.raises(ArtifactError, match="no readable safetensors") as error:
            read(tmp_path / "w")
        assert "\n" not in str(error.value)
    with pytest.raises(ArtifactError, match="is missing"):
        ArrayFile(tmp_path / "nothing", "")
