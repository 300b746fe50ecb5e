"""The paper's table of countries: each with its act, and none that says more than was read."""

from __future__ import annotations

import re

from tests.papers import ROOT, rows, sections, text_of

PAPER = text_of(ROOT / "docs/withdrawal.md")
ROWS = {row[0]: row[1:] for row in rows(sections(PAPER)["In each country"])}
HONEST = ("by directive", "by the order of its")


def test_every_country_of_the_union_has_its_row() -> None:
    assert len(ROWS) == 27
    assert list(ROWS) == sorted(ROWS)
    assert all(len(row) == 5 and all(row) for row in ROWS.values())


def test_an_article_that_nobody_read_is_marked_so() -> None:
    for country, (act, withdraw, pay, function, read) in ROWS.items():
        for article in (withdraw, pay):
            assert re.search(r"\d", article) or any(word in article for word in HONEST), (country, article)
        assert read == "no" or re.search(r"\d|§|contents|account", read), (country, read)
        assert function in {"not found", "no act found as published"} or re.search(r"\d", function), country
        assert "](http" in act or country in {"Bulgaria", "Greece", "Romania", "Slovenia"}, f"{country} has no address"
    assert {country for country, row in ROWS.items() if row[4] == "no"} >= {"Malta", "Slovakia"}
    for word in ("*No*", "*By directive*", "*Not found*"):
        assert word in PAPER


def test_the_directives_and_what_countries_told_of_them_have_their_addresses() -> None:
    for celex, eli in (("32011L0083", "dir/2011/83/oj"), ("32023L2673", "dir/2023/2673/oj")):
        assert f"https://eur-lex.europa.eu/eli/{eli}" in PAPER
        assert f"https://eur-lex.europa.eu/legal-content/EN/NIM/?uri=CELEX:{celex}" in PAPER
