"""What shops say of their products, with an age: the only writer of `product`, and what mails and returns ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.events import ProductSnapshot, VariantSnapshot
from postventa.models import Product

AGE = timedelta(days=7)
"""How old a description may be before the shop is asked again, when the product is bought the next time."""
LASTING = ("ref", "title", "sku", "image_url", "weight_g")
"""What is kept of a kind: prices and stock are worth nothing a moment later."""


def find(session: Session, shop_id: int, refs: Collection[str]) -> Mapping[str, Product]:
    """Reference -> what is known, however old it is; products of which nothing is known are not in it."""
    rows = session.scalars(select(Product).where(Product.shop_id == shop_id, Product.ref.in_(set(refs) - {""})))
    return {row.ref: row for row in rows}


def variant(product: Product, variant_ref: str) -> VariantSnapshot | None:
    """That kind of the product, or the only one that there is."""
    kinds = [VariantSnapshot(**kind) for kind in map(_known, product.variants)]
    return next((kind for kind in kinds if kind.ref == variant_ref), kinds[0] if len(kinds) == 1 else None)


def picture(product: Product, variant_ref: str) -> str:
    """The picture of that kind, else of the product; empty: there is none."""
    kind = variant(product, variant_ref)
    return (kind.image_url if kind is not None else "") or product.image_url


def is_fresh(product: Product | None) -> bool:
    """Whether the shop need not be asked. What it described before we asked for tags is asked for again, whatever its age."""
    if product is None or product.seen_at <= real_now() - AGE:
        return False
    return product.tags is not None or product.gone or not product.title


def keep(session: Session, shop_id: int, ref: str, seen: ProductSnapshot | None, *, gone: bool = False) -> None:
    """The shop was asked. `seen`: what it said; None: nothing, so that what it said last stands. `gone`: it knows the product no more."""
    session.execute(insert_once(session, Product, {"shop_id": shop_id, "ref": ref, "seen_at": real_now()}, ["shop_id", "ref"]))
    row = session.scalars(select(Product).where(Product.shop_id == shop_id, Product.ref == ref).with_for_update()).one()
    row.seen_at, row.gone = real_now(), gone
    if seen is not None:
        row.title, row.url, row.image_url, row.vendor = seen.title, seen.url, seen.image_url, seen.vendor
        row.categories = list(seen.categories)
        row.tags = list(seen.tags) if seen.tags is not None else row.tags
        row.variants = [{name: value for name, value in asdict(kind).items() if name in LASTING} for kind in seen.variants]


def _known(kind: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a newer version may have added."""
    return {name: value for name, value in kind.items() if name in LASTING}
