"""What we write into a WooCommerce shop, one file for each kind. It has no returns of its own, and no place for scans."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.shops.woocommerce.writes import coupons, exchanges, notes, refunds, reviews, store_credit
from connectors.shops.woocommerce.writes.api import WooApi
from connectors.shops.writes import CancelExchange, Coupon, Exchange, Kind, Note, ProductReview, Refund, StoreCredit, Write

KINDS: Mapping[type[Write], Kind[WooApi]] = {
    Note: Kind(notes.do, notes.find),
    Refund: Kind(refunds.do, refunds.find),
    Coupon: Kind(coupons.do, coupons.find),
    Exchange: Kind(exchanges.do, exchanges.find),
    CancelExchange: Kind(exchanges.cancel, exchanges.cancelled),
    StoreCredit: Kind(store_credit.do, store_credit.find),
    ProductReview: Kind(reviews.do, reviews.find),
}
