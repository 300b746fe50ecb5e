"""What may be written back to shops: one file for each deed, one line here."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.deeds import coupon, exchange, mirror, note, refund, returns, review, scan, store_credit
from jobs.deeds.base import Deed

DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for deed in (
        refund.DEED,
        exchange.DEED,
        exchange.CALL_OFF,
        store_credit.DEED,
        coupon.DEED,
        note.DEED,
        review.DEED,
        mirror.DEED,
        returns.STEP,
        returns.LABEL,
        scan.DEED,
    )
}
