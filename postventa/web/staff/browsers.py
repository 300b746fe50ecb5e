"""What somebody signed in with, in short: enough to recognise it in a list, nothing that follows people around. Pure."""

from __future__ import annotations

NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def short(agent: str) -> str:
    """ "Firefox · Linux" from a User-Agent; empty: nothing that we know."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (NAMES, SYSTEMS)]
    return " · ".join(name for name in found if name)
