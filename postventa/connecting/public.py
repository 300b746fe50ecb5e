"""Can a shop send its keys to us? WooCommerce demands https, and WordPress calls public addresses on ports 443, 80 and 8080 only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from postventa.config import AT_HOME, Settings

PORTS = (None, 443, 80, 8080)
"""https://developer.wordpress.org/reference/functions/wp_http_validate_url/"""


def callback_trouble(settings: Settings) -> str:
    """Why a shop cannot send keys to `public_url`, as a name of `words.SENTENCES`; empty: it can. Pasted keys need none of this."""
    address = settings.server.public_url.strip()
    if not address:
        return "callback-missing"
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "callback-missing"
    if not host or _at_home(host):
        return "callback-at-home" if host else "callback-missing"
    if parts.scheme != "https":
        return "callback-not-https"
    return "" if port in PORTS else "callback-port"


def _at_home(host: str) -> bool:
    if host in AT_HOME or host.endswith((".localhost", ".local", ".internal")) or "." not in host.strip("[]").replace(":", "."):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
