"""Private order notes: https://woocommerce.github.io/woocommerce-rest-api-docs/#order-notes . They cause no webhook, and no mail."""

from __future__ import annotations

import html
import re

from connectors.reading import NOTE
from connectors.shops.woocommerce.writes.api import WooApi, number
from connectors.shops.writes import Done, Note

SPACES, TAGS = re.compile(r"\s+"), re.compile(r"<[^>]*>")


def do(api: WooApi, wanted: Note, reference: str) -> Done:
    """Notes can only be added. Orders have no tags here."""
    made = api.post(f"orders/{number(wanted.order_ref)}/notes", {"note": wanted.text, "customer_note": False})
    return Done(made.ref("id"), f"note {made.ref('id')}")


def find(api: WooApi, wanted: Note, reference: str) -> Done | None:
    """Notes carry no metadata: the same words are the same note."""
    for note in api.pages(f"orders/{number(wanted.order_ref)}/notes", {"type": "internal"}):
        if plain(note.note("note", NOTE)) == plain(wanted.text):
            return Done(note.ref("id"), f"note {note.ref('id')} was there already")
    return None


def plain(text: str) -> str:
    """As somebody reads it: WordPress writes its own markup and blanks."""
    return SPACES.sub(" ", html.unescape(TAGS.sub(" ", text))).strip()
