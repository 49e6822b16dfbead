"""Only one file changes the disk."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tenor
from tenor.storage import disk

SOURCE = Path(tenor.__file__).parent
CHANGES = {
    *("write_text", "write_bytes", "mkdir", "makedirs", "unlink", "rename", "rmdir", "touch"),
    *("symlink_to", "hardlink_to", "truncate", "rmtree", "copytree", "copyfile", "move", "OSFile"),
    *("TemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp", "save_file", "tofile"),
}
OPENS = {"open", "fdopen"}


def changes(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that make, change or delete a file or folder by its path."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        strings = [v.value for v in values if isinstance(v, ast.Constant) and type(v.value) is str]
        modes = [said for said in strings if len(said) <= 3 and set(said) & set("wax+")]
        of_path = name == "replace" and len(node.args) == 1 and not node.keywords
        of_os = ast.unparse(called) == "os.replace"
        is_method = isinstance(called, ast.Attribute)
        if (is_method and name in CHANGES) or (name in OPENS and modes) or of_path or of_os:
            yield node


def test_nothing_else_writes() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path == Path(disk.__file__):
            continue
        for call in changes(ast.parse(path.read_text())):
            said = ast.unparse(call)
            if said.startswith(("disk.", "hand.", "t.")):  # this room's; a topic's name
                continue
            found.append(f"{path.relative_to(SOURCE)}:{call.lineno}: {said}")
    assert not found


def test_the_search_finds_what_is_there() -> None:
    found = {ast.unparse(call.func) for call in changes(ast.parse(Path(disk.__file__).read_text()))}
    assert {"path.open", "tempfile.TemporaryFile", "os.truncate", "path.replace"} <= found
    assert {"folder.mkdir", "path.unlink", "path.rmdir", "shutil.rmtree"} <= found


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked to")
def test_two_folders_are_exchanged(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not disk.exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this disk cannot")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["a"]
    assert not disk.exchange(tmp_path / "a", tmp_path / "none")


def test_a_folder_is_made_with_those_above(tmp_path: Path) -> None:
    disk.make_folder(tmp_path / "a" / "b" / "c")
    disk.make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
    disk.clear_away(tmp_path / "a")
    disk.clear_away(tmp_path / "a")
    assert not list(tmp_path.iterdir())
