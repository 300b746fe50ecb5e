"""What every customer page needs: the shop's face, the customer's language, and one way to render."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from flask import abort, current_app, g, make_response, render_template, request
from flask.wrappers import Response
from markupsafe import Markup
from sqlalchemy import Engine

from postventa.config import Brand, Settings
from postventa.locale import choose, languages, translate
from postventa.models import Order, Shop

SITES = {
    "google": "Google",
    "google_maps": "Google Maps",
    "trustpilot": "Trustpilot",
    "trusted_shops": "Trusted Shops",
    "tripadvisor": "Tripadvisor",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "ekomi": "eKomi",
}
"""How the places of `review_links` write themselves; others appear as the merchant wrote them."""
HERE = Path(__file__).parent
STOREFRONT = "postventa.storefront"
"""In the environment of a request that Shopify vouched for: the shop's id. No visitor can put it there."""
ONLY_SHOP = "only_shop"
"""On `g`: the id of the one shop whose pages may be seen under the name that was asked for (`hosts.py`)."""


class Services(Protocol):
    """What the application hands to these views, as `app.extensions["postventa"]`."""

    @property
    def engine(self) -> Engine: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def secret(self) -> bytes: ...


@dataclass(frozen=True)
class Face:
    """The shop as a page shows it; the empty one is nobody's."""

    name: str = ""
    brand: Brand = field(default_factory=Brand)
    email: str = ""
    language: str = "es"
    review_links: tuple[tuple[str, str], ...] = ()
    """(name of the place, address)."""
    logo: str = ""
    logo_dark: str = ""

    @property
    def mailto(self) -> str:
        """The address as a link (RFC 6068)."""
        return f"mailto:{quote(self.email, safe='@')}"


def services() -> Services:
    """The running application's database, settings and secret."""
    found: Services = current_app.extensions["postventa"]
    return found


def _(source: str) -> str:
    """Marks a Spanish text that is translated where it is shown."""
    return source


def face(shop: Shop, order: Order | None = None) -> Face:
    """The shop's face in the language of the order, else of the shop. No page shows a shop under another shop's name."""
    insist(shop.id)
    told = shop.settings
    brand = Brand.model_validate(told.get("brand") or {})
    mail = services().settings.mail
    home = choose(str(told.get("locale") or "es"))
    links = told.get("review_links")
    return Face(
        name=shop.name,
        brand=brand,
        email=brand.support_email or str(told.get("reply_to") or "") or mail.reply_to or str(told.get("from_address") or ""),
        language=choose(order.locale, home) if order is not None and order.locale else home,
        review_links=tuple(_places(links)) if isinstance(links, dict) else (),
        logo=_logo(brand.logo_url, shop, brand),
        logo_dark=_logo(brand.logo_dark_url, shop, brand),
    )


def insist(shop_id: int) -> None:
    """Abort with 404 where only another shop's pages may be seen, as for an address that never was."""
    only: int | None = g.get(ONLY_SHOP)
    if only is not None and only != shop_id:
        abort(404)


def stranger() -> Face:
    """For pages that belong to no shop: no brand, the browser's language."""
    return Face(language=request.accept_languages.best_match(languages()) or "es")


def say(language: str, source: str, **values: object) -> str:
    """`source` in that language with its `{names}` filled in."""
    text = translate(language, source)
    return text.format(**values) if values else text


def render(template: str, shop: Face, status: int = 200, **values: object) -> Response:
    """A whole page. All texts are escaped; `t` translates."""

    def t(source: str, **names: object) -> str:
        return say(shop.language, source, **names)

    g.logos = [url for url in (shop.logo, shop.logo_dark) if url and not url.startswith("data:")]
    body = render_template(f"portal/{template}", shop=shop, lang=shop.language, t=t, version=version(), nl2br=nl2br, **values)
    response = make_response(body, status)
    response.headers["Content-Language"] = shop.language
    return response


def nl2br(text: str) -> Markup:
    """Line breaks as the customer typed them."""
    return Markup("<br>").join(text.splitlines())


@cache
def version() -> str:
    """Changes whenever the style sheets do, so that browsers may keep them for ever."""
    parts = [*(sheet.read_bytes() for sheet in sorted((HERE / "static").glob("*.css"))), (HERE / "colours.py").read_bytes()]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _places(links: dict[str, str]) -> list[tuple[str, str]]:
    """Only web addresses: a merchant's typing error must not become a `javascript:` link."""
    safe = ((key, url) for key, url in links.items() if str(url).lower().startswith(("https://", "http://")))
    return [(SITES.get(key.lower(), key.replace("_", " ")), str(url)) for key, url in safe]


def _logo(url: str, shop: Shop, brand: Brand) -> str:
    """The logo, if it lies here or on the shop's own site: a page asks no third party for anything. Else the name stands for it."""
    if url.startswith(("data:image/png;", "data:image/jpeg;", "data:image/webp;", "data:image/gif;")):
        return url
    return url if of_shop(url, shop, brand) else ""


def of_shop(url: str, shop: Shop, brand: Brand) -> bool:
    """Whether a picture lies here or on the shop's own site. Its address stands in a header, too."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not url.isascii() or not url.isprintable() or any(c in url for c in " ;,'\"\\"):
        return False
    own = (services().settings.public_url, str(shop.settings.get("url") or ""), brand.website, shop.domain)
    return any(_same_site(parts.hostname or "", home) for home in own if home)


def _same_site(host: str, home: str) -> bool:
    """`www.tienda.example`, `tienda.example` and `media.tienda.example` are one site."""
    base = (urlsplit(home if "//" in home else f"//{home}").hostname or "").removeprefix("www.")
    return "." in base and (host == base or host.endswith(f".{base}"))
