"""What is said to whoever writes rules: whole sentences in every language, and never the validation library's own."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from postventa.config import LANGUAGES
from postventa.locale import HERE
from postventa.returns.policy import BadPolicy, Finding, read
from postventa.returns.policy.misfits import CODES
from postventa.returns.policy.said import FAULTS, SYNTAX, WORDS, say, sources
from tests.catalogues import OTHERS, catalogue

FORMS = [
    ("a = = 3", "syntax"), ("a = [1,", "syntax"), ('{"a" 1}', "syntax"), ("a = 1\na = 2", "syntax"), ('"\\q" = 1', "syntax"), ('{"a": 1', "syntax"),
    ("[" * 100_000, "syntax"), ("x" * 200_001, "too_long"), ("{" * 3 + '"a":' * 9_000, "syntax"),
    ("default = 3", "table"), ("rules = 3", "list"), ("cost_told = 'si'", "truth"), ("tips = 1", "unknown"), ("default = { window = 3 }", "narrow"),
    ("default = { window = 9999 }", "most"), ("default = { window = 20.5 }", "whole"), ("default = { window = 'x' }", "whole"),
    ("default = { bonus = -1 }", "least"), ("default = { bonus = 'x' }", "number"), ("default = { bonus = nan }", "number"),
    ("default = { fee = { flat = 1.234 } }", "places"), ("default = { decision = 'no' }", "choice"), ("default = { methods = [] }", "empty_list"),
    ("default = { why = { xx = 'a' } }", "language"), ("default = { destination = 4 }", "text"),
    ("default = { destination = 'x' }", "no_destination"),
    ("rules = [{ then = { bonus = 1 } }]", "missing"), ("rules = [{ name = '', then = { bonus = 1 } }]", "empty_text"),
    (f"rules = [{{ name = '{'x' * 121}', then = {{ bonus = 1 }} }}]", "long_text"), ("rules = [{ name = 'a', then = {} }]", "idle"),
    ("rules = [" + ",".join(f"{{ name = '{n}', then = {{ bonus = 1 }} }}" for n in range(201)) + "]", "long_list"),
    ("rules = [" + 2 * "{ name = 'a', then = { bonus = 1 } }," + "]", "same_name"),
    ("rules = [{ name = 'a', when = { price = {} }, then = { bonus = 1 } }]", "range_empty"),
    ("rules = [{ name = 'a', when = { price = { from = 2, to = 1 } }, then = { bonus = 1 } }]", "range_reversed"),
    ("rules = [{ name = 'a', when = { country = ['ESP'] }, then = { bonus = 1 } }]", "country"),
    ("rules = [{ name = 'a', when = { customer = ['a@b.example'] }, then = { bonus = 1 } }]", "address"),
    ("rules = [{ name = 'a', when = { any = [{}] }, then = { bonus = 1 } }]", "hollow"),
    ("rules = [{ name = 'a', when = { reason = ['x'] }, then = { bonus = 1 } }]", "no_reason"),
    ("reasons = [{ code = 'A', words = { es = 'a' } }]", "own_code"),
    ("reasons = [{ code = 'aa', under = 'x', words = { es = 'a' } }]", "no_reason_of_ours"),
    ("reasons = [{ code = 'aa', kinds = ['x'], words = { es = 'a' } }]", "not_among"), ("kinds = { hats = ['Gorros'] }", "not_among"),
    ("destinations = { n = { name = 'a', street = 'b', postcode = '1', city = 'c', country = 'es' } }", "two_letters"),
]  # fmt: skip
"""Text -> the code of its first fault."""

NAMES = re.compile(r"\[\w+(?:\.\w+)?\]|`\w+`|cost_told|exemption")
"""Names of the document, which no language changes."""


def first_of(text: str) -> Finding:
    with pytest.raises(BadPolicy) as refused:
        read(text, "")
    return refused.value.problems[0]


@pytest.mark.parametrize(("text", "code"), FORMS, ids=[f"{number}-{code}" for number, (_, code) in enumerate(FORMS)])
def test_what_is_wrong_has_a_code_of_ours_and_a_sentence_in_every_language(text: str, code: str) -> None:
    found = first_of(text)
    assert found.code in (code, "too_deep")
    said = {language: found.sentence(language) for language in LANGUAGES}
    assert len(set(said.values())) > 4, said
    for sentence in said.values():
        assert not re.search(r"Input should|Value error|\{\w*\}", sentence)


def test_every_fault_can_happen_but_the_one_for_what_nobody_foresaw() -> None:
    assert {code for _, code in FORMS} >= set(FAULTS) - {"other"}
    assert set(CODES) <= set(get_args(ErrorType))


@pytest.mark.parametrize(
    ("text", "detail"),
    [("a = = 3", "value"), ("a = [1,", "open"), ('x = "abc', "open"), ('{"a": 1', "open"), ("a 3", "key"), ('{"a" 1}', "key"),
     ("a = 1\na = 2", "twice"), ("a = 1 2", "rest"), ('{"a": 1} x', "rest"), ('"\\q" = 1', "sign")],
)  # fmt: skip
def test_what_cannot_be_read_is_told_apart_as_far_as_its_author_can_mend_it(text: str, detail: str) -> None:
    assert first_of(text).facts["detail"] == detail
    assert detail in SYNTAX


def test_the_place_is_the_authors_and_the_value_stands_behind() -> None:
    found = first_of('[[rules]]\nname = "Zapatos"\nthen = { window = 7 }')
    assert found.sentence("es") == 'rules.0.then.window ("Zapatos"): como mínimo 14 días: una regla no puede acortar el desistimiento (pone 7)'
    assert f"{first_of('default = { why = 3 }')}" == "default.why: a text in quotes is expected (got 3)"
    (warned,) = read('[[rules]]\nname = "{days}"\nthen = { decision = "ask", fee = { flat = 2 } }').warnings
    assert warned.sentence("de").startswith('die Regel "{days}": seine Kosten werden in den ersten 14 Tagen nicht berechnet')


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_once_with_its_places_and_nothing_is_left_over(language: str) -> None:
    told = catalogue(language, "rules")
    elsewhere = {text for file in (HERE / language).glob("*.po") if file.stem != "rules" for text in catalogue(language, file.stem)}
    assert set(told) == set(sources()) - elsewhere
    for spanish, other in told.items():
        assert sorted(re.findall(r"\{\w*\}", spanish)) == sorted(re.findall(r"\{\w*\}", other)), spanish
        assert NAMES.findall(spanish) == NAMES.findall(other), spanish
        assert other != spanish or len(spanish) < 20, spanish


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert say("no_reason", "en", {"value": "{choices}", "choices": "a"}) == '"{choices}" is no reason; there are a'
    assert all(say(code, "es", {}) == text for code, text in WORDS.items())
