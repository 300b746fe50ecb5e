"""WooCommerce's signature: base64 of HMAC-SHA256 over the raw body. It covers nothing but the body.

https://developer.woocommerce.com/docs/apis/rest-api/webhooks/ ; the key is the secret after `wp_specialchars_decode(secret, ENT_QUOTES)`
(WC_Webhook::generate_signature), so that a secret that holds `&amp;` is signed with `&`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.shops.base import Delivery
from connectors.signing import lowered, signer

SIGNATURE = "x-wc-webhook-signature"
_PING = re.compile(rb"webhook_id=\d{1,20}\Z")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#[xX]0*(?:22|26|27));")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> int:
    """The index of the secret that signed `body`. Raises `BadSignature`, after the same work whatever is wrong."""
    keys = [unescape(secret).encode("utf-8", "surrogatepass") for secret in secrets]
    return signer(body, lowered(headers).get(SIGNATURE, ""), keys)


def unescape(secret: str) -> str:
    """What WordPress' `wp_specialchars_decode(..., ENT_QUOTES)` makes of it: one pass, these five characters only."""
    return _ENTITY.sub(_character, secret)


def _character(found: re.Match[str]) -> str:
    word = found[1]
    if word in _CHARACTERS:
        return _CHARACTERS[word]
    base, digits = (16, word[2:]) if word[1] in "xX" else (10, word[1:])
    return chr(int(digits, base))


def delivery(body: bytes, headers: Mapping[str, str]) -> Delivery:
    """What the headers say. The delivery id repeats for different orders of one second: it is a hint, never a key by itself."""
    known = lowered(headers)
    return Delivery(
        topic=known.get("x-wc-webhook-topic", "").strip().lower(),
        delivery_id=known.get("x-wc-webhook-delivery-id", "").strip(),
        shop_domain=known.get("x-wc-webhook-source", "").strip(),
    )


def ping(body: bytes, headers: Mapping[str, str]) -> bool:
    """True for the unsigned form `webhook_id=N` that WooCommerce posts when a webhook is made, and again until it is answered with 200."""
    return SIGNATURE not in lowered(headers) and _PING.match(body) is not None
