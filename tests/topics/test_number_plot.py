"""The curve of how many topics, drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from tenor.errors import InputError
from tenor.topics.number_plot import draw_curve


@dataclass(frozen=True)
class At:
    n: int
    npmi: float
    cosine: float
    stability: float


@dataclass(frozen=True)
class Found:
    n: int = 12
    estimates: dict[str, int | None] = field(
        default_factory=lambda: {
            "held-out NPMI": 10,
            "held-out cosine": 20,
            "stability": None,
            "eigengap": 12,
            "modes": 40,
        }
    )
    curve: tuple[At, ...] = tuple(
        At(n, 0.3 - n / 400, 0.3 + n / 300, 0.8 - n / 100) for n in (5, 10, 20, 40)
    )
    spread: float = 2.0
    n_documents: int = 11290


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_numbers_make_the_same_file(tmp_path, kind):
    pytest.importorskip("matplotlib")
    one, other = (draw_curve(Found(), tmp_path / f"{name}.{kind}") for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    changed = draw_curve(replace(Found(), n=20), tmp_path / f"c.{kind}")
    assert changed.read_bytes() != one.read_bytes()


def test_everything_is_on_the_picture(tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    from tenor.topics import number_plot

    kept = []
    monkeypatch.setattr(number_plot, "save", lambda figure, path: kept.append(figure))
    draw_curve(Found(), tmp_path / "a.png")
    figure = kept[0]
    said = [text.get_text() for text in figure.findobj(matplotlib.text.Text)]
    assert {"About 12 topics", *Found().estimates, "no answer", "shared words"} <= set(said)
    assert any("2.0 octaves apart" in text and "11,290 documents" in text for text in said)
    curves = [line.get_ydata().tolist() for axes in figure.axes[:3] for line in axes.lines[1:]]
    assert curves == [
        [getattr(at, name) for at in Found().curve] for name in ("npmi", "cosine", "stability")
    ]
    for axes in figure.axes:
        assert list(axes.lines[0].get_xdata()) == [12, 12]
    ringed = [
        axes.collections[0].get_offsets().tolist() if axes.collections else None
        for axes in figure.axes[:3]
    ]
    assert ringed == [[[10, pytest.approx(0.275)]], [[20, pytest.approx(0.3 + 20 / 300)]], None]


def test_what_cannot_be_drawn_says_so(tmp_path):
    with pytest.raises(InputError, match=r"a.pdf: a curve is written as .png or .svg"):
        draw_curve(Found(), tmp_path / "a.pdf")
    with pytest.raises(InputError, match="there is no curve to draw"):
        draw_curve(replace(Found(), curve=()), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
