"""An export for a person to read: one page without anything that is fetched, in their language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from postventa.events import Address
from postventa.locale import formats
from postventa.privacy.gather import Held
from postventa.privacy.words import word

Row = Mapping[str, Any]
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1d1d1b}"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem;border-bottom:1px solid #bbb}h3{font-size:1.05rem;margin-bottom:.25rem}"
    "dt{font-weight:600}dd{margin:0 0 .5rem;white-space:pre-line;overflow-wrap:anywhere}"
)


@dataclass(frozen=True)
class About:
    """Who exports, when, and how the reader writes dates."""

    shop: str
    contact: str
    language: str
    timezone: str
    at: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    """Follow-up -> what a person calls that mail."""


def page(held: Held, about: About) -> str:
    """The page as HTML. Everything from the shop is text, whatever it looks like."""
    intro = word(about.language, "intro", date=formats.date(about.at, about.timezone, about.language))
    title = escape(word(about.language, "title", shop=about.shop))
    parts = [part for section in (_you, _orders, _refusals, _files) for part in section(held, about)]
    parts = parts or [f"<p>{escape(word(about.language, 'nothing'))}</p>"]
    rights = escape(word(about.language, "rights", contact=about.contact))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
    body = f"<h1>{title}</h1><p>{escape(intro)}</p>{''.join(parts)}<p>{rights}</p>"
    return f'<!doctype html><html lang="{escape(about.language)}"><head>{head}</head><body><main>{body}</main></body></html>\n'


def _you(held: Held, about: About) -> Iterator[str]:
    rows = held.document["customer"]
    if rows:
        yield _heading(about, "you")
    for row in rows:
        said = {True: "marketing_yes", False: "marketing_no", None: "marketing_unknown"}[row["marketing"]]
        name = f"{row['first_name']} {row['last_name']}".strip()
        pairs = [("name", name), ("email", row["email"]), ("language", row["locale"]), ("marketing", word(about.language, said))]
        yield _list(about, pairs)


def _orders(held: Held, about: About) -> Iterator[str]:
    orders = held.document["orders"]
    if orders:
        yield _heading(about, "orders")
    for order in orders:
        yield f"<h3>{escape(word(about.language, 'order', number=order['number'] or order['ref']))}</h3>"
        yield _list(about, [*_facts(order, about), *_parts(held, order, about)])


def _facts(order: Row, about: About) -> list[tuple[str, str]]:
    return [
        ("placed", _date(order["placed_at"] or order["created_at"], about)),
        ("total", formats.money(Decimal(order["total"]), order["currency"], about.language)),
        ("name", f"{order['first_name']} {order['last_name']}".strip()),
        ("email", order["email"]),
        ("phone", order["phone"]),
        ("address", _address(order["shipping_address"], about)),
        ("billing", _address(order["billing_address"], about)),
        ("note", order["note"]),
    ]


def _parts(held: Held, order: Row, about: About) -> list[tuple[str, str]]:
    def of(table: str) -> list[dict[str, Any]]:
        return [row for row in held.document[table] if row.get("of") == order["id"]]

    mails = [row for row in of("effect") if row["kind"] == "mail" and row["state"] == "done"]
    return [
        ("items", _lines(f"{row['quantity']} × {row['title']} {row['variant_title']}".strip() for row in of("order_line"))),
        ("parcels", _lines(f"{row['carrier']} {row['tracking_number']}".strip() for row in of("parcel"))),
        ("returns", _lines(f"{row['number']} {row['reason']}".strip() for row in of("return_case"))),
        ("mails", _lines(f"{_date(row['done_at'], about)}: {about.names.get(row['followup'], row['followup'])}" for row in mails)),
        ("reviews", _lines(f"{'★' * int(row['rating'])} {row['product_title']}\n{row['body']}".strip() for row in of("review"))),
    ]


def _refusals(held: Held, about: About) -> Iterator[str]:
    rows = held.document["suppression"]
    if rows:
        yield _heading(about, "refusals")
        yield _bullets(f"{row['email']}: {row['category']}" for row in rows)


def _files(held: Held, about: About) -> Iterator[str]:
    if held.files:
        yield _heading(about, "files")
        yield f"<p>{escape(word(about.language, 'files_note'))}</p>"
        yield _bullets(held.files)


def _bullets(texts: Iterable[str]) -> str:
    entries = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{entries}</ul>"


def _heading(about: About, name: str) -> str:
    return f"<h2>{escape(word(about.language, name))}</h2>"


def _list(about: About, pairs: Sequence[tuple[str, str]]) -> str:
    entries = (f"<dt>{escape(word(about.language, name))}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value)
    return f"<dl>{''.join(entries)}</dl>"


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)


def _date(moment: str | None, about: About) -> str:
    return formats.date(datetime.fromisoformat(moment), about.timezone, about.language) if moment else ""


def _address(stored: Mapping[str, str], about: About) -> str:
    known = {name: value for name, value in stored.items() if name in Address.__dataclass_fields__}
    return "\n".join(formats.postal(Address(**known), about.language)) if known else ""
