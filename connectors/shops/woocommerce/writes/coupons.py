"""Coupons: https://woocommerce.github.io/woocommerce-rest-api-docs/#coupons . No two have the same code, whatever its case."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from connectors.errors import ConnectorError
from connectors.shops.woocommerce.writes.api import Declined, WooApi, mark, marked
from connectors.shops.writes import Coupon, Done

TAKEN = "woocommerce_rest_coupon_code_already_exists"


def do(api: WooApi, wanted: Coupon, reference: str) -> Done:
    """Make it; one that is ours already is done."""
    try:
        made = api.post("coupons", document(wanted, reference))
    except Declined as error:
        known = find(api, wanted, reference) if error.code == TAKEN else None
        if known is not None:
            return known
        raise
    return Done(made.ref("id"), f"coupon {wanted.code}")


def find(api: WooApi, wanted: Coupon, reference: str) -> Done | None:
    """Raises `ConnectorError` when somebody else's coupon bears the code: it is not to be given away."""
    for coupon in api.pages("coupons", {"code": wanted.code.lower()}):
        if marked(coupon) == reference:
            return Done(coupon.ref("id"), f"coupon {wanted.code} was there already")
        raise ConnectorError(f"{api.url} has another coupon with the code {wanted.code}: it was left as it is", permanent=True)
    return None


def document(wanted: Coupon, reference: str) -> dict[str, Any]:
    """Single use, by whoever gives the customer's address; not beside other coupons."""
    made = {
        "code": wanted.code,
        "discount_type": "percent" if wanted.percent else "fixed_cart",
        "amount": f"{wanted.percent or wanted.amount:f}",
        "description": wanted.title,
        "individual_use": True,
        "usage_limit": 1,
        "usage_limit_per_user": 1,
        "email_restrictions": [wanted.email] if wanted.email else [],
        "meta_data": mark(reference),
    }
    return made if wanted.ends_at is None else {**made, "date_expires_gmt": f"{wanted.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}
