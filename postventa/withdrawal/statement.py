"""What a customer states: her words as they are sent, and as they are kept. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

from postventa.withdrawal.words import word

NAME, CONTRACT, EMAIL, ITEMS = 120, 200, 254, 1000
"""Most characters of each field."""
CHANNELS = ("page", "link", "mail", "post", "phone", "other")
_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
"""The receipt goes to whatever address was typed: nobody shall use it to spread links."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]")


@dataclass(frozen=True)
class Item:
    """Something of the order that she chose."""

    ref: str
    title: str
    quantity: int


@dataclass(frozen=True)
class Statement:
    """What the form asks for, and nothing else: no reason."""

    shop: str
    name: str
    contract: str
    """What names the contract, in her words: mostly an order's number."""
    email: str
    """Where the receipt goes."""
    language: str
    items: tuple[Item, ...] = ()
    """Chosen from her order; empty: everything, or what `what` says."""
    what: str = ""
    """Which items, in her own words, where we do not know her order."""

    def text(self) -> str:
        """The statement in full, as it is sent and as the receipt repeats it (Directive 2011/83/EU, annex I, B)."""
        say = self.language
        lines = [word(say, "statement", shop=self.shop, contract=self.contract)]
        if self.items:
            lines.append(word(say, "statement_some"))
            lines += [f"– {item.quantity} × {item.title}" for item in self.items]
        elif self.what:
            lines += [word(say, "statement_some"), self.what]
        else:
            lines.append(word(say, "statement_all"))
        lines += [word(say, "statement_name", name=self.name), word(say, "statement_email", email=self.email)]
        return "\n".join(lines)


def tidy(text: str, longest: int, *, lines: bool = False) -> str:
    """A field as it is kept: without what cannot be seen, in one line unless `lines`."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return (clean if lines else " ".join(clean.split())).strip()[:longest].strip()


def problems(statement: Statement) -> dict[str, str]:
    """Field -> what is missing (a name of `words.WORDS`); empty: it can be sent. Whether such an order exists is not asked here."""
    found: dict[str, str] = {}
    if not statement.name or _ADDRESS.search(statement.name):
        found["name"] = "problem_name"
    if not statement.contract or _ADDRESS.search(statement.contract):
        found["contract"] = "problem_contract"
    if not is_address(statement.email):
        found["email"] = "problem_email"
    if _ADDRESS.search(statement.what):
        found["what"] = "problem_what"
    return found


def is_address(text: str) -> bool:
    """Whether a mail can be sent there."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return len(text) <= EMAIL


def canonical(statement: Statement, **more: Any) -> str:
    """The statement with all that belongs to it, in one form whose hash is the same everywhere. `more`: reference, times, zone, channel, salt."""
    said: dict[str, Any] = {
        "shop": statement.shop,
        "name": statement.name,
        "contract": statement.contract,
        "email": statement.email,
        "language": statement.language,
        "items": [[item.ref, item.title, item.quantity] for item in statement.items],
        "what": statement.what,
        "text": statement.text(),
        **{key: _written(value) for key, value in more.items()},
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(content: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


class Unreadable(ValueError):
    """What is kept is no statement: somebody has changed it."""


def read(content: str) -> tuple[Statement, Mapping[str, Any]]:
    """A kept statement, and all that stands beside it, its `text` included. Raises `Unreadable`."""
    try:
        said: dict[str, Any] = json.loads(content)
        items = tuple(Item(ref, title, quantity) for ref, title, quantity in said["items"])
        fields = {name: said[name] for name in ("shop", "name", "contract", "email", "language", "what")}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"a statement of withdrawal cannot be read: {type(error).__name__}") from error
    return Statement(items=items, **fields), said


def _written(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
