"""An order for goods that replace others, by way of a draft (`drafts.py`), and calling it off.

Nothing to pay: the draft is completed, and the order goes out. Something to pay: the draft waits for the customer, who gets its link from us. Shopify
knows no keys for drafts: one is looked for by the tag that is our reference, before it is made too, as one may be there that was not completed.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.errors import ConnectorError, InDoubt
from connectors.reading import NAME, Part
from connectors.shops.credit import fits
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import Declined, ShopifyApi, gid
from connectors.shops.shopify.writes.drafts import REST, USED, document
from connectors.shops.writes import CancelExchange, Done, Exchange, Exchanged, Kept

DRAFT = "gid://shopify/DraftOrder/"
STAYS = frozenset({"UNFULFILLED", "OPEN", "ON_HOLD", "SCHEDULED", "FULFILLMENT_NOT_REQUIRED"})
"""What Shopify says of an order of which nothing was sent, and that nobody else is just packing."""


def do(api: ShopifyApi, wanted: Exchange, reference: str) -> Done:
    """Go on with the draft that is there, or make one; complete it if nothing is to be paid."""
    draft = _draft(api, reference) or _made(api, wanted, reference)
    if draft.part("order") or _due(draft):
        return _told(draft)
    return _told(_completed(api, draft))


def find(api: ShopifyApi, wanted: Exchange, reference: str) -> Done | None:
    """By its tag, which the order keeps when its draft was thrown away. One that has still to be completed is nothing yet: `do` goes on with it."""
    draft = _draft(api, reference)
    if not draft:
        order = _tagged(api, reference)
        return _told_of(order, order) if order else None
    return _told(draft) if draft.part("order") or _due(draft) else None


def cancel(api: ShopifyApi, wanted: CancelExchange, reference: str) -> Done:
    """Throw an unpaid draft away; cancel an order that has not left, put its goods back and give back what was paid on top."""
    order = _order(api, wanted)
    if not order:
        return _thrown_away(api, wanted)
    state, name = order.text("displayFulfillmentStatus"), order.text("name", NAME)
    if order.text("cancelledAt"):
        return Done(wanted.exchange_ref, f"order {name} was cancelled already")
    if wanted.unpaid:
        return Kept(wanted.exchange_ref, f"order {name} was paid meanwhile, and stays")
    if state not in STAYS:
        raise ConnectorError(f"{api.domain}: order {name} is on its way ({state}), so it has to come back as a return", permanent=True)
    asked = {"id": order.text("id"), "note": reference}
    api.change(mutations.ORDER_CANCEL, asked, "orderCancel", "job")
    done = cancelled(api, wanted, reference)
    if done is None:
        raise InDoubt(f"{api.domain} is cancelling order {name}, and has not finished yet")
    return done


def cancelled(api: ShopifyApi, wanted: CancelExchange, reference: str) -> Done | None:
    """By what is left of it."""
    order = _order(api, wanted)
    if order:
        name = order.text("name", NAME)
        if order.text("cancelledAt"):
            return Done(wanted.exchange_ref, f"order {name} is cancelled")
        return Kept(wanted.exchange_ref, f"order {name} was paid meanwhile, and stays") if wanted.unpaid else None
    if wanted.exchange_ref.startswith(DRAFT) and not api.ask(mutations.DRAFT_STATE, {"id": wanted.exchange_ref}).part("draftOrder"):
        return Done(wanted.exchange_ref, "the draft of the exchange is gone")
    return None


def _draft(api: ShopifyApi, reference: str) -> Part:
    """Searches find parts of words too: the tag itself decides."""
    nodes = api.ask(mutations.DRAFTS, {"tag": f"tag:'{reference}'"}).part("draftOrders").parts("nodes")
    api.told("draftOrders", "read_draft_orders")
    return next((node for node in nodes if reference in node.raw.get("tags", ())), Part(None))


def _tagged(api: ShopifyApi, reference: str) -> Part:
    """An order whose draft is gone: paid at the moment in which it was thrown away."""
    nodes = api.ask(mutations.ORDERS_TAGGED, {"tag": f"tag:'{reference}'"}).part("orders").parts("nodes")
    return next((node for node in nodes if reference in node.raw.get("tags", ())), Part(None))


def _made(api: ShopifyApi, wanted: Exchange, reference: str) -> Part:
    """Prices may change between two questions: a draft that comes to something else than was reckoned is not offered to anybody."""
    draft, due = _drafted(api, wanted, reference)
    if not fits(due, _due(draft)):
        _delete(api, draft.text("id"))
        draft, due = _drafted(api, wanted, reference)
    if not fits(due, _due(draft)):
        _delete(api, draft.text("id"))
        said = f"the exchange came to {_due(draft)} {wanted.currency} instead of {due}, and its draft was thrown away"
        raise ConnectorError(f"{api.domain}: {said}", permanent=True)
    return draft


def _drafted(api: ShopifyApi, wanted: Exchange, reference: str) -> tuple[Part, Decimal]:
    """And what was to be due."""
    made, found = document(api, wanted, reference)
    return api.change(mutations.DRAFT_CREATE, {"input": made}, "draftOrderCreate", "draftOrder"), found.due


def _completed(api: ShopifyApi, draft: Part) -> Part:
    """By us just now, or by whoever was quicker."""
    try:
        return api.change(mutations.DRAFT_COMPLETE, {"id": draft.text("id")}, "draftOrderComplete", "draftOrder")
    except Declined:
        now = api.ask(mutations.DRAFT_STATE, {"id": draft.text("id")}).part("draftOrder")
        if now.part("order"):
            return now
        raise


def _delete(api: ShopifyApi, ref: str) -> None:
    api.change(mutations.DRAFT_DELETE, {"input": {"id": ref}}, "draftOrderDelete", "deletedId")


def _thrown_away(api: ShopifyApi, wanted: CancelExchange) -> Done:
    if not wanted.exchange_ref.startswith(DRAFT):
        raise ConnectorError(f"{api.domain} knows no order {wanted.exchange_ref}", permanent=True)
    if api.ask(mutations.DRAFT_STATE, {"id": wanted.exchange_ref}).part("draftOrder"):
        _delete(api, wanted.exchange_ref)
    return Done(wanted.exchange_ref, "the draft of the exchange was thrown away")


def _order(api: ShopifyApi, wanted: CancelExchange) -> Part:
    """The order that the exchange has become; empty: it is a draft, or gone."""
    if wanted.exchange_ref.startswith(DRAFT):
        return api.ask(mutations.DRAFT_STATE, {"id": wanted.exchange_ref}).part("draftOrder").part("order")
    return api.ask(mutations.ORDER_STATE, {"id": gid("Order", wanted.exchange_ref)}).part("order")


def _told(draft: Part) -> Exchanged:
    order, due = draft.part("order"), _due(draft)
    if order:
        return _told_of(order, draft)
    link, name = draft.url("invoiceUrl"), draft.text("name", NAME)
    if not link:
        raise InDoubt(f"draft {name} of the exchange has no link yet under which it can be paid")
    return Exchanged(draft.text("id"), f"draft {name} for an exchange, {due} to be paid", "", name, due, link, *_sums(draft))


def _told_of(order: Part, marked: Part) -> Exchanged:
    """What has become an order is paid. `marked`: the draft or the order, which bear the same marks."""
    name, off = order.text("name", NAME), bool(order.text("cancelledAt"))
    return Exchanged(order.text("id").rpartition("/")[2], f"order {name} for an exchange", "", name, Decimal(0), "", *_sums(marked), off)


def _sums(marked: Part) -> tuple[Decimal, Decimal]:
    """(used, rest) of the credit."""
    marks = {mark.text("key"): mark.money("value") for mark in marked.parts("customAttributes")}
    return marks.get(USED, Decimal(0)), marks.get(REST, Decimal(0))


def _due(draft: Part) -> Decimal:
    return draft.part("totalPriceSet").part("presentmentMoney").money("amount")
