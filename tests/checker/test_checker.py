"""The checker can fail: for each invariant a ledger that breaks it is found out, and a sound one is not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from postventa.clock import real_now
from postventa.models import Attempt, Effect, Inbound, Order, Parcel, Shop, Suppression
from postventa.models.db import transaction
from tests.checker.account import Account, Taken
from tests.checker.invariants import violations
from tests.checker.tenants import bonds
from tests.peers.smtp import Mail

NOON = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
ANA = "ana@cliente.example"


@dataclass
class Ledger:
    """Rows by hand, and the mails that arrived."""

    engine: Engine
    mails: list[Mail] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    expected: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, row: Any) -> Any:
        with transaction(self.engine) as session:
            session.add(row)
        return row

    def effect(self, followup: str = "shipped", basis: str = "transactional", state: str = "done", sent: int = 1, **values: Any) -> Effect:
        """An effect with its attempts."""
        base = {"key": f"e{next(self._ids)}", "shop_id": 1, "order_id": 1, "kind": "mail", "recipient": ANA, "at": NOON, "due_at": NOON}
        times = {"planned_at": NOON, "not_before": NOON, "done_at": NOON if state != "planned" else None, "fence": 1}
        effect: Effect = self.add(Effect(**{**base, **times, "followup": followup, "legal_basis": basis, "state": state, "attempts": 1, **values}))
        for _ in range(sent):
            self.attempt(effect, "sending")
            self.attempt(effect, "sent")
        return effect

    def attempt(self, effect: Effect, outcome: str, fence: int = 1) -> None:
        self.add(Attempt(effect_id=effect.id, fence=fence, at=real_now(), outcome=outcome))

    def arrives(self, effect: Effect, ident: str = "", at: float = 0.0, to: str = ANA) -> None:
        head = f"Message-ID: <{ident or effect.id}@x>\r\nX-Postventa-Effect: {effect.id}\r\nX-Postventa-Followup: {effect.followup}\r\n\r\n"
        self.mails.append(Mail("hola@tienda.example", (to,), head.encode(), at or float(next(self._ids))))

    def told(self, followup: str = "shipped", **values: Any) -> Effect:
        """A mail that went out and arrived, as it should."""
        effect = self.effect(followup, **values)
        self.arrives(effect)
        return effect

    def wrong(self) -> list[str]:
        return violations(Account(self.engine, self.taken, self.mails, self.expected, now=NOON + timedelta(hours=1)))


@pytest.fixture
def ledger(sqlite_engine: Engine) -> Ledger:
    made = Ledger(sqlite_engine)
    made.add(Shop(key="alba", platform="woocommerce", name="Cerámica Alba", created_at=NOON))
    made.add(Order(shop_id=1, ref="4001", number="4001", email=ANA, timezone="Europe/Madrid", seen_at=NOON, total=50))
    made.add(Parcel(shop_id=1, order_id=1, ref="PK1", delivered_at=NOON - timedelta(days=8)))
    return made


def test_a_sound_ledger_is_left_in_peace(ledger: Ledger) -> None:
    for followup in ("order_received", "shipped", "delivered"):
        ledger.told(followup)
    ledger.told("review_request", basis="soft_optin")
    ledger.effect("care_tips", state="suppressed", sent=0, reason="the product has no tips")
    ledger.expected["alba", "4001"] = {"order_received", "shipped", "delivered"}
    assert ledger.wrong() == []


def test_a_delivery_that_was_taken_and_is_not_there(ledger: Ledger) -> None:
    ledger.taken.append(Taken.of("alba", "order.created", "1", b"{}", "4001"))
    assert len(ledger.wrong()) == 1
    instants = {"received_at": NOON, "stored_at": NOON, "not_before": NOON}
    ledger.add(Inbound(shop_id=1, platform="woocommerce", topic="order.created", delivery_id="1", dedupe="x", body=b"{ }", state="done", **instants))
    assert ledger.wrong()[0].startswith("I1: order.created 1"), "another body is another delivery"


def test_mails_that_came_too_often(ledger: Ledger) -> None:
    thrice, request, unmarked, twins = (
        ledger.told(),
        ledger.told("review_request", basis="soft_optin"),
        ledger.told("delivered"),
        ledger.told("refunded"),
    )
    for effect, times in ((thrice, 2), (request, 1), (unmarked, 1)):
        for _ in range(times):
            ledger.arrives(effect)
    ledger.arrives(twins, ident="another")
    said = "\n".join(ledger.wrong())
    for words in ("arrived 3 times", "(review_request) arrived 2 times", "is not marked as a possible duplicate", "under several Message-IDs"):
        assert words in said


def test_the_same_news_under_another_key_and_at_another_address(ledger: Ledger) -> None:
    first, second = ledger.told(), ledger.told()
    ledger.arrives(ledger.effect("delivered"), to="otro@cliente.example")
    said = "\n".join(ledger.wrong())
    assert f"effects [{first.id}, {second.id}] told the same" in said
    assert "arrived at another address" in said


def test_what_is_not_settled_has_no_reason_or_never_arrived(ledger: Ledger) -> None:
    ledger.effect("shipped", state="planned", sent=0)
    ledger.effect("delivered", state="cancelled", sent=0)
    ledger.effect("refunded")
    said = "\n".join(ledger.wrong())
    for words in ("is still planned", "is cancelled for no reason", "is done and never arrived"):
        assert words in said


def test_a_step_that_nobody_was_told_of(ledger: Ledger) -> None:
    ledger.effect("shipped", state="suppressed", sent=0, reason="the product has no wheels")
    ledger.effect("delivered", state="cancelled", sent=0, reason="overtaken: «review_request» went out already")
    ledger.expected["alba", "4001"] = {"order_received", "shipped", "delivered"}
    assert [line.partition(": ")[2] for line in ledger.wrong()] == [
        "order 4001: order_received is not in the ledger",
        "order 4001: shipped is suppressed: the product has no wheels",
    ]


def test_forbidden_orders(ledger: Ledger) -> None:
    ledger.told("delivered")
    ledger.told("order_received")
    early = NOON - timedelta(days=9)
    ledger.told("review_request", basis="soft_optin", done_at=early)
    said = "\n".join(ledger.wrong())
    assert "order_received arrived after delivered" in said
    assert "review_request before anything was delivered" in said


def test_writes_of_a_stale_hand(ledger: Ledger) -> None:
    twice, foreign, undone = ledger.told(), ledger.told("delivered"), ledger.told("refunded", state="cancelled", reason="overtaken")
    ledger.attempt(twice, "sending", 2)
    ledger.attempt(foreign, "in_doubt", 7)
    said = "\n".join(ledger.wrong())
    for words in (
        f"effect {twice.id} was begun again",
        f"effect {foreign.id}: «in_doubt» under fence 7",
        f"effect {undone.id} (refunded) is cancelled",
    ):
        assert words in said


def test_requests_at_night_or_after_an_objection(ledger: Ledger) -> None:
    ledger.told("review_request", basis="soft_optin", done_at=NOON.replace(hour=21))
    ledger.add(Suppression(shop_id=1, email=ANA, category="reviews", reason="unsubscribed", at=NOON - timedelta(days=1)))
    said = "\n".join(ledger.wrong())
    assert "went out at 22:00 Europe/Madrid" in said
    assert "after its recipient had objected" in said


def test_more_money_back_than_was_paid(ledger: Ledger) -> None:
    with transaction(ledger.engine) as session:
        session.get_one(Order, 1).refunded_total = 51  # type: ignore[assignment]
    assert ledger.wrong() == ["I8: order 4001: 51 refunded of 50"]


def test_it_reads_both_databases(engine: Engine) -> None:
    assert violations(Account(engine)) == []


def test_rows_that_refer_to_another_shops(ledger: Ledger) -> None:
    assert {table.name for table, _ in bonds()} >= {"effect", "link", "label", "order_line", "parcel", "return_case", "review", "review_photo"}
    otto = ledger.add(Shop(key="otto", platform="woocommerce", name="Ottos Lampen", created_at=NOON))
    parcel = ledger.add(Parcel(shop_id=otto.id, order_id=1, ref="PK2"))
    effect = ledger.told(shop_id=otto.id)
    wrong = [line for line in ledger.wrong() if line.startswith("I6")]
    assert wrong == [
        f"I6: effect {effect.id} of shop {otto.id} refers to orders 1 of shop 1",
        f"I6: parcel {parcel.id} of shop {otto.id} refers to orders 1 of shop 1",
    ]
