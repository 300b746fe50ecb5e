"""What customers, shops and carriers wrote is text and nothing else, wherever it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.policy import default
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postventa.emails import clean, compose, render
from postventa.emails.clean import cut, lines, plain, web_url
from postventa.emails.data import MailData, ParcelView
from postventa.emails.preview import ANA, BOOTS, ORDER, PARCEL, sample
from postventa.emails.wording import names
from tests.cases import all_hold
from tests.emails.reading import missing_in_text, read
from tests.scenarios import scenario

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 1237*7919 }}{% for i in (1..9) %}x{% endfor %}",
    "%%body%%%%begin text%%",
    "]]> --><!-- </style></title>",
    'x" onmouseover="alert(1)',
    "**no** [[items]] # h1",
    "Ana\r\nBcc: todos@correo.example",
    "url(javascript:alert(1))",
    "عائشة بنت محمد",
    "שלום עולם",
    "👩‍👩‍👧‍👦 Ñandú 🥾",
    "\u202egnp.exe\u2066\u200f",
    "\ue000negrita\ue001\u2068",
    "a\x00b\x1bc\u2028d",
    "A" * 5000,
]


def poisoned(followup: str, text: str) -> MailData:
    """A mail with `text` in every place that somebody else fills."""
    data = sample(followup)
    line = replace(BOOTS, title=text, variant_title=text, image_url=f"https://x.example/{text}")
    address = replace(ANA, name=text, company=text, street=text, street2=text, postcode=text, city=text, province=text)
    order = replace(
        ORDER,
        number=text,
        email=text,
        first_name=text,
        last_name=text,
        shipping_address=address,
        lines=(line,),
        shipping_method=text,
        payment_method=text,
        note=text,
    )
    shop = replace(data.shop, name=text, brand=data.shop.brand.model_copy(update={"legal_name": text, "legal_address": text, "support_phone": text}))
    changes: dict[str, Any] = {"order": order, "shop": shop, "reason": text}
    if data.parcels:
        changes["parcels"] = (ParcelView(replace(PARCEL, carrier=text, tracking_number=text), ((line, 1),)),)
    if data.reviews:
        changes["reviews"] = tuple(replace(item, line=line) for item in data.reviews)
        changes["review_links"] = {text: "https://maps.example/lola"}
    if data.refund:
        changes["refund"] = replace(data.refund, items=((line, 1),), method=text)
    if data.return_case:
        changes["return_case"] = replace(data.return_case, number=text, items=((line, 1),), address=address, instructions=(text,))
    if data.rating:
        changes["rating"] = replace(data.rating, line=line, text=text, customer_email=text)
    if data.tips:
        changes["tips"] = ((line, text),)
    return replace(data, **changes)


@scenario("S12", budget=30)
@pytest.mark.parametrize("followup", names())
def test_hostile_text_is_shown_as_text(followup: str) -> None:
    usual = {tag for tag, _ in read(render(sample(followup)).html).tags} | {"bdi", "br", "h2"}
    all_hold(lambda text: shown_as_text(followup, text, usual), HOSTILE)


def shown_as_text(followup: str, text: str, usual: set[str]) -> None:
    mail = render(poisoned(followup, text), strict=True)
    page = read(mail.html)
    assert {tag for tag, _ in page.tags} <= usual
    assert len(page.named("h1")) == 1
    assert not [name for _, values in page.tags for name in values if name.startswith("on")]
    assert "9795803" not in mail.subject
    assert len(mail.html.encode()) < 100_000
    assert missing_in_text(mail) == []
    for part in (mail.subject, mail.preview, mail.text, unescape(mail.html)):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\ue000-\uf8ff]", part)


@scenario("S15", budget=30)
@pytest.mark.parametrize("followup", ["order_received", "review_request", "low_rating", "address_refused"])
def test_hostile_text_adds_no_header_and_no_recipient(followup: str) -> None:
    honest = message_from_bytes(compose(sample(followup)).raw, policy=default)
    all_hold(lambda text: adds_nothing(followup, text, honest), HOSTILE)


def adds_nothing(followup: str, text: str, honest: Message) -> None:
    message = message_from_bytes(compose(poisoned(followup, text)).raw, policy=default)
    assert message.keys() == honest.keys()
    assert [a.addr_spec for a in message["To"].addresses] == [sample(followup).recipient]
    assert [a.addr_spec for a in message["From"].addresses] == ["hola@zapaterialola.example"]
    assert "Bcc" not in message
    assert len(" ".join(str(message["Subject"]).split())) <= 78


def test_names_are_not_templates_even_when_a_merchant_prints_them() -> None:
    data = sample("shipped", order=replace(ORDER, first_name="{{ order_total }}"), wording={"body": "# Hola\n\n{{ first_name }} {{ first_name }}"})
    assert "{{ order_total }} {{ order_total }}" in render(data).text


def test_right_to_left_names_are_kept_to_themselves() -> None:
    mail = render(sample("shipped", order=replace(ORDER, first_name="عائشة")))
    assert '<bdi dir="auto">عائشة</bdi>' in unescape(mail.html)
    assert "\u2068عائشة\u2069" in mail.text


@scenario("S12", budget=30)
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://x.example",
        "//x.example",
        "https://",
        "http:///x",
        "https://x.example/a b",
        'https://x.example/"onx=',
        "https://x.example/<b>",
        "https://good.example@evil.example",
        "https://x.example/\r\nBcc:",
        "",
        "x" * 9,
        "https://[bad",
        "https://x.example/" + "a" * 2100,
        "https://x.example/\u202ex",
    ],
)
def test_only_plain_web_addresses_become_links(url: str) -> None:
    assert web_url(url) == ""
    parcel = ParcelView(replace(PARCEL, tracking_url=url), ((BOOTS, 1),))
    page = read(render(sample("shipped", parcels=(parcel,), order=replace(ORDER, status_url=url), page_url=url)).html)
    assert not [link for link in page.links if not link.startswith(("https://zapaterialola.example", "mailto:hola@", "tel:"))]


def test_ordinary_web_addresses_stay_as_they_are() -> None:
    url = "https://www.correos.example/es/seguimiento?numero=PQ4F&idioma=es#estado"
    parcel = ParcelView(replace(PARCEL, tracking_url=url), ())
    mail = render(sample("shipped", parcels=(parcel,)))
    assert url in read(mail.html).links
    assert url in mail.text


def test_long_words_are_cut_without_tearing_an_emoji() -> None:
    family = "👩‍👩‍👧‍👦"
    for longest in range(2, 20):
        short = cut("ab" + family + "c" * 30, longest)
        assert len(short) <= longest
        assert not short.removesuffix("…").endswith("\u200d")
    assert plain("A" * 5000).endswith("…")
    assert lines("a\n\n\n\nb\r\nc") == "a\n\nb\nc"


SIGNS = st.sampled_from(
    ["a", " ", "é", ".", "\t", "\n", "\u00a0", "\u200b", "\u200d", "\u0301", "\u202e", "\ue000", "\U0001f3fd", "\U000e0041", "漢"]
)


@settings(max_examples=200, deadline=None)
@given(st.text(SIGNS | st.characters(), max_size=24), st.integers(2, 24))
def test_text_that_is_let_through_at_once_would_come_out_the_same(text: str, longest: int) -> None:
    assert plain(text, longest) == cut(" ".join(clean._strip(text).split()), longest)


def test_what_python_calls_printable_has_nothing_that_is_taken_out() -> None:
    printable = "".join(sign for sign in map(chr, range(0x110000)) if sign.isprintable())
    assert clean._strip(printable) == printable
    assert [sign for sign in printable if sign.isspace()] == [" "]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_leaves_a_sound_mail(text: str) -> None:
    mail = render(poisoned("order_received", text), strict=True)
    assert len(read(mail.html).named("h1")) == 1
    assert missing_in_text(mail) == []
    assert compose(poisoned("order_received", text)).raw
