"""One-time codes: TOTP (RFC 6238), and recovery codes for whoever lost their phone. The only file that imports pyotp."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime

import pyotp

STEP = 30
"""Seconds."""
AROUND = 1
"""Steps that a phone's clock may be off, either way."""
RECOVERY = 10
"""Codes of a set."""
DIGITS = re.compile(r"\d{6}")


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32()


def address(secret: str, email: str, issuer: str) -> str:
    """What the QR code says (otpauth://totp/...)."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=issuer)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code that is, now or one around it; None: it is none of them. All are compared, so that the time tells nothing."""
    totp, current = pyotp.TOTP(secret, interval=STEP), int(now.timestamp()) // STEP
    code, found = _without_spaces(code), None
    for step in range(current - AROUND, current + AROUND + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found if DIGITS.fullmatch(code) else None


def recovery_set() -> list[str]:
    """Ten codes of 80 random bits, such as `K7QD-2M4X-...`."""
    drawn = (base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY))
    return ["-".join(text[i : i + 4] for i in range(0, 16, 4)) for text in drawn]


def recovery_form(code: str) -> str:
    """A recovery code as it is hashed, however it was typed; empty: it cannot be one."""
    text = _without_spaces(code).replace("-", "").upper().replace("0", "O").replace("1", "I")
    return text if re.fullmatch(r"[A-Z2-7]{16}", text) else ""


def _without_spaces(code: str) -> str:
    return "".join(code.split())[:64]
