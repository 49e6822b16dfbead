"""HTML, PDF and Word files as documents: their text, and one line for what cannot be read."""

from __future__ import annotations

import gzip
import importlib.util
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tenor import Corpus, VocabularyRule
from tenor.errors import InputError, SourceError
from tenor.sources import docx as word
from tenor.sources.files import stream
from tenor.sources.pdf import mended

ALL = VocabularyRule(min_df=1, max_df=1.0)


def pdf(*pages: str) -> bytes:
    """A PDF of these pages, a line of each a line."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        shown = " ".join(f"({line}) Tj T*" for line in text.split("\n"))
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 14 TL 20 250 Td {shown} ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def locked(data: bytes, password: str, algorithm: str = "AES-256") -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, "owner", algorithm=algorithm)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def docx(*paragraphs: str, rows: list[list[str]] | None = None) -> bytes:
    from docx import Document

    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                table.cell(row, column).text = cell
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def texts(path: Path | str, **reading: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for batch in stream(path, **reading).batches:
        ids, some = batch.columns["id"].to_pylist(), batch.columns["text"].to_pylist()
        found |= dict(zip(ids, some, strict=True))
    return found


def of(tmp_path: Path, name: str, data: bytes | str, **reading: Any) -> str:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    ((identity, text),) = texts(path, **reading).items()
    assert identity == name
    return text


def test_a_page_as_it_is_seen(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>no</title><style>p {no: no}</style></head><body>
    <nav>no</nav><h1>One  <b>bo</b>ld</h1><p>two &eacute;&amp;&#x1F600;<br>three<script>no
    </script>
    <!-- no --><div hidden>no</div><ul><li>four<li>five</ul><table><tr><td>six<td>seven</table>
    <noscript>no</noscript><template>no</template><select><option>no</select>eight"""
    assert of(tmp_path, "a.html", page) == (
        "One bold\n\ntwo é&😀\nthree\n\nfour\n\nfive\n\nsix\n\nseven\n\neight"
    )
    assert of(tmp_path, "a.htm", "bare text < no") == "bare text < no"
    assert of(tmp_path, "a.html", "<p>ants&#1;\x02<p>bees&#xD800;") == "ants\x01\x02\n\nbees\ufffd"
    deep = "<div>" * 100_000 + "deep" + "</div>" * 100_000 + "<p>after"
    assert of(tmp_path, "a.html", deep) == "deep\n\nafter"
    for bare in ("", " \n", "<frameset><frame></frameset>", "<p></p>"):
        assert of(tmp_path, "a.html", bare) == ""
    assert of(tmp_path, "a.html", "<p>ants\0bees<p>" + "x" * 12_000_000).startswith("ants")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ('<meta charset="iso-8859-2">', "iso-8859-2"),
        ("<META http-equiv=content-type content='text/html; charset=ISO-8859-1'>", "cp1252"),
        ("<meta charset=windows-1250>", "cp1250"),
        ('<?xml version="1.0" encoding="iso-8859-2"?>', "iso-8859-2"),
        ("<meta charset=utf-16>", "utf-8"),
        ("<meta charset=rot13>", "utf-8"),
        ("<meta charset=nonsense>", "utf-8"),
    ],
)
def test_a_page_is_in_the_encoding_it_says(tmp_path: Path, head: str, encoding: str) -> None:
    page = f"{head}<p>čaj ö" if "1252" not in encoding else f"{head}<p>“tea” ö"
    expected = page.removeprefix(f"{head}<p>")
    assert of(tmp_path, "a.html", page.encode(encoding)) == expected


def test_bytes_that_are_not_in_the_encoding(tmp_path: Path) -> None:
    for head in (b"", b"<meta charset=utf-8>"):
        with pytest.raises(SourceError, match=r"a\.html .*byte"):
            of(tmp_path, "a.html", head + b"<p>caf\xe9")
        assert of(tmp_path, "a.html", head + b"<p>caf\xe9", errors="replace") == "caf\ufffd"


def test_the_pages_of_a_pdf(tmp_path: Path) -> None:
    data = pdf("First exam-\nple of a well-\nknown page", "the well-known second")
    assert of(tmp_path, "a.pdf", data) == (
        "First example of a well-known page\nthe well-known second"
    )
    assert of(tmp_path, "b.pdf", locked(data, "")).startswith("First example")
    assert of(tmp_path, "c.pdf", locked(data, "", "RC4-128")).startswith("First example")


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("exam-\nple", "example"),
        ("exam\u2010 \n  ple", "example"),
        ("soft\u00ad\nEnd", "softEnd"),
        ("Jean-\nPaul", "Jean-Paul"),
        ("pages 3-\n4", "pages 3-\n4"),
        ("a - \nb", "a - \nb"),
        ("well-\nknown, as Well-known is", "well-known, as Well-known is"),
        ("über-\nängstlich", "überängstlich"),
    ],
)
def test_words_that_were_broken(broken: str, whole: str) -> None:
    assert mended(broken) == whole


def test_a_word_document_in_its_order(tmp_path: Path) -> None:
    data = docx("One", "two\tthree", rows=[["four", "five"], ["six", "seven"]])
    assert of(tmp_path, "a.docx", data) == "One\n\ntwo\tthree\n\nfour\n\nfive\n\nsix\n\nseven"


def test_text_boxes_once_notes_too_and_nothing_that_was_deleted(tmp_path: Path) -> None:
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    names = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    document = Document()
    body = document.element.body
    body.insert(
        0,
        parse_xml(
            f"<w:p {names}><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}"
            "</mc:Fallback></mc:AlternateContent></w:r><w:del><w:r><w:delText>no</w:delText></w:r>"
            "</w:del><w:sdt><w:sdtContent><w:r><w:t>field</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        ),
    )
    note = "<w:footnote><w:p><w:r><w:t>noted</w:t></w:r></w:p></w:footnote>"
    note = f"<w:footnotes {names}>{note}</w:footnotes>"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, note.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.save(str(tmp_path / "a.docx"))
    assert texts(tmp_path / "a.docx") == {"a.docx": "boxedfield\n\nnoted"}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("alpha text")
    (folder / "b.md").write_text("beta mark")
    (folder / "c.html").write_text("<p>gamma page")
    (folder / "sub" / "d.PDF").write_bytes(pdf("delta print"))
    (folder / "sub" / "e.docx").write_bytes(docx("epsilon word"))
    (folder / "f.html.gz").write_bytes(gzip.compress(b"<p>zeta packed"))
    (folder / "g.pdf.gz").write_bytes(gzip.compress(pdf("eta packed")))
    (folder / "h.docx.gz").write_bytes(gzip.compress(docx("theta packed")))
    (folder / "i.png").write_bytes(b"")
    return folder


def test_a_folder_of_all_of_them(mixed: Path) -> None:
    corpus = Corpus.read(mixed, rule=ALL)
    assert corpus.texts is not None
    assert dict(zip(corpus.ids, corpus.texts, strict=True)) == {
        "a.txt": "alpha text",
        "b.md": "beta mark",
        "c.html": "gamma page",
        "f.html.gz": "zeta packed",
        "g.pdf.gz": "eta packed",
        "h.docx.gz": "theta packed",
        "sub/d.PDF": "delta print",
        "sub/e.docx": "epsilon word",
    }
    assert list(corpus.labels or ())[-1] == "sub"
    assert str(corpus.origin).startswith(
        "8 text, HTML, PDF and Word files, a document a file: 8 documents, 16 tokens"
    )
    assert corpus.origin.read.skipped == ((str(mixed / "i.png"), "not a text file"),)
    assert texts(mixed, documents="files").keys() == set(corpus.ids)
    assert texts(mixed, format="pdf").keys() == {"g.pdf.gz", "sub/d.PDF"}
    assert texts(f"{mixed}/*.html") == {"c.html": "gamma page"}
    lines = stream(mixed, documents="lines")
    assert [text for batch in lines.batches for text in batch.columns["text"].to_pylist()] == [
        "alpha text",
        "beta mark",
    ]
    assert (str(mixed / "c.html"), "not a text file") in lines.facts().skipped


def test_split_at_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<h1>ants</h1><p>bees")
    (tmp_path / "b.docx").write_bytes(docx("cats", "dogs"))
    corpus = Corpus.read(tmp_path, split="paragraphs", rule=ALL)
    assert list(corpus.ids) == ["a.html#1", "a.html#2", "b.docx#1", "b.docx#2"]


def test_beside_tables_they_are_refused(mixed: Path) -> None:
    (mixed / "x.csv").write_text("text\nants\n")
    for path in mixed.glob("*.*"):
        if path.suffix in (".txt", ".md"):
            path.unlink()
    with pytest.raises(SourceError, match=r"both tables \(x.csv\) and texts \(c.html, f.html.gz"):
        stream(mixed)


def test_without_a_text_they_are_kept_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ants")
    (tmp_path / "b.pdf").write_bytes(pdf(""))
    (tmp_path / "c.pdf").write_bytes(locked(pdf("bees"), "secret"))
    for name in "def":
        (tmp_path / f"{name}.docx").write_bytes(docx())
    corpus = Corpus.read(tmp_path, rule=ALL)
    assert list(corpus.ids) == ["a.txt", "b.pdf", "c.pdf", "d.docx", "e.docx", "f.docx"]
    assert "6 documents (5 without a text), 1 token" in str(corpus.origin)
    assert corpus.origin.read.notes == (
        *(f"{tmp_path / name} has no text in it, as scans and files under a password have none"
          for name in ("b.pdf", "c.pdf", "d.docx")),
        "nor have 2 more files",
    )  # fmt: skip
    with pytest.raises(SourceError, match=r"b\.pdf has no text in it.*; leave it out, or "):
        Corpus.read(tmp_path, missing_text="refuse")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    whole = bytearray(docx("ants"))
    place = whole.rindex(b"PK\x05\x06") + 16  # where the list of parts begins: far behind the end
    whole[place : place + 4] = b"\xff\xff\xff\x7f"
    with pytest.raises(SourceError, match=r"a\.docx is damaged, or no Word document"):
        of(tmp_path, "a.docx", bytes(whole))
    for name, what in (("a.pdf", "PDF"), ("a.docx", "Word document")):
        whole = pdf("SECRET text") if what == "PDF" else docx("SECRET text")
        for data in (b"", b"SECRET", whole[: len(whole) // 2], b"PK\x03\x04SECRET", b"%PDF-1.7\n"):
            with pytest.raises(SourceError) as raised:
                of(tmp_path, name, data)
            said = str(raised.value)
            assert said.startswith(f"{tmp_path / name} is damaged, or no {what} (")
            assert "SECRET" not in said and "\n" not in said
    with pytest.raises(SourceError, match=r"cannot read .*: No such file"):
        broken = stream(tmp_path / "a.pdf")
        (tmp_path / "a.pdf").unlink()
        list(broken.batches)


def test_what_unpacks_to_very_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word, "_MOST", 1 << 20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", bytes(2 << 20))
    with pytest.raises(SourceError, match=r"a\.docx is larger than 1 MiB"):
        of(tmp_path, "a.docx", bomb.getvalue())
    page = gzip.compress(bytes(100 << 20))
    with pytest.raises(SourceError, match=r"a\.html\.gz is larger than 32 MiB"):
        of(tmp_path, "a.html.gz", page)
    with pytest.raises(SourceError, match=r"a\.pdf unpacks to more than is read"):
        of(tmp_path, "a.pdf", pdf(" " * 200_000_000))


def test_options_that_do_not_fit(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>ants")
    with pytest.raises(InputError, match=r"a\.html is a document as a whole; leave documents out"):
        stream(tmp_path / "a.html", documents="lines")
    with pytest.raises(
        InputError, match="documents=lines is for text; in HTML a file is a document"
    ):
        stream(tmp_path, format="html", documents="lines")
    (tmp_path / "page").write_text("<p>ants")
    assert texts(tmp_path / "page", format="html") == {"page": "ants"}


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, data in (("pdf", pdf("ants")), ("docx", docx("ants")), ("html", b"<p>ants")):
        given = io.TextIOWrapper(io.BytesIO(data))
        monkeypatch.setattr(sys, "stdin", given)
        assert texts("-", format=kind) == {"-": "ants"}


@pytest.mark.parametrize("library", ["lxml", "pypdf", "docx"])
def test_without_the_extra(mixed: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    find = importlib.util.find_spec
    from tenor.sources import formats

    monkeypatch.setattr(formats, "find_spec", lambda name: find(name) if name != library else None)
    with pytest.raises(SourceError, match=r'pip install "tenor\[documents\]"; text files alone'):
        stream(mixed)
    assert texts(mixed, format="txt").keys() == {"a.txt", "b.md"}
