"""The closed list of what cannot be withdrawn from: TRLGDCU, art. 103, letters a to m, which are those of Directive 2011/83/EU, art. 16.

Nothing else is a ground: that it was on sale, that the box was opened, that the shop never takes back. Whoever claims one has to prove it.
"""

from __future__ import annotations

from enum import StrEnum


class Ground(StrEnum):
    """What a shop's settings call each."""

    SERVICE_DONE = "service_done"
    """a: a service that was wholly performed, begun with her consent and her knowing that she then loses the right."""
    MARKET_PRICE = "market_price"
    """b: goods or services whose price hangs on a financial market."""
    MADE_TO_MEASURE = "made_to_measure"
    """c: made to her specifications, or clearly personalised."""
    PERISHABLE = "perishable"
    """d: what spoils or expires soon."""
    SEALED_HYGIENE = "sealed_hygiene"
    """e: sealed goods that cannot go back for reasons of health or hygiene, once they were unsealed."""
    MIXED = "mixed"
    """f: goods that are by their nature inseparably mixed with others after delivery."""
    ALCOHOL = "alcohol"
    """g: alcoholic drinks at a price that was agreed at the sale, delivered after 30 days, whose value follows the market."""
    URGENT_REPAIR = "urgent_repair"
    """h: an urgent repair at her home that she asked for."""
    SEALED_MEDIA = "sealed_media"
    """i: sealed recordings and programs, once they were unsealed."""
    PRESS = "press"
    """j: newspapers and magazines, but for subscriptions."""
    AUCTION = "auction"
    """k: public auctions."""
    DATED_LEISURE = "dated_leisure"
    """l: lodging, transport, car hire, meals and leisure for a certain date."""
    DIGITAL_BEGUN = "digital_begun"
    """m: digital content without a carrier, begun with her consent, her knowing that she then loses the right, and a confirmation."""

    @property
    def letter(self) -> str:
        """Its letter in both lists."""
        return "abcdefghijklm"[list(Ground).index(self)]
