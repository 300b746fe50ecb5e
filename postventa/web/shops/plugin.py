"""/shops/<number>/plugin: the companion plugin for a WooCommerce shop, filled in for it."""

from __future__ import annotations

from flask import abort, make_response
from flask.wrappers import Response

from postventa import wordpress
from postventa.accounts.roles import Right
from postventa.models.db import reading
from postventa.web.portal.addresses import public_name
from postventa.web.portal.page import services
from postventa.web.shops.page import Found, found
from postventa.web.staff.guard import require


@require(Right.SETTINGS_WRITE)
def download(number: int) -> Response:
    """The ZIP. It holds what every visitor of the shop may know, and no key; 404 for a shop that has no use for it."""
    with reading(services().engine) as session:
        preset = _preset(found(session, number))
    response = make_response(wordpress.archive(preset))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{wordpress.NAME}"'
    return response


def _preset(it: Found) -> wordpress.Preset:
    """What the merchant need not type in. `pages`: only where they have a name of their own."""
    if it.shop is None or it.shop.platform != "woocommerce":
        abort(404)
    own, chosen = it.shop.settings, services().settings
    return wordpress.Preset(
        home=own.url,
        address=chosen.public_url,
        pages=chosen.pages_url(own) if own.pages_host else "",
        shop=public_name(it.row),
    )
