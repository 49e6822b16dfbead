"""Users' data are shown, never obeyed; streams may be closed, full or in another encoding."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys

import pytest

import tenor as library
from tenor.cli import main, output
from tenor.errors import InputError
from tenor.legible import json_for_files, legible

HOSTILE = "[bold]:b: [/] [link=http://x] \x1b[31m\x9b1m \u202eevil\u2028 \ufeff\x07 \\"
OBEYED = ("\x1b", "\x9b", "\u202e", "\u2028", "\x07", "\ufeff")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, tiny):
    """Documents whose ids, labels, texts, columns and path hold all of it, and their model."""
    place = tmp_path_factory.mktemp("hostile") / ":b:[bold]é中"
    place.mkdir()
    source = place / "d.jsonl"
    words = ["moon rocket", "court judge", "bread oven", "goal team"]
    with source.open("w", encoding="utf-8") as file:
        for row in range(40):
            text = f"{words[row % 4]} {words[row % 3]} {HOSTILE} {('naïve', '日本語')[row % 2]}"
            record = {"n": f"{row}{HOSTILE}", "text": text, "k": f"{words[row % 4]}\n{HOSTILE}"}
            file.write(json.dumps(record) + "\n")
    model = place / "m"
    named = ["--id-column", "n", "--label-column", "k"]
    flags = [flag for flag in tiny if flag != "-q"]
    assert main(["fit", str(source), "-o", str(model), *named, *flags]) == 0
    return model, source, named


def commands(hostile, tmp_path):
    model, source, named = hostile
    again = str(tmp_path / "m")
    shutil.copytree(model, again)
    yield ["topics", again, "--rename", f"0={HOSTILE}"]
    yield ["topics", again]
    yield ["topics", again, "--topic", "0"]
    yield ["topics", again, "--tree"]
    yield ["topics", again, "--axes"]
    yield ["topics", again, "--by", "label"]
    yield ["docs", model, "--text", "moon naïve"]
    yield ["docs", model, "--id", f"0{HOSTILE}"]
    yield ["docs", model, "--id", HOSTILE]
    yield ["words", model, "日本語"]
    yield ["words", model, HOSTILE]
    yield ["info", model]
    yield ["info", HOSTILE.replace("/", "")]
    yield ["map", model, "-o", tmp_path / f"{HOSTILE.replace('/', '')}.html", "--title", HOSTILE]
    yield ["map", model, "-o", tmp_path / "m.svg", "--title", HOSTILE]
    yield ["transform", model, source, *named, "-o", tmp_path / ":b:[x]\x1b.parquet"]
    yield ["evaluate", model, source, *named, "--samples", "2"]
    yield ["prepare", source, *named, "-o", tmp_path / ":b:\x1bé"]
    yield ["fit", source, "-o", again, "--text-column", HOSTILE, "--overwrite"]
    yield [HOSTILE]
    yield ["fit", f"--{HOSTILE}"]
    yield ["fit", "--epochs", HOSTILE]


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_is_obeyed(tenor, hostile, tmp_path, monkeypatch, as_json, terminal):
    if terminal:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "dumb")
        monkeypatch.setenv("COLUMNS", "400")
    worked = 0
    for command in commands(hostile, tmp_path):
        shown = tenor(*command, *["--json"] * as_json)
        assert not any(sign in shown.out + shown.err for sign in OBEYED), command
        assert "🅱" not in shown.out + shown.err
        assert "should not have happened" not in shown.err and "Traceback" not in shown.err
        if as_json and shown.out:
            json.loads(shown.out)
        if shown.status == 0 and "--id" in command:
            assert "[bold]:b: [/] [link=http://x]" in shown.out
        worked += shown.status == 0
    assert worked >= 14


def test_a_page_and_a_picture_hold_the_text_alone(tenor, hostile, tmp_path):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b--> &"
    for suffix in (".html", ".svg"):
        target = tmp_path / f"m{suffix}"
        shown = tenor("map", hostile[0], "-o", target, "--title", evil, "-q")
        assert shown.status == 0, shown.err
        text = target.read_text()
        assert "<script>alert" not in text and "<img" not in text and "\x1b" not in text
        assert text.count("<script") <= 2


def shell(arguments, redirect: str):
    """The command in a shell, its streams redirected."""
    command = [sys.executable, "-m", "tenor", *map(os.fsencode, map(os.fspath, arguments))]
    line = f'"$@" {redirect}'
    return subprocess.run(
        ["sh", "-c", line, "sh", *command],
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_that_knows_less(hostile, monkeypatch, encoding):
    model, _, _ = hostile

    def run(*arguments: str) -> tuple[int, bytes, bytes]:
        written = io.BytesIO(), io.BytesIO()
        for name, file in zip(("stdout", "stderr"), written, strict=True):
            monkeypatch.setattr(sys, name, io.TextIOWrapper(file, encoding=encoding))
        status = main(list(map(str, arguments)))
        sys.stdout.flush(), sys.stderr.flush()
        return status, written[0].getvalue(), written[1].getvalue()

    for arguments in (["words", model, "日本語", "-n", "3"], ["docs", model, "--text", "日本語"]):
        status, out, _ = run(*arguments)
        assert status == 0 and b"\\u65e5" in out
        status, out, _ = run(*arguments, "--json")
        assert "日本語" in json.dumps(json.loads(out), ensure_ascii=False)
    status, _, err = run("words", model, "日本")
    assert status == 1 and err.count(b"\n") == 1 and b"\\u65e5\\u672c" in err


def test_a_disk_that_is_full(tenor, model, monkeypatch):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", full)
        shown = tenor("words", model, "moon")
        monkeypatch.undo()
    assert shown.status == 1
    assert shown.err == "tenor: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("redirect", "status", "said"),
    [
        (">&-", 0, b""),
        ("2>&-", 0, b""),
        ("<&-", 0, b""),
        (">&- 2>&- <&-", 0, b""),
        (">/dev/full", 1, b"tenor: cannot write to standard output: No space left on device\n"),
        ("2>/dev/full", 0, b""),
        ("| true", 0, b""),
    ],
)
def test_streams_that_are_not_there(redirect, status, said):
    done = shell(["--version"], redirect)
    assert (done.returncode, done.stderr) == (status, said)


def test_a_fit_does_not_die_of_nobody_listening(documents, columns, tiny, tmp_path):
    loud = [flag for flag in tiny if flag != "-q"]
    target = tmp_path / "m"
    done = shell(["fit", documents, *columns, *loud, "-o", target], "2>&1 >/dev/null | true")
    assert done.returncode == 0
    assert (target / "config.json").is_file()


@pytest.mark.parametrize("environment", [{"COLUMNS": "1"}, {"COLUMNS": "x", "TERM": "?"}])
def test_odd_terminals(tenor, model, monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tenor("fit", "--help").status == 0
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert tenor("topics", model).status == 0
    assert tenor("info", model).status == 0


def test_names_that_are_no_text(tenor, tmp_path, documents, model):
    """Bytes that are no UTF-8 come from the system as half surrogate pairs."""
    lone = os.fsdecode(b"caf\xe9")
    own = shutil.copytree(model, tmp_path / "own")
    for arguments in (
        ["fit", tmp_path / lone, "-o", tmp_path / "x"],
        ["fit", documents, "-o", tmp_path / lone],
        ["info", lone],
        ["transform", own, documents, "-o", f"{lone}.parquet"],
        ["fit", documents, "-o", tmp_path / "x", "--vocabulary", lone],
    ):
        shown = tenor(*arguments)
        assert shown.status == 2 and "is no name in utf-8; rename it" in shown.err
        assert "caf\\udce9" in shown.err and shown.err.count("\n") == 1
    with pytest.raises(InputError, match=r"caf.udce9. is no name"):
        library.load(lone)
    for arguments in (
        ["words", own, lone],
        ["docs", own, "--text", lone],
        ["docs", own, "--id", lone],
        ["fit", documents, "-o", tmp_path / "x", "--text-column", lone],
        ["fit", documents, "-o", tmp_path / "x", "--text-column", "body", "--keep", lone],
        ["fit", documents, "-o", tmp_path / "x", "--device", lone],
        ["topics", own, "--keep-out", lone],
        ["topics", own, "--topics", "2", "--seed-words", f"{lone}={lone}"],
        [lone],
    ):
        shown = tenor(*arguments)
        assert shown.status in (1, 2) and shown.err.count("\n") == 1, (arguments, shown)
        assert "should not" not in shown.err, (arguments, shown)
    assert tenor("topics", own, "--rename", f"0={lone}").status == 1
    picture = tenor("map", own, "-o", tmp_path / "m.svg", "--title", lone)
    assert picture.status == 0 and tenor("map", own, "-o", tmp_path / "m.html", "--title", lone)


def test_what_is_escaped():
    assert legible("a\tb\n\x1b[0m\u202e\udcff") == "a\\tb\\n\\x1b[0m\\u202e\\udcff"
    assert legible("می‌خواهم 👩‍👩‍👧 naïve\u00a0日本") == "می‌خواهم 👩‍👩‍👧 naïve\u00a0日本"
    assert json.loads(json_for_files({"\udcff": "\x1b\udcff"})) == {"\udcff": "\x1b\udcff"}
    assert output.said("[bold]", output.styled(":b:")).plain == "[bold]:b:"
