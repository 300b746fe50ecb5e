"""What `[[name]]` in a body stands for. A block takes the mail and the words behind the colon, and gives HTML and text with the same facts."""

from __future__ import annotations

from collections.abc import Callable

from postventa.emails.blocks.items import contents, items
from postventa.emails.blocks.journey import progress
from postventa.emails.blocks.links import button, return_entry
from postventa.emails.blocks.opinions import rating, review_links, stars
from postventa.emails.blocks.places import address, parcels
from postventa.emails.blocks.returns import case, reason, return_address, return_code, steps
from postventa.emails.blocks.sums import refund, totals
from postventa.emails.blocks.tips import tips
from postventa.emails.blocks.withdrawal import statement
from postventa.emails.view import Piece, View

Block = Callable[[View, str], Piece]

BLOCKS: dict[str, Block] = {
    "address": address,
    "button": button,
    "contents": contents,
    "items": items,
    "parcels": parcels,
    "progress": progress,
    "rating": rating,
    "reason": reason,
    "refund": refund,
    "return": case,
    "return_address": return_address,
    "return_code": return_code,
    "return_entry": return_entry,
    "review_links": review_links,
    "stars": stars,
    "statement": statement,
    "steps": steps,
    "tips": tips,
    "totals": totals,
}
