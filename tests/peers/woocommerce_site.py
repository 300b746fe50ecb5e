"""A WordPress site with WooCommerce as a stranger meets it: its index, its pages, its keys, and all that stands in front of it.

Refusals are the recorded ones (tests/fixtures/woocommerce/rest). How keys are looked for is WooCommerce's own way: Basic or the address over what it
believes to be TLS, nothing where `wp-json/wc/` is not in the address.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.connectors.shops.recorded import woo_rest
from tests.peers.shop import Reply

KEY, SECRET = "ck_" + "a1" * 20, "cs_" + "b2" * 20
NAMESPACES = ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"]
PAGE = (
    '<!doctype html><html><head><title>Tienda</title>{head}</head><body class="wp"><img src="/wp-content/x.png">'
    '<a href="/wp-login.php">Acceder</a><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></body></html>'
)
"""With a link to the login, as many themes have it, and the script that Cloudflare puts into every page: neither is a wall."""
GRANT = (
    '<!doctype html><html lang="es"><head><title>Acceso a la aplicación</title></head><body><h1>{who} quiere conectarse a tu tienda</h1>'
    '<a class="wc-auth-approve" href="{granted}">Aprobar</a> <a class="wc-auth-deny" href="{denied}">Denegar</a></body></html>'
)
OTHER_PAGE = "<!doctype html><html><head><title>Zapatos</title></head><body>Hola</body></html>"
SYSTEM: dict[str, Any] = {
    "environment": {"home_url": "https://tienda.test", "version": "10.5.0", "wp_version": "6.9.1", "language": "es_ES"},
    "settings": {"currency": "EUR", "HPOS_enabled": True, "enabled_features": ["custom_order_tables", "fulfillments"]},
    "active_plugins": [
        {"plugin": "woocommerce/woocommerce.php", "name": "WooCommerce", "version": "10.5.0"},
        {"plugin": "woo-advanced-shipment-tracking/woocommerce-advanced-shipment-tracking.php", "name": "Advanced Shipment Tracking"},
        {"plugin": "polylang/polylang.php", "name": "Polylang"},
    ],
}

NO_SUCH_GROUP = Reply(404, {"code": "rest_setting_setting_group_invalid", "message": "Grupo de ajustes no válido.", "data": {"status": 404}})


def recorded(name: str) -> Reply:
    """The answer of a recorded exchange."""
    answer = woo_rest(name)
    return Reply(answer["status"], answer["body_json"])


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class WordPressSite:
    """`folder`: where WordPress is, such as `/blog`. `gate`: answers in the site's place. `moves`: what is redirected, and where to."""

    folder: str = ""
    home: str = ""
    plain: bool = False
    announces: bool = True
    woocommerce: bool = True
    namespaces: list[str] = field(default_factory=lambda: list(NAMESPACES))
    is_wordpress: bool = True
    drops_authorization: bool = False
    believes_http: bool = False
    keys: dict[str, str] = field(default_factory=lambda: {KEY: SECRET})
    may_read: bool = True
    may_manage: bool = True
    permissions: str = "read_write"
    index: Reply | None = None
    gate: Reply | None = None
    moves: Callable[[str], str] = lambda _: ""
    system: dict[str, Any] | None = field(default_factory=lambda: dict(SYSTEM))
    statuses: Reply | None = None
    mails: dict[str, bool] | None = None
    """Which of its own mails are on; None: it shows nobody these settings."""
    fulfillments: bool = True
    late: float = 0.0
    """Seconds that its clock is wrong by."""
    sends: Callable[[str, bytes], int] = lambda url, body: 0
    """How a key goes to the address that an application named; the status of the answer."""
    asked: list[Asked] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    scheme: str = "https"
    port: int = 0
    host: str = "tienda.test"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @contextmanager
    def open(self, context: ssl.SSLContext | None) -> Iterator[WordPressSite]:
        """Listen until the block ends; with TLS if there is a context."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"site": self}))
        server.daemon_threads = True
        self.port, self.scheme = int(server.server_address[1]), "https" if context else "http"
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, asked: Asked, body: bytes) -> Reply:
        target = self.moves(asked.path)
        if target:
            return Reply(301, headers=(("Location", target),), html=" ")
        if self.gate is not None:
            return self.gate
        if not self.is_wordpress:
            return Reply(404 if asked.path != "/" else 200, html=OTHER_PAGE)
        if asked.path.startswith(f"{self.folder}/wc-auth/v1/"):
            return self._approval(asked)
        route = self._route(asked)
        if route is None:
            return self._page(asked.path)
        if route == "/":
            return self.index or Reply(document=self._about())
        return self._woocommerce(asked, route.removeprefix("/wc/v3/"), body)

    def _approval(self, asked: Asked) -> Reply:
        """`wc-auth` as WooCommerce 10.5 does it: a page, and behind its button a key that is sent before the browser goes back."""
        told, name = asked.query, asked.path.rpartition("/")[2]
        back = f"{told['return_url']}?user_id={told['user_id']}&success="
        if name == "authorize":
            granted = f"{self.folder}/wc-auth/v1/access_granted?{escape(urlencode(told))}"
            return Reply(html=GRANT.format(who=escape(told["app_name"]), granted=granted, denied=escape(f"{back}0")))
        key, secret = f"ck_{token_hex(20)}", f"cs_{token_hex(20)}"
        self.keys[key] = secret
        said = {
            "key_id": len(self.keys),
            "user_id": told["user_id"],
            "consumer_key": key,
            "consumer_secret": secret,
            "key_permissions": told["scope"],
        }
        if self.sends(told["callback_url"], json.dumps(said).encode()) != 200:
            del self.keys[key]
            return Reply(401, html="<h1>Ha ocurrido un error</h1>")
        return Reply(302, headers=(("Location", f"{back}1"),), html=" ")

    def _route(self, asked: Asked) -> str | None:
        if asked.query.get("rest_route") and asked.path.rstrip("/") == self.folder:
            return asked.query["rest_route"]
        start = f"{self.folder}/wp-json"
        return asked.path.removeprefix(start) or "/" if asked.path.startswith(start) and not self.plain else None

    def _about(self) -> dict[str, Any]:
        spaces = self.namespaces if self.woocommerce else ["oembed/1.0", "wp/v2"]
        home = self.home or f"{'http' if self.believes_http else 'https'}://{self.host}{self.folder}"
        return {"name": "Zapatería Lola", "url": home, "home": home, "namespaces": spaces, "timezone_string": "Europe/Madrid", "gmt_offset": "1"}

    def _page(self, path: str) -> Reply:
        root = f'<link rel="https://api.w.org/" href="{self.url}{self.folder}/wp-json/" />' if self.announces else ""
        return Reply(200 if path in ("/", f"{self.folder}/") else 404, html=PAGE.format(head=root))

    def _woocommerce(self, asked: Asked, route: str, body: bytes) -> Reply:
        key, secret = self._keys(asked)
        if "/wp-json/wc/" not in asked.path or self.keys.get(key) is None:
            return recorded("err-401-unknown-key")
        if self.keys[key] != secret:
            return recorded("err-401-wrong-secret")
        if asked.method != "GET" and self.permissions == "read":
            return recorded("err-401-read-key-writes")
        if asked.method == "GET" and self.permissions == "write":
            return recorded("err-401-write-key-reads")
        if asked.method == "POST" and route == "webhooks":
            return self._webhook(json.loads(body))
        if not self.may_read:
            return recorded("err-403-subscriber-lists-orders")
        if route.partition("/")[0] == "webhooks":
            return self._listed(asked, route.partition("/")[2], body)
        return self._read(route)

    def _listed(self, asked: Asked, ident: str, body: bytes) -> Reply:
        if asked.method == "DELETE":
            self.made = [hook for hook in self.made if str(hook["id"]) != ident]
            return Reply(document={})
        if asked.method == "PUT":
            next(hook for hook in self.made if str(hook["id"]) == ident).update(json.loads(body))
            return Reply(document={})
        return Reply(document=self.made if asked.query.get("page", "1") == "1" else [])

    def _keys(self, asked: Asked) -> tuple[str, str]:
        if self.believes_http:
            return "", ""
        if self.scheme == "http":  # OAuth 1.0a alone; tests/fixtures/woocommerce/rest has its errors
            key = asked.query.get("oauth_consumer_key", "")
            return key, self.keys.get(key, "") if asked.query.get("oauth_signature") else ""
        given = "" if self.drops_authorization else asked.headers.get("authorization", "")
        if given.startswith("Basic "):
            key, _, secret = b64decode(given.removeprefix("Basic ")).decode().partition(":")
            return key, secret
        return asked.query.get("consumer_key", ""), asked.query.get("consumer_secret", "")

    def _webhook(self, told: dict[str, Any]) -> Reply:
        if not (self.may_read and self.may_manage):
            return recorded("err-403-subscriber-creates-webhook")
        if not str(told["topic"]).startswith(("order.", "customer.", "product.", "coupon.", "action.")):
            return recorded("err-400-webhook-topic")
        self.made.append({"id": 1 + max((hook["id"] for hook in self.made), default=0), **told})
        return Reply(201, self.made[-1])

    def _read(self, route: str) -> Reply:
        if route == "orders":
            return Reply(document=[{"id": 85, "version": "10.5.0"}])
        if route == "orders/statuses":
            return self.statuses or recorded("order-statuses")
        if route == "reports/orders/totals":
            return recorded("reports-orders-totals")
        if route == "settings/general/woocommerce_default_country":
            return Reply(document={"value": "ES:SE"})
        if route.startswith("settings/email_") and self.mails is not None:
            ident = route.removeprefix("settings/email_").removesuffix("/enabled")
            return Reply(document={"value": "yes" if self.mails[ident] else "no"}) if ident in self.mails else NO_SUCH_GROUP
        if route == "system_status":
            return Reply(document=self.system) if self.system is not None else recorded("err-403-subscriber-lists-orders")
        if route == "orders/1/fulfillments" and self.fulfillments:
            return Reply(400, {"code": 404, "message": "no such order"})
        return recorded("fulfillments-feature-off")


class _Handler(BaseHTTPRequestHandler):
    site: WordPressSite

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, parts.path, query, {name.lower(): value for name, value in self.headers.items()})
        self.site.asked.append(asked)
        reply = self.site.answer(asked, body)
        self.send_response_only(reply.status)
        self.send_header("Date", formatdate(time.time() + self.site.late, usegmt=True))
        kind = "text/html; charset=UTF-8" if reply.html else "application/json; charset=UTF-8"
        for name, value in {"Content-Type": kind, **dict(reply.headers)}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gave it
        """Say nothing."""
