"""From facts to what goes out and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from postventa.followups import FOLLOWUPS
from postventa.followups.guards import next_opening
from postventa.followups.plan import Wanted, plan
from postventa.followups.view import LineView, OrderView, ParcelFacts, RefundFacts, ReturnFacts, Rules

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
RULES = Rules()
SHOES, SOCKS = LineView("l1", 1), LineView("l2", 2)
ANAS = OrderView("1001", placed_at=NOON, lines=(SHOES, SOCKS))


def planned(order: OrderView, now: datetime = NOON, rules: Rules = RULES) -> dict[tuple[str, str], Wanted]:
    return {(w.followup.name, w.occasion.subject): w for w in plan(order, rules, now)}


def parcel(ref: str, *lines: tuple[str, int], dispatched_at: datetime | None = None, delivered_at: datetime | None = None) -> ParcelFacts:
    return ParcelFacts(ref, lines, True, dispatched_at=dispatched_at, delivered_at=delivered_at)


def test_a_new_order_is_thanked_for_at_once() -> None:
    wanted = planned(ANAS)
    assert list(wanted) == [("order_received", "")]
    assert wanted["order_received", ""].due_at == NOON
    assert wanted["order_received", ""].skip == ""


def test_a_shop_whose_clock_is_ahead_is_answered_now() -> None:
    assert planned(ANAS, NOON - timedelta(minutes=20))["order_received", ""].due_at == NOON - timedelta(minutes=20)


def test_an_order_met_in_the_middle_of_its_journey_waits_for_deliveries_of_the_same_breath() -> None:
    wanted = planned(replace(ANAS, parcels=(parcel("p1", dispatched_at=NOON),)))
    assert wanted["order_received", ""].due_at == NOON + RULES.settle
    assert wanted["shipped", "p1"].due_at == NOON + RULES.settle


def test_part_of_an_order_waits_for_its_siblings_and_shares_their_mail() -> None:
    first = parcel("p1", ("l1", 1), dispatched_at=NOON)
    alone = planned(replace(ANAS, parcels=(first,)))
    assert alone["shipped", "p1"].due_at == NOON + timedelta(minutes=10)
    second = parcel("p2", ("l2", 2), dispatched_at=NOON + timedelta(minutes=4))
    both = planned(replace(ANAS, parcels=(first, second)), NOON + timedelta(minutes=4))
    assert both["shipped", "p1"].lead == ""
    assert both["shipped", "p2"].lead == "p1"
    assert both["shipped", "p1"].due_at == NOON + timedelta(minutes=4) + RULES.settle


def test_parcels_of_different_days_get_a_mail_each_and_are_one_delivery_only_when_the_last_arrives() -> None:
    first = parcel("p1", ("l1", 1), dispatched_at=NOON, delivered_at=NOON + timedelta(days=2))
    later = NOON + timedelta(days=3)
    second = parcel("p2", ("l2", 2), dispatched_at=later)
    open_order = planned(replace(ANAS, parcels=(first, second)), later)
    assert open_order["shipped", "p2"].lead == ""
    assert ("delivered", "") not in open_order
    assert open_order["review_request", "p1"].due_at == NOON + timedelta(days=9)
    arrived = planned(replace(ANAS, parcels=(first, replace(second, delivered_at=NOON + timedelta(days=6)))), NOON + timedelta(days=6))
    assert arrived["delivered", ""].occasion.at == NOON + timedelta(days=6)
    assert arrived["review_request", "p2"].due_at == NOON + timedelta(days=13)


def test_half_an_order_delivered_is_not_the_order_delivered() -> None:
    half = parcel("p1", ("l1", 1), dispatched_at=NOON, delivered_at=NOON)
    assert ("delivered", "") not in planned(replace(ANAS, parcels=(half,)))


def test_nothing_is_sent_for_test_orders_or_imported_history() -> None:
    for order in (replace(ANAS, test=True), replace(ANAS, imported=True)):
        assert all(w.skip and w.final for w in planned(order).values())


def test_of_an_imported_order_only_what_happens_afterwards_is_told() -> None:
    left = NOON + timedelta(hours=2)
    order = replace(ANAS, imported=True, parcels=(parcel("p1", ("l1", 1), ("l2", 1), dispatched_at=left),))
    told = planned(replace(order, known_until=NOON + timedelta(hours=1)), left)
    assert (told["shipped", "p1"].skip, bool(told["order_received", ""].skip)) == ("", True)
    assert planned(replace(order, known_until=left), left)["shipped", "p1"].skip.startswith("imported history")


def test_old_news_is_written_down_and_not_sent() -> None:
    wanted = planned(ANAS, NOON + timedelta(hours=37))
    assert wanted["order_received", ""].skip.startswith("stale: it happened on 2026-11-03 12:00 UTC")
    assert planned(ANAS, NOON + timedelta(hours=30))["order_received", ""].skip == ""


def test_an_order_cancelled_before_it_was_ever_placed_is_not_mentioned() -> None:
    draft = OrderView("1002", cancelled_at=NOON, cancelled=True)
    assert planned(draft)["order_cancelled", ""].skip.startswith("the order never counted as placed")
    assert planned(replace(draft, placed_at=NOON))["order_cancelled", ""].skip == ""


def test_a_cancelled_order_keeps_its_thanks_and_its_farewell_but_nothing_else() -> None:
    wanted = planned(replace(ANAS, prepared_at=NOON, cancelled_at=NOON, cancelled=True))
    assert {name: bool(w.skip) for (name, _), w in wanted.items()} == {"order_received": False, "order_prepared": True, "order_cancelled": False}


def test_returned_and_refunded_items_are_not_asked_about() -> None:
    arrived = replace(ANAS, parcels=(parcel("p1", dispatched_at=NOON, delivered_at=NOON),))
    assert planned(arrived)["review_request", "p1"].skip == ""
    one_back = replace(arrived, refunds=(RefundFacts("r1", NOON, Decimal(10), (("l1", 1),)),))
    assert planned(one_back)["review_request", "p1"].skip == ""
    both_back = replace(one_back, returns=(ReturnFacts("x1", "closed", (("l2", 2),)),))
    assert planned(both_back)["review_request", "p1"].skip.startswith("nothing to rate")


def test_a_reminder_comes_five_days_after_the_request_and_not_after_a_review() -> None:
    asked = replace(ANAS, parcels=(parcel("p1", dispatched_at=NOON, delivered_at=NOON),), review_asked={"p1": NOON + timedelta(days=7)})
    reminder = planned(asked, NOON + timedelta(days=7))["review_reminder", "p1"]
    assert reminder.due_at == NOON + timedelta(days=12)
    assert reminder.occasion.until == NOON + timedelta(days=30)
    assert planned(replace(asked, reviewed=frozenset({"l1", "l2"})), NOON + timedelta(days=7))["review_reminder", "p1"].skip


def test_a_switched_off_follow_up_says_why() -> None:
    rules = Rules(frozenset({"order_received"}), {"order_received": 'the shop sends "Order confirmation" itself'})
    assert planned(ANAS, rules=rules)["order_received", ""].skip == 'the shop sends "Order confirmation" itself'


def test_a_return_approved_at_once_is_told_with_its_label() -> None:
    case = ReturnFacts("x1", "approved", requested_at=NOON, approved_at=NOON)
    wanted = planned(replace(ANAS, returns=(case,)))
    assert wanted["return_requested", "x1"].skip.startswith("told with the label")
    assert wanted["return_label", "x1"].skip == ""


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("2026-11-03T20:59:00+01:00", None),
        ("2026-11-03T21:00:00+01:00", "2026-11-04T09:00:00+01:00"),
        ("2026-11-04T08:59:59+01:00", "2026-11-04T09:00:00+01:00"),
        ("2026-11-04T09:00:00+01:00", None),
        ("2026-03-28T23:30:00+01:00", "2026-03-29T09:00:00+02:00"),
        ("2026-10-24T22:00:00+02:00", "2026-10-25T09:00:00+01:00"),
    ],
)
def test_quiet_hours_end_at_nine_of_the_customers_own_clock_also_when_it_is_put_forward_or_back(local: str, opens: str | None) -> None:
    found = next_opening(datetime.fromisoformat(local), "Europe/Madrid", "21:00", "09:00")
    assert found == (datetime.fromisoformat(opens) if opens else None)


def test_every_folder_is_registered_and_every_registered_one_has_its_wording() -> None:
    from pathlib import Path

    import postventa.followups as package

    here = Path(package.__file__).parent
    folders = {p.name for p in here.iterdir() if p.is_dir() and not p.name.startswith("_") and (p / "__init__.py").exists()}
    assert folders == set(FOLLOWUPS)
    for name in FOLLOWUPS:
        assert {"subject.liquid", "preview.liquid", "body.liquid"} <= {p.name for p in (here / name).iterdir()}, name
