"""Passkeys (WebAuthn), and the only file that imports py_webauthn (https://github.com/duo-labs/py_webauthn).

The challenge carries its own proof: who may answer it, for what, and until when. So a page that shows one writes nothing; that it counts once is
remembered when it is answered (`postventa.accounts.store.spend`).

The library is imported when it is first needed: it takes 20 MB with what it brings along, and most processes never look at a passkey.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from postventa.accounts.tokens import DOMAIN

LIFE = 900
"""Seconds that a page may stand open before its button is pressed."""
LARGEST = 32 * 1024
"""Characters of an answer."""
NAME = "Postventa"
PORTS = {"https": 443, "http": 80}


class Refused(ValueError):
    """The answer proves nothing; the message is for the log."""


@dataclass(frozen=True)
class Site:
    """Where passkeys belong to (WebAuthn's relying party)."""

    host: str
    origin: str


@dataclass(frozen=True)
class Made:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def site(url: str) -> Site | None:
    """The site of that address; None where browsers know no passkeys: without https (but for `localhost`), or without a name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = any(letter.isalpha() for letter in host) and ":" not in host
    safe = parts.scheme == "https" or host == "localhost"
    port = f":{parts.port}" if parts.port not in (None, PORTS.get(parts.scheme)) else ""
    return Site(host, f"{parts.scheme}://{host}{port}") if named and safe else None  # as browsers write it


def challenge(secret: bytes, purpose: str, browser: str, now: datetime) -> bytes:
    """A new one for that purpose and that browser's token."""
    head = secrets.token_bytes(32) + (int(now.timestamp()) + LIFE).to_bytes(8)
    return head + _proof(secret, purpose, browser, head)


def answered(secret: bytes, purpose: str, browser: str, now: datetime, answer: str) -> bytes:
    """The challenge that an answer answers. Raises `Refused` unless it was ours, for this purpose and browser, and is not too old."""
    found = _challenge_in(answer)
    head, proof = found[:40], found[40:]
    if len(found) != 72 or not hmac.compare_digest(proof, _proof(secret, purpose, browser, head)):
        raise Refused("the challenge is not one of ours for this browser")
    if int.from_bytes(head[32:]) < now.timestamp():
        raise Refused("the challenge is too old")
    return found


def to_register(place: Site, asked: bytes, handle: bytes, email: str, name: str, known: Iterable[bytes] = ()) -> str:
    """What `navigator.credentials.create` gets, as JSON."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=NAME,
        user_id=handle,
        user_name=email or NAME,
        user_display_name=name or email or NAME,
        challenge=asked,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=structs.UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return webauthn.options_to_json(options)


def to_sign_in(place: Site, asked: bytes) -> str:
    """What `navigator.credentials.get` gets, as JSON: any passkey of this site, so no address is asked for."""
    import webauthn
    from webauthn.helpers import structs

    checked = structs.UserVerificationRequirement.REQUIRED
    options = webauthn.generate_authentication_options(rp_id=place.host, challenge=asked, user_verification=checked)
    return webauthn.options_to_json(options)


def registered(place: Site, asked: bytes, answer: str) -> Made:
    """The new passkey. Raises `Refused`."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=asked, expected_rp_id=place.host, expected_origin=place.origin, require_user_verification=True
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refused(str(error)) from error
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def credential_of(answer: str) -> bytes:
    """Which passkey says that it signed; nothing is proven yet. Raises `Refused`."""
    return _bytes(_read(answer).get("rawId"))


def signed_in(place: Site, asked: bytes, answer: str, public_key: bytes, sign_count: int) -> int:
    """The passkey's new count of signatures. Raises `Refused`, also for a count that went back: then there are two of it."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        proven = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=asked,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refused(str(error)) from error
    return proven.new_sign_count


def _proof(secret: bytes, purpose: str, browser: str, head: bytes) -> bytes:
    return hmac.digest(secret, b"\0".join((DOMAIN, b"challenge", purpose.encode(), browser.encode("utf-8", "replace"), head)), "sha256")


def _challenge_in(answer: str) -> bytes:
    response = _read(answer).get("response")
    said = _bytes(response.get("clientDataJSON") if isinstance(response, dict) else None)
    try:
        told = json.loads(said)
    except ValueError as error:
        raise Refused("the answer is not readable") from error
    return _bytes(told.get("challenge") if isinstance(told, dict) else None)


def _read(answer: str) -> dict[str, object]:
    try:
        said = json.loads(answer[: LARGEST + 1]) if len(answer) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        raise Refused("the answer is not readable") from error
    if not isinstance(said, dict):
        raise Refused("the answer is not readable")
    return said


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise Refused("the answer is not readable")
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError as error:
        raise Refused("the answer is not readable") from error
