"""Names that want to be more than names: in the mails that really arrived and in the labels they are letters and nothing else."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader

from tests.peers.smtp import Mail, Sink
from tests.pipeline.stories import DAY, HOUR, MINUTE, ShopifyOrder, WooOrder, shopify_line, tracked, woo_line
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, HOME, LOLA

HOSTILE = {
    "accents": "Ñandú Ángela d'Àlü-Œuvre Łódź İstanbul",
    "emoji": "Ana 🌸👩‍👩‍👧‍👦🏳️‍🌈 Peña",
    "right to left": "عائشة بنت أحمد \u202eevil\u202c שרה",
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "end of script": '</script><script>alert(1)</script>"></a><a href="javascript:alert(3)">x</a>',
    "template": "{{ 1237*7919 }}{% for i in (1..9) %}x{% endfor %}{{ ''.__class__ }}${1237*7919}#{1237*7919}<%= 1237*7919 %>",
    "line ends": "Ana\r\nBcc: otto@ottos-lampen.example\r\nX-Evil: 1\r\n\r\n<p>body</p>\u2028Cc: a@b.example\u2029\x0b\x0c\x85",
    "controls": "Ana\x00\x01\x08\x1b[31m\x7f\ufeff\ufffe",
    "very long": "Maximiliana " * 417,
    "one long word": "x" * 5000,
    "mark-up of others": "*Ana* _x_ [a](http://evil.example) &amp; &#x27; ]]> <!-- --> <![CDATA[ % \\ \\r\\n =?utf-8?q?Bcc:_x?= <mj-raw>",
    "half a character": "Ana \ud83d Peña \udc00",
    "formula": '=HYPERLINK("http://evil.example","x")',
}


class Tags(HTMLParser):
    """What a browser would make of it: elements, their attributes, and the scripts' text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data
        elif self.tags and self.tags[-1][0] != "style":
            self.text += data


HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted", "Feedback-ID", "X-Postventa-Effect",
    "X-Postventa-Followup", "Reply-To", "References", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language",
    "X-Auto-Response-Suppress", "X-Entity-Ref-ID", "Content-Transfer-Encoding", "List-Id", "Precedence",
}  # fmt: skip


def check(mail: Mail, recipient: str) -> None:
    """Nothing in this mail but what we wrote."""
    assert mail.recipients == (recipient,)
    assert [address.addr_spec for address in mail.message["To"].addresses] == [recipient]
    names = mail.message.keys()
    assert set(names) <= HEADERS, set(names) - HEADERS
    assert len(names) == len(set(names)), names
    assert not any(character in str(mail.message["Subject"]) for character in "\r\n\0\u2028\u2029\u202e"), mail.message["Subject"]
    assert len(str(mail.message["Subject"])) < 300
    assert max(len(line) for line in mail.raw.split(b"\r\n")) < 1000, "RFC 5321, 4.5.3.1.6"
    assert len(mail.html.encode()) < 100_000
    page = Tags()
    page.feed(mail.html)
    assert all(attributes.get("type") == "application/ld+json" for tag, attributes in page.tags if tag == "script")
    for script in page.scripts:
        json.loads(script)
    for tag, attributes in page.tags:
        assert tag not in ("iframe", "object", "embed", "form", "base", "mj-raw"), tag
        assert not any(name.startswith("on") for name in attributes), attributes
        for name in ("href", "src"):
            address = (attributes.get(name) or "https:").strip().lower()
            assert address.startswith(("https:", "http:", "mailto:", "tel:", "cid:")), address
            assert "evil" not in address, address
    for words in (page.text, mail.text):
        assert "9795803" not in words, "somebody calculated"
        assert "\0" not in words
        assert "\u202e" not in words


def woo_story(ref: int, email: str, text: str) -> WooOrder:
    now = datetime.now(UTC).replace(microsecond=0) - DAY
    order = WooOrder(ref, now, email)
    place = {"first_name": text, "last_name": text, "company": text, "address_1": text, "address_2": text, "city": text, "phone": text}
    order.body["billing"] |= place
    order.body["shipping"] |= place
    order.body["line_items"] = [{**woo_line(1, text), "sku": text[:100]}, woo_line(2, "Cuenco pequeño")]
    order.body |= {
        "customer_note": text,
        "payment_method_title": text,
        "shipping_lines": [{"method_title": text, "method_id": "flat_rate", "total": "0"}],
    }
    items = tracked(("PK1", now))
    items[0]["value"][0] |= {"tracking_number": text[:200], "custom_tracking_provider": text, "custom_tracking_link": f"javascript:{text}"}
    order.tell("order.created", number=str(ref)).tell(after=HOUR, status="enviado", meta_data=items).tell(after=HOUR, status="entregado")
    return order.tell(after=MINUTE, refunds=[{"id": ref, "reason": text, "total": "-12.50"}])


def shopify_story(ref: int, email: str, text: str) -> ShopifyOrder:
    now = datetime.now(UTC).replace(microsecond=0) - DAY
    order = ShopifyOrder(ref, now, email)
    place = dict.fromkeys(("first_name", "last_name", "name", "address1", "address2", "city", "province", "company", "phone"), text)
    order.body["shipping_address"] = order.body["billing_address"] = {**order.body["shipping_address"], **place}
    order.body["customer"] |= {"first_name": text, "last_name": text}
    order.body["line_items"] = [{**shopify_line(11, text), "variant_title": text, "vendor": text}]
    order.body |= {"note": text, "order_status_url": f"javascript:{text}", "tags": text}
    return order.tell("orders/create").fulfil(ref * 10, 11, after=HOUR).scan(ref * 10, "delivered", after=HOUR)


@dataclass(frozen=True)
class Case:
    """One kind of hostile name, gone through the whole journey of both shops."""

    ref: int
    opened: dict[str, Any]

    @property
    def ana(self) -> str:
        return f"ana.{self.ref}@cliente.example"

    @property
    def jon(self) -> str:
        return f"jon.{self.ref}@cliente.example"


@pytest.fixture(scope="module")
def cases(lasting: Service, sink: Sink) -> dict[str, Case]:
    """All at once, as shops send them, up to the return label."""
    refs = {kind: 60_001 + number for number, kind in enumerate(HOSTILE)}
    for kind, ref in refs.items():
        lasting.play(ALBA, woo_story(ref, f"ana.{ref}@cliente.example", HOSTILE[kind]).sent)
        lasting.play(LOLA, shopify_story(ref, f"jon.{ref}@cliente.example", HOSTILE[kind]).sent)
    lasting.rest(seconds=90)
    found = {}
    for kind, ref in refs.items():
        status, opened = lasting.api(ALBA, "POST", "/returns", {"order": str(ref), "reason": clean(HOSTILE[kind])[:1000]})
        assert status == 201, opened
        found[kind] = Case(ref, opened)
    for case in found.values():
        lasting.until(lambda case=case: "return_label" in sink.followups(case.ana), 30, "a label")  # type: ignore[misc]
    lasting.rest()
    return found


def clean(text: str) -> str:
    """Half a character cannot be sent as UTF-8."""
    return text.encode("utf-8", "replace").decode()


def test_no_hostile_name_stops_the_service(lasting: Service, cases: dict[str, Case]) -> None:
    assert len(cases) == len(HOSTILE)
    assert [row for row in lasting.deliveries() if row["state"] not in ("done", "superseded")] == []
    assert {effect["state"] for effect in lasting.effects()} <= {"done", "planned", "suppressed", "cancelled"}
    assert lasting.troubles() == []


@scenario("S12", budget=90)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_is_letters_in_every_mail(cases: dict[str, Case], sink: Sink, kind: str) -> None:
    case = cases[kind]
    assert {"order_received", "delivered", "return_label", "refunded"} <= set(sink.followups(case.ana))
    assert len(sink.to(case.jon)) >= 1
    for recipient in (case.ana, case.jon):
        for mail in sink.to(recipient):
            check(mail, recipient)


@scenario("S12", budget=90)
@pytest.mark.parametrize("kind", ["script", "template", "formula"])
def test_what_looks_like_code_is_shown_as_it_was_written(cases: dict[str, Case], sink: Sink, kind: str) -> None:
    mail = sink.to(cases[kind].ana)[0]
    page = Tags()
    page.feed(mail.html)
    beginning = HOSTILE[kind][:9]
    assert beginning in mail.text
    assert beginning in page.text


@scenario("S12", budget=90)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_name_spoils_no_label(cases: dict[str, Case], sink: Sink, kind: str) -> None:
    (pdf,) = [content for mail in sink.to(cases[kind].ana) for _, content in mail.attachments]
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert 2 <= len(pages) <= 4
    assert cases[kind].opened["number"] in pages[0].extract_text()
    assert HOME["street"] in pages[0].extract_text()
    assert not any("/JS" in str(page) or "/URI" in str(page) for page in pages)


@scenario("S15", budget=60)
def test_nobody_gets_a_mail_but_who_it_is_for(cases: dict[str, Case], sink: Sink) -> None:
    meant = {address for case in cases.values() for address in (case.ana, case.jon)}
    assert {recipient for mail in sink.mails for recipient in mail.recipients} <= meant | {"mara@ceramica-alba.example"}


NO_ADDRESSES = (
    "ana@cliente.example\r\nBcc: otto@ottos-lampen.example",
    "ana@cliente.example, otto@ottos-lampen.example",
    "ana@cliente.example;otto@ottos-lampen.example",
    "Otto <otto@ottos-lampen.example>",
    "otto\u2028@ottos-lampen.example",
    "@cliente.example",
    "ana@@cliente.example",
    "ana" * 500 + "@cliente.example",
    "ana@cliente",
    "\ud83d@cliente.example",
    "",
)


@scenario("S15", budget=60)
def test_an_address_that_is_none_is_not_written_to_and_the_ledger_says_so(lasting: Service, sink: Sink) -> None:
    before = len(sink.mails)
    now = datetime.now(UTC).replace(microsecond=0) - MINUTE
    for number, address in enumerate(NO_ADDRESSES):
        lasting.play(ALBA, WooOrder(70_001 + number, now, address).tell("order.created").sent)
    lasting.rest()
    for number, address in enumerate(NO_ADDRESSES):
        (effect,) = lasting.effects(str(70_001 + number))
        assert (effect["state"], effect["attempts"]) == ("suppressed", 0), (address, effect)
        assert "address" in effect["reason"]
    assert sink.mails[before:] == []
