"""One rule for every path: home folders, folders above, what is finished, links, two at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tenor as library
from tenor.corpus.source import Source
from tenor.errors import ArtifactError, InputError
from tenor.model.topic_files import editing
from tenor.storage.claim import Claim

NAMES = {
    "fit": "m",
    "prepare": "corpus",
    "transform": "v.parquet",
    "map": "map.svg",
    "page": "map.html",
    "export": "topics.npz",
    "plot": "shares.svg",
}


@pytest.fixture
def own(tmp_path, model):
    """A model of this test's own, with topics."""
    return shutil.copytree(model, tmp_path / "own")


@pytest.fixture
def write(tenor, own, documents, columns, tiny):
    """Have a verb write to a path."""

    def run(what: str, path: object, *more: str):
        arguments = {
            "fit": ["fit", documents, *columns, *tiny, "-o", path],
            "prepare": ["prepare", documents, *columns, "--min-df", "1", "-q", "-o", path],
            "transform": ["transform", own, documents, *columns, "-q", "-o", path],
            "map": ["map", own, "-q", "-o", path],
            "page": ["map", own, "-q", "-o", path],
            "export": ["topics", own, "-q", "--export", "octis", "-o", path],
            "plot": ["topics", own, "-q", "--by", "label", "--plot", path],
        }
        return tenor(*arguments[what], *more)

    return run


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("what", NAMES)
def test_home_folders_folders_above_and_what_is_finished(write, tmp_path, monkeypatch, what):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    name = NAMES[what]
    shown = write(what, f"~/a/b/{name}")
    assert shown.status == 0, shown.err
    assert listed(tmp_path) == ["home", "own"]
    assert listed(tmp_path / "home" / "a" / "b") == [name]
    again = write(what, f"~/a/b/{name}")
    assert (again.status, again.out) == (1, "") and again.err.count("\n") == 1
    assert "--overwrite" in again.err and name in again.err
    assert write(what, f"~/a/b/{name}", "--overwrite").status == 0
    assert listed(tmp_path / "home" / "a" / "b") == [name]


@pytest.mark.parametrize("what", NAMES)
def test_a_link_stays_and_what_it_points_to_is_written(write, tmp_path, what):
    name = NAMES[what]
    real, link = tmp_path / "real" / name, tmp_path / "links" / name
    link.parent.mkdir()
    link.symlink_to(real)  # nothing is there yet, not even its folder
    for more in ([], ["--overwrite"]):
        shown = write(what, link, *more)
        assert shown.status == 0, shown.err
        assert link.is_symlink() and link.readlink() == real
        assert real.exists() and not real.is_symlink()
        assert listed(real.parent) == listed(link.parent) == [name]
    assert write(what, link).status == 1


@pytest.mark.parametrize("what", NAMES)
def test_links_in_a_circle(write, tmp_path, what):
    link = tmp_path / NAMES[what]
    link.symlink_to(link)
    shown = write(what, link, "--overwrite")
    assert (shown.status, shown.out) == (1, "") and shown.err.count("\n") == 1
    assert "cannot write" in shown.err and "should not" not in shown.err
    assert listed(tmp_path) == sorted([link.name, "own"])


@pytest.mark.parametrize("what", NAMES)
def test_the_second_of_two_is_refused_at_once(write, tmp_path, what):
    path = tmp_path / NAMES[what]
    with Claim("tenor fit", path):
        before = listed(tmp_path)
        shown = write(what, path)
        assert (shown.status, shown.out) == (1, "") and shown.err.count("\n") == 1
        assert f"another tenor fit is at work on {path}" in shown.err
        assert listed(tmp_path) == before
    assert write(what, path).status == 0


@pytest.mark.parametrize("what", NAMES)
def test_a_folder_for_a_file_and_a_file_for_a_folder(write, tmp_path, what):
    path = tmp_path / NAMES[what]
    if what in ("fit", "prepare"):
        path.write_text("mine")
    else:
        path.mkdir()
    for more in ([], ["--overwrite"]):
        shown = write(what, path, *more)
        assert (shown.status, shown.out) == (1, "") and shown.err.count("\n") == 1
        assert "is a file" in shown.err or "is a folder" in shown.err
    assert listed(tmp_path) == sorted([path.name, "own"])


def test_a_fit_that_was_killed_is_taken_up_by_resume(write, tenor, tmp_path):
    folder = tmp_path / "m"
    assert write("fit", folder).status == 0
    (folder / "config.json").unlink()  # as if it was killed before the end
    shown = write("fit", folder)
    assert shown.status == 1 and f"go on with: tenor fit --resume {folder}" in shown.err
    assert "begin it anew with --overwrite" in shown.err
    assert tenor("fit", "--resume", folder, "-q").status == 0


def test_edits_have_one_hand_at_a_time(write, tenor, own, tmp_path):
    with editing(own):
        before = listed(own)
        for refused in (
            tenor("topics", own, "--rename", "0=first"),
            write("fit", own, "--overwrite"),
        ):
            assert refused.status == 1 and "another tenor topics is at work" in refused.err
        assert tenor("topics", own).status == 0  # who only looks waits for nobody
        assert tenor("transform", own, "-", "-o", tmp_path / "v.csv").status == 1
    assert tenor("topics", own, "--rename", "0=first").status == 0
    there = [name for name in before if not name.startswith(".")]
    assert listed(own) == sorted([*there, "topic-edits.json"])


def test_topics_that_cannot_be_kept_are_shown(tenor, own):
    shutil.rmtree(own / "topics")
    with editing(own):
        shown = tenor("topics", own, "-q")
        assert shown.status == 0 and "found anew each time: another tenor topics" in shown.err
        assert tenor("topics", own, "--topics", "3", "--keep", "-q").status == 1
    assert not (own / "topics").exists()
    assert tenor("topics", own, "-q").err == "" and (own / "topics").exists()


def test_home_folders_where_something_is_read(
    tenor, own, tmp_path, monkeypatch, documents, columns
):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copy(documents, tmp_path / "d.jsonl")
    (tmp_path / "words").write_text("moon\nrocket\ncourt\n")
    assert tenor("topics", "~/own", "~/d.jsonl", *columns).status == 0
    assert tenor("info", "~/own").status == 0
    assert tenor("evaluate", "~/own", "~/d.jsonl", *columns, "--samples", "2").status == 0
    lists = ["--vocabulary", "~/words", "--stop-words", "~/words"]
    shown = tenor("prepare", "~/d.jsonl", *columns, *lists, "-o", "~/c", "--json")
    assert shown.status == 0 and shown.json["n_words"] == 3 and shown.json["n_tokens"] == 0
    # In Python
    model = library.load("~/own")
    model.save("~/copies/m")
    with pytest.raises(ArtifactError, match=r"copies/m is not empty.*overwrite=True"):
        model.save("~/copies/m")
    model.save(Path("~/copies/m"), overwrite=True)
    corpus = library.Corpus.read("~/d.jsonl", text_column="body", vocabulary="~/words")
    corpus.save("~/copies/c")
    assert library.Corpus.open("~/copies/c").vocabulary == library.Vocabulary.of("~/words")
    assert library.Tokenizer(stop_words="~/words").stop_words == ("moon", "rocket", "court")
    model.draw_map("~/copies/map.svg")
    model.topics_.export("octis", "~/copies/t.npz")
    with pytest.raises(ArtifactError, match="overwrite=True"):
        model.topics_.export("octis", "~/copies/t.npz")
    assert listed(tmp_path / "copies") == ["c", "m", "map.svg", "t.npz"]


def test_names_that_begin_with_the_sign(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").write_text("moon\n")
    assert library.Vocabulary.of("./~").words == ("moon",)
    assert Source("./~").name == "./~" and Source("-").name == "-"
    with pytest.raises(InputError, match=r"no home folder ~nobody-here.*\./~nobody-here/x"):
        Source("~nobody-here/x")
    for wrong in (3, None, b"bytes", ["a"]):
        with pytest.raises(InputError, match="a path must be a str or a Path"):
            library.load(wrong)
