"""What must not stand in a log: addresses of people, secrets, and line breaks that would forge a second line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"

_SECRET_NAME = re.compile(r"secret|password|passwd|token|authorization|cookie|api_?key|consumer_key|signature", re.IGNORECASE)
_PERSON_NAME = re.compile(r"^(e?mail|recipient|customer_?name|first_?name|last_?name|full_?name|phone|street|address|address[12])$", re.IGNORECASE)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # SQLAlchemy's errors quote the row that was being written
    (re.compile(r"\[parameters: .*?\](?=\s*(?:\n|\\n|\(Background|$))", re.DOTALL), f"[parameters: {HIDDEN}]"),
    (re.compile(r"(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"), HIDDEN),
    (re.compile(r"[^\s@<>\"'=:;,()\[\]{}|\\/*]+@[^\s@<>\"'=:;,()\[\]{}|\\/]+\.[^\s@<>\"'=:;,()\[\]{}|\\/.]{2,}"), "<e-mail>"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(shp(?:at|ca|pa|ss|ua)_|c[ks]_|whsec_)[A-Za-z0-9_-]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/(?:t|r|review|unsubscribe|label|link|account/welcome|code/[a-z]{1,12})/)[A-Za-z0-9_-]{12,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/withdraw/[\w-]+/[\w-]+/)[A-Za-z0-9_-]{12,}"), rf"\1{HIDDEN}"),
    (re.compile(r"([?&]o=[0-9]+\.)[0-9a-f]{12,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/webhooks/[a-z]+/)([A-Za-z0-9_-]{4})[A-Za-z0-9_-]{8,}"), rf"\1\2{HIDDEN}"),
    (
        re.compile(
            r"(?i)([?&](?:token|id_token|refresh_token|key|secret|state|user_id|signature|hmac|consumer_key|consumer_secret|access_token|code)=)[^&\s\"']+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<![\w.+])(?:\+|00)\d{1,3}(?:[ .-]?\d){8,12}(?!\w)"), "<phone>"),
)

_CONTROL = {ord("\r"): "\\r", ord("\n"): "\\n", 0x85: "\\x85", 0x2028: "\\u2028", 0x2029: "\\u2029", 0x1B: "\\x1b", 0: "\\x00"}


def mask(text: str) -> str:
    """`text` without e-mail addresses, phone numbers, secrets and links' tokens."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def one_line(text: str) -> str:
    """`text` with its line breaks and terminal escapes made visible."""
    return text.translate(_CONTROL)


def clean(value: Any, name: str = "", *, keep_lines: bool = False) -> Any:
    """A log field's value, masked by its content and by what the field is called; containers are looked into."""
    if isinstance(value, Mapping):
        return {str(key): clean(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item, name) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value if not _SECRET_NAME.search(name) or value is None or isinstance(value, bool) else HIDDEN
    if _SECRET_NAME.search(name) or _PERSON_NAME.match(name):
        return HIDDEN if value else value
    text = mask(value if isinstance(value, str) else str(value))
    return text if keep_lines else one_line(text)
