"""Whatever a body holds, it is read or called unreadable; nothing else ever comes out."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import Ignored, Reading
from postventa.eventlog import plain
from tests.connectors.shops.recorded import CONTEXT, shopify_bodies, woo_deliveries

KEYS = [
    "id",
    "status",
    "total",
    "date_modified_gmt",
    "refunds",
    "meta_data",
    "line_items",
    "value",
    "key",
    "fulfillments",
    "quantity",
    "shipping",
    "updated_at",
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.sampled_from(["", "0", "-1", "NaN", "1e999", "9999-12-31T23:59:59-23:59", "\x00", "\ud800", "wc-", "[", "{", "javascript:1", "x" * 5000]),
)  # fmt: skip
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3), max_leaves=8)


def bodies() -> list[tuple[str, str, Any]]:
    woo = {d.topic: d.body for d in woo_deliveries() if d.topic}
    woo["order.updated"] = next(d.body for d in woo_deliveries() if d.name.startswith("063"))
    found = [("woocommerce", topic, body) for topic, body in woo.items()]
    found += [("shopify", topic, kept[0]) for topic, kept in shopify_bodies().items()]
    handled = [item for item in found if not isinstance(SHOPS[item[0]].topics.get(item[1], Ignored("")), Ignored)]
    return [(platform, topic, json.loads(body)) for platform, topic, body in handled]


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [so_far, *(path for key, item in inner for path in paths(item, (*so_far, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = list(value) if isinstance(value, list) else dict(value)
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str, Any]:
    platform, topic, body = draw(st.sampled_from(bodies()))
    for _ in range(draw(st.integers(1, 4))):
        body = put(body, draw(st.sampled_from(paths(body))), draw(ANYTHING))
    return platform, topic, body


def read_or_complaint(platform: str, topic: str, raw: bytes) -> Reading | str:
    try:
        return SHOPS[platform].normalise(topic, raw, CONTEXT)
    except Unreadable as error:
        return str(error)


def assert_sound(platform: str, topic: str, raw: bytes) -> None:
    reading = read_or_complaint(platform, topic, raw)
    if isinstance(reading, str):
        assert 0 < len(reading) < 400
        return
    for event in reading.events:
        assert event.at.tzinfo is UTC
        stored = json.dumps(plain(event), ensure_ascii=False).encode()
        assert b"\\u0000" not in stored
        assert len(event.key) < 500


@given(mutated())
def test_a_changed_body_is_read_or_unreadable(case: tuple[str, str, Any]) -> None:
    platform, topic, body = case
    assert_sound(platform, topic, json.dumps(body).encode())


@given(st.sampled_from(bodies()), st.data())
def test_a_cut_or_garbled_body_is_read_or_unreadable(case: tuple[str, str, Any], data: st.DataObject) -> None:
    platform, topic, body = case
    raw = json.dumps(body).encode()
    at = data.draw(st.integers(0, len(raw)))
    noise = data.draw(st.binary(max_size=5))
    assert_sound(platform, topic, raw[:at] + noise + raw[at + len(noise) :])
    assert_sound(platform, topic, raw[:at])


@given(st.binary(max_size=200))
@pytest.mark.parametrize("platform", sorted(SHOPS))
def test_noise_is_unreadable(platform: str, body: bytes) -> None:
    topic = {"shopify": "orders/create", "woocommerce": "order.created"}[platform]
    with pytest.raises(Unreadable):
        SHOPS[platform].normalise(topic, body, CONTEXT)
