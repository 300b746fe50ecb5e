"""Every text of the pages stands in every language, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from postventa import locale
from postventa.web import portal

PAGES = Path(portal.__file__).parent
ELSEWHERE = ("track", "look_up", "tongues")
"""Pages with a catalogue of their own (`tracking.po`)."""
CODES = ("step_up",)
"""The same (`codes.po`)."""
TEXT = re.compile(r'\b(?:t|_)\(\s*"((?:[^"\\]|\\.)*)"')
OTHERS = [language for language in locale.languages() if language != "es"]
FAMILIAR = {
    "fr": r"\b(?:tu|ton|ta|tes|toi|te|choisis|cherche-la|écris|regarde-le|attends|(?<!n’)essaie|réessaie dans|(?<!en )ajoute|aie)\b|\bt’"
    r"|\brecommence\.|\brembourse chez"
    r"|\b(?:paie|règle|marque|prends|reprends|demande)-|^(?:baisse|connecte|garde|indique) ",
    "pt": r"\b(?:tu|teus?|tuas?|te|ti|contigo|tens|podes|queres|estás|fazes|escolhe|escreve-nos|conta-nos|traz|esperavas|confirmares|aceitares)\b"
    r"|\b(?:paga|resolve|marca|tira|pergunta|combina|vê)-(?:a|o|lhe)\b(?! aqui| antes de)|^(?:abre o|liga|baixa|escreve) ",
}
"""How one speaks to friends; whoever reads these languages, customer or staff, is not spoken to like that."""
BROKEN = re.compile(r"(?<=[\w})»*]) [:;!?»]|« ")
"""In French such a sign stands apart from its word, and must not begin a line: the space is one that does not break."""


def texts() -> set[str]:
    files = (file for file in (*PAGES.rglob("*.html"), *PAGES.glob("*.py")) if not file.name.startswith((*ELSEWHERE, *CODES)))
    return {found for file in files for found in TEXT.findall(file.read_text(encoding="utf-8"))}


def catalogue(language: str) -> dict[str, str]:
    with (locale.HERE / language / "pages.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale=language, abort_invalid=True) if m.id and not m.fuzzy}


def test_eight_languages_are_shipped_beside_spanish() -> None:
    assert set(OTHERS) == {"en", "ca", "gl", "eu", "pt", "fr", "de", "it"}
    assert len(texts()) > 60


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    assert set(catalogue(language)) == texts()


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_the_same(language: str) -> None:
    for spanish, other in catalogue(language).items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert other.strip(), spanish


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_are_really_translated(language: str) -> None:
    same = {spanish for spanish, other in catalogue(language).items() if spanish == other}
    assert len(same) < 12, same


@pytest.mark.parametrize("language", FAMILIAR)
def test_nobody_is_spoken_to_now_like_a_friend_and_now_politely(language: str) -> None:
    told = locale.catalogue(language).values()
    assert [text for text in told if re.search(FAMILIAR[language], text, re.IGNORECASE)] == []


def test_no_line_begins_with_a_sign_in_french() -> None:
    assert [text for text in locale.catalogue("fr").values() if BROKEN.search(re.sub(r"\{[{%].*?[%}]\}", "}", text))] == []
