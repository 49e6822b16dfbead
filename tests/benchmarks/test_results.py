"""Each command writes its own section of the results and no other."""

from __future__ import annotations

import argparse


def test_sections_come_in_their_order_and_are_replaced_alone():
    import results

    text = results.HEAD
    for name in ("growth", "step", "prepare"):
        text = results.with_section(text, name, f"old {name}")
    assert text.index("old step") < text.index("old prepare") < text.index("old growth")
    again = results.with_section(text, "prepare", "new \\1 prepare")
    assert again == text.replace("old prepare", "new \\1 prepare")


def test_a_report_is_kept_only_when_asked(tmp_path, capsys):
    import results

    path = tmp_path / "RESULTS.md"
    asked = argparse.Namespace(quick=True, save=False, results=str(path))
    for asked.save in (False, True):
        report = results.Report("step", "1. One training step", asked)
        report.header("V", "ms")
        report.row(2_000, "1.5")
        report.save()
        assert path.exists() == asked.save
    kept = path.read_text()
    assert "| V | ms |\n| --- | --- |\n| 2000 | 1.5 |\n<!-- /step -->" in kept
    assert "cores" in kept and "load average" in kept and "no figures to quote" in kept
    assert "| 2000 | 1.5 |" in capsys.readouterr().out
