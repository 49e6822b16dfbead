"""``tenor prepare --append``: a prepared corpus gets more documents, whole or not at all.

Its words stay, and the new documents are counted over them; or they grow: after the old words, in
their order, come those that the rule chooses of all documents together, each of which is counted
again from its text. Killed at any moment, the folder is the old corpus or the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tenor.corpus import layout
from tenor.corpus.choosing import Counting
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import Contents, fill_folder, open_corpus
from tenor.corpus.ids import refuse_repeated_ids
from tenor.corpus.origin import Origin
from tenor.corpus.pipeline import counted, stored_texts
from tenor.corpus.preparing import COMMAND, Listener
from tenor.corpus.sequence import phrase_ids
from tenor.corpus.source import Source
from tenor.errors import InputError, ParameterName
from tenor.sources.batches import Stream, TextBatch
from tenor.sources.facts import PASSED, ReadFacts
from tenor.sources.finding import called
from tenor.sources.passages import DOCUMENT
from tenor.sources.values import as_type
from tenor.storage.atomic import replaced_folder
from tenor.storage.claim import Claim
from tenor.text.vocabulary import VocabularyRule

_COUNTS = ("words", "counts")  # the columns that texts become


def append(
    source: Source, folder: Path, listener: Listener, rule: VocabularyRule | None = None
) -> tuple[Origin, int]:
    """Add the documents of a source to the corpus in ``folder``.

    With a ``rule`` the words grow. Rows that have no ids of their own are called by their file.

    Returns:
        What was read, and how many words are new.

    Raises:
        InputError: when the documents do not fit: other columns, an id that is there already.
        ArtifactError: when the folder is no sound corpus, or another command is at work on it.
    """
    with Claim(COMMAND, folder):
        before = open_corpus(folder)
        if before.tokenizer is None:
            raise InputError(f"{folder} was made from ready counts; texts cannot be added to it")
        if rule is not None:
            both, read = _grown(before, source, folder, rule, listener)
        else:
            both, read = _longer(before, source, listener)
        _refuse_repeated(both.table.column("id"), len(before.table))
        with replaced_folder(folder) as partial:
            fill_folder(both, partial)
    return read, len(both.vocabulary) - len(before.vocabulary)


def _joined(first: Contents, second: Contents) -> Contents:
    """The documents of two corpora over the same words, which keep the same columns.

    Labels may be in one alone. InputError for any other column that one of them has not.
    """
    assert first.vocabulary == second.vocabulary
    tables = [first.table, second.table]
    _refuse_other_columns(*(table.column_names for table in tables))
    schema, place = first.table.schema, second.table.schema.get_field_index("label")
    if place >= 0 and "label" not in first.table.column_names:
        schema = schema.insert(place, second.table.schema.field(place))
    tables = [_of_schema(table, schema) for table in tables]
    placements = [first.placement, second.placement]
    together = None
    if placements[0] is not None and placements[1] is not None:
        together = placements[0].plus(placements[1])
    return Contents(
        pa.concat_tables(tables),
        first.vocabulary,
        first.tokenizer,
        _together(first.source, second.source),
        together,
        first.origin.plus(second.origin),
    )


def _longer(before: Contents, source: Source, listener: Listener) -> tuple[Contents, Origin]:
    keeps = "text" in before.table.column_names
    more = source.contents(
        before.tokenizer, None, before.vocabulary, keeps, on_progress=listener.reading
    )
    table = more.table
    for name in _naming(source):
        ids = _called(table.column(name), more.origin.read, source, len(before.table))
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), ids)
    return _joined(before, more._replace(table=table)), more.origin


def _grown(
    before: Contents, source: Source, folder: Path, rule: VocabularyRule, listener: Listener
) -> tuple[Contents, Origin]:
    """The corpus, every document counted anew."""
    if "text" not in before.table.column_names:
        raise InputError(
            f"{folder} keeps no texts, so its words cannot grow; keep them as they are"
        )
    if source.is_dataset or source.is_prepared:
        raise InputError("words grow by the texts of files, not by a data set or a prepared corpus")
    assert before.tokenizer is not None
    stream = source.opened()
    read = 0

    def new_ones() -> Iterator[TextBatch]:
        nonlocal read
        for batch in stream.batches:
            facts, columns = stream.facts(), dict(batch.columns)
            _refuse_other_columns([*columns, *_COUNTS], before.table.column_names)
            for name in layout.kept_columns(columns):
                columns[name] = _of_type(columns[name], before.table.schema.field(name))
            for name in _naming(source):
                columns[name] = _called(columns[name], facts, source, len(before.table))
            yield replace(batch, columns=columns)
            read += len(batch)
            listener.reading(read)

    both = chain(stored_texts(before.table), new_ones())
    together = Stream(both, unique=True, facts=stream.facts)  # the caller looks at the ids
    how = Counting(before.tokenizer, rule, first=before.vocabulary)
    found = counted(together, how)
    new = replace(found.origin, coverage=_of_new(found, before))
    origin = replace(before.origin.plus(new), coverage=found.origin.coverage)
    return found._replace(source=_together(before.source, source.name), origin=origin), new


def _of_new(found: Contents, before: Contents) -> Coverage | None:
    """How much of the documents that were added the grown vocabulary knows.

    How many tokens they have is what all have beyond those of the old ones, where that is known.
    """
    all_of_them, old = found.origin.coverage, before.origin.coverage
    assert all_of_them is not None and all_of_them.n_tokens is not None
    tokens = None
    if old is not None and old.n_tokens is not None:
        tokens = all_of_them.n_tokens - old.n_tokens
    bag = layout.bag_of(found.table.slice(len(before.table)), len(found.vocabulary))
    return Coverage.of(bag, tokens, phrase_ids(found.vocabulary, found.tokenizer))


def _refuse_repeated(ids: Any, before: int) -> None:
    """Raise InputError for an id that is there twice, of which rows from ``before`` on are new."""
    try:
        refuse_repeated_ids(ids, InputError)
    except InputError as error:
        said = str(error)
        raise InputError(
            f"{said}, and those from row {before} on are new: if these documents were not added "
            "before, rename their file, or name a column of ids with ",
            ParameterName("id_column"),
        ) from error


def _together(first: str | None, second: str | None) -> str:
    """What two sources are called, as one."""
    return ", ".join(PASSED if name is None else called([name]) for name in (first, second))


def _naming(source: Source) -> list[str]:
    """The columns that say which document a row is."""
    return ["id"] if source.split is None else ["id", DOCUMENT]


def _called(ids: Any, read: ReadFacts, source: Source, before: int) -> Any:
    """Ids that are mere numbers of rows with the name of their file; a pipe's number on."""
    if source.id_column is not None or read.unit not in ("row", "line") or len(source.names) > 1:
        return ids
    if source.is_input:
        parts = pc.extract_regex(ids, "^(?P<row>[0-9]+)(?P<passage>.*)$")
        row, passage = (pc.struct_field(parts, name) for name in ("row", "passage"))
        row = pc.cast(pc.add(pc.cast(row, pa.int64()), before), pa.string())
        return pc.binary_join_element_wise(row, passage, "")
    path = Path(source.name)
    return pc.binary_join_element_wise(f"{path.name}:", ids, "") if path.is_file() else ids


def _of_schema(table: Any, schema: Any) -> Any:
    """The table with the columns of a schema, in its order and of its types."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.chunked_array([pa.nulls(len(table), field.type)]))
            continue
        columns.append(_of_type(table.column(field.name), field))
    return pa.table(columns, schema=schema)


def _of_type(column: Any, field: Any) -> Any:
    """A column as that of the corpus is; InputError where it holds something else."""
    if column.type == field.type:
        return column
    try:
        return as_type(column, field.type)
    except pa.ArrowException as error:
        raise InputError(
            f'the column "{field.name}" holds {column.type}, that of the corpus {field.type}'
        ) from error


def _refuse_other_columns(some: Collection[str], others: Collection[str]) -> None:
    """Raise InputError for a column that only one of two corpora has; labels may be so."""
    for name in sorted(({*some} ^ {*others}) - {"label"}):
        said = f'the column "{name}" is kept of some of the documents; ask with '
        asked = ParameterName("split" if name == DOCUMENT else "keep")
        raise InputError(said, asked, " for the same columns of all")
