"""Headers of every customer page (promises.md 4): nothing runs, nothing is framed, nothing leaks the address of the page."""

from __future__ import annotations

from flask import g, request
from flask.wrappers import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{logo}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"


def protect(response: Response) -> Response:
    """The address of a page here is a key to it: keep it out of caches, indexes and other sites' logs."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    pictures = "".join(f" {url}" for url in (*g.get("logos", ()), *g.get("pictures", ())))
    response.headers.setdefault("Content-Security-Policy", POLICY.format(logo=pictures))
    if request.endpoint == "portal.static" and response.status_code == 200:
        response.headers["Cache-Control"] = FOREVER
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
