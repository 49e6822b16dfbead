"""Named columns beside id, text and label: kept, sliced, spilled, prepared, saved and checked."""

from __future__ import annotations

import datetime
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenor
from tenor import runs
from tenor.cli import main
from tenor.corpus import piece_folder, pieces, pipeline, preparing
from tenor.corpus.choosing import Counting
from tenor.corpus.corpus import Corpus
from tenor.corpus.facts import corpus_facts
from tenor.corpus.layout import check_batch, column_digest
from tenor.corpus.pipeline import counted
from tenor.corpus.source import Source
from tenor.errors import ArtifactError, InputError
from tenor.sources import batches
from tenor.sources.batches import Stream, TextBatch
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)
N = 40
TEXTS = [f"w{n % 7} w{n % 5} common" for n in range(N)]
DENSE = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
DAYS = [None if n % 9 == 0 else datetime.date(2020, 1, 1 + n % 28) for n in range(N)]
KINDS = [("spam", "ham", None)[n % 3] for n in range(N)]
COLUMNS = {
    "embedding": DENSE,
    "year": np.arange(N) + 1900,
    "score": np.where(np.arange(N) % 4, np.linspace(0, 1, N), np.nan),
    "day": DAYS,
    "sold": [n % 2 == 0 for n in range(N)],
    "author": [f"author {n % 4}" for n in range(N)],
    "kind": pa.array(KINDS).dictionary_encode(),
}


@pytest.fixture
def corpus() -> Corpus:
    return Corpus.from_texts(TEXTS, rule=ALL, columns=COLUMNS)


def dense(corpus: Corpus) -> np.ndarray:
    return np.array(corpus.column("embedding").to_pylist(), dtype=np.float32).reshape(-1, 3)


def assert_kept(corpus: Corpus, rows) -> None:
    assert set(corpus.columns) == set(COLUMNS)
    np.testing.assert_array_equal(dense(corpus), DENSE[rows])
    assert corpus.column("embedding").type == pa.list_(pa.float32(), 3)
    assert corpus.column("year").to_pylist() == [1900 + row for row in rows]
    assert corpus.column("day").to_pylist() == [DAYS[row] for row in rows]
    assert corpus.column("kind").to_pylist() == [KINDS[row] for row in rows]
    assert corpus.column("score").null_count == sum(row % 4 == 0 for row in rows)
    assert corpus.column("sold").to_pylist() == [row % 2 == 0 for row in rows]
    assert corpus.column("author").to_pylist() == [f"author {row % 4}" for row in rows]


def test_rows_keep_their_columns(corpus: Corpus, tmp_path: Path) -> None:
    assert corpus.columns == tuple(COLUMNS)
    for rows in (range(N), range(7, 30), [31, 2, 17], []):
        chosen = corpus[np.array(rows, dtype=int)]
        assert_kept(chosen, rows)
        if len(rows):
            chosen.save(tmp_path / f"{len(rows)}")
            assert_kept(Corpus.open(tmp_path / f"{len(rows)}"), rows)
    assert_kept(corpus[7:30], range(7, 30))
    assert_kept(pickle.loads(pickle.dumps(corpus[7:30])), range(7, 30))
    assert_kept(corpus.encode_like(["w1", "common"]), range(N))
    assert corpus_facts(tmp_path / str(N))["columns"] == list(COLUMNS)


def test_they_stand_aside_from_words_and_fingerprint(corpus: Corpus) -> None:
    plain = Corpus.from_texts(TEXTS, rule=ALL)
    assert plain.columns == () and corpus.fingerprint() == plain.fingerprint()
    assert corpus.table.select(plain.table.column_names).equals(plain.table)
    with pytest.raises(InputError, match='no column "embedding"; it keeps: none'):
        plain.column("embedding")
    with pytest.raises(InputError, match='no column "text"'):
        corpus.column("text")


def test_beside_ready_counts(corpus: Corpus) -> None:
    assert_kept(Corpus.from_counts(corpus.counts, corpus.words, columns=COLUMNS), range(N))


@pytest.mark.parametrize("most", [1 << 28, 1])
def test_through_a_folder_of_pieces(corpus: Corpus, monkeypatch, most: int) -> None:
    """Pieces that each have a dictionary of their own become shards, with and without the disk."""
    monkeypatch.setattr(pieces, "PIECE_DOCUMENTS", 1)
    monkeypatch.setattr(piece_folder, "SHARD_BYTES", 100)
    monkeypatch.setattr(pipeline, "SPILL_BYTES", most)
    table = corpus.table.drop_columns(["words", "counts", "kind"])

    def dealt():
        for start in range(0, N, 5):
            some = table.slice(start, 5).combine_chunks().to_batches()[0]
            columns = {name: some.column(name) for name in some.schema.names}
            kinds = pa.array(KINDS[start : start + 5][::-1]).dictionary_encode()
            columns["kind"] = kinds.take(pa.array(range(len(kinds) - 1, -1, -1)))
            yield TextBatch(columns | {"label": pa.nulls(len(some), pa.string())})

    contents = counted(Stream(dealt()), Counting.of(None, ALL))
    found = Corpus(*contents)
    assert len(found.table.to_batches()) == 1 if most > 1 else len(found.table.to_batches()) > 2
    assert_kept(found, range(N))
    assert found.fingerprint() == corpus.fingerprint()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"e": DENSE[:-1]}, f'39 values of the column "e" for {N} documents'),
        ({"e": [1] * 3}, f'3 values of the column "e" for {N} documents'),
        (
            {"e": np.where(DENSE[7, 1] == DENSE, np.nan, DENSE)},
            'row 7 of the column "e" is not fin',
        ),
        ({"e": DENSE.astype(float) * 1e300}, 'row 0 of the column "e" is not finite'),
        ({"e": [[1.0, 2.0]] * (N - 1) + [[1.0, None]]}, f'row {N - 1} of the column "e" is not'),
        ({"e": [[1.0, 2.0]] * (N - 1) + [[1.0]]}, 'column "e" is no array of numbers'),
        ({"e": np.zeros((N, 2, 2))}, r'"e" must have the shape \(D, M\), not \(40, 2, 2\)'),
        ({"e": np.zeros((N, 0))}, r'"e" must have the shape \(D, M\), not \(40, 0\)'),
        ({"e": np.ma.masked_less(DENSE, DENSE[7, 1])}, 'of the column "e" is not finite'),
        ({"e": pa.array([[1.0]] * (N - 1) + [None])}, 'column "e" is no array of numbers'),
        ({"e": [{"a": 1}] * N}, 'column "e" holds struct'),
        ({"e": [2**70] * N}, 'column "e" cannot be kept'),
        ([TEXTS], "columns must be a dict of names to values, not a list"),
        ({"e": [1, "x"] * (N // 2)}, 'column "e" cannot be kept'),
        ({"text": TEXTS}, "cannot be called 'text'"),
        ({"": TEXTS}, "cannot be called ''"),
        ({3: TEXTS}, "cannot be called 3"),
    ],
)
def test_what_cannot_be_kept(columns, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        Corpus.from_texts(TEXTS, rule=ALL, columns=columns)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.large_list(pa.float32())])
def test_lists_of_one_length_are_dense(kind) -> None:
    lists = pa.array(DENSE.tolist(), kind)
    column = Corpus.from_texts(TEXTS, rule=ALL, columns={"e": lists}).column("e")
    assert column.type.list_size == DENSE.shape[1]
    assert column.to_pylist() == DENSE.tolist()


def test_a_view_of_text_is_text() -> None:
    views = pa.array(TEXTS).cast(pa.string_view())
    column = Corpus.from_texts(TEXTS, rule=ALL, columns={"e": views})[[1, 0]].column("e")
    assert column.to_pylist() == [TEXTS[1], TEXTS[0]]


def test_a_shard_with_a_number_that_is_none(corpus: Corpus) -> None:
    rows = DENSE.copy()
    rows[11, 2] = np.inf
    bad = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 3)
    place = corpus.table.schema.get_field_index("embedding")
    for damaged in (bad, pa.array([*DENSE[:11].tolist(), None], bad.type)):
        table = corpus.table.slice(0, len(damaged)).set_column(place, "embedding", damaged)
        with pytest.raises(ArtifactError, match='row 11 of column "embedding" is not finite'):
            check_batch(table.combine_chunks().to_batches()[0], len(corpus.vocabulary), Path("s"))


@settings(deadline=None)
@given(st.sampled_from(sorted(COLUMNS)), st.integers(0, N), st.integers(0, N - 1))
def test_a_digest_tells_values_and_no_chunks(name: str, cut: int, row: int) -> None:
    column = Corpus.from_texts(TEXTS, rule=ALL, columns=COLUMNS).column(name)
    whole = column.combine_chunks()
    dealt = pa.chunked_array([whole.slice(0, cut), whole.slice(cut)], whole.type)
    assert column_digest(dealt) == column_digest(column)
    others = [n for n in range(N) if not column[n].equals(column[row])]
    changed = [*range(row), others[0], *range(row + 1, N)]
    assert column_digest(column.take(pa.array(changed))) != column_digest(column)


def test_a_digest_tells_nothing_from_zero() -> None:
    some, zero = (pa.chunked_array([pa.array([first, 1])]) for first in (None, 0))
    assert column_digest(some) != column_digest(zero)


@pytest.fixture
def parquet(corpus: Corpus, tmp_path: Path) -> Path:
    table = corpus.table.select(["id", "text", *COLUMNS])
    pq.write_table(table, tmp_path / "docs.parquet")
    return tmp_path / "docs.parquet"


KEPT = [name for name in COLUMNS if name != "embedding"]


def test_from_a_file_that_is_prepared(
    parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """In memory, spilled, and through a killed job's pieces: the same columns."""
    named = {
        "id_column": "id",
        "keep": KEPT,
        "embedding_column": "embedding",
        "text_column": "text",
    }
    assert_kept(Corpus.read(parquet, rule=ALL, **named), range(N))
    monkeypatch.setattr(pieces, "PIECE_DOCUMENTS", 1)
    monkeypatch.setattr(batches, "BATCH_BYTES", 1)
    monkeypatch.setattr(piece_folder, "SHARD_BYTES", 100)
    monkeypatch.setattr(preparing, "HELD_BYTES", 1)
    target = tmp_path / "prepared"
    command = ["prepare", str(parquet), "-o", str(target), "--min-df", "1", "--max-df", "1.0"]
    command += ["--id-column", "id", "--text-column", "text", "--embedding-column", "embedding"]
    command += ["--keep", ",".join(KEPT)]
    fewer = ",".join(name for name in KEPT if name != "kind")
    for others in (True, False):
        command += [] if others else ["--overwrite"]
        with monkeypatch.context() as patch:

            def stop(*_: object) -> None:
                raise KeyboardInterrupt

            patch.setattr(preparing, "write_manifest", stop)
            assert main(command) == 130
        capsys.readouterr()
        again = [fewer if part == ",".join(KEPT) else part for part in command]
        again = again if others else command
        assert main(again) == 0
        assert ("afresh" if others else "going on after 40") in capsys.readouterr().err
        assert set(Corpus.open(target).columns) == set(COLUMNS) - ({"kind"} if others else set())
    found = Corpus.open(target)
    assert_kept(found, range(N))
    assert_kept(Corpus.read(target), range(N))


def test_a_fit_remembers_them(parquet: Path, tmp_path: Path, monkeypatch) -> None:
    """Its source says which they are, and other values are another source."""
    source = Source(str(parquet), text_column="text", keep=("year",), embedding_column="embedding")
    assert Source.from_json(source.to_json()) == source
    assert set(Source("x").to_json()) == set(Source("x", keep=()).to_json()) == {
        "names", "text_column", "id_column", "label_column", "encoding_errors", "subset", "remove",
    }  # fmt: skip
    model = tenor.NVDM(2, encoder_sizes=(4,), min_df=1, max_df=1.0, device="cpu", epochs=1)
    runs.start(model, source, tmp_path / "model")
    (tmp_path / "model" / "config.json").unlink()  # as if killed before the last file
    assert runs.resume(tmp_path / "model").trained_.provenance["outcome"] == "completed"
    (tmp_path / "model" / "config.json").unlink()
    table = pq.read_table(parquet)
    year = table.schema.get_field_index("year")
    pq.write_table(table.set_column(year, "year", pa.array(range(N))), parquet)
    with pytest.raises(ArtifactError, match="has changed"):
        runs.resume(tmp_path / "model")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"keep": ["nope"]}, 'has no column "nope" to keep; it has: id, text'),
        ({"keep": "year"}, "keep must be a list of names, not 'year'"),
        ({"embedding_column": "year"}, '"year"'),
    ],
)
def test_columns_that_are_not_there(parquet: Path, asked, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Corpus.read(parquet, text_column="text", rule=ALL, **asked)
