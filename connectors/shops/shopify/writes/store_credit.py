"""Store credit in three ways, the best that the customer can have.

A customer of the shop has an account for it. What goes back goes there by a refund, and the bonus by itself: during a return nothing else is allowed
(1.1.15 of https://shopify.dev/docs/apps/launch/shopify-app-store/app-store-requirements). Whoever bought as a guest gets a gift card, where the
shop's plan and our rights allow one, else a discount code, which counts once.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import AskAPerson, Lacking
from connectors.reading import NOTE, Part
from connectors.shops.credit import SKEW
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes import coupons, refunds
from connectors.shops.shopify.writes.api import Declined, ShopifyApi, gid
from connectors.shops.writes import Coupon, Credited, Done, Refund, StoreCredit

ACCOUNT, GIFT_CARD, CODE = "account", "gift_card", "code"
SPREAD = 3600
"""Seconds over which the ends of bonuses are spread: transactions take no words of ours, and so one is known by its end."""


def do(api: ShopifyApi, wanted: StoreCredit, reference: str) -> Done:
    """Whatever of it is there already stays as it is."""
    customer = _customer(api, wanted)
    return _to_account(api, wanted, reference, customer) if customer else _as_code(api, wanted, reference)


def find(api: ShopifyApi, wanted: StoreCredit, reference: str) -> Done | None:
    """All of it, or it is nothing yet. Raises `AskAPerson` where a bonus without an end may be any other credit of that sum."""
    customer = _customer(api, wanted)
    if not customer:
        made = coupons.find(api, _coupon(wanted), reference)
        return _coded(wanted, made) if made is not None else _card(api, wanted, reference)
    refund = refunds.find(api, _refund(wanted), reference) if wanted.amount else None
    if (wanted.amount and refund is None) or (wanted.bonus and not _has_bonus(api, wanted, reference, customer)):
        return None
    return _credited(wanted, refund)


def _customer(api: ShopifyApi, wanted: StoreCredit) -> str:
    """Empty: she bought as a guest."""
    found = api.found(mutations.CREDIT_OF, {"id": gid("Order", wanted.order_ref)}, "order", f"order {wanted.order_ref}")
    api.told("order.customer", "read_customers")
    return found.part("customer").text("id")


def _to_account(api: ShopifyApi, wanted: StoreCredit, reference: str, customer: str) -> Done:
    refund = None
    if wanted.amount:
        refund = refunds.find(api, _refund(wanted), reference) or refunds.do(api, _refund(wanted), reference)
    left = _bonus(api, wanted, reference, customer) if wanted.bonus else ""
    return _credited(wanted, refund, left)


def _bonus(api: ShopifyApi, wanted: StoreCredit, reference: str, customer: str) -> str:
    """What a person has to do instead; empty: it is there. What went back is credited already, so a no to the bonus must not hide that."""
    money = {"amount": f"{wanted.bonus:f}", "currencyCode": wanted.currency}
    credit = {"creditAmount": money, "notify": False, "expiresAt": _at(_ends(wanted, reference))}
    try:
        if not _has_bonus(api, wanted, reference, customer):
            api.change(mutations.STORE_CREDIT_ADD, {"id": customer, "credit": credit}, "storeCreditAccountCredit", "storeCreditAccountTransaction")
    except (Declined, Lacking) as error:
        return f"credit the bonus of {wanted.bonus} {wanted.currency} by hand: {error}"
    return ""


def _has_bonus(api: ShopifyApi, wanted: StoreCredit, reference: str, customer: str) -> bool:
    accounts = api.ask(mutations.STORE_CREDITS, {"id": customer}).part("customer").part("storeCreditAccounts").parts("nodes")
    api.told("customer.storeCreditAccounts", "read_store_credit_account_transactions")
    ends = _ends(wanted, reference)
    moves = (move for account in accounts for move in account.part("transactions").parts("nodes"))
    alike = [move for move in moves if _is_alike(move, wanted) and move.time("expiresAt") == ends]
    if alike and ends is None:
        raise AskAPerson(f"{api.domain} shows a credit of {wanted.bonus} {wanted.currency}, and nothing says whether it is this bonus")
    return bool(alike)


def _is_alike(move: Part, wanted: StoreCredit) -> bool:
    made, money = move.time("createdAt"), move.part("amount")
    same = money.money("amount") == wanted.bonus and money.text("currencyCode") == wanted.currency
    return same and made is not None and made >= wanted.since - SKEW


def _ends(wanted: StoreCredit, reference: str) -> datetime | None:
    """The bonus's end, to a second that is this credit's own."""
    own = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:4]) % SPREAD
    return wanted.ends_at.replace(microsecond=0) + timedelta(seconds=own) if wanted.ends_at else None


def _as_code(api: ShopifyApi, wanted: StoreCredit, reference: str) -> Done:
    try:
        asked = {"input": _gift_card(wanted, reference)}
        api.change(mutations.GIFT_CARD_CREATE, asked, "giftCardCreate", "giftCard")
    except (Declined, Lacking) as error:
        there = _card(api, wanted, reference) if isinstance(error, Declined) and "TAKEN" in error.codes else None
        return there or _coded(wanted, coupons.do(api, _coupon(wanted), reference))
    return _card_of(wanted)


def _gift_card(wanted: StoreCredit, reference: str) -> dict[str, Any]:
    """What went back does not end; a bonus by itself may."""
    money = {"amount": f"{wanted.worth:f}", "currencyCode": wanted.currency}
    ends = f"{wanted.ends_at:%Y-%m-%d}" if wanted.ends_at and not wanted.amount else None
    return {"initialAmount": money, "code": wanted.code, "expiresOn": ends, "note": f"{wanted.title} ({reference})"}


def _card(api: ShopifyApi, wanted: StoreCredit, reference: str) -> Credited | None:
    """By our reference in its note: its code is not shown again, to nobody."""
    try:
        cards = api.ask(mutations.GIFT_CARDS, {"made": f"created_at:>='{_at(wanted.since - SKEW)}'"}).part("giftCards").parts("nodes")
    except Lacking:  # who may not see them could not make one
        return None
    return next((_card_of(wanted) for card in cards if reference in card.note("note", NOTE)), None)


def _card_of(wanted: StoreCredit) -> Credited:
    ends_with = wanted.code[-4:]
    return Credited(f"…{ends_with}", f"gift card …{ends_with} of {wanted.worth} {wanted.currency}", ways=(GIFT_CARD,), code=wanted.code)


def _coupon(wanted: StoreCredit) -> Coupon:
    ends = None if wanted.amount else wanted.ends_at
    return Coupon(wanted.code, wanted.title, wanted.since, ends, amount=wanted.worth, currency=wanted.currency)


def _coded(wanted: StoreCredit, made: Done) -> Credited:
    return Credited(made.ref, f"discount code of {wanted.worth} {wanted.currency}, which counts once", made.left, (CODE,), wanted.code)


def _refund(wanted: StoreCredit) -> Refund:
    return Refund(wanted.order_ref, wanted.amount, wanted.currency, as_credit=True, reason=wanted.title)


def _credited(wanted: StoreCredit, refund: Done | None, left: str = "") -> Credited:
    given = wanted.amount if left else wanted.worth
    ref = refund.ref if refund else ""
    return Credited(ref, f"store credit of {given} {wanted.currency}", left, (ACCOUNT,), refund_ref=ref)


def _at(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
