"""The check of bits sees a bit."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import tenor


@pytest.fixture
def folder(tmp_path):
    texts = [f"word{n % 3} word{n % 5} word{n % 7}" for n in range(60)]
    model = tenor.NVDM(n_components=3, n_topics=3, encoder_sizes=(8,), epochs=1, min_df=1)
    model.fit(texts).save(tmp_path / "model")
    return tmp_path / "model"


def test_one_bit_is_seen(folder):
    import bits

    before = {"a": bits.digests(folder)}
    assert bits.differences(before, {"a": bits.digests(folder)}) == []
    weights = load_file(folder / "weights.safetensors")
    first = weights["decoder.bias"][:1]
    first[:] = np.nextafter(first, np.float32(9))
    changed = {**before["a"], "weights": bits._sha256(_bytes(folder, weights))}
    assert bits.differences(before, {"a": changed}) == ["a: weights differ"]
    assert bits.differences({}, before) == ["a: weights, vectors, topics differ"]


def _bytes(folder, weights) -> bytes:
    save_file(weights, folder / "other.safetensors")
    return (folder / "other.safetensors").read_bytes()


def test_every_fit_is_of_two_seeds():
    import bits

    names = list(bits.fits("words.txt"))
    assert len(names) == 6 and sum("seed 1" in name for name in names) == 3
