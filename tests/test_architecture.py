"""docs/architecture.md and its drawing say what is so: paths, names and arrows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tenor"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
DRAWING = ROOT / "docs" / "rooms.svg"
SPANS = sorted(set(re.findall(r"`([^`\n]+)`", PAGE)))
PATHS = [
    span for span in SPANS if re.fullmatch(r"[\w/-]+\.(py|md|svg|toml)|[\w-]+(/[\w-]+)+", span)
]
NAMES = [span for span in SPANS if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", span)]
PAIRS = sorted(set(re.findall(r"`([\w/]+\.py)` `(\w+)`", PAGE)))
FOLDERS_FILES = {"config.json", "manifest.json", "fit.json"}  # of a model and a corpus
WORDS = {"backward", "batch.columns"}  # torch's; a variable
FLOOR = {"storage"} | {path.stem for path in SOURCE.glob("*.py")} - {"runs"}


def members(node: ast.ClassDef) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef):
            yield inner.name
        elif isinstance(inner, ast.AnnAssign | ast.Assign):
            for target in [inner.target] if isinstance(inner, ast.AnnAssign) else inner.targets:
                yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
                yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}


@cache
def known() -> set[str]:
    """Every top-level name, every member as Class.member, every room and module."""
    names: set[str] = {"tenor"}
    inherited: dict[str, list[str]] = {}
    own: dict[str, set[str]] = {}
    for path, tree in trees().items():
        names |= {path.stem, path.parent.name, *defined(tree)}
        if path.name == "__init__.py":  # what a room shows of its files
            names |= {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own.setdefault(node.name, set()).update(members(node))
                inherited[node.name] = [ast.unparse(base).split("[")[0] for base in node.bases]
    for name in own:
        bases, found = [name], set()
        while bases:
            base = bases.pop()
            found |= own.get(base, set())
            bases += inherited.get(base, [])
        names |= {f"{name}.{member}" for member in found}
    return names | {member for found in own.values() for member in found}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_on_the_page_is_there(path: str) -> None:
    """In the source or the project; in a room's own paragraph a file without its folder."""
    assert (SOURCE / path).exists() or (ROOT / path).exists() or list(SOURCE.rglob(path))


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(PATHS) - FOLDERS_FILES - WORDS))
def test_a_name_on_the_page_is_defined(name: str) -> None:
    assert name.removeprefix("tenor.") in known()


@pytest.mark.parametrize(("path", "name"), PAIRS)
def test_a_function_is_in_the_file_that_the_page_says(path: str, name: str) -> None:
    assert name in defined(trees()[SOURCE / path])


def imports() -> set[tuple[str, str]]:
    """Which room imports which, but for the floor and storage."""
    found = set()
    for path, tree in trees().items():
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tenor"):
                parts = (node.module or "").split(".")
                names = parts[1:2] or [alias.name for alias in node.names]
                found |= {(room, name) for name in names if name != room}
    return {pair for pair in found if not FLOOR & set(pair)}


def test_the_arrows_are_the_imports() -> None:
    """Each arrow is an import, and each import an arrow or a way along arrows."""
    drawn = {
        tuple(element.get("data-import", "").split())
        for element in ElementTree.parse(DRAWING).iter()
        if element.get("data-import")
    }
    there = imports()
    assert drawn <= there
    reached = set(drawn)
    while more := {(a, d) for a, b in reached for c, d in drawn if b == c} - reached:
        reached |= more
    assert there <= reached
    assert all(a != b for a, b in reached)


def test_every_room_is_drawn() -> None:
    text = DRAWING.read_text()
    hidden = {"__init__", "__main__"}
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    rooms |= {path.stem for path in SOURCE.glob("*.py")} - hidden
    assert [room for room in sorted(rooms) if not re.search(rf">[^<]*\b{room}\b[^<]*<", text)] == []
