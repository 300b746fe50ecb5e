"""The public names of the town's shops."""

from __future__ import annotations

from sqlalchemy import select

from postventa import addresses
from postventa.models import Shop
from postventa.models.db import reading
from tests.web.scene import SECRET, Scene


def public_name(scene: Scene, shop: str) -> str:
    """As `postventa.web.portal.addresses.public_name` gives it."""
    with reading(scene.engine) as session:
        row = session.scalars(select(Shop).where(Shop.key == shop)).one()
        return addresses.public_name(SECRET, row.id, row.name)


def look_up_page(scene: Scene, shop: str) -> str:
    """Where a customer of that shop asks for a link."""
    return f"/track/{public_name(scene, shop)}"
