"""The customer's time zone from the postal address: quiet hours are the recipient's, not the shop's."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.core import get_global

MAIN = {
    "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "FR": "Europe/Paris", "DE": "Europe/Berlin", "GB": "Europe/London",
    "US": "America/New_York", "CA": "America/Toronto", "MX": "America/Mexico_City", "BR": "America/Sao_Paulo", "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago", "EC": "America/Guayaquil", "AU": "Australia/Sydney", "NZ": "Pacific/Auckland", "CN": "Asia/Shanghai",
    "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "CY": "Asia/Nicosia", "ID": "Asia/Jakarta", "KZ": "Asia/Almaty", "MY": "Asia/Kuala_Lumpur",
}  # fmt: skip
"""The zone of most people, for countries with several."""

PROVINCES = {
    ("ES", "GC"): "Atlantic/Canary", ("ES", "TF"): "Atlantic/Canary", ("ES", "CE"): "Africa/Ceuta",
    ("PT", "20"): "Atlantic/Azores", ("PT", "30"): "Atlantic/Madeira", ("PT", "AC"): "Atlantic/Azores", ("PT", "MA"): "Atlantic/Madeira",
    **{("US", s): "America/Chicago" for s in ("AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI")},
    **{("US", s): "America/Denver" for s in ("CO", "ID", "MT", "NM", "UT", "WY")},
    **{("US", s): "America/Los_Angeles" for s in ("CA", "NV", "OR", "WA")},
    ("US", "AZ"): "America/Phoenix", ("US", "AK"): "America/Anchorage", ("US", "HI"): "Pacific/Honolulu",
    ("CA", "BC"): "America/Vancouver", ("CA", "AB"): "America/Edmonton", ("CA", "SK"): "America/Regina", ("CA", "MB"): "America/Winnipeg",
    ("CA", "NS"): "America/Halifax", ("CA", "NB"): "America/Moncton", ("CA", "NL"): "America/St_Johns",
    ("AU", "WA"): "Australia/Perth", ("AU", "SA"): "Australia/Adelaide", ("AU", "QLD"): "Australia/Brisbane", ("AU", "NT"): "Australia/Darwin",
}  # fmt: skip
"""Provinces whose clock differs from their country's main zone; both platforms use these codes."""


def zone_of(country: str, province_code: str, postcode: str, fallback: str) -> str:
    """An IANA zone; `fallback` (the shop's) when the country is unknown or spread over zones that we do not tell apart."""
    country = country.upper()
    province = province_code.upper().removeprefix(f"{country}-")
    if country == "ES" and postcode[:2] in ("35", "38"):
        return "Atlantic/Canary"
    named = PROVINCES.get((country, province)) or MAIN.get(country)
    if named:
        return named
    zones = get_global("territory_zones").get(country, [])
    return zones[0] if len(zones) == 1 and _exists(zones[0]) else fallback


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
