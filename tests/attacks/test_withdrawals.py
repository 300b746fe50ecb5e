"""The withdrawal function takes everything from everybody: what hostile hands can do with that, to customers' mailboxes, to staff, and to us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, event, update

from jobs.withdrawals import match
from postventa.clock import now
from postventa.models import Withdrawal
from postventa.models.db import transaction
from postventa.runtime.masks import mask
from postventa.withdrawal import store
from postventa.withdrawal.statement import Statement
from tests.accounts.visits import hidden
from tests.conftest import TestClock
from tests.pipeline.stories import NOON
from tests.scenarios import scenario
from tests.withdrawal.counter import ANA, Counter, text_of

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'


@pytest.fixture
def counter(engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    clock.set(NOON)
    made = Counter(engine, clock, tmp_path)
    yield made
    made.app.extensions["postventa"].redis().close()
    made.app.extensions["postventa"].engine.dispose()


def press(counter: Counter, address: str, **typed: str) -> int:
    """Both steps, from that address."""
    phone = counter.phone()
    phone.environ_base["REMOTE_ADDR"] = address
    return counter.withdraw(phone, **typed)[0]


def from_one_house(host: int) -> str:
    return f"2001:db8:1:2:{host:x}::{host:x}"


def test_one_subscribers_many_addresses_are_one_network(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MANY", 3)
    told = [press(counter, from_one_house(host), contract=str(host), email=f"c{host}@correo.example") for host in range(1, 6)]
    assert told == [303] * 3 + [429] * 2
    assert press(counter, "2001:db8:1:3::1") == 303, "another network"
    assert len(counter.statements()) == 4


def test_who_waits_out_each_quarter_of_an_hour_is_stopped_for_the_day(counter: Counter, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MANY", 2)
    monkeypatch.setattr(store, "MANY_A_DAY", 3)
    told = []
    for number in range(5):
        told.append(press(counter, "203.0.113.9", contract=str(number)))
        clock.advance(minutes=20)
    assert told == [303] * 3 + [429] * 2
    clock.advance(hours=24)
    assert press(counter, "203.0.113.9") == 303


def test_nobodys_mailbox_is_filled_with_receipts_that_somebody_else_asked_for(counter: Counter) -> None:
    with transaction(counter.engine) as session:
        for number in range(130):
            keep(session, counter, f"{number:032x}", email=ANA)
    press(counter, "198.51.100.7", contract="other")
    for number in range(12):
        press(counter, f"203.0.113.{number}", contract=str(number))
    due = sorted(effect.due_at for effect in counter.receipts())
    assert len(due) == 13, "every statement gets its receipt"
    assert all(later - before >= timedelta(hours=2) for before, later in pairwise(due)), "however many want it written to"


def keep(session: Any, counter: Counter, key: str, email: str) -> None:
    """A statement from some other network."""
    said = Statement("Cerámica Alba", "X", key, email, "es")
    store.submit(session, counter.world.secret, counter.shop_id, "key", "Europe/Madrid", said, store.Submission(key, ip=f"192.0.2.{int(key, 16)}"))


def test_a_flood_hides_no_statement_whose_order_is_known_and_fills_no_alarm(counter: Counter) -> None:
    order = counter.order()
    with transaction(counter.engine) as session:
        for number in range(30):
            keep(session, counter, f"{number:032x}", email=f"c{number}@correo.example")
        session.execute(update(Withdrawal).values(tried_at=now(), receipt_at=now()))
    counter.clock.advance(minutes=5)
    press(counter, "203.0.113.9")
    with transaction(counter.engine) as session:
        session.execute(update(Withdrawal).where(Withdrawal.email == ANA).values(order_id=order, matched_how="number"))
        shown = store.of_shops(session, [counter.shop_id], limit=10)
        assert [row.email for row in shown].count(ANA) == 1
        assert [row.submitted_at for row in shown] == sorted(row.submitted_at for row in shown)
    begun: list[str] = []
    event.listen(counter.engine, "before_cursor_execute", lambda _c, _k, statement, *_: begun.append(statement))
    counter.look()
    assert len(begun) < 60, "what only waits is not looked at one by one"
    (alarm,) = [alarm for alarm in counter.alarms() if alarm.name == "withdrawal-unmatched"]
    assert "and 10 more" in alarm.message
    assert alarm.message.count(", W-") == 19


def test_a_flood_of_statements_is_no_flood_of_mails_to_the_merchant(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "MOST_TOLD", 3)
    for number in range(6):
        press(counter, f"203.0.113.{number}", contract=str(number), email=f"c{number}@correo.example")
    counter.order()
    press(counter, "198.51.100.7")
    counter.work()
    assert len(counter.mails("withdrawal_arrived")) == 4, "three, and the one whose order is known"
    counter.look()
    (alarm,) = [alarm for alarm in counter.alarms() if alarm.name == "withdrawal-unmatched"]
    assert alarm.message.count(", W-") == 5, "none of the six is forgotten"


@scenario("S12", budget=60)
def test_typed_markup_is_words_on_every_page_in_the_mail_and_on_paper(counter: Counter) -> None:
    counter.order()
    phone = counter.phone()
    status, where = counter.withdraw(phone, name=MARKUP, contract=MARKUP, what=MARKUP)
    assert status == 303
    counter.employ()
    mara = counter.sit_down(counter.employ(email="mara2@zapateriamara.example"))
    ref = counter.one().ref
    pages = [phone.get(where), mara.get("/withdrawals"), mara.get(f"/withdrawals/{ref}"), phone.get(counter.page, query_string={"number": MARKUP})]
    again = hidden(mara.get("/withdrawals/new").get_data(as_text=True))
    pages.append(mara.post("/withdrawals", data={**again, "shop": str(counter.shop_id), "name": MARKUP, "contract": MARKUP, "email": MARKUP}))
    for page in pages:
        said = page.get_data(as_text=True)
        assert page.status_code in (200, 422)
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "<script>alert" not in said
        assert "<img src=x" not in said
        assert "alert(1)" in unescape(said)
        assert "{{7*7}}" in unescape(said), "it is no template"
    counter.work()
    (mail,) = counter.mails("withdrawal_receipt")
    html = mail.get_body(("html",)).get_content()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    (pdf,) = [part.get_content() for part in mail.iter_attachments()]
    document = PdfReader(BytesIO(pdf))
    assert not any(name in document.root_object for name in ("/OpenAction", "/AA", "/Names"))
    assert "script" in "".join(page.extract_text() for page in document.pages)


@scenario("S15", budget=30)
@pytest.mark.parametrize(
    "email",
    [
        "ana@correo.example\r\nBcc: x@evil.example",
        "ana@correo.example,x@evil.example",
        "ana@correo.example x@evil.example",
        '"a\nBcc: x"@evil.example',
        "Banco <ana@correo.example>",
        "a" * 300 + "@correo.example",
        "ana@correo.example\u2028Bcc:x@evil.example",
    ],
)
def test_no_typed_address_writes_to_two_or_into_a_header(counter: Counter, email: str) -> None:
    assert press(counter, "203.0.113.9", email=email) == 422
    assert counter.statements() == []


@scenario("S15", budget=30)
def test_a_typed_name_stays_out_of_the_headers(counter: Counter) -> None:
    press(counter, "203.0.113.9", name="Ana\r\nBcc: x@evil.example", contract="1042\r\nSubject: Ha ganado", what="a\u2028Bcc: x@evil.example")
    counter.work()
    (mail,) = counter.mails("withdrawal_receipt")
    assert (mail["To"], mail["Bcc"], len(mail.get_all("Subject"))) == (ANA, None, 1)
    assert not any("evil" in str(value) for value in mail.values())
    assert "Ana Bcc: x@evil.example" in text_of(mail)


@scenario("S17", budget=30)
def test_what_no_address_can_mean_is_no_page_and_no_fault(counter: Counter) -> None:
    counter.withdraw(counter.phone())
    mara = counter.sit_down(counter.employ())
    for ref in ("W-%00000-0000", "%00", "W-" + "0" * 5000, "W-0000-000%27", "..%2f..%2f"):
        assert counter.phone().get(f"{counter.page}/{ref}/{'0' * 64}").status_code == 404, ref
        assert mara.get(f"/withdrawals/{ref}").status_code == 404, ref


@scenario("S23", budget=20)
def test_the_keys_of_receipts_and_of_mails_links_are_hidden_in_logs(counter: Counter) -> None:
    phone = counter.phone()
    where, link = counter.withdraw(phone)[1], counter.link(counter.order())
    for address in (where, link):
        said = mask(f"GET {address} 500")
        assert "***" in said
        assert where.partition("?")[0].rpartition("/")[2] not in said
        assert link.rpartition(".")[2] not in said
