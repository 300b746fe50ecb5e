"""What is decided about a return, in Shopify's own list; one that has come so far already, by whoever's hand, is done.

Shopify approves all of a request or nothing. Where only some of its pieces were agreed to, the rest is taken out of it afterwards.
"""

from __future__ import annotations

from typing import Any

from connectors.reading import Part
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import Declined, ShopifyApi, gid
from connectors.shops.shopify.writes.returns import LONGEST_NOTE
from connectors.shops.writes import DecideReturn, Done

REACHED = {"approve": ("OPEN", "CLOSED"), "cut": ("OPEN",), "decline": ("DECLINED",), "close": ("CLOSED",), "cancel": ("CANCELED",)}
"""Step -> states in which it has been taken."""


def decide(api: ShopifyApi, wanted: DecideReturn, reference: str) -> Done:
    """The step, and what is left out by it."""
    try:
        _take(api, wanted, gid("Return", wanted.return_ref))
        said = f"{wanted.step} return {wanted.return_ref}"
    except Declined:
        known = _return(api, wanted)
        if not _is_there(known, wanted):
            raise
        said = _already(known)
    left_out = _surplus(_return(api, wanted), wanted) if wanted.lines else []
    if left_out:
        api.change(mutations.RETURN_REMOVE, {"id": gid("Return", wanted.return_ref), "items": left_out}, "removeFromReturn", "return")
    return Done(wanted.return_ref, said)


def decided(api: ShopifyApi, wanted: DecideReturn, reference: str) -> Done | None:
    """By the return's state, and by what is in it."""
    known = _return(api, wanted)
    return Done(wanted.return_ref, _already(known)) if _is_there(known, wanted) and not _surplus(known, wanted) else None


def _take(api: ShopifyApi, wanted: DecideReturn, ref: str) -> None:
    if wanted.step == "approve":
        api.change(mutations.RETURN_APPROVE, {"input": {"id": ref, "notifyCustomer": False}}, "returnApproveRequest", "return")
    elif wanted.step == "decline":
        said = {"id": ref, "declineReason": "OTHER", "declineNote": wanted.note[:LONGEST_NOTE], "notifyCustomer": False}
        api.change(mutations.RETURN_DECLINE, {"input": said}, "returnDeclineRequest", "return")
    elif wanted.step == "cancel":
        api.change(mutations.RETURN_CANCEL, {"id": ref}, "returnCancel", "return")
    elif wanted.step == "close":
        api.change(mutations.RETURN_CLOSE, {"id": ref}, "returnClose", "return")


def _return(api: ShopifyApi, wanted: DecideReturn) -> Part:
    return api.found(mutations.RETURN_GOODS, {"id": gid("Return", wanted.return_ref)}, "return", f"return {wanted.return_ref}")


def _is_there(known: Part, wanted: DecideReturn) -> bool:
    return known.text("status") in REACHED[wanted.step]


def _already(known: Part) -> str:
    return f"return {known.text('name')} was {known.text('status')} already"


def _surplus(known: Part, wanted: DecideReturn) -> list[dict[str, Any]]:
    """Pieces that are in it and were not agreed to."""
    agreed = {gid("LineItem", ref): pieces for ref, pieces in wanted.lines}
    found: list[dict[str, Any]] = []
    for item in known.part("returnLineItems").parts("nodes") if wanted.lines else ():
        line, pieces = item.part("fulfillmentLineItem").part("lineItem").text("id"), item.count("quantity")
        stays = min(pieces, agreed.get(line, 0))
        agreed[line] = agreed.get(line, 0) - stays
        if pieces > stays:
            found.append({"returnLineItemId": item.text("id"), "quantity": pieces - stays})
    return found
