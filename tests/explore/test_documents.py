"""The document store: rows in order, found by id, whole or not at all."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.errors import ArtifactError, InputError
from tenor.explore.store import DocumentStore


def batch(start, n, size=4, **changed):
    rng = np.random.default_rng(start)
    vectors = rng.normal(size=(n, size)).astype(np.float32)
    columns = {
        "id": pa.array([f"doc-{row}" for row in range(start, start + n)]),
        "label": pa.array(
            [None if row % 3 == 2 else f"l{row % 3}" for row in range(start, start + n)]
        ),
        "text": pa.array([f"text of {row}" for row in range(start, start + n)]),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), size),
    }
    columns.update(changed)
    kept = {name: column for name, column in columns.items() if column is not None}
    return pa.RecordBatch.from_pydict(kept)


def vectors_of(*batches):
    return np.concatenate(
        [b.column("vector").flatten().to_numpy().reshape(len(b), -1) for b in batches]
    )


@pytest.fixture
def store(tmp_path):
    made = DocumentStore(tmp_path / "documents.parquet")
    assert made.add([batch(0, 10), batch(10, 7)]) == 17
    return made


def test_rows_keep_their_order_over_several_adds(store):
    assert store.add([batch(17, 5000)]) == 5000
    again = DocumentStore.open(store.path)
    assert again.ids == [f"doc-{row}" for row in range(5017)] == store.ids
    np.testing.assert_array_equal(
        again.vectors, vectors_of(batch(0, 10), batch(10, 7), batch(17, 5000))
    )
    found = again.get(["doc-5000", "doc-2", "doc-5000"])
    assert [document.row for document in found] == [5000, 2, 5000]
    assert found[0].text == "text of 5000" and found[1].label is None
    np.testing.assert_array_equal(found[1].vector, again.vectors[2])
    assert len(list(store.path.parent.iterdir())) == 1


def test_nearest_with_and_without_a_filter(store):
    query = store.vectors[3]
    (itself, cosine), *_ = store.nearest(query, 3)
    assert itself.id == "doc-3" and cosine == pytest.approx(1) and itself.text == "text of 3"
    unit = store.vectors / np.linalg.norm(store.vectors, axis=1, keepdims=True)
    order = [row for row in np.argsort(-(unit @ unit[3])) if row % 3 == 1]
    found = store.nearest(query, 99, where={"label": "l1"})
    assert [document.row for document, _ in found] == order
    assert {document.label for document, _ in store.nearest(query, 99, where={"label": None})} == {
        None
    }
    assert "doc-3" not in [d.id for d, _ in store.nearest(query, 99, exclude=["doc-3"])]
    assert store.nearest(query, 3, where={"label": "nothing"}) == []
    with pytest.raises(InputError, match="filtered by id or label, not text"):
        store.nearest(query, 3, where={"text": "x"})


def test_an_unknown_id_names_near_ones(store):
    with pytest.raises(InputError, match=r"no document 'dok-12' among 17; near ones are doc-12"):
        store.get(["dok-12"])
    with pytest.raises(InputError, match="list of ids"):
        store.get("doc-1")


def nan_vector():
    return pa.FixedSizeListArray.from_arrays(pa.array([np.nan] * 8, pa.float32()), 4)


def missing_vector():
    return pa.array([[1.0] * 4, None], pa.list_(pa.float32(), 4))


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (lambda: batch(5, 20), "'doc-5' twice"),
        (lambda: batch(17, 2, size=3), "3 dimensions, those of the store 4"),
        (lambda: batch(17, 2, vector=nan_vector()), "vector of doc-17 is missing or not finite"),
        (
            lambda: batch(17, 2, vector=missing_vector()),
            "vector of doc-18 is missing or not finite",
        ),
        (lambda: batch(17, 2, id=pa.array(["a", None])), "without an id"),
        (lambda: batch(17, 2, id=None), "need a column 'id'"),
        (lambda: batch(17, 2, vector=pa.array([[1.0], [2.0]])), "fixed-size lists"),
    ],
)
def test_what_does_not_fit_changes_nothing(store, bad, says):
    before = store.path.read_bytes()
    with pytest.raises(InputError, match=says):
        store.add([batch(100, 3), bad()])
    assert store.path.read_bytes() == before
    assert list(store.path.parent.iterdir()) == [store.path]
    assert len(store) == 17


def test_labels_and_texts_may_be_missing(tmp_path):
    store = DocumentStore(tmp_path / "d.parquet")
    store.add([batch(0, 3, label=None, text=None)])
    assert store.get(["doc-1"])[0].text is None and store.labels == [None] * 3


def counted(start, n, first=0, **changed):
    words = pa.array([[first, first + 2]] * n, pa.list_(pa.int32()))
    counts = pa.array([[row + 1, 1] for row in range(n)], pa.list_(pa.int32()))
    return batch(start, n, **{"words": words, "counts": counts} | changed)


def test_counts_stay_when_documents_come(tmp_path):
    store = DocumentStore.write(tmp_path / "d.parquet", [counted(0, 3)])
    store.add([counted(3, 2, first=1), counted(5, 1, words=pa.array([[0, 2]]))])
    found = store.counted(4, 99)
    dense = [[1, 0, 1, 0], [2, 0, 1, 0], [3, 0, 1, 0], [0, 1, 0, 1], [0, 2, 0, 1], [1, 0, 1, 0]]
    assert found.bag.words.tolist() == [word for row in dense for word in np.flatnonzero(row)]
    assert found.bag.counts.tolist() == [count for row in dense for count in row if count]
    np.testing.assert_array_equal(found.vectors, store.vectors)


def test_documents_with_counts_and_without_do_not_mix(tmp_path, store):
    full = DocumentStore.write(tmp_path / "full.parquet", [counted(0, 3)])
    for kept, added in ((full, batch(50, 2)), (store, counted(50, 2))):
        before = kept.path.read_bytes()
        with pytest.raises(InputError, match="either all documents have these columns, or none"):
            kept.add([added])
        assert kept.path.read_bytes() == before
    with pytest.raises(InputError, match="documents without words and counts"):
        DocumentStore.write(tmp_path / "new.parquet", [counted(0, 3), batch(3, 2)])
    with pytest.raises(InputError, match="both columns or neither"):
        store.add([counted(50, 1, counts=None)])
    with pytest.raises(InputError, match="'counts' must hold lists of whole numbers"):
        full.add([counted(3, 1, counts=pa.array(["a"]))])


def test_sliced_and_double_batches_are_kept_as_they_are(tmp_path):
    store = DocumentStore(tmp_path / "d.parquet")
    doubled = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(40.0)), 4)
    store.add([batch(0, 10, vector=doubled).slice(3, 4)])
    assert store.ids == ["doc-3", "doc-4", "doc-5", "doc-6"]
    np.testing.assert_array_equal(store.vectors, np.arange(12.0, 28.0).reshape(4, 4))


def test_an_empty_store_answers(tmp_path):
    store = DocumentStore(tmp_path / "d.parquet")
    assert len(store) == 0 and store.nearest([1.0], 3) == [] and not store.path.exists()
    with pytest.raises(InputError, match="no documents to add"):
        store.add([])
    with pytest.raises(ArtifactError, match="is missing"):
        DocumentStore.open(store.path)
    assert list(tmp_path.iterdir()) == []


def test_one_wrong_byte_in_a_vector_is_noticed(tmp_path):
    store = DocumentStore(tmp_path / "d.parquet")
    store.add([batch(0, 200, size=50)])
    column = pq.ParquetFile(store.path).metadata.row_group(0).column(3)
    assert column.path_in_schema.startswith("vector")
    whole = store.path.read_bytes()
    middle = column.data_page_offset + column.total_compressed_size // 2
    for place in range(middle, middle + 40):  # compression alone would notice only some
        store.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArtifactError, match="readable Parquet file"):
            assert DocumentStore.open(store.path).vectors is None


def test_damaged_and_foreign_files_get_one_line(store, tmp_path):
    whole = store.path.read_bytes()
    flipped = bytearray(whole)
    place = whole.index(b"PAR1") + 200
    flipped[place] ^= 0xFF
    for content in (
        b"",
        b"PAR1",
        whole[: len(whole) // 2],
        whole[10:],
        b"not parquet" * 99,
        bytes(flipped),
    ):
        store.path.write_bytes(content)
        with pytest.raises(ArtifactError, match="readable Parquet file") as raised:
            opened = DocumentStore.open(store.path)
            opened.get(opened.ids)
        assert "\n" not in str(raised.value)
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "foreign.parquet")
    with pytest.raises(ArtifactError, match="holds no tenor documents"):
        DocumentStore.open(tmp_path / "foreign.parquet")


def test_a_new_store_is_written_batch_by_batch(store):
    written = DocumentStore.write(store.path, (batch(start, 10) for start in (100, 200)))
    assert written.ids == [f"doc-{row}" for row in (*range(100, 110), *range(200, 210))]
    assert pa.Table.from_batches(list(written.batches())).column("id").to_pylist() == written.ids
    before = store.path.read_bytes()
    for batches, says in ([], "not one record batch"), ([batch(1, 2), nothing()], "column 'id'"):
        with pytest.raises(InputError, match=says):
            DocumentStore.write(store.path, batches)
        assert store.path.read_bytes() == before


def nothing():
    return batch(1, 2, id=None)


@pytest.mark.parametrize("gone", ["deleted", "replaced"])
def test_what_was_opened_stays_when_the_file_goes(store, gone):
    opened, used = DocumentStore.open(store.path), DocumentStore.open(store.path)
    texts = used.texts([16])
    if gone == "deleted":
        store.path.unlink()
    else:
        DocumentStore.write(store.path, [batch(100, 3)])
    assert len(opened) == 17 and opened.texts([16]) == texts == used.texts([16])
    assert sum(map(len, used.batches())) == 17


def test_a_copy_opens_the_file_itself_and_says_when_it_is_gone(store, tmp_path, monkeypatch):
    copied = pickle.dumps(store)
    monkeypatch.chdir(tmp_path.parent)
    assert pickle.loads(copied).ids == store.ids == copy.deepcopy(store).ids
    late = pickle.loads(copied)
    store.path.unlink()
    with pytest.raises(ArtifactError, match=r"documents\.parquet cannot be read: No such file"):
        len(late)


def test_adding_keeps_what_another_store_of_the_file_added(store):
    other = DocumentStore.open(store.path)
    other.add([batch(17, 3)])
    assert store.add([batch(20, 1)]) == 1
    assert store.ids == [f"doc-{row}" for row in range(21)] and len(other) == 20
