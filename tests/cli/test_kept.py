"""What the command says of columns that were kept."""

from __future__ import annotations

from pathlib import Path


def test_a_corpus_names_its_columns(tenor, tmp_path: Path) -> None:
    table, folder = tmp_path / "x.csv", str(tmp_path / "corpus")
    table.write_text("text,stars,year\n" + "a word or two,5,2024\n" * 9)
    source = ["prepare", str(table), "-o", folder, "--min-df", "1", "--max-df", "1.0"]
    assert tenor(*source, "--keep", "stars", "--keep", "year").status == 0
    assert "stars, year" in tenor("info", folder).out
    assert tenor(*source, "--overwrite").status == 0
    assert "stars" not in tenor("info", folder).out
