"""A sealed file notices every change, and one without a seal is taken as it is."""

from __future__ import annotations

import hashlib
import json

import pytest

from tenor.errors import ArtifactError
from tenor.storage.sealed import read_sealed, write_sealed

VALUE = {"format": "x", "version": 1, "nested": {"sha256": "a" * 64}, "zeros": "0" * 64, "é": [1]}


@pytest.fixture
def path(tmp_path):
    write_sealed(tmp_path / "about.json", VALUE)
    return tmp_path / "about.json"


def test_round_trip_and_the_seal_is_the_one_of_the_page(path):
    assert read_sealed(path) == VALUE
    data, about = path.read_bytes(), json.loads(path.read_bytes())
    assert next(iter(about)) == "seal" and list(about)[-1] == "sha256"
    blank = data[:-68] + b"0" * 64 + data[-4:]
    assert hashlib.sha256(blank).hexdigest() == about["sha256"]


@pytest.mark.parametrize("change", [lambda b: b ^ 1, lambda b: b ^ 0x20, lambda b: b ^ 0xFF])
def test_every_changed_byte_is_refused(path, change):
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([change(data[place])]) + data[place + 1 :])
        with pytest.raises(ArtifactError, match=r"about\.json") as error:
            read_sealed(path)
        assert "\n" not in str(error.value)


def test_every_cut_and_every_addition_is_refused(path):
    data = path.read_bytes()
    harmed = [data[:end] for end in range(len(data))]
    harmed += [data + more for more in (b"\n", b" ", b"{}", b"\0", data)]
    harmed += [data[:at] + b"\0" * 8 + data[at + 8 :] for at in range(0, len(data) - 8, 5)]
    harmed += [data.replace(b"\n  ", b"\n    "), data.replace(b"\n", b"\r\n")]
    for changed in harmed:
        path.write_bytes(changed)
        with pytest.raises(ArtifactError, match=r"about\.json"):
            read_sealed(path)


def test_a_file_of_before_has_no_seal(path):
    path.write_text(json.dumps(VALUE, indent=2) + "\n")
    assert read_sealed(path) == VALUE
    path.write_text("[]")
    assert read_sealed(path) == []
