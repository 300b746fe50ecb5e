"""The one JSON document of `--json` (docs: contract of `postventa demo --exit --json`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from postventa.demo.ledger import Entry, Known, Ledger
from postventa.demo.mailbox import Mailbox
from postventa.demo.words import SHOPS


def document(sent: int, ledger: Ledger, mailbox: Mailbox, problems: list[str]) -> dict[str, Any]:
    """`sent`: how many deliveries the shops sent."""
    entries = ledger.entries()
    return {
        "deliveries": sent,
        "orders": [_order(order, entries) for order in ledger.orders()],
        "mails": len(mailbox.mails()),
        "labels": len(ledger.labels()),
        "review_requests": sum(1 for entry in entries if entry.followup == "review_request" and entry.state == "done"),
        "problems": problems,
    }


def _order(order: Known, entries: list[Entry]) -> dict[str, Any]:
    own = [entry for entry in entries if (entry.shop, entry.order_ref) == (order.shop, order.ref)]
    return {"shop": SHOPS[order.shop], "order": order.ref, "number": order.number, "effects": [_effect(entry) for entry in own]}


def _effect(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "followup": entry.followup,
        "kind": entry.kind,
        "parcel": entry.parcel,
        "subject": entry.about,
        "state": entry.state,
        "reason": entry.reason,
        "at": _iso(entry.at),
        "due_at": _iso(entry.due_at),
        "done_at": _iso(entry.done_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
