"""The instructions on withdrawal with the model form, as a PDF: made once in a process for each shop, language and wording, never for each mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import lru_cache

from postventa.config import ShopSettings
from postventa.emails.data import Attachment
from postventa.withdrawal.model import Trader, model, trader

EDITION = date(2026, 6, 19)
"""Since when the law wants the words in which the leaflet stands: the same settings always make the same bytes."""


def attachment(shop: ShopSettings, language: str, page: str, reply_to: str) -> Attachment | None:
    """For the mail that confirms the contract; None: the shop does it otherwise, or has not said all that has to stand in it (`doctor` warns)."""
    who = trader(shop, page, reply_to)
    return leaflet(who, language, shop.brand.colour) if shop.withdrawal.model_form == "attached" and not who.missing else None


@lru_cache(maxsize=512)
def leaflet(who: Trader, language: str, accent: str) -> Attachment:
    """The file, whatever is missing in it: a blank is filled in by hand."""
    # Loading the PDF library takes a quarter of a second, which other jobs need not pay.
    from connectors.carriers.own.leaflet import Leaflet, render

    words = asdict(model(language, who))
    name = words.pop("file")
    made = Leaflet(shop=who.name, address=who.address, language=language, edition=EDITION, accent=accent, **words)
    return Attachment(name, render(made), shared=True)
