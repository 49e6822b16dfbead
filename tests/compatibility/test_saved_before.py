"""What tenor 0.1.0 saved opens, and gives the bits that it gave then.

tests/data/before-issue-10 was written by make_saved.py, beside this file, with the tenor of the
commit "Say of topics only what is so", torch 2.13.0 and one thread, on a processor with AVX-512:

    model/        an NVDM of 100 short texts, with its documents, topics and three edits of them
    corpus/       the same texts, prepared, with labels, in two shards
    unfinished/   a fit of the texts from standard input, killed after four of six epochs
    expected.json what that tenor made of them

A matrix product's last bits depend on torch and the processor: elsewhere the numbers are close.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import tenor
from tenor.cli import main
from tenor.kernels import COMPILED

HERE = Path(__file__).parent
BEFORE = HERE.parent / "data" / "before-issue-10"
MAIN = {"model": "config.json", "corpus": "manifest.json"}
EXPECTED = json.loads((BEFORE / "expected.json").read_text())


def _maker():
    spec = importlib.util.spec_from_file_location("make_saved", HERE / "make_saved.py")
    module = sys.modules["make_saved"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_saved = _maker()
made_with = {name: EXPECTED["made_with"][name] for name in ("torch", "capability")}
same_machine = pytest.mark.skipif(
    make_saved.platform() != made_with,
    reason=f"the bits are those of {made_with}, this is {make_saved.platform()}",
)


@pytest.fixture
def model():
    return tenor.load(BEFORE / "model", device="cpu")


@pytest.fixture
def corpus():
    return tenor.Corpus.open(BEFORE / "corpus")


def vectors(model, corpus) -> dict[str, np.ndarray]:
    others = make_saved.other_texts()
    return {
        "vectors": model.transform(others),
        "corpus_vectors": model.transform(corpus),
        "topic_weights": model.topics_.weights(others),
    }


def test_a_model_gives_its_vectors(model, corpus):
    for name, found in vectors(model, corpus).items():
        expected = make_saved.array(EXPECTED[name])
        assert found.dtype == expected.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=name)


@same_machine
@pytest.mark.parametrize("threads", [1, 2])
def test_a_model_gives_the_same_bits(model, corpus, threads):
    torch.set_num_threads(threads)
    for name, found in vectors(model, corpus).items():
        assert found.tobytes() == make_saved.array(EXPECTED[name]).tobytes(), name


def test_a_model_has_its_documents(model, corpus):
    np.testing.assert_allclose(model.documents_.vectors, model.transform(corpus), atol=1e-5)
    texts, labels = make_saved.texts()
    assert model.documents_.texts(range(len(texts))) == texts
    assert list(model.documents_.labels) == labels == list(corpus.labels)
    assert list(model.documents_.ids) == list(corpus.ids)


def test_topics_and_edits_are_there(model):
    topics = model.topics_
    assert topics.names == EXPECTED["names"] and topics.lost == ()
    found, expected = topics.words(5), EXPECTED["topics"]
    assert [[word for word, _ in own] for own in found] == [[w for w, _ in own] for own in expected]
    scores = [score for own in found for _, score in own]
    assert scores == pytest.approx([score for own in expected for _, score in own], rel=1e-5)


def test_a_corpus_is_the_one_that_was_saved(corpus, tmp_path):
    texts, labels = make_saved.texts()
    assert len(corpus.table.to_batches()) == 2
    assert list(corpus.texts) == texts
    counted = tenor.Corpus.from_texts(texts, ids=corpus.ids, labels=labels)
    assert corpus.fingerprint() == counted.fingerprint() == EXPECTED["fingerprint"]
    corpus.save(tmp_path / "again")
    again = tenor.Corpus.open(tmp_path / "again")
    assert again.table.equals(corpus.table) and again.vocabulary == corpus.vocabulary
    kept, manifests = {"format", "version", "fingerprint", "columns", "tokenizer"}, []
    for folder in (BEFORE / "corpus", tmp_path / "again"):
        manifest = json.loads((folder / "manifest.json").read_bytes())
        manifests.append({name: manifest[name] for name in kept})
    assert manifests[0] == manifests[1]


def test_an_unfinished_fit_goes_on(tmp_path, capsys):
    folder = tmp_path / "unfinished"
    shutil.copytree(BEFORE / "unfinished", folder)
    assert main(["info", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epochs_done"] == 4
    assert main(["fit", "--resume", str(folder), "-q", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["outcome"], facts["epochs_done"]) == ("completed", 6)
    weights = hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()
    if make_saved.platform() == made_with:
        assert weights == EXPECTED["resumed"]["compiled" if COMPILED else "plain"]


def test_texts_are_normalised_by_the_rule_that_was_saved(model, corpus, tmp_path):
    """What newer tokenizers fold and drop is left as it is, and the saved model says the same."""
    text = "Ofﬁce ＡＢ Waſſer in\u00adfo Auf\u200clage"
    tokens = ["ofﬁce", "ａｂ", "waſſer", "info", "auf\u200clage"]
    for folder in ("model", "corpus"):
        kept = json.loads((BEFORE / folder / MAIN[folder]).read_bytes())["tokenizer"]
        opened = model.trained_.tokenizer if folder == "model" else corpus.tokenizer
        assert opened.tokens(text) == tokens != tenor.Tokenizer().tokens(text)
        assert opened.to_json() == kept
    model.save(tmp_path / "model")
    assert tenor.load(tmp_path / "model").trained_.tokenizer == model.trained_.tokenizer
    asked = tenor.Corpus.read(BEFORE / "corpus", tokenizer=tenor.Tokenizer())
    assert asked.tokenizer == corpus.tokenizer  # its own: nobody asks for a rule
