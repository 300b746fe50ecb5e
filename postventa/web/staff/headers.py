"""Headers of every page for staff (promises.md 4): only our own script runs, nothing is framed, nothing is kept."""

from __future__ import annotations

from flask import request
from flask.wrappers import Response

from postventa.web.portal.headers import FOREVER

ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def protect(response: Response) -> Response:
    """Pages are kept by nobody; style sheet and script for ever, as their address changes with them."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    static = (request.endpoint or "").endswith(".static") and response.status_code == 200
    response.headers["Cache-Control"] = FOREVER if static else "no-store"
    return response
