"""Reads corpora, models and vectors by docs/formats.md alone: nothing of tenor is imported."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file

Array = np.ndarray
Bag = tuple[Array, Array, Array]  # offsets (D + 1,), words, counts


def sha256(*parts: Any) -> bytes:
    return hashlib.sha256(b"".join(bytes(part) for part in parts)).digest()


def sha256_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def strings_digest(strings: list[str | None]) -> bytes:
    held = [(string or "").encode() for string in strings]
    lengths = np.array([len(string) for string in held], "<i8")
    return sha256(sha256(lengths.tobytes()), sha256(b"".join(held)))


def vocabulary_fingerprint(words: list[str]) -> str:
    held = [word.encode() for word in words]
    parts = (len(word).to_bytes(8, "little") + word for word in held)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def bag_of(words: pa.ListArray, counts: pa.ListArray) -> Bag:
    lengths = words.value_lengths().to_numpy()
    assert np.array_equal(lengths, counts.value_lengths().to_numpy())
    offsets = np.append(0, np.cumsum(lengths))
    return offsets, words.flatten().to_numpy(), counts.flatten().to_numpy()


@dataclass
class Corpus:
    manifest: dict[str, Any]
    words: list[str]
    table: pa.Table
    bag: Bag

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert (manifest["format"], manifest["version"]) == ("tenor-corpus", 1)
        for said in (manifest["vocabulary"], *manifest["shards"]):
            path = folder / said["file"]
            assert path.stat().st_size == said["bytes"]
            assert sha256_of_file(path) == said["sha256"]
        batches = []
        for said in manifest["shards"]:
            shard = pa.ipc.open_file(folder / said["file"])
            assert shard.num_record_batches == 1
            batches.append(shard.get_batch(0))
            assert len(batches[-1]) == said["documents"]
        table = pa.Table.from_batches(batches)
        types = {"id": pa.string(), "label": pa.string(), "text": pa.string()}
        for name, kind in types.items():
            assert name not in table.column_names or table.schema.field(name).type == kind
        bag = bag_of(*(table.column(name).combine_chunks() for name in ("words", "counts")))
        words = pq.read_table(folder / "vocabulary.parquet").column("word").to_pylist()
        assert len(words) == manifest["words"] and len(table) == manifest["documents"]
        assert bag[2].sum() == manifest["tokens"] and len(bag[1]) == manifest["values"]
        return cls(manifest, words, table, bag)

    def fingerprint(self) -> str:
        offsets, words, counts = self.bag
        digest = sha256(
            strings_digest(self.table.column("id").to_pylist()),
            vocabulary_fingerprint(self.words).encode("ascii"),
            sha256(offsets.astype("<i8").tobytes()),
            sha256(words.astype("<i4").tobytes()),
            sha256(counts.astype("<i4").tobytes()),
        )
        return digest.hex()


def fit_fingerprint(corpus: Corpus) -> str:
    parts = [corpus.fingerprint().encode("ascii")]
    for name in ("label", "text"):
        if name in corpus.table.column_names:
            parts += [name.encode(), strings_digest(corpus.table.column(name).to_pylist())]
    return sha256(*parts).hex()


@dataclass
class Model:
    folder: Path
    config: dict[str, Any]
    words: list[str]
    tensors: dict[str, Array]

    @classmethod
    def read(cls, folder: Path) -> Model:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        assert (config["format"], config["version"], config["kind"]) == ("tenor-model", 1, "nvdm")
        for name, checksum in config["files"].items():
            assert sha256_of_file(folder / name) == checksum
        words = pq.read_table(folder / "vocabulary.parquet").column("word").to_pylist()
        assert vocabulary_fingerprint(words) == config["vocabulary_fingerprint"]
        model = cls(folder, config, words, load_file(folder / "weights.safetensors"))
        assert {k: v.shape for k, v in model.tensors.items()} == dict(model.shapes())
        return model

    def shapes(self) -> dict[str, tuple[int, ...]]:
        shape = self.config["network"]
        n_words, k = shape["n_words"], shape["n_components"]
        sizes, layers = shape["encoder_sizes"], [k, *shape["generator_sizes"]]
        first = sizes[0] if sizes else 2 * k
        found = {"encoder.embedding": (n_words, first), "encoder.bias": (first,)}
        if shape["input_transform"] == "tfidf":
            found["encoder.transform.idf"] = (n_words,)
        linear = [("encoder.head", sizes[-1], 2 * k)] if sizes else []
        for name, widths in (("encoder.hidden", sizes), ("generator.layers", layers)):
            linear += [(f"{name}.{i}", *pair) for i, pair in enumerate(pairwise(widths))]
        for name, n_in, n_out in linear:
            found |= {f"{name}.weight": (n_out, n_in), f"{name}.bias": (n_out,)}
        for i, size in enumerate(sizes if shape["encoder"] == "residual" else []):
            found |= {f"encoder.norms.{i}.weight": (size,), f"encoder.norms.{i}.bias": (size,)}
        beside = k if layers[1:] and shape["generator"] == "beside" else 0
        return found | {
            "decoder.weight": (n_words, beside + layers[-1]),
            "decoder.bias": (n_words,),
        }

    def counted(self, texts: list[str]) -> Bag:
        """Counts of ASCII texts."""
        cut = self.config["tokenizer"]
        assert cut["pattern"] in ("unicode", "a-z") and not cut["strip_accents"]
        pattern = "[A-Za-z]+" if cut["pattern"] == "a-z" else "[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*"
        number = {word: v for v, word in enumerate(self.words)}
        offsets, words, counts = [0], [], []
        for text in texts:
            assert text.isascii()
            tokens = re.findall(pattern, text.lower() if cut["lowercase"] else text)
            row = sorted(number[token] for token in tokens if token in number)
            for word in dict.fromkeys(row):
                words.append(word)
                counts.append(row.count(word))
            offsets.append(len(words))
        return np.array(offsets), np.array(words, int), np.array(counts, int)

    def posterior(self, bag: Bag) -> tuple[Array, Array]:
        """μ and log σ, (D, K) each, in float64."""
        offsets, words, counts = bag
        n_documents = len(offsets) - 1
        documents = np.repeat(np.arange(n_documents), np.diff(offsets))
        values = self._transformed(documents, words, counts.astype(float), n_documents)
        a = np.zeros((n_documents, self._tensor("encoder.bias").shape[0]))
        np.add.at(a, documents, values[:, None] * self._tensor("encoder.embedding")[words])
        u = self._layers(a + self._tensor("encoder.bias"))
        k = self.config["network"]["n_components"]
        return u[:, :k], 5 * np.tanh(u[:, k:] / 5)

    def log_probabilities(self, z: Array) -> Array:
        """ln p(v | z), (D, V)."""
        logits = self._features(z) @ self._tensor("decoder.weight").T + self._tensor("decoder.bias")
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def _transformed(self, documents: Array, words: Array, x: Array, n: int) -> Array:
        shape = self.config["network"]
        if shape["likelihood"] == "presence":
            x = np.ones_like(x)
        if shape["input_transform"] == "tfidf":
            t = self._tensor("encoder.transform.idf")[words] * np.log1p(x)
            return t / np.sqrt(np.bincount(documents, t**2, n))[documents]
        if shape["input_transform"] == "l1":
            return x / np.bincount(documents, x, n)[documents]
        return {"counts": x, "log1p": np.log1p(x), "binary": np.ones_like(x)}[
            shape["input_transform"]
        ]

    def _layers(self, y: Array) -> Array:
        shape = self.config["network"]
        if not shape["encoder_sizes"]:
            return y
        g = self._activated(0, y)
        for i in range(1, len(shape["encoder_sizes"])):
            step = self._activated(i, self._linear(f"encoder.hidden.{i - 1}", g))
            g = g + step if shape["encoder"] == "residual" else step
        return self._linear("encoder.head", g)

    def _activated(self, i: int, y: Array) -> Array:
        shape = self.config["network"]
        if shape["encoder"] == "residual":
            y = y - y.mean(axis=1, keepdims=True)
            y = y / np.sqrt((y**2).mean(axis=1, keepdims=True) + 1e-5)
            y = y * self._tensor(f"encoder.norms.{i}.weight")
            y = y + self._tensor(f"encoder.norms.{i}.bias")
        phi = np.vectorize(lambda x: (1 + math.erf(x / math.sqrt(2))) / 2)
        return {
            "tanh": np.tanh,
            "relu": lambda x: np.maximum(x, 0),
            "softplus": lambda x: np.logaddexp(x, 0),
            "gelu": lambda x: x * phi(x),
        }[shape["activation"]](y)

    def _features(self, z: Array) -> Array:
        shape = self.config["network"]
        g = z
        for i in range(len(shape["generator_sizes"])):
            g = np.tanh(self._linear(f"generator.layers.{i}", g))
        beside = shape["generator_sizes"] and shape["generator"] == "beside"
        return np.hstack([z, g]) if beside else g

    def _linear(self, name: str, x: Array) -> Array:
        return x @ self._tensor(f"{name}.weight").T + self._tensor(f"{name}.bias")

    def _tensor(self, name: str) -> Array:
        return self.tensors[name].astype(float)


@dataclass
class Topics:
    about: dict[str, Any]
    tensors: dict[str, Array]

    @classmethod
    def read(cls, model: Model) -> Topics:
        place = model.folder / "topics"
        about = json.loads((place / "topics.json").read_text("utf-8"))
        assert (about["format"], about["version"]) == ("tenor-topics", 1)
        assert sha256_of_file(place / "topics.safetensors") == about["files"]["topics.safetensors"]
        said = {key: value for key, value in about.items() if key != "sha256"}
        assert sha256(json.dumps(said, sort_keys=True).encode()).hex() == about["sha256"]
        made_by = {key: model.config[key] for key in ("kind", "network", "tokenizer")}
        parts = [model.config["vocabulary_fingerprint"].encode("ascii")]
        parts.append(json.dumps(made_by, sort_keys=True).encode())
        for name, values in sorted(model.tensors.items()):
            parts += [name.encode(), values.astype("<f4").tobytes()]
        assert sha256(*parts).hex() == about["weights"]
        return cls(about, load_file(place / "topics.safetensors"))

    def weights(self, mean: Array, empty: Array) -> Array:
        """θ, (D, T)."""
        d = unit(unit(mean) - self.tensors["mean"])
        p, q = np.hsplit(self.tensors["centres"].astype(float), 2)
        theta = np.exp(6 * d @ (p + q).T / np.sqrt(2))
        theta /= theta.sum(axis=1, keepdims=True)
        return self._by_topic(theta.T, np.add).T * ~empty[:, None]

    def words(self, model: Model, n: int) -> list[list[str]]:
        """The n words that each topic shows, for a model without generator layers."""
        rows = model.tensors["decoder.weight"].astype(float)
        s = unit(rows - rows.mean(axis=0)) / np.sqrt(2)
        s *= self.tensors["frequency"][:, None] > 0
        both = np.hstack([s, self.tensors["where_read"]])
        scores = self._by_topic(self.tensors["centres"] @ both.T, np.maximum)
        scores = np.where(self.tensors["allowed"], scores + self.tensors["rarity"], -np.inf)
        assert (self.tensors["held"] < 0).all()
        own = scores.argmax(axis=0)
        shown = []
        for topic, row in enumerate(scores):
            best = np.argsort(-np.where(own == topic, row, -np.inf), kind="stable")[:n]
            shown.append([model.words[v] for v in best if own[v] == topic and np.isfinite(row[v])])
        return shown

    def _by_topic(self, rows: Array, joined: np.ufunc) -> Array:
        owners = self.tensors["owner"]
        return np.stack([joined.reduce(rows[owners == t]) for t in range(len(self.about["ids"]))])


def unit(rows: Array) -> Array:
    lengths = np.sqrt((rows.astype(float) ** 2).sum(axis=1, keepdims=True))
    return rows / np.where(lengths > 0, lengths, 1)


def dense(column: pa.ChunkedArray) -> Array:
    """A fixed_size_list column as (D, M)."""
    values = column.combine_chunks()
    return values.flatten().to_numpy().reshape(len(values), values.type.list_size)
