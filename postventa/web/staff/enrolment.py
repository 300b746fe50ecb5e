"""The two ways to prove who one is, as forms: a passkey, or a password with codes. For new accounts and for those that change.

The TOTP secret that a page shows travels in the form, sealed for that browser: nothing is stored before a code has shown that it arrived.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from flask import request

from postventa import vault
from postventa.accounts import codes, passkeys, passwords
from postventa.accounts.enrol import LONGEST_NAME, Proof
from postventa.accounts.tokens import fingerprint
from postventa.clock import real_now
from postventa.web.portal.page import _, services
from postventa.web.staff import browsers, cookies
from postventa.web.staff.page import t

WEAK = {
    "short": _("Al menos {least} caracteres. Tres o cuatro palabras al azar van bien."),
    "long": _("La contraseña pasa de {most} caracteres."),
    "simple": _("Esa contraseña es demasiado fácil de adivinar. Elige otra."),
}
WRONG_CODE = _("El código no coincide. Escribe el que muestra tu aplicación ahora, y mira que la hora del teléfono sea la correcta.")
STALE = _("Esta página llevaba demasiado tiempo abierta. Escanea el código nuevo e inténtalo otra vez.")
NO_PASSKEY = _("No hemos podido comprobar la llave de acceso. Inténtalo otra vez.")


class Problem(ValueError):
    """What is wrong with the form, in the browser's language."""


class Picture(NamedTuple):
    """A QR code as one path of an SVG."""

    path: str
    size: int
    """Modules on a side."""


@dataclass(frozen=True)
class Offer:
    """What a page shows so that somebody can choose."""

    passkey: str
    """Options for the script; empty: this address knows no passkeys."""
    totp: str
    """The sealed secret for the form."""
    secret: str
    """In groups of four, to be typed."""
    picture: Picture


def offer(purpose: str, handle: bytes, email: str, name: str, known: list[bytes]) -> Offer:
    """A new passkey's question and a TOTP secret: the one of the form that came back, else a new one."""
    place, secret = site(), _secret_of_form() or codes.new_secret()
    asked = passkeys.challenge(services().secret, purpose, cookies.browser(), real_now())
    shown = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    options = passkeys.to_register(place, asked, handle, email, name, known) if place else ""
    return Offer(options, _sealed(secret), shown, picture(codes.address(secret, email[:60] or passkeys.NAME, passkeys.NAME)))


def site() -> passkeys.Site | None:
    """Where this browser's passkeys belong to: the public address, or `localhost` as it was asked for."""
    public = services().settings.server.public_url
    return passkeys.site(public or f"http://{request.host}")


def proof(purpose: str, email: str) -> Proof:
    """What the form proves. Raises `Problem`, `passwords.Busy`."""
    return _passkey(purpose) if request.form.get("passkey") else _password(email)


def line(field: str, longest: int = LONGEST_NAME) -> str:
    """A field's text as one clean line."""
    text = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in request.form.get(field, ""))
    return " ".join(text.split())[:longest]


def picture(text: str) -> Picture:
    """A QR code, four modules of quiet around it."""
    from connectors.carriers.own.codes import qr  # loads reportlab, which no start waits for

    runs, size = qr(text[:200])
    return Picture("".join(f"M{column + 4} {row + 4}h{length}v1h-{length}z" for row, column, length in runs), size + 8)


def _passkey(purpose: str) -> Proof:
    place, answer, secret = site(), request.form.get("passkey", ""), services().secret
    if place is None:
        raise Problem(t(NO_PASSKEY))
    try:
        asked = passkeys.answered(secret, purpose, cookies.browser(), real_now(), answer)
        made = passkeys.registered(place, asked, answer)
    except passkeys.Refused:
        raise Problem(t(NO_PASSKEY)) from None
    name = line("passkey_name", 40) or browsers.short(request.user_agent.string) or t("Llave de acceso")
    return Proof(passkey=made, passkey_name=name)


def _password(email: str) -> Proof:
    password, secret = request.form.get("password", ""), _secret_of_form()
    why = passwords.weakness(password, email)
    if why:
        raise Problem(t(WEAK[why], least=passwords.SHORTEST, most=passwords.LONGEST))
    if not secret:
        raise Problem(t(STALE))
    step = codes.matching_step(secret, request.form.get("code", ""), real_now())
    if step is None:
        raise Problem(t(WRONG_CODE))
    return Proof(password_hash=passwords.hashed(password), totp=secret, step=step)


def _sealed(secret: str) -> str:
    return base64.urlsafe_b64encode(vault.seal(services().secret, {"totp": secret}, _where())).decode()


def _secret_of_form() -> str:
    """Empty: there is none, or it was sealed for another browser."""
    try:
        sealed = base64.urlsafe_b64decode(request.form.get("totp", "").encode())
        return str(vault.unseal(services().secret, sealed, _where())["totp"]) if len(sealed) > 29 else ""
    except (InvalidTag, binascii.Error, ValueError):
        return ""


def _where() -> str:
    return f"enrolment {fingerprint(cookies.browser())}"
