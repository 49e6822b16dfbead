"""Nothing heavy is loaded before there is work to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tenor.cli.app import VERBS

HEAVY = {"torch", "sklearn", "polars", "pyarrow", "numpy", "scipy", "matplotlib", "rich"}


def loaded_after(code: str) -> set[str]:
    code += "\nimport sys; print('LOADED', *sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_importing_tenor_loads_nothing_heavy():
    assert not loaded_after("import tenor") & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_the_command_itself_loads_nothing_heavy(arguments):
    assert not loaded_after(f"from tenor.cli import main; main({arguments!r})") & HEAVY


def test_no_verbs_help_loads_anything_heavy():
    helps = "; ".join(f"main([{verb!r}, '--help'])" for verb in VERBS)
    assert not loaded_after(f"from tenor.cli import main; {helps}") & HEAVY


def test_preparing_loads_neither_torch_nor_scikit_learn(tmp_path):
    (tmp_path / "x.txt").write_text("ant bee\nant cat\n")
    arguments = ["prepare", str(tmp_path / "x.txt"), "-o", str(tmp_path / "c"), "--min-df", "1"]
    arguments += ["--max-df", "1.0"]
    loaded = loaded_after(f"from tenor.cli import main; assert main({arguments!r}) == 0")
    assert "pyarrow" in loaded and not loaded & {"torch", "sklearn", "scipy", "matplotlib"}


READING = [
    ["topics", "MODEL"],
    ["topics", "MODEL", "--topic", "1"],
    ["topics", "MODEL", "--axes", "--json"],
    ["words", "MODEL", "moon"],
    ["docs", "MODEL", "--id", "doc-3"],
    ["docs", "MODEL", "--row", "3", "--space", "logits"],
    ["docs", "MODEL", "--row", "3", "--space", "metric"],
    ["docs", "MODEL", "--row", "3", "--space", "smoothed"],
    ["info", "MODEL"],
]
LATE = {"torch", "sklearn", "scipy", "matplotlib"}
ASKING = """
import tenor
model = tenor.load({folder!r})
assert model.top_words() and model.topics_.table() and model.topics_.documents(0)
assert model.vocabulary_ and model.history_ and len(model.word_vectors_)
assert model.most_similar("moon") and model.similar_documents(2, id="doc-3")
assert isinstance(model, tenor.NVDM) and "n_components=4" in repr(model)
assert model.get_params()["n_components"] == 4
"""
WITHOUT = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {late!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Without())
"""


def in_model(arguments, folder) -> list[str]:
    return [str(folder) if argument == "MODEL" else argument for argument in arguments]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_what_reads_a_model_loads_neither_torch_nor_scikit_learn(model, arguments):
    given = in_model(arguments, model)
    loaded = loaded_after(f"from tenor.cli import main; assert main({given!r}) == 0")
    assert "pyarrow" in loaded and not loaded & LATE


def test_an_opened_model_answers_without_them_too(model):
    assert not loaded_after(ASKING.format(folder=str(model))) & LATE


def test_a_model_of_before_is_read_without_them_too():
    place = Path(__file__).parents[1] / "data/before-issue-10/model"
    asked = [["words", "MODEL", "orbit"], ["docs", "MODEL", "--row", "3"], ["info", "MODEL"]]
    runs = "; ".join(f"assert main({in_model(one, place)!r}) == 0" for one in asked)
    assert not loaded_after(f"from tenor.cli import main; {runs}") & LATE
    # Its topics are edited: what they say of themselves is measured again.
    topics = f"from tenor.cli import main; assert main(['topics', {str(place)!r}]) == 0"
    assert not loaded_after(topics) & {"torch", "sklearn"}


def test_renamed_topics_are_read_without_them_too(model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "m")
    rename = ["topics", str(folder), "--rename", "1=one"]
    for arguments in (rename, ["topics", str(folder)]):
        runs = f"from tenor.cli import main; assert main({arguments!r}) == 0"
        assert not loaded_after(runs) & LATE


def test_where_they_are_not_installed_a_model_answers_what_needs_none(model, tmp_path):
    runs = "\n".join(f"assert main({in_model(one, model)!r}) == 0" for one in READING)
    copy = str(tmp_path / "copy")
    code = WITHOUT.format(late=LATE) + "from tenor.cli import main\n" + runs
    code += ASKING.format(folder=str(model)) + f"model.save({copy!r})"
    assert not loaded_after(code) & LATE
    for name in ("weights.safetensors", "vocabulary.parquet", "topics/topics.safetensors"):
        assert (tmp_path / "copy" / name).read_bytes() == (model / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["docs", "MODEL", "--text", "moon"], "the model's network needs torch"),
        (["transform", "MODEL", "SOURCE", "-o", "OUT/v.parquet"], "this needs torch"),
        (["evaluate", "MODEL", "SOURCE"], "needs torch"),
        (["fit", "SOURCE", "-o", "OUT/m"], "this needs torch"),
        (["topics", "MODEL", "--tree"], "this needs scipy"),
    ],
    ids=str,
)
def test_where_they_are_not_installed_one_line_says_what_to_install(
    model, documents, tmp_path, arguments, said
):
    given = [str(documents) if one == "SOURCE" else one for one in in_model(arguments, model)]
    given = [one.replace("OUT", str(tmp_path)) for one in given]
    code = WITHOUT.format(late=LATE)
    code += f"from tenor.cli import main; sys.exit(main({given!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1 and not done.stdout
    line = done.stderr.splitlines()[-1]
    assert line.startswith("tenor: ") and said in line and "pip install " in line
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_kept_documents_are_drawn_without_torch(model, tmp_path):
    picture = str(tmp_path / "map.png")
    code = WITHOUT.format(late={"torch"}) + "from tenor.cli import main\n"
    code += f"assert main(['map', {str(model)!r}, '-o', {picture!r}]) == 0"
    assert "torch" not in loaded_after(code) and Path(picture).is_file()


UNANSWERED = """
import tenor
from tenor.errors import InputError, MissingLibraryError
model, texts = tenor.load({folder!r}), ["moon orbit"] * 9
for ask in (
    lambda: tenor.NVDM().fit(texts),
    lambda: tenor.NVDM().partial_fit(texts),
    lambda: model.continue_fit(texts),
    lambda: model.transform(texts),
    lambda: model.score(texts),
    lambda: model.evaluate(texts),
    lambda: model.sample(1),
    lambda: model.index_documents(texts),
    lambda: tenor.load({folder!r}, device="cuda"),
):
    try:
        ask()
        raise SystemExit(1)
    except MissingLibraryError as error:
        assert "needs torch, which is not installed: pip install torch" in str(error)
try:
    tenor.NVDM().top_words()
except InputError as error:
    assert "is not fitted yet" in str(error)
"""


def test_in_python_too_what_is_missing_is_said(model):
    loaded_after(WITHOUT.format(late=LATE) + UNANSWERED.format(folder=str(model)))


def test_what_is_looked_for_would_be_found():
    assert "numpy" in loaded_after("import tenor.bow")
