"""What is signed is kept, whatever it says; and what was kept once is not kept, or told, a second time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers.smtp import Sink
from tests.pipeline.stories import HOUR, MINUTE, Sent, ShopifyOrder, WooOrder, tracked
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, LOLA, OTTO


def lately() -> datetime:
    """A moment ago, to the second, as shops tell the time."""
    return datetime.now(UTC).replace(microsecond=0) - 2 * MINUTE


def woo(ref: int, ana: str) -> WooOrder:
    return WooOrder(ref, lately(), ana)


def nonsense(ref: int) -> dict[str, tuple[str, bytes]]:
    """Kinds of nonsense -> (topic, body), for WooCommerce."""
    order = WooOrder(ref, lately()).tell("order.created").sent[0].body
    whole = json.loads(order)
    return {
        "not JSON": ("order.updated", b"webhook says hello"),
        "empty": ("order.updated", b""),
        "cut off": ("order.updated", order[:-20]),
        "not UTF-8": ("order.updated", b'{"id": 1, "status": "\xff\xfe"}'),
        "a list": ("order.updated", b"[1, 2, 3]"),
        "a number": ("order.updated", b"7"),
        "nothing": ("order.updated", b"null"),
        "100,000 levels deep": ("order.updated", b'{"id": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        "100,000 objects deep": ("order.updated", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        "NaN": ("order.updated", order.replace(b'"50.00"', b"NaN")),
        "Infinity": ("order.updated", order.replace(b'"50.00"', b"-Infinity")),
        "a number of 5,000 digits": ("order.updated", order.replace(b'"50.00"', b"9" * 5000)),
        "no id": ("order.updated", json.dumps({**whole, "id": None}).encode()),
        "an id that is an object": ("order.updated", json.dumps({**whole, "id": {"a": 1}}).encode()),
        "an unknown topic": ("order.exploded", order),
        "no topic": ("", order),
    }


def test_signed_nonsense_is_taken_kept_and_shown_as_poison_with_a_reason(lasting: Service, order_ref: int) -> None:
    kinds = nonsense(order_ref)
    for kind, (topic, body) in kinds.items():
        answer = lasting.deliver(ALBA, Sent(topic, body, lately(), f"nonsense {order_ref} {kind}"))
        assert (answer.status, answer.body) == (200, b""), kind
    lasting.rest()
    document = lasting.json("inbox", "list", "--limit", "0")
    shown = {row["delivery_id"]: row for row in document["deliveries"] if row["delivery_id"].startswith(f"nonsense {order_ref}")}
    assert len(shown) == len(kinds)
    for delivery_id, row in shown.items():
        assert row["state"] == "poison", row
        assert 10 < len(row["error"]) < 300, row
        assert "Traceback" not in row["error"], row
        assert "\n" not in row["error"], delivery_id
    assert document["counts"]["poison"] >= len(kinds)
    assert lasting.effects(str(order_ref)) == []


WRONG_KINDS: list[tuple[str, Any]] = [
    ("status", 7),
    ("billing", "C/ Betis"),
    ("billing", None),
    ("line_items", {"1": "Taza"}),
    ("line_items", [None, 3, "Taza", {"id": [], "quantity": "many"}]),
    ("total", {"amount": 1}),
    ("total", "a lot"),
    ("currency", "DOUBLOONS"),
    ("date_created_gmt", "yesterday"),
    ("refunds", [[], {}, {"id": "x" * 4000, "total": "-1"}]),
    ("meta_data", [{"key": "_wc_shipment_tracking_items", "value": {"tracking_number": ["x"]}}]),
    ("shipping_lines", "by ship"),
]


def test_values_of_the_wrong_kind_never_stop_the_service(lasting: Service, order_ref: int) -> None:
    for number, (field, value) in enumerate(WRONG_KINDS):
        ref = order_ref * 1000 + number
        (sent,) = woo(ref, f"{ref}@cliente.example").tell("order.created", **{field: value}).sent
        lasting.play(ALBA, [replace(sent, delivery_id=f"wrong-{order_ref}-{number}")])
    lasting.rest()
    rows = [row for row in lasting.deliveries() if row["delivery_id"].startswith(f"wrong-{order_ref}-")]
    assert len(rows) == len(WRONG_KINDS)
    assert [row for row in rows if row["state"] not in ("done", "poison") or row["attempts"] > 1] == [], "read at once, one way or the other"


def test_the_wrong_kind_of_everything_else_does_not_keep_a_good_order_waiting(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    for kind, (topic, body) in nonsense(order_ref + 100_000).items():
        lasting.deliver(ALBA, Sent(topic, body, lately(), f"before {order_ref} {kind}"))
    lasting.play(ALBA, woo(order_ref, ana).tell("order.created").sent)
    assert [mail.followup for mail in sink.wait(ana)] == ["order_received"]


def test_a_delivery_that_comes_ten_times_is_kept_once_and_mailed_once(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    (sent,) = woo(order_ref, ana).tell("order.created").sent
    sent = replace(sent, delivery_id=f"ten-{order_ref}")
    for _ in range(5):
        assert lasting.deliver(ALBA, sent).status == 200
    lasting.rest(str(order_ref))
    for _ in range(5):
        assert lasting.deliver(ALBA, sent).status == 200
    lasting.rest(str(order_ref))
    assert len(lasting.deliveries(delivery_id=sent.delivery_id)) == 1
    assert sink.followups(ana) == ["order_received"]


@scenario("S3", budget=60)
def test_a_replay_under_other_ids_and_topics_mails_nothing_more(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = woo(order_ref, ana).tell("order.created").tell(after=MINUTE, status="enviado", meta_data=tracked(("PK1", lately())))
    lasting.play(ALBA, order.sent)
    sink.wait(ana, 2)
    for number, sent in enumerate(order.sent * 2):
        assert lasting.deliver(ALBA, sent, delivery_id=f"forged-{order_ref}-{number}").status == 200
        assert lasting.deliver(ALBA, sent, delivery_id=f"forged-{order_ref}-{number}-topic", topic="order.restored").status == 200
    lasting.rest(str(order_ref))
    assert sorted(sink.followups(ana)) == ["order_received", "shipped"]


def test_one_delivery_id_for_two_orders_of_the_same_second_hides_neither(lasting: Service, sink: Sink, order_ref: int) -> None:
    refs = (order_ref + 200_000, order_ref + 300_000)
    for ref in refs:
        (sent,) = woo(ref, f"{ref}@cliente.example").tell("order.created").sent
        assert lasting.deliver(ALBA, sent, delivery_id=f"same-{order_ref}").status == 200
    for ref in refs:
        sink.wait(f"{ref}@cliente.example")
    assert len(lasting.deliveries(delivery_id=f"same-{order_ref}")) == 2


def test_one_order_number_in_two_shops_is_two_orders(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    (sent,) = woo(order_ref, ana).tell("order.created").sent
    assert [lasting.deliver(shop, sent).status for shop in (ALBA, OTTO)] == [200, 200]
    mails = sink.wait(ana, 2)
    lasting.rest(str(order_ref))
    assert len(sink.to(ana)) == 2
    assert {str(mail.message["From"]).split("<")[0].strip(' "') for mail in mails} == {"Cerámica Alba", "Ottos Lampen"}
    assert len({mail.message_id for mail in mails}) == 2


def test_later_news_may_come_first_and_the_mails_still_make_sense(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = woo(order_ref, ana).tell("order.created").tell(after=MINUTE, status="preparando").tell(after=MINUTE / 2, status="enviado")
    lasting.play(ALBA, order.sent[::-1])
    lasting.rest(str(order_ref))
    mails = sink.followups(ana)
    assert len(set(mails)) == len(mails)
    assert mails[-1] == "shipped"
    assert "order_received" not in mails[mails.index("shipped") :]


@scenario("S3", budget=60)
def test_old_news_refresh_the_order_and_write_to_nobody(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    order = WooOrder(order_ref, lately() - timedelta(days=180), ana).tell("order.created").tell(after=HOUR, status="enviado")
    lasting.play(ALBA, order.sent)
    lasting.rest(str(order_ref))
    assert sink.to(ana) == []
    assert {effect["state"] for effect in lasting.effects(str(order_ref))} <= {"suppressed", "cancelled"}
    assert all(effect["reason"] for effect in lasting.effects(str(order_ref)))


def test_a_draft_a_test_order_and_an_error_object_write_to_nobody(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    draft = woo(order_ref, ana).tell(status="checkout-draft", date_paid_gmt=None).sent
    hidden = Sent(
        "order.updated",
        b'{"code": "woocommerce_rest_shop_order_invalid_id", "message": "ID no valido.", "data": {"status": 404}}',
        lately(),
        f"e{order_ref}",
    )
    trial = ShopifyOrder(order_ref, lately(), ana).tell("orders/create", test=True).fulfil(order_ref + 1, 11, after=MINUTE).sent
    lasting.play(ALBA, [*draft, hidden])
    lasting.play(LOLA, trial)
    lasting.rest()
    assert sink.to(ana) == []
    assert [row["state"] for row in lasting.deliveries(delivery_id=f"e{order_ref}")] == ["ignored"]


def test_a_poisoned_delivery_can_be_looked_at_and_read_again(lasting: Service, order_ref: int) -> None:
    lasting.deliver(ALBA, Sent("order.updated", b'{"id": ', lately(), f"poison-{order_ref}"))
    lasting.rest()
    (row,) = lasting.deliveries(delivery_id=f"poison-{order_ref}")
    whole = lasting.json("inbox", "show", str(row["id"]))
    assert (whole["body"], whole["headers"]["x-wc-webhook-topic"], whole["error"]) == ('{"id": ', "order.updated", row["error"])
    assert lasting.json("inbox", "replay", str(row["id"])) == {"replayed": [row["id"]], "not_found": [], "forgotten": []}
    lasting.rest()
    (again,) = lasting.deliveries(delivery_id=f"poison-{order_ref}")
    assert (again["state"], again["error"]) == ("poison", row["error"])


def test_reading_a_good_delivery_again_mails_nothing_more(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    (sent,) = woo(order_ref, ana).tell("order.created").sent
    lasting.play(ALBA, [replace(sent, delivery_id=f"good-{order_ref}")])
    sink.wait(ana)
    (row,) = lasting.deliveries(delivery_id=f"good-{order_ref}")
    assert lasting.json("inbox", "replay", str(row["id"]))["replayed"] == [row["id"]]
    lasting.rest()
    assert lasting.deliveries(delivery_id=f"good-{order_ref}")[0]["state"] in ("done", "superseded")
    assert len(sink.to(ana)) == 1
