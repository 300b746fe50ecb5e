"""Whether a name of the merchant's leads to this service, with a certificate of its own: addresses of customers' pages and photos begin with it."""

from __future__ import annotations

from connectors.errors import ConnectorError
from connectors.http import Door
from postventa.config import Settings
from postventa.doctor.check import Check
from postventa.web.portal.page import HERE

SHEET = HERE / "static" / "portal.css"
"""What only this service, in this version, answers with."""


def photos(settings: Settings, door: Door | None = None) -> Check:
    """The name for photos, if there is one."""
    name, host = "photos", settings.server.photos_host
    if not host:
        return Check.ok(name, "where the pages are; photos_host in [server] gives them a name for themselves alone")
    return leads_here(name, host, settings.photos_url, settings, door)


def leads_here(name: str, host: str, start: str, settings: Settings, door: Door | None = None) -> Check:
    """The check `name`: asked from outside under `host`, this service answers. `start`: what its addresses begin with."""
    try:
        said = (door or Door(settings.security.allow_private_hosts, tries=1)).send("GET", f"{start}/assets/portal/portal.css")
    except ConnectorError as error:
        return Check.fail(name, f"{error}. Let {host} lead to this machine, and have the proxy get a certificate for it (docs/own-domain.md)")
    if said.body != SHEET.read_bytes():
        return Check.fail(name, f"{host} answers, but not with pages of this service: its proxy has to pass the name on (docs/own-domain.md)")
    return Check.ok(name, f"{host} leads to this service")
