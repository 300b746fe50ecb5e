"""/proxy/shopify: customer pages within a Shopify storefront, at `https://<the shop>/apps/postventa/...`.

Shopify passes on what a visitor asks for there, and signs it. What is proven goes on as a request for that shop's pages, at the place where the
visitor sees them, so that every link leads on within the storefront. What is not gets 404, whatever is wrong with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import NotTrusted
from connectors.shops.shopify import storefront
from postventa.clock import real_now
from postventa.directory import Shops
from postventa.shops import ConnectedShop
from postventa.web.portal.page import STOREFRONT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("postventa.shopify")

PATH = "/proxy/shopify"
NOBODYS = ["no app has this secret"]
"""Checked against when the shop is unknown, so that it costs what a wrong signature costs."""
NOT_PASSED_ON = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PREFIX")


class Storefronts:
    """The application, seen from within storefronts. `hops`: how many proxies of our own add an address to X-Forwarded-For."""

    def __init__(self, pages: WSGIApplication, shops: Callable[[], Shops], hops: int) -> None:
        self._pages, self._shops, self._hops = pages, shops, hops

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request (PEP 3333)."""
        path: str = environ.get("PATH_INFO", "")
        if path != PATH and not path.startswith(f"{PATH}/"):
            return self._pages(environ, start_response)
        try:
            inside = self._inside(environ, path.removeprefix(PATH) or "/")
        except NotTrusted:
            return _nothing(start_response, "404 NOT FOUND", [])
        except SQLAlchemyError as error:
            log.error("the database does not answer: %s", type(error).__name__)
            return _nothing(start_response, "503 SERVICE UNAVAILABLE", [("Retry-After", "30")])
        return self._pages(inside, start_response)

    def _inside(self, environ: WSGIEnvironment, path: str) -> WSGIEnvironment:
        """The same request as the storefront's visitor sent it. Raises `NotTrusted`."""
        asked = storefront.read(environ.get("QUERY_STRING", ""))
        shop = self._shops().by_domain(asked.shop)
        storefront.prove(asked, _secrets(shop) if shop is not None else NOBODYS, real_now().timestamp())
        if shop is None:
            raise NotTrusted
        kept = {name: value for name, value in environ.items() if name not in NOT_PASSED_ON}
        known = {"SCRIPT_NAME": asked.prefix, "PATH_INFO": path, "QUERY_STRING": asked.query, "HTTP_HOST": asked.shop, STOREFRONT: shop.id}
        return {**kept, **known, "wsgi.url_scheme": "https", "REMOTE_ADDR": self._visitor(environ)}

    def _visitor(self, environ: WSGIEnvironment) -> str:
        """The visitor's address as Shopify tells it: of what stands in X-Forwarded-For our own proxies wrote the last, Shopify what stands before."""
        told = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        seen: str = environ.get("REMOTE_ADDR", "")
        return told[-1 - self._hops] if len(told) > self._hops else seen


def _secrets(shop: ConnectedShop) -> list[str]:
    """The app's own, whatever signs deliveries."""
    own = shop.settings
    return list(dict.fromkeys([own.client_secret, *own.secrets_at(real_now())]))


def _nothing(start_response: StartResponse, status: str, headers: list[tuple[str, str]]) -> list[Any]:
    start_response(status, [("Cache-Control", "no-store"), ("Content-Length", "0"), *headers])
    return [b""]
