"""How one speaks to people in French and Portuguese, whatever the page or mail."""

from __future__ import annotations

import re

import pytest

from postventa import locale

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


@pytest.mark.parametrize("language", FAMILIAR)
def test_nobody_is_spoken_to_now_like_a_friend_and_now_politely(language: str) -> None:
    told = locale.catalogue(language).values()
    assert [text for text in told if re.search(FAMILIAR[language], text, re.IGNORECASE)] == []


def test_no_line_begins_with_a_sign_in_french() -> None:
    assert [text for text in locale.catalogue("fr").values() if BROKEN.search(re.sub(r"\{[{%].*?[%}]\}", "}", text))] == []
