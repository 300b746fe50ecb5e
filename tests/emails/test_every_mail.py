"""Every follow-up in every language: nothing is missing, both parts say the same, and the page is fit for mail programs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import unescape
from typing import Any

import pytest

from postventa.config import LANGUAGES
from postventa.emails import render
from postventa.emails.data import CODE
from postventa.emails.foot import MERCHANT
from postventa.emails.preview import DAYS, ORDER, RETURN, sample
from postventa.emails.render import Rendered
from postventa.emails.wording import names, paragraphs
from postventa.emails.wording import read as wording
from postventa.locale import translate
from postventa.locale.formats import weekday_of
from tests.cases import all_hold
from tests.emails.reading import missing_in_text, read

EVERY = [(followup, language) for followup in names() for language in LANGUAGES]


@cache
def rendered(followup: str, language: str) -> Rendered:
    """As it is without anything special."""
    return render(sample(followup, language), strict=True)


def test_it_says_the_same_in_both_parts_without_a_hole() -> None:
    all_hold(lambda case: says_the_same(*case), EVERY)


def says_the_same(followup: str, language: str) -> None:
    mail = rendered(followup, language)
    for part in (mail.subject, mail.preview, mail.html, mail.text):
        assert not re.search(r"%%|\{\{|\{%|\}\}|\[\[|\*\*|\{\w+\}|None", re.sub(r"<style.*?</style>|<script.*?</script>", "", part, flags=re.DOTALL))
    assert missing_in_text(mail) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("given", [{"qr": True, "tracking_number": "SC1000"}, {"qr_missing": True}, {"further": True}])
def test_a_code_to_be_shown_and_one_that_is_missing_are_said_in_both_parts(given: dict[str, Any], language: str) -> None:
    data = sample("return_label", language)
    assert data.return_case is not None
    mail = render(replace(data, return_case=replace(data.return_case, **given)), strict=True)
    assert (missing_in_text(mail), 10 <= len(mail.subject) <= 65, 40 <= len(mail.preview) <= 110) == ([], True, True)
    assert [image["alt"] != "" for image in read(mail.html).named("img") if image["src"] == f"cid:{CODE}"] == [True] * bool(given.get("qr"))
    assert ("SC1000" in mail.text) is ("qr" in given)


@pytest.mark.parametrize("followup", ["order_received", "order_prepared", "shipped", "delayed"])
def test_a_mail_that_knows_no_day_names_none_and_says_as_much_in_both_parts(followup: str) -> None:
    def check(language: str) -> None:
        dated, mail = rendered(followup, language), render(sample(followup, language, arrives=None, promised=None), strict=True)
        assert (missing_in_text(mail), 40 <= len(mail.preview) <= 110) == ([], True)
        named = [weekday_of(DAYS[followup][name], language, "ES") for name in DAYS[followup]]
        assert [(day in dated.text, day in unescape(dated.html), day in mail.text, day in unescape(mail.html)) for day in named] == [
            (True, True, False, False)
        ] * len(named)

    all_hold(check, LANGUAGES)


def test_subject_and_preview_have_the_length_that_phones_show() -> None:
    all_hold(lambda case: fits_phones(*case), EVERY)


def fits_phones(followup: str, language: str) -> None:
    mail = rendered(followup, language)
    assert 10 <= len(mail.subject) <= 65
    assert 40 <= len(mail.preview) <= 110
    assert mail.preview not in mail.subject


def test_the_page_is_accessible_and_asks_nobody_else_for_anything() -> None:
    all_hold(lambda case: is_accessible_and_alone(*case), EVERY)


def is_accessible_and_alone(followup: str, language: str) -> None:
    html = rendered(followup, language).html
    page = read(html)
    assert len(html.encode()) < 100_000
    assert page.named("html")[0]["lang"] == language
    assert len(page.named("h1")) == 1
    assert all("alt" in image and image["src"].startswith("https://zapaterialola.example/") for image in page.named("img"))
    assert all(table.get("role") == "presentation" for table in page.named("table"))
    assert {values.get("type") for values in page.named("script")} <= {"application/ld+json"}
    assert not page.named("link")
    assert "@import" not in html
    assert "url(" not in html
    assert not [image for image in page.named("img") if image.get("width") in ("0", "1") or image.get("height") in ("0", "1")]
    assert 'content="light dark"' in html
    assert "prefers-color-scheme:dark" in html


def test_a_customer_without_a_first_name_is_greeted_naturally() -> None:
    all_hold(lambda case: greets_naturally(*case), [case for case in EVERY if case[0] not in MERCHANT])


def greets_naturally(followup: str, language: str) -> None:
    mail = render(sample(followup, language, order=replace(ORDER, first_name="", last_name="")), strict=True)
    assert not re.search(r"\s[,:!]|,\s*[:!]|,,|¡,", mail.text.replace(" !", "!").replace(" :", ":").replace("\u00a0", "")), mail.text
    assert "None" not in mail.text


NEXT = {"de": "[A-ZÄÖÜ]", "it": "[A-ZÀÈÉÌÒÙ]"}
"""In letters of these languages the sentence goes on after the greeting and its comma: no capital."""


@pytest.mark.parametrize("language", NEXT)
def test_a_letter_goes_on_after_its_greeting(language: str) -> None:
    def goes_on(followup: str) -> None:
        texts = [p.words for p in paragraphs(wording("body", followup)) if p.kind == "text"]
        said = translate(language, texts[next(number for number, text in enumerate(texts) if "Hola" in text) + 1])
        begins = re.split(r"\{%.*?%\}", said) if said.startswith("{%") else [said]
        assert [text for text in begins if re.match(NEXT[language], text)] == []

    all_hold(goes_on, [name for name in names() if name not in MERCHANT and "Hola, {{ first_name }}:" in wording("body", name)])


def test_no_colon_touches_its_word_in_french() -> None:
    def stands_apart(followup: str) -> None:
        assert re.findall(r".*[^\s\u00a0]:(?:\s|$)", rendered(followup, "fr").text) == []

    all_hold(stands_apart, names())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_begins_with_a_vowel_is_written_as_it_is_said(language: str) -> None:
    """Italian says *l’8* and *l’11*, Catalan *l’1* and *l’11*: no article may stand before a bare number."""
    article = {"it": r"\b(?:il|al|dal|del|nel) (?:8|11)\b", "ca": r"\b(?:el|al|del) (?:1|11)\b"}.get(language, "nothing to elide")
    for followup in ("return_label", "return_exchange"):
        for day in (1, 8, 11):
            data = sample(followup, language)
            assert data.return_case is not None
            until = datetime(2026, 12, day, 12, tzinfo=UTC)
            mail = render(replace(data, return_case=replace(data.return_case, valid_until=until, swap_until=until)), strict=True)
            assert re.findall(article, f"{mail.subject}\n{mail.preview}\n{mail.text}") == []


def test_the_sample_of_a_mail_about_a_return_has_its_button() -> None:
    led = [name for name in names() if name.startswith("return") and "[[return_entry:" in wording("body", name)]
    assert len(led) > 7
    for followup in led:
        assert RETURN in read(rendered(followup, "de").html).links, followup


def test_transactional_mails_carry_no_way_out_and_the_others_always_do() -> None:
    for followup in names():
        data = sample(followup)
        page = read(render(data).html)
        assert (data.unsubscribe_url in page.links) is (not data.transactional)


def test_the_public_review_pages_are_offered_whatever_the_rating() -> None:
    page = read(render(sample("review_request")).html)
    assert "https://maps.example/lola" in page.links
    stars = [link for link in page.links if "stars=" in link]
    assert [link[-1] for link in stars] == ["1", "2", "3", "4", "5"] * 2


def test_a_shop_without_a_legal_address_is_named_all_the_same() -> None:
    data = sample("review_request")
    bare = data.shop.brand.model_copy(update={"legal_name": "", "legal_address": "", "support_email": "", "support_phone": "", "website": ""})
    mail = render(replace(data, shop=replace(data.shop, brand=bare)), strict=True)
    assert "Zapatería Lola" in mail.text.partition("\n-- \n")[2]
    assert missing_in_text(mail) == []
