"""What Sendcloud tells by itself: https://sendcloud.dev/api/v3/webhooks (v2's are the same).

Signed with HMAC-SHA256 over the raw body, in hexadecimal digits, by the integration's secret key or by its own key for webhooks. Only parcels of that
integration are told of. One that is not taken comes again ten times within hours, so their order says nothing: each carries its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.carriers.base import Scan, Told
from connectors.carriers.sendcloud.statuses import meaning, slug, word_of
from connectors.errors import Unreadable
from connectors.reading import WORD, Part, clean, parse
from connectors.signing import hex_signer, lowered

HEADER = "sendcloud-signature"
STATUS = "parcel_status_changed"
LEFT_ALONE = {
    "return_created": "a return was made at Sendcloud: ours are known, and others are none of ours",
    "integration_connected": "it says that the integration was connected",
    "integration_updated": "it says that the integration's settings were changed",
    "integration_deleted": "it says that the integration was removed: give the shop other keys",
}
"""Other actions -> why there is nothing to do."""
NO_NUMBER = "the parcel has no tracking number (yet)"
MILLIS = 10**11
"""Unix times from here on are in milliseconds: in seconds that would be the year 5138. Sendcloud's own examples have both."""


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> int:
    """The index of the secret that signed `body`. Raises `BadSignature`, after the same work whatever is wrong."""
    keys = [secret.encode("utf-8", "surrogatepass") for secret in secrets]
    return hex_signer(body, lowered(headers).get(HEADER, ""), keys)


def read(body: bytes) -> Told:
    """One delivery. Raises `Unreadable`."""
    told = Part(parse(body))
    action = told.text("action", WORD)
    if action in LEFT_ALONE:
        return Told(ignored=LEFT_ALONE[action])
    if action != STATUS:
        raise Unreadable(f'nobody here knows the action "{clean(action)}"')
    number = told.part("parcel").text("tracking_number", WORD)
    return Told(number, (_scan(told),)) if number else Told(ignored=NO_NUMBER)


def _scan(told: Part) -> Scan:
    """Timed by the carrier where it says so, else by Sendcloud."""
    status = told.part("parcel").part("status")
    word = word_of(status.count("id")) or slug(status.text("message", WORD))
    at = _time(told.raw.get("carrier_status_change_timestamp")) or _time(told.raw.get("timestamp"))
    if not word or at is None:
        raise Unreadable("it says that a parcel's status changed, and not to what or when")
    return Scan(at, word, "", meaning(word))


def _time(value: Any) -> datetime | None:
    """A Unix time, aware UTC; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MILLIS * 1000:
        return None
    return datetime.fromtimestamp(float(value) / (1000 if value >= MILLIS else 1), UTC)
