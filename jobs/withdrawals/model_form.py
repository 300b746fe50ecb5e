"""The instructions on withdrawal with the model form, as a PDF: made once in a process for each shop, language and wording, never for each mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import lru_cache

from postventa.config import Brand, ShopSettings
from postventa.emails.data import Attachment
from postventa.withdrawal.model import Trader, model, named

EDITION = date(2026, 6, 19)
"""Since when the law wants the words in which the leaflet stands: the same settings always make the same bytes."""


def is_wanted(shop: ShopSettings) -> bool:
    """Whether the mail that confirms the contract is to carry it, if nothing else is missing."""
    return shop.withdrawal.model_form == "attached" and bool(shop.withdrawal.return_cost)


@lru_cache(maxsize=512)
def attachment(brand: Brand, shop: str, cost: str, language: str, page: str, reply_to: str) -> Attachment | None:
    """For that mail; None: the shop has not said all that has to stand in it (`doctor` warns)."""
    who = named(brand, shop, cost, page, reply_to)
    return leaflet(who, language, brand.colour) if not who.missing else None


@lru_cache(maxsize=512)
def leaflet(who: Trader, language: str, accent: str) -> Attachment:
    """The file, whatever is missing in it: a blank is filled in by hand."""
    # Loading the PDF library takes a quarter of a second, which other jobs need not pay.
    from connectors.carriers.own.leaflet import Leaflet, render

    words = asdict(model(language, who))
    name = words.pop("file")
    made = Leaflet(shop=who.name, address=who.address, language=language, edition=EDITION, accent=accent, **words)
    return Attachment(name, render(made), shared=True)
