"""Nothing is lost: whatever stops a command, the same one again ends as if nothing had happened.

A process that is killed, power that is lost, a disk that is full, read-only or broken, at every
change that a command makes in turn: the product is what it was before or what it was to become,
and what a person would type next makes it the latter, with the same bits.
"""

from __future__ import annotations

import errno
import random
import shutil
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest

TINY = [
    *("--components", "3", "--encoder-sizes", "8", "--epochs", "3", "--batch-size", "20"),
    *("--min-df", "1", "--max-df", "1.0", "--topics", "2", "--device", "cpu"),
    *("--checkpoint-every", "1", "-q"),
]


@dataclass(frozen=True)
class Scenario:
    """A command; ``start``: what is there before, by the names it has at home."""

    command: list[str]
    product: str
    start: dict[str, str] = field(default_factory=dict)
    is_fit: bool = False

    def again(self, folder: Path) -> list[str]:
        """The command that a person would type to go on with what is there."""
        product = folder / self.product
        unfinished = (product / "fit.json").is_file() and not (product / "config.json").is_file()
        if self.is_fit and unfinished:
            return ["fit", "--resume", self.product, "-q"]
        return self.command


TEXTS, TABLE = {"texts.txt": "texts.txt"}, {"table.csv": "table.csv"}
MODEL = {"model": "model"}
SCENARIOS = {
    "prepare": Scenario(
        ["prepare", "table.csv", "-o", "c", "--keep", "kind", "-q"], "c", start=TABLE
    ),
    "prepare-over": Scenario(
        ["prepare", "table.csv", "-o", "c", "--overwrite", "-q"],
        "c",
        start={**TABLE, "c": "older-corpus"},
    ),
    "fit": Scenario(["fit", "texts.txt", "-o", "m", *TINY], "m", start=TEXTS, is_fit=True),
    "fit-over": Scenario(
        ["fit", "texts.txt", "-o", "m", "--overwrite", *TINY],
        "m",
        start={**TEXTS, "m": "older"},
        is_fit=True,
    ),
    "fit-further": Scenario(
        ["fit", "texts.txt", "--continue-from", "model", "-o", "m", "--epochs", "2", "-q"],
        "m",
        start={**TEXTS, **MODEL},
        is_fit=True,
    ),
    "transform": Scenario(
        ["transform", "model", "table.csv", "-o", "v.parquet", "--id-column", "name", "-q"],
        "v.parquet",
        start={**TABLE, **MODEL},
    ),
    "append": Scenario(
        ["prepare", "table.csv", "--append", "c", "--id-column", "name", "-q"],
        "c",
        start={**TABLE, "c": "older-corpus"},
    ),
    "rename": Scenario(["topics", "model", "--rename", "1=other", "-q"], "model", start=MODEL),
    "topics": Scenario(["topics", "model", "--topics", "3", "--keep", "-q"], "model", start=MODEL),
    "export": Scenario(
        ["topics", "model", "--export", "octis", "-o", "topics.npz", "-q"],
        "topics.npz",
        start=MODEL,
    ),
    "map": Scenario(["map", "model", "-o", "map.png", "-q"], "map.png", start=MODEL),
}
ENDS = ("killed", "names-stay", "names-go")
ERRORS = {"full": errno.ENOSPC, "read-only": errno.EROFS, "broken": errno.EIO}


@dataclass
class Whole:
    """A scenario that nobody disturbed."""

    before: Any  # the product's bits
    after: Any
    changes: list[str]  # of the disk
    album: dict[str, list[Path]]  # the folder after each change, by what happens then


@pytest.fixture(scope="module")
def stage(home, tmp_path_factory):
    """(scenario's name, picture of an album) to a folder as either begins; the same each time,
    since a model's card names the path of its source.
    """
    stages = tmp_path_factory.mktemp("stages")

    def make(name: str, picture: Path | None = None) -> Path:
        folder = stages / name
        shutil.rmtree(folder, ignore_errors=True)
        if picture is not None:
            return Path(shutil.copytree(picture, folder))
        folder.mkdir()
        for own, there in SCENARIOS[name].start.items():
            copy = shutil.copytree if (home / there).is_dir() else shutil.copy2
            copy(home / there, folder / own)
        return folder

    return make


@pytest.fixture(scope="module")
def whole(workers, stage, bits, tmp_path_factory):
    """A scenario's name to what it is when it is left alone."""
    known: dict[str, Whole] = {}

    def get(name: str) -> Whole:
        if name not in known:
            scenario, folder = SCENARIOS[name], stage(name)
            before = bits(folder / scenario.product)
            album = tmp_path_factory.mktemp(f"album-{name}")
            done = workers.run(folder, scenario.command, album=str(album))
            assert done["status"] == 0, done
            pictures = sorted(album.iterdir())
            kinds = {kind: [p for p in pictures if p.name.endswith(kind)] for kind in ENDS}
            after = bits(folder / scenario.product)
            known[name] = Whole(before, after, done["changes"], kinds)
        return known[name]

    return get


@pytest.fixture(scope="module")
def ends_well(workers, whole, bits):
    """Assert that what is there is sound, and that going on ends with the same bits and leaves
    nothing beside.
    """

    def check(name: str, folder: Path, what: str) -> None:
        scenario, own = SCENARIOS[name], whole(name)
        found = settled(bits(folder / scenario.product))
        if not scenario.is_fit:
            assert found in (own.before, own.after), f"{what}: half of it"
        if found == own.after:
            return
        again = scenario.again(folder)
        done = workers.run(folder, again)
        assert done["status"] == 0, f"{what}: {again}: {done['said']}"
        other = differing(bits(folder / scenario.product), own.after)
        assert not other, f"{what}: other bits in {other}"
        left = [path.name for path in folder.rglob("*") if path.name.startswith(".tenor-")]
        assert not left, f"{what}: left behind {left}"

    return check


def settled(found: Any) -> Any:
    """Without what a model is the same without: edits that came with new topics count wherever
    they are on their way, and a checkpoint of a fit that is done may not let itself be deleted.
    """
    if not isinstance(found, dict) or "config.json" not in found:
        return found
    if edits := found.pop("topics/topic-edits.json", None):
        found["topic-edits.json"] = edits
    return {name: own for name, own in found.items() if not name.startswith("checkpoint/")}


def differing(found: Any, expected: Any) -> list[str]:
    if not isinstance(found, dict) or not isinstance(expected, dict):
        return [] if found == expected else ["it"]
    names = found.keys() | expected.keys()
    return sorted(name for name in names if found.get(name) != expected.get(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_stopped_before_every_change(name, whole, stage, ends_well, some) -> None:
    own = whole(name)
    assert all(len(own.album[end]) == len(own.changes) for end in ENDS)
    pictures = [picture for end in ENDS for picture in own.album[end]]
    for picture in some(f"{name} stopped", pictures, 2, 150):
        number = int(picture.name[:4])
        change = f"change {number} of {len(own.changes)}, {own.changes[number - 1]!r}"
        ends_well(name, stage(name, picture), f"{name}, {picture.name[5:]} before {change}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_disk_fails_at_every_change(name, whole, stage, workers, ends_well, bits, some) -> None:
    own, scenario = whole(name), SCENARIOS[name]
    all_failures = product(range(1, len(own.changes)), ERRORS, (False, True))
    for number, end, for_good in some(f"{name} fails", all_failures, 2, 100):
        what = f"{name}, {end} at change {number}, {own.changes[number - 1]!r}, {for_good=}"
        folder = stage(name)
        done = workers.run(folder, scenario.command, fail=[number, ERRORS[end], for_good])
        said = done["said"]
        if done["status"]:
            assert done["status"] == 1 and said.count("\n") == 1, f"{what}: {done}"
            assert "should not have" not in said, f"{what}: {said}"
            assert scenario.product in said, f"{what}: {said}"
        else:
            other = differing(settled(bits(folder / scenario.product)), own.after)
            assert not other, f"{what}: done, but {other}"
        ends_well(name, folder, what)


KILLED = ["prepare", "prepare-over", "fit", "fit-over", "transform", "rename", "topics"]


@pytest.mark.parametrize("name", KILLED)
def test_killed_at_a_random_moment(name, stage, workers, ends_well, some) -> None:
    """By the clock: also in the middle of a change, and in whatever is no change."""
    command = SCENARIOS[name].command
    seconds = workers.run(stage(name), command)["seconds"]
    for number in some(f"{name} moments", range(100), 1):
        moment = random.Random(f"{name} {number}").random() * seconds
        folder = stage(name)
        killed = workers.run(folder, command, seconds=moment)
        assert killed["status"] in (-9, 0), killed
        ends_well(name, folder, f"{name}, killed after {moment:.3f} s")
