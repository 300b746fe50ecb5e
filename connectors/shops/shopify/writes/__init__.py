"""What we write into a Shopify shop, one file for each kind. Reviews of products have no place there."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.shops.shopify.writes import coupons, decisions, exchanges, notes, refunds, returns, scans, store_credit
from connectors.shops.shopify.writes.api import ShopifyApi
from connectors.shops.writes import (
    CancelExchange,
    Coupon,
    DecideReturn,
    Exchange,
    Kind,
    Note,
    OpenReturn,
    Refund,
    ReturnLabel,
    Scan,
    StoreCredit,
    Write,
)

KINDS: Mapping[type[Write], Kind[ShopifyApi]] = {
    Note: Kind(notes.do, notes.find),
    Refund: Kind(refunds.do, refunds.find),
    Coupon: Kind(coupons.do, coupons.find),
    Exchange: Kind(exchanges.do, exchanges.find),
    CancelExchange: Kind(exchanges.cancel, exchanges.cancelled),
    StoreCredit: Kind(store_credit.do, store_credit.find),
    OpenReturn: Kind(returns.open_return, returns.opened),
    DecideReturn: Kind(decisions.decide, decisions.decided),
    ReturnLabel: Kind(returns.label, returns.labelled),
    Scan: Kind(scans.do, scans.find),
}
RIGHTS: Mapping[type[Write], str] = {
    Note: "write_orders",
    Refund: "write_orders",
    Coupon: "write_discounts",
    **dict.fromkeys((OpenReturn, DecideReturn, ReturnLabel), "write_returns"),
    Scan: "write_fulfillments",
}
"""The scope that each takes."""
