"""A return that was opened with us is in the shop's own list, once; what the shop then tells of it is about ours, whatever comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from connectors.shops.writes import Done
from jobs import customer_change, customer_return, open_return, return_desk, return_goods, write_to_shop
from jobs.deeds import mirror as deed
from postventa import failpoints, links
from postventa.clock import now
from postventa.mirror import known_as
from postventa.models import Effect, ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns.policy import check
from postventa.returns.policy.law import Exemption
from postventa.returns.policy.store import put
from postventa.returns.wish import Wish, WishLine
from tests.conftest import TestClock
from tests.jobs.shopify_desk import ADDRESS, Desk, shop, with_questions
from tests.jobs.shopify_desk import ORDER as GID
from tests.jobs.test_write_to_shop import ORDER, build, shop_of
from tests.peers.shop import CUT, Fault, Reply
from tests.peers.shopify import ShopifyPeer
from tests.peers.woocommerce import WooCommercePeer

pytest.importorskip("graphql", reason="graphql-core is not installed")

ASKED = ("write_return", "write_return_step", "write_return_label")


@pytest.fixture
def peer() -> Iterator[ShopifyPeer]:
    with shop() as running:
        yield running


@pytest.fixture
def desk(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: ShopifyPeer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    with_questions(monkeypatch)
    return Desk.build(sqlite_engine, clock, tmp_path, peer)


def once(desk: Desk, case: ReturnCase, *mails: str) -> None:
    """One case that both know, one return there, one label, and these mails of it, each once."""
    (there,) = desk.peer.returns.values()
    assert (desk.case().id, f"gid://shopify/Return/{desk.case().shop_ref}") == (case.id, there["id"])
    assert [label.reference for label in desk.labels()] == [case.number]
    told = {key[0]: count for key, count in desk.house.sent().items() if key[0].startswith("return")}
    assert told == dict.fromkeys(mails or ("return_label",), 1)


def test_what_is_opened_with_us_is_there_once_under_our_number_and_its_webhook_is_no_news(desk: Desk) -> None:
    case = desk.open()
    desk.rest()
    once(desk, case)
    (there,) = desk.peer.returns.values()
    assert (there["status"], there["returnLineItems"]["nodes"][0]["returnReasonNote"]) == ("OPEN", f"{case.number} No me valen")
    assert [(effect.followup, effect.state) for followup in ASKED for effect in desk.effects(followup)] == [
        ("write_return", "done"), ("write_return_label", "done"),
    ]  # fmt: skip
    assert (desk.case().reason, desk.case().source, desk.case().lines) == ("No me valen", "api", [["11", 1]])
    assert desk.unread() == 0


@pytest.mark.parametrize("bare", [False, True], ids=["with its note", "without a word"])
def test_a_webhook_that_comes_before_the_answer_finds_our_case(desk: Desk, monkeypatch: pytest.MonkeyPatch, bare: bool) -> None:
    case = desk.open()
    desk.peer.books.bare = bare
    told: list[str] = []

    def tells(name: str, holding: bytes = b"") -> None:
        if name == "write.after_answer" and not told:
            told.extend(desk.tell())
            told.append(str(len(desk.house.effects(kind="label"))))

    monkeypatch.setattr(failpoints, "hit", tells)
    desk.work("write_return")
    assert told == ["returns/approve", "1"], "no second label is planned meanwhile"
    desk.rest()
    once(desk, case)


def test_a_webhook_without_a_word_is_asked_for_and_finds_our_case_though_the_answer_is_lost(desk: Desk) -> None:
    case = desk.open()
    desk.peer.books.bare = True
    desk.peer.faults.append(Fault("POST", CUT, holds="ReturnCreate", after=True))
    assert desk.work("write_return").state == "planned"
    desk.tell()
    assert len(desk.house.returns()) == 2, "nobody knows yet that they are one"
    assert len(desk.house.effects(kind="label")) == 1
    desk.rest()
    once(desk, case)
    assert desk.story(desk.effects("write_return")[0]) == ["sending", "in_doubt", "sending", "sent"]


def test_what_the_shop_opened_itself_meanwhile_is_a_return_of_its_own(desk: Desk) -> None:
    """Its delivery says nothing of what is in it, and ours is on its way: asked, the shop says that it is another one."""
    desk.open()
    books = desk.peer.books
    books.bare = True
    books.returnable["gid://shopify/Order/5001"]["gid://shopify/FulfillmentLineItem/2"] = ("gid://shopify/LineItem/12", 1)
    item = {
        "fulfillmentLineItemId": "gid://shopify/FulfillmentLineItem/2",
        "quantity": 1,
        "returnReasonDefinitionId": "x",
        "returnReasonNote": "Rota",
    }
    books.open_return({"orderId": "gid://shopify/Order/5001", "returnLineItems": [item]}, "OPEN")
    desk.tell()
    assert len(desk.house.effects(kind="label")) == 1, "nobody knows yet whose it is"
    desk.rest()
    assert sorted((case.source, case.reason) for case in desk.house.returns()) == [("api", "No me valen"), ("shopify", "Rota")]
    assert len({case.shop_ref for case in desk.house.returns()} - {""}) == len(desk.labels()) == 2


def test_a_return_that_the_shop_refuses_ends_with_its_words_and_holds_up_no_other(desk: Desk) -> None:
    desk.open()
    books = desk.peer.books
    desk.peer.faults.append(
        Fault("POST", Reply(document={"data": {"returnCreate": {"return": None, "userErrors": [NOT_NOW]}}}), holds="ReturnCreate")
    )
    books.bare = True
    books.returnable["gid://shopify/Order/5001"]["gid://shopify/FulfillmentLineItem/2"] = ("gid://shopify/LineItem/12", 1)
    item = {"fulfillmentLineItemId": "gid://shopify/FulfillmentLineItem/2", "quantity": 1, "returnReasonDefinitionId": "x"}
    books.open_return({"orderId": "gid://shopify/Order/5001", "returnLineItems": [item]}, "OPEN")
    desk.tell()
    ended = desk.work("write_return")
    assert (ended.state, "Order is being edited" in ended.reason) == ("dead", True)
    assert len(desk.house.effects(kind="label")) == 2, "the shop's own return need not wait any more"
    desk.rest()
    assert {effect.state for effect in desk.effects("write_return_label")} <= {"done", "cancelled"}


NOT_NOW = {"field": None, "message": "Order is being edited.", "code": "INVALID_STATE"}


def test_the_label_can_be_fetched_by_whoever_has_its_link_and_the_ledger_holds_none(desk: Desk) -> None:
    desk.open()
    desk.rest()
    (there,) = desk.peer.returns.values()
    (parcel,) = there["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"]
    url = parcel["deliverable"]["label"]["fileUrl"]
    token = url.removeprefix(f"{ADDRESS}/label/").removesuffix(".pdf")
    (label,), (effect,) = desk.labels(), desk.effects("write_return_label")
    with reading(desk.house.engine) as session:
        link = links.find(session, token, "label", now())
        assert link is not None
        assert link.data == {"label": label.id}
        assert links.find(session, token, "label", now() + timedelta(days=15)) is None
    assert token not in str(effect.data)
    assert parcel["deliverable"]["tracking"] == {"number": label.reference, "url": None}


def test_a_label_of_a_service_that_nobody_reaches_goes_without_its_file(desk: Desk) -> None:
    desk.reached_at("")
    desk.open()
    desk.rest()
    (there,) = desk.peer.returns.values()
    (parcel,) = there["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"]
    assert parcel["deliverable"]["label"] is None


def asked(desk: Desk, lines: tuple[str, ...] = ("11",)) -> ReturnCase:
    """A customer asks for a return on a page of ours; nobody said yes yet."""
    with transaction(desk.house.engine) as session:
        shop = desk.shop(session)
        put(session, shop, check({"default": {"decision": "ask", "methods": ["drop_off"], "resolutions": ["refund"]}}), author="mara")
        wish = Wish(tuple(WishLine(line, 1, "unwanted", "Me aprietan") for line in lines), "refund", "drop_off")
        return customer_return.open_case(session, desk.house.world, shop, desk.order(session), wish, form_key="pagina-1")


DEEDS: dict[str, Callable[..., Any]] = {
    "approve": return_desk.approve,
    "decline": partial(return_desk.decline, reason="Fuera de plazo", ground=Exemption.SEALED_HYGIENE),
    "close": return_goods.receive,
    "cancel": partial(customer_return.cancel, reason="se los queda"),
}


def decide(desk: Desk, step: str, **more: Any) -> None:
    """Mara does it at her desk, or Luz at the packing table."""
    with transaction(desk.house.engine) as session:
        DEEDS[step](session, desk.house.world, desk.shop(session), desk.case().number, actor="test:mara", **more)


def written(desk: Desk) -> list[str]:
    """Mails about the return, in their order."""
    told = [str(mail["X-Postventa-Followup"]) for mail in desk.house.postman.mails]
    return [mail for mail in told if mail.startswith("return")]


@pytest.mark.parametrize(
    ("steps", "status", "state", "mails"),
    [
        (("decline",), "DECLINED", "declined", ["return_requested", "return_declined"]),
        (("approve", "cancel"), "CANCELED", "cancelled", ["return_requested", "return_approved", "return_cancelled"]),
    ],
)
def test_what_is_decided_at_the_desk_is_done_there_and_its_webhook_is_no_news(
    desk: Desk, steps: tuple[str, ...], status: str, state: str, mails: list[str]
) -> None:
    case = asked(desk)
    desk.rest()
    for step in steps:
        decide(desk, step)
        desk.rest()
    (there,) = desk.peer.returns.values()
    assert (there["status"], desk.case().state, desk.case().number) == (status, state, case.number)
    assert [effect.state for effect in desk.effects("write_return_step")] == ["done"] * len(steps)
    assert written(desk) == mails
    if state == "declined":
        body = desk.house.postman.mails[-1].get_body(("plain",))
        assert body is not None
        assert "Fuera de plazo" in body.get_content()
        assert there["declineNote"] == "Fuera de plazo"


def test_steps_are_taken_there_in_their_order_and_the_money_comes_before_the_end(desk: Desk) -> None:
    """All of it is decided before the shop so much as knows the return."""
    case = asked(desk)
    decide(desk, "approve")
    decide(desk, "close")
    assert desk.case().state == "closed"
    approve, close = desk.effects("write_return_step")
    assert desk.work("write_return_step").reason == "waits: the shop does not have this return yet"
    desk.work("write_return")
    for effect in (approve, close):
        write_to_shop.write_to_shop(effect.id)
    waiting = desk.effects("write_return_step")[-1]
    assert (waiting.state, waiting.reason) == ("planned", "waits: what this return came to is not in the shop yet")
    before, soon = waiting.not_before, desk.work("write_refund")
    assert (soon.state, desk.effects("write_return_step")[-1].not_before < before) == ("done", True), "the refund wakes it"
    desk.rest()
    (there,) = desk.peer.returns.values()
    assert (there["status"], there["returnLineItems"]["nodes"][0]["quantity"]) == ("CLOSED", 1)
    assert [one["note"].startswith(case.number) for one in desk.peer.books.inputs] == [True]
    assert {effect.state for effect in desk.effects("write_return_step")} == {"done"}
    assert desk.peer.asked.index("refundCreate") < desk.peer.asked.index("returnClose")


def test_a_step_that_the_shop_took_already_is_done_and_one_that_it_refuses_is_seen(desk: Desk) -> None:
    asked(desk)
    desk.rest()
    (there,) = desk.peer.returns.values()
    decide(desk, "approve")
    there["status"] = "OPEN"  # by somebody else's hand, at the same moment
    assert (desk.work("write_return_step").state, there["status"]) == ("done", "OPEN")
    there["status"] = "CANCELED"
    decide(desk, "close")
    desk.work("write_refund")
    refused = desk.work("write_return_step", later=True)
    assert (refused.state, "Return is not open" in refused.reason) == ("dead", True)


def test_of_a_return_that_was_agreed_to_in_part_the_rest_is_taken_out_there(desk: Desk) -> None:
    books = desk.peer.books
    books.returnable[GID]["gid://shopify/FulfillmentLineItem/2"] = ("gid://shopify/LineItem/12", 1)
    asked(desk, ("11", "12"))
    desk.rest()
    (there,) = desk.peer.returns.values()
    assert len(there["returnLineItems"]["nodes"]) == 2
    decide(desk, "approve", lines=(("12", 1),), ground=Exemption.SEALED_HYGIENE)
    desk.rest()
    (kept,) = there["returnLineItems"]["nodes"]
    assert (there["status"], kept["fulfillmentLineItem"]["lineItem"]["id"]) == ("OPEN", "gid://shopify/LineItem/12")
    assert (desk.case().accepted, len(desk.house.returns())) == ([["12", 1]], 1)
    assert [effect.state for effect in desk.effects("write_return_step")] == ["done"]


def test_what_the_customer_takes_out_of_it_is_taken_out_there_and_more_goes_into_no_return_of_the_shops(desk: Desk) -> None:
    desk.peer.books.returnable[GID]["gid://shopify/FulfillmentLineItem/2"] = ("gid://shopify/LineItem/12", 1)
    asked(desk, ("11", "12"))
    desk.rest()
    decide(desk, "approve")
    desk.rest()
    change(desk, "11")
    desk.rest()
    (there,) = desk.peer.returns.values()
    (kept,) = there["returnLineItems"]["nodes"]
    assert (there["status"], kept["fulfillmentLineItem"]["lineItem"]["id"]) == ("OPEN", "gid://shopify/LineItem/11")
    assert (desk.case().lines, desk.case().state, len(desk.house.returns())) == ([["11", 1]], "approved", 1)
    with pytest.raises(customer_return.TooLate, match="call it off"):
        change(desk, "11", "12")
    assert {effect.state for effect in desk.effects("write_return_step")} == {"done"}


def change(desk: Desk, *lines: str) -> None:
    """Ana wants only these to go back."""
    with transaction(desk.house.engine) as session:
        wish = Wish(tuple(WishLine(line, 1, "unwanted", "Me aprietan") for line in lines), "refund", "drop_off")
        case = session.get_one(ReturnCase, desk.case().id)
        customer_change.change(session, desk.house.world, desk.shop(session), case.number, wish, seen=customer_change.stamp(case))


def test_a_customers_return_that_carries_its_own_name_in_the_shops_place_is_not_taken_for_one_that_the_shop_knows(desk: Desk) -> None:
    """Rows as they were written once; asked for, so that they are shown to the shop with the next thing that is decided."""
    case = asked(desk)
    with transaction(desk.house.engine) as session:
        session.execute(update(ReturnCase).values(shop_ref=ReturnCase.ref))
        session.execute(delete(Effect).where(Effect.followup == "write_return"))
        assert known_as(session.get_one(ReturnCase, case.id)) == ""
    decide(desk, "approve")
    desk.rest()
    (there,) = desk.peer.returns.values()
    assert (there["status"], desk.case().shop_ref) == ("OPEN", there["id"].rpartition("/")[2])
    assert not [call for call in desk.peer.calls if b"portal-" in call.body]


def test_called_off_before_the_shop_knew_it_never_gets_there(desk: Desk) -> None:
    case = desk.open()
    with transaction(desk.house.engine) as session:
        open_return.void(session, desk.house.settings, desk.shop(session), case.number, f"{case.number} se los queda", actor="test:mara")
    desk.rest()
    assert (desk.peer.returns, desk.case().shop_ref) == ({}, ""), "our own words are no note of the shop's"
    assert {effect.state for followup in ASKED for effect in desk.effects(followup)} == {"cancelled"}
    assert desk.labels() == []


def test_called_off_afterwards_is_called_off_there_too(desk: Desk) -> None:
    case = desk.open()
    desk.rest()
    with transaction(desk.house.engine) as session:
        open_return.void(session, desk.house.settings, desk.shop(session), case.number, "se los queda", actor="test:mara")
    desk.rest()
    (there,) = desk.peer.returns.values()
    assert (there["status"], desk.case().state) == ("CANCELED", "cancelled")
    once(desk, case, "return_label", "return_cancelled")


def test_the_same_on_postgresql(
    postgres_engine: Engine, clock: TestClock, tmp_path: Path, peer: ShopifyPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_questions(monkeypatch)
    peer.books.bare = True
    test_a_webhook_without_a_word_is_asked_for_and_finds_our_case_though_the_answer_is_lost(Desk.build(postgres_engine, clock, tmp_path, peer))


def test_a_return_of_the_shops_own_is_decided_there_by_its_own_name(desk: Desk) -> None:
    books = desk.peer.books
    item = {"fulfillmentLineItemId": "gid://shopify/FulfillmentLineItem/1", "quantity": 1, "returnReasonDefinitionId": "x", "customerNote": "Grande"}
    books.open_return({"orderId": "gid://shopify/Order/5001", "returnLineItems": [item]}, "REQUESTED")
    desk.tell()
    decide(desk, "approve")
    desk.rest()
    assert (desk.case().state, desk.case().shop_ref) == ("approved", desk.case().ref)
    (there,) = books.returns.values()
    assert there["status"] == "OPEN"
    assert len(there["reverseFulfillmentOrders"]["nodes"][0]["reverseDeliveries"]["nodes"]) == 1
    assert desk.effects("write_return") == []


def test_a_shop_that_keeps_no_returns_is_told_by_a_note_if_it_wants_notes(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    peer = WooCommercePeer()
    with peer.open():
        house = build(sqlite_engine, clock, tmp_path, peer, order_notes=True)
        with transaction(house.engine) as session:
            chosen = shop_of(house, session)
            order = open_return.find_order(session, chosen, str(ORDER))
            case = open_return.open_return(session, house.settings, chosen, order, [("1", 1)], "", "api", "caso-1", actor="test:mara")
        clock.advance(minutes=1)
        house.run()
    assert f"Postventa hizo la etiqueta de la devolución {case.number}" in [kept["note"] for kept in peer.books.notes[ORDER]]
    assert house.effects(followup="write_return") == house.effects(followup="write_return_label") == []


def test_an_answer_that_comes_twice_changes_nothing(desk: Desk) -> None:
    desk.open()
    desk.rest()
    (effect,) = desk.effects("write_return")
    before = desk.case()
    with transaction(desk.house.engine) as session:
        desk.order(session)
        deed.DEED.after(session, session.get_one(type(effect), effect.id), Done(str(before.shop_ref), "again"))
    assert (desk.case().shop_ref, desk.case().approved_at) == (before.shop_ref, before.approved_at)
