"""Store credit as a coupon of a fixed amount, for one address: WooCommerce keeps no accounts, and gift cards are plugins, each with ways of its own.

A coupon counts once: what the customer does not spend with it is lost, and whoever tells her of it has to say so (`Credited.ways`).
"""

from __future__ import annotations

from connectors.shops.woocommerce.writes import coupons
from connectors.shops.woocommerce.writes.api import WooApi
from connectors.shops.writes import Coupon, Credited, Done, StoreCredit


def do(api: WooApi, wanted: StoreCredit, reference: str) -> Done:
    """Make it; one that is ours already is done."""
    return _told(wanted, coupons.do(api, _coupon(wanted), reference))


def find(api: WooApi, wanted: StoreCredit, reference: str) -> Done | None:
    """By its code."""
    made = coupons.find(api, _coupon(wanted), reference)
    return _told(wanted, made) if made is not None else None


def _coupon(wanted: StoreCredit) -> Coupon:
    """What went back does not end; a bonus by itself may."""
    ends = None if wanted.amount else wanted.ends_at
    return Coupon(wanted.code, wanted.title, wanted.since, ends, amount=wanted.worth, currency=wanted.currency, email=wanted.email)


def _told(wanted: StoreCredit, made: Done) -> Credited:
    said = f"coupon {wanted.code} of {wanted.worth} {wanted.currency}, which counts once"
    return Credited(made.ref, said, made.left, ("code",), wanted.code)
