"""A merchant approves us on a page of her own shop, and WooCommerce sends us a key: `wc-auth`. Pure.

https://woocommerce.github.io/woocommerce-rest-api-docs/#rest-api-keys . Seen with 10.5: the callback is not signed and does not say which shop
sent it, so all trust hangs on the state that we put into `user_id`; only an answer of exactly 200 counts, after any other WooCommerce deletes the
key again and shows the merchant an error; texts are not encoded in its redirects, so that an `&` ends them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.errors import Unreadable
from connectors.reading import Part, parse
from connectors.shops.woocommerce.address import Site
from connectors.shops.woocommerce.rest import Keys

STATE = re.compile(r"[A-Za-z0-9_-]{20,100}\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9 ._-]+")
_KEY, _SECRET = re.compile(r"ck_[0-9a-f]{40}\Z"), re.compile(r"cs_[0-9a-f]{40}\Z")
MAX_BODY = 4096
LONGEST_NAME = 60


@dataclass(frozen=True)
class Granted:
    """What the shop sent. `writes`: with less than read and write we cannot look after its webhooks."""

    state: str
    keys: Keys
    permissions: str
    key_ref: str = ""
    """The key's number in the shop, for support to find it there."""

    @property
    def writes(self) -> bool:
        return self.permissions == "read_write"


def authorize_url(site: Site, state: str, callback_url: str, return_url: str, who: str = "") -> str:
    """Where to send the merchant. `who`: for whom the key is, shown on the page so that she never approves a stranger's connection unseen.

    Raises `ValueError` for a callback that WooCommerce would refuse, or a state that would not survive its redirects.
    """
    if not callback_url.startswith("https://"):
        raise ValueError("WooCommerce sends keys to https addresses only")
    if not STATE.match(state):
        raise ValueError("the state must be made of 20 to 100 letters, digits, _ and -")
    name = f"Postventa {plain_name(who)}".strip()
    return site.approval(
        {"app_name": name, "scope": "read_write", "user_id": state, "return_url": return_url, "callback_url": callback_url}
    )  # fmt: skip


def plain_name(text: str) -> str:
    """Without the signs that would break WooCommerce's redirects."""
    return " ".join(_UNSAFE.sub(" ", text.replace("@", " at ")).split())[:LONGEST_NAME]


def read_callback(body: bytes) -> Granted:
    """What WooCommerce posted. Raises `Unreadable` for anything that it would not send."""
    if len(body) > MAX_BODY:
        raise Unreadable(f"the key's message is longer than {MAX_BODY} bytes")
    said = Part(parse(body))
    state, keys = said.text("user_id"), Keys(said.text("consumer_key"), said.text("consumer_secret"))
    if not STATE.match(state):
        raise Unreadable("the key's message names no state of ours (user_id)")
    if not well_formed(keys):
        raise Unreadable("the key's message holds no WooCommerce key (consumer_key, consumer_secret)")
    return Granted(state, keys, said.text("key_permissions"), said.ref("key_id"))


def well_formed(keys: Keys) -> bool:
    """Whether they look as WooCommerce makes them: `ck_` and `cs_` with 40 hexadecimal digits each."""
    return bool(_KEY.match(keys.key) and _SECRET.match(keys.secret))
