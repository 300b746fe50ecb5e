"""A shop with jugs: one that can be had, one that is sold out, one that nobody may see."""

from __future__ import annotations

from postventa.web.returns.answers import OF
from tests.peers.woocommerce import WooCommercePeer
from tests.web.returns.counter import CUPS, colours

JUG = f"30{OF}30"
CHOSEN = {"item": CUPS, f"q-{CUPS}": "1", f"why-{CUPS}": "unwanted", "as": "exchange"}


def shelves(peer: WooCommercePeer) -> None:
    goods = {"type": "simple", "purchasable": True, "manage_stock": True, "stock_status": "instock", "backorders_allowed": False, "price": "31.50"}
    colours(peer)
    peer.products |= {
        30: {"id": 30, "name": "Jarra «Sol»", "stock_quantity": 2, **goods},
        31: {"id": 31, "name": "Jarra rota", **goods, "stock_quantity": 0, "stock_status": "outofstock"},
        32: {"id": 32, "name": "Jarra secreta", "stock_quantity": 3, **goods, "status": "draft"},
    }
