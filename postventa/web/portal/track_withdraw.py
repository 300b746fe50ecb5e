"""The way from an order's page to the withdrawal function, in the law's words, for as long as withdrawing may be in time."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from jobs.withdrawals.standing import last_day
from postventa import addresses
from postventa.clock import now
from postventa.dossier import Dossier
from postventa.shops import ConnectedShop
from postventa.web.portal import tongues
from postventa.web.portal.page import services
from postventa.withdrawal import deadline, numbers
from postventa.withdrawal.official import labels

FUNCTION = "withdraw.form"
"""The endpoint of the function; pages offer it only if it is there."""


@dataclass(frozen=True)
class Way:
    """`words`: the law's, or the shop's own for it."""

    words: str
    url: str


def offer(shop: ConnectedShop, dossier: Dossier, language: str) -> Way | None:
    """None: there is nothing to withdraw from, the period is certainly over, or the merchant wants no links to it."""
    order, wishes = dossier.order, shop.settings.withdrawal
    if not wishes.link or order.cancelled or FUNCTION not in current_app.view_functions:
        return None
    if not deadline.in_time(now(), last_day(shop.settings, order, dossier.lines, dossier.parcels), shop.settings.timezone):
        return None
    secret = services().secret
    key = numbers.page_link_key(secret, shop.key, order.ref)
    name = addresses.public_name(secret, shop.id, shop.settings.name)
    url = url_for(FUNCTION, shop=name, o=f"{order.id}.{key}", lang=tongues.asked() or None)
    return Way(labels(language, wishes.label, shop.settings.locale).function, url)
