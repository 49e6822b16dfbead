"""The number of threads is a function of shapes, and is put back after a fit."""

from __future__ import annotations

import pytest
import torch

from tenor.networks.models import NVDMConfig, nvdm
from tenor.training.threads import as_many_as_worth, threads_worth


def network(n_words, size=500):
    return nvdm(NVDMConfig(n_words=n_words, encoder_sizes=(size,)))


@pytest.mark.parametrize(
    ("n_words", "batch_size", "available", "expected"),
    [(50, 16, 2, 1), (50, 16, 16, 1), (10_000, 200, 2, 2), (10_000, 200, 16, 4), (50, 200, 0, 1)],
)
def test_more_work_is_worth_more_threads(n_words, batch_size, available, expected):
    assert threads_worth(network(n_words), batch_size, available) == expected


def test_rows_of_words_are_no_work():
    """A step reads few rows of the embedding, however wide it is."""
    assert threads_worth(network(2_000, 4), 64, 16) == threads_worth(network(2_000, 40), 64, 16)


def test_torch_has_its_threads_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), as_many_as_worth(network(50), 4):
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
