"""Do these keys work, which way, and for what? Asks for one order, and whether a webhook might be made, without making one.

Whoever is told 401 `woocommerce_rest_cannot_view` may have no keys at all in WooCommerce's eyes: they were dropped on the way, or WordPress believes
that it is on http and never looks at them, or it knows no such key. Which of these shows in what else is true.
https://github.com/woocommerce/woocommerce/wiki/Getting-started-with-the-REST-API#common-connection-issues
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import ConnectorError
from connectors.http import Answer, Door
from connectors.reading import Part
from connectors.shops.woocommerce.address import Site
from connectors.shops.woocommerce.findings import Finding
from connectors.shops.woocommerce.front import explain
from connectors.shops.woocommerce.gates import BLANK, judge
from connectors.shops.woocommerce.rest import HEADER, QUERY, Keys, Rest, code_of

UNSEEN = "keys-unknown"
NO_TOPIC = {"topic": "postventa.check", "delivery_url": "https://postventa.example/"}
"""No WooCommerce takes this topic: who may make webhooks is told 400, who may not 403, and whose key only reads 401."""


@dataclass(frozen=True)
class Tried:
    """`works`: orders can be read. `keys_in`: the way that the keys have to go."""

    works: bool
    keys_in: str
    findings: tuple[Finding, ...]


def try_keys(site: Site, keys: Keys, door: Door, index: Part) -> Tried:
    """The keys at that site."""
    if not (keys.key.startswith("ck_") and keys.secret.startswith("cs_")):
        return Tried(False, HEADER, (Finding("keys-malformed"),))
    trouble = _read_one(site, keys, door, HEADER)
    if trouble is None:
        return _working(site, keys, door, HEADER, ())
    if trouble.name != UNSEEN or not site.base.startswith("https://"):
        return Tried(False, HEADER, (trouble,))
    return _other_way(site, keys, door, index, trouble)


def _other_way(site: Site, keys: Keys, door: Door, index: Part, trouble: Finding) -> Tried:
    """The keys were not seen in the header: are they in the address?"""
    again = _read_one(site, keys, door, QUERY)
    dropped = Finding("header-dropped", {}, f"in the header: {trouble.details}")
    if again is None:
        return _working(site, keys, door, QUERY, (dropped,))
    if again.name == UNSEEN:
        home = index.text("home", 300) or index.text("url", 300)
        return Tried(False, HEADER, (Finding("behind-proxy", {}, f"WordPress says {home}") if home.startswith("http://") else trouble,))
    return Tried(False, HEADER, (dropped, again) if again.name in ("secret-wrong", "rights-missing") else (trouble,))


def _read_one(site: Site, keys: Keys, door: Door, keys_in: str) -> Finding | None:
    """What hinders us from reading an order; None: nothing."""
    try:
        answer = Rest(site.base, keys, door, keys_in).get("orders", {"per_page": "1", "_fields": "id,version"})
    except ConnectorError as error:
        return explain(error, site.base.partition("://")[2].partition("/")[0])
    return _verdict(answer, site)


def _verdict(answer: Answer, site: Site) -> Finding | None:
    """By WooCommerce's `code`: its messages are translated, and its status is often the wrong one."""
    gate, code = judge(answer), code_of(answer)
    said = f"GET wc/v3/orders: {answer.status} {code}".strip()
    if gate is not None:
        return gate
    if answer.status < 300:
        return None if answer.body.lstrip(BLANK)[:1] == b"[" else Finding("not-json", {"url": site.base}, said)
    if code == "woocommerce_rest_authentication_error":
        return Finding("secret-wrong", {}, said)
    if answer.status == 401 and code == "woocommerce_rest_cannot_view":
        return Finding(UNSEEN, {}, said)
    if answer.status == 403 and code.startswith("woocommerce_rest_cannot"):
        return Finding("rights-missing", {}, said)
    if code == "rest_no_route":
        return Finding("no-woocommerce", {"url": site.base}, said)
    return Finding("api-off", {"code": code}, said) if code else Finding("not-json", {"url": site.base}, said)


def _working(site: Site, keys: Keys, door: Door, keys_in: str, findings: tuple[Finding, ...]) -> Tried:
    return Tried(True, keys_in, (Finding("keys-work"), *findings, *_may_write(Rest(site.base, keys, door, keys_in))))


def _may_write(rest: Rest) -> tuple[Finding, ...]:
    try:
        answer = rest.send("POST", "webhooks", {}, NO_TOPIC)
    except ConnectorError:
        return ()  # the question was an extra; reading works
    said = f"POST wc/v3/webhooks: {answer.status} {code_of(answer)}"
    if answer.status == 401 and code_of(answer) == "woocommerce_rest_authentication_error":
        return (Finding("read-only-key", {}, said),)
    return (Finding("webhooks-not-allowed", {}, said),) if answer.status == 403 and judge(answer) is None else ()
