"""What a look at a shop may find, by names that stay as they are. Their sentences for merchants are in `postventa/connecting/words.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["ok", "warn", "fail"]

STATES: Mapping[str, State] = {
    "site-found": "ok",
    "moved": "warn",
    "subfolder": "warn",
    "address-unreadable": "fail",
    "address-not-public": "fail",
    "unreachable": "fail",
    "no-https": "fail",
    "sent-elsewhere": "fail",
    "sent-in-circles": "fail",
    "no-wordpress": "fail",
    "no-woocommerce": "fail",
    "plain-permalinks": "fail",
    "api-off": "fail",
    "api-missing": "fail",
    "firewall": "fail",
    "blocked": "fail",
    "maintenance": "fail",
    "login-wall": "fail",
    "not-json": "fail",
    "slow-down": "fail",
    "shop-trouble": "fail",
    "certificate-expired": "fail",
    "certificate-other-name": "fail",
    "certificate-self-signed": "fail",
    "certificate-chain": "fail",
    "certificate-tls": "fail",
    "clock-off": "warn",
    "keys-work": "ok",
    "keys-malformed": "fail",
    "keys-unknown": "fail",
    "secret-wrong": "fail",
    "rights-missing": "fail",
    "header-dropped": "warn",
    "behind-proxy": "fail",
    "read-only-key": "warn",
    "webhooks-not-allowed": "warn",
    "woocommerce-old": "fail",
}


@dataclass(frozen=True)
class Finding:
    """`facts` fill the sentence's `{names}`; `details` are for support: what was asked and what came back, never a body, never a key."""

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    details: str = ""

    @property
    def state(self) -> State:
        return STATES[self.name]

    def document(self) -> dict[str, Any]:
        return {"name": self.name, "state": self.state, "facts": dict(self.facts), "details": self.details}
