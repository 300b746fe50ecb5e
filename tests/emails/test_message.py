"""The mail as it travels: headers, parts, attachments."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postventa import clock
from postventa.emails import compose, render
from postventa.emails.data import Attachment, MailData
from postventa.emails.message import _html
from postventa.emails.preview import SHOP, sample
from postventa.emails.wording import names
from tests.scenarios import scenario

SENT = datetime(2026, 11, 3, 9, 0, 5, tzinfo=UTC)
THREAD = ("<first@zapaterialola.example>", "<second@zapaterialola.example>")
PDF = b"%PDF-1.7 \x00\xff label"


def delivered(data: MailData) -> EmailMessage:
    """The message as the customer's mail program reads it."""
    return message_from_bytes(compose(data, sent_at=SENT).raw, _class=EmailMessage, policy=default)


def test_the_headers_of_an_order_mail() -> None:
    message = delivered(sample("shipped", thread=THREAD))
    assert message["From"] == "Zapatería Lola <hola@zapaterialola.example>"
    assert message["To"] == "ana@correo.example"
    assert message["Reply-To"] == "hola@zapaterialola.example"
    assert message["Subject"] == "Parte de tu pedido 1042 va de camino"
    assert message["Date"] == "Tue, 03 Nov 2026 09:00:05 +0000"
    assert message["Message-ID"] == "<0123456789abcdef0123456789abcdef@zapaterialola.example>"
    assert message["In-Reply-To"] == THREAD[-1]
    assert message["References"] == " ".join(THREAD)
    assert message["X-Postventa-Effect"] == "7"
    assert message["X-Postventa-Followup"] == "shipped"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Feedback-ID"] == "shipped:zapateria-lola:postventa"
    assert "List-Unsubscribe" not in message
    assert message["MIME-Version"] == "1.0"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=90))
def test_any_subject_is_read_as_it_was_written(text: str) -> None:
    mail = sample("shipped", wording={"subject": text})
    raw = compose(mail).raw
    assert max(map(len, raw.partition(b"\r\nDate:")[0].split(b"\r\n"))) <= 78
    assert message_from_bytes(raw, policy=default)["Subject"] == render(mail).subject


def test_what_is_not_transactional_can_be_stopped_with_one_click_and_starts_its_own_thread() -> None:
    message = delivered(sample("review_request"))
    assert message["List-Unsubscribe"] == "<https://zapaterialola.example/unsubscribe/u1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "References" not in message
    assert "In-Reply-To" not in message


@pytest.mark.parametrize("url", ["", "mailto:baja@x.example", "javascript:x", "https://x.example/\r\nBcc: y@z.example"])
def test_what_is_not_transactional_and_cannot_be_stopped_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        compose(sample("review_request", unsubscribe_url=url))


@scenario("S15", budget=30)
@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "a@b@c.example",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: x@y.example",
        "Ana <ana@correo.example>",
        "a\u202e@b.example",
        "a b@c.example",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="recipient"):
        compose(sample("shipped", recipient=address))
    with pytest.raises(ValueError, match="from_address"):
        compose(sample("shipped", shop=replace(SHOP, from_address=address)))


@pytest.mark.parametrize("message_id", ["", "x", "<x>", "<a@b>\r\nBcc: <c@d>", "a@b"])
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        compose(sample("shipped", message_id=message_id))


def test_a_long_thread_keeps_its_first_and_its_latest_mails() -> None:
    thread = tuple(f"<m{n}@zapaterialola.example>" for n in range(40))
    references = str(delivered(sample("shipped", thread=thread))["References"]).split()
    assert references == [thread[0], *thread[-11:]]


def test_a_broken_message_id_in_the_thread_is_left_out() -> None:
    message = delivered(sample("shipped", thread=("<a@b.example>\r\nBcc: <x@y.example>", "<ok@b.example>")))
    assert message["References"] == "<ok@b.example>"


@scenario("S15", budget=30)
def test_a_shop_cannot_pass_for_another_sender() -> None:
    shop = replace(SHOP, name='Banco <banco@banco.example> "Seguro"\r\nBcc: x@y.example')
    [sender] = delivered(sample("shipped", shop=shop))["From"].addresses
    assert sender.addr_spec == "hola@zapaterialola.example"
    assert not set("@<>\r\n") & set(sender.display_name)


def test_both_parts_are_there_and_the_text_comes_first() -> None:
    message = delivered(sample("order_received"))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "¡Gracias por tu compra, Ana!" in text.get_content()
    assert "121,15\u00a0€" in unescape(html.get_content())
    assert compose(sample("order_received")).raw.isascii()
    assert max(map(len, compose(sample("order_received")).raw.splitlines())) <= 998


def test_the_label_travels_as_an_attachment() -> None:
    message = delivered(sample("return_label", attachments=(Attachment("../R-1042-1\r\n.pdf", PDF),)))
    assert message.get_content_type() == "multipart/mixed"
    both, label = message.iter_parts()
    assert both.get_content_type() == "multipart/alternative"
    assert label.get_content() == PDF
    assert label.get_content_type() == "application/pdf"
    assert label.get_filename() == "R-1042-1 .pdf"


def test_the_product_clock_dates_a_mail_that_is_not_told_when() -> None:
    before = clock.now().replace(microsecond=0)
    message = message_from_bytes(compose(sample("shipped")).raw, _class=EmailMessage, policy=default)
    assert before <= message["Date"].datetime <= clock.now()


def test_every_follow_up_can_be_composed_and_read_back() -> None:
    for followup in names():
        message = delivered(sample(followup))
        assert message["X-Postventa-Followup"] == followup
        assert not message.defects
        [html] = [part for part in message.walk() if part.get_content_type() == "text/html"]
        assert html["Content-Transfer-Encoding"] == "7bit"


def test_the_page_travels_as_it_is_in_short_lines() -> None:
    for followup, language in product(names(), ("es", "eu", "de")):
        page = _html(render(sample(followup, language)).html).partition(b"\r\n\r\n")[2]
        whole = page.replace(b"\r\n", b"")
        assert whole.isascii(), (followup, language)
        assert not set(whole) & set(b"\r\n\0"), f"{followup} in {language}: every line ends in CRLF"
        lines = page.split(b"\r\n")
        assert max(map(len, lines)) <= 998, (followup, language)
        assert not [line for line in lines if line.startswith((b".", b"From "))], (followup, language)


@pytest.mark.parametrize("odd", ["<p>" + "x" * 999, "<p>\n" + "y" * 999 + "\n</p>", "<p>a\rb</p>", "<p>a\r\n.\r\nb</p>", "<p>a\0b</p>", "<p>ñ</p>"])
def test_what_may_not_travel_as_it_is_travels_in_base64(odd: str) -> None:
    head, _, body = _html(odd).partition(b"\r\n\r\n")
    assert b"base64" in head
    assert b64decode(body).decode() == odd
    assert max(map(len, body.split(b"\r\n"))) <= 76


def test_addresses_with_accents_are_written_to() -> None:
    assert delivered(sample("shipped", recipient="ana@correo-españa.example"))["To"] == "ana@xn--correo-espaa-khb.example"
    assert "maría@correo.example".encode() in compose(sample("shipped", recipient="maría@correo.example")).raw
