"""Headers of the pages for Shopify: the app page may be framed by its shop and by Shopify's admin, and by nobody else; all others by nobody.

https://shopify.dev/docs/apps/build/security/set-up-iframe-protection
"""

from __future__ import annotations

from flask import g, request
from flask.wrappers import Response

from postventa.web.portal.headers import FOREVER

ADMIN = "https://admin.shopify.com"
APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
"""The one foreign script: Shopify wants it from there, and first of all scripts."""
SCRIPTS = "https://cdn.shopify.com/shopifycloud/"
"""It loads other parts of itself from beside it."""
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {frames}"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def open_to(shop: str = "") -> None:
    """This answer is shown inside of Shopify's admin; `shop`: a shop that proved itself, whose own address may frame it too."""
    g.shopify_frames = [f"https://{shop}", ADMIN] if shop else [ADMIN]


def protect(response: Response) -> Response:
    """The address of a page here may hold a session token or a signature: no cache and no other site hears of it."""
    frames: list[str] = g.get("shopify_frames", [])
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    policy = POLICY.format(scripts=f" {SCRIPTS}" if frames else "", frames=" ".join(frames) or "'none'")
    response.headers["Content-Security-Policy"] = policy
    if not frames:
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    static = (request.endpoint or "").endswith(".static") and response.status_code == 200
    response.headers["Cache-Control"] = FOREVER if static else "no-store"
    return response
