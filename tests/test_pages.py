"""The list of judged pages in its paper, and the pictures that papers show."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.pages import BEGIN, END, keep
from tests.papers import ROOT, links, rows, sections, text_of
from tests.pictures import HEAVIEST, IMAGES, SHOWN, WIDTH, file_of, small


def test_a_new_list_takes_the_place_of_the_old_one_and_of_nothing_else(tmp_path: Path) -> None:
    paper = tmp_path / "pages.md"
    paper.write_text(f"# Pages\n\n{BEGIN}\n| old |\n{END}\n\nThe end.\n")
    for _ in range(2):
        keep(paper, {("returns", "4-way"): (24_512.0, 31.6, 0), ("accounts", "/orders?q=x|y"): (20_000.0, 9.0, 2)})
    text = paper.read_text()
    assert "| old |" not in text
    assert rows(sections(text)["Pages"]) == [["accounts", "/orders?q=xy", "20.0", "9", "2"], ["returns", "4-way", "24.5", "32", "0"]]
    assert "2 pages; the heaviest has 24.5 kB; axe found 2. Taken on " in text
    assert text.startswith("# Pages\n")
    assert text.endswith(f"{END}\n\nThe end.\n")
    with pytest.raises(ValueError, match="no place"):
        keep(ROOT / "README.md", {("a", "b"): (1.0, 1.0, 0)})


def test_the_papers_list_is_whole() -> None:
    told = rows(sections(text_of(ROOT / "docs/pages.md"))["The list"])
    assert {row[0] for row in told} >= {"returns", "returns_desk", "web", "withdrawal"}
    assert len(told) > 80
    assert {row[4] for row in told} == {"0"}
    assert max(float(row[2]) for row in told) < 100


def test_every_picture_is_small_and_shown() -> None:
    shown = {link for paper in ("returns", "withdrawal") for link in links(text_of(ROOT / f"docs/{paper}.md")) if link.endswith(".webp")}
    assert shown == {f"images/{file_of(name).name}" for name in SHOWN}
    for name in SHOWN:
        assert file_of(name).stat().st_size < HEAVIEST, name
        with Image.open(file_of(name)) as picture:
            assert picture.width == WIDTH
    assert {file.name for file in IMAGES.glob("*.webp")} == {file_of(name).name for name in SHOWN}


def test_a_picture_loses_quality_before_it_gets_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Image.effect_noise((270, 90), 60)
    best = len(small(noise))
    monkeypatch.setattr("tests.pictures.HEAVIEST", best)
    assert 0 < len(small(noise)) < best
    monkeypatch.setattr("tests.pictures.HEAVIEST", 100)
    with pytest.raises(ValueError, match="does not fit"):
        small(noise)
