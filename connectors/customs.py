"""Which ways of a parcel need customs papers, with values and origins that are not known here."""

from __future__ import annotations

from postventa.events import Address

UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO",
    "SE", "SI", "SK",
})  # fmt: skip
OUTSIDE = ("35", "38", "51", "52")
"""Spanish postcodes beyond the customs or tax border: the Canary Islands, Ceuta and Melilla."""


def check_within_the_union(panel: str, *places: Address) -> None:
    """Raises `ValueError` for a place outside of it. `panel`: where a person makes such a label instead."""
    for place in places:
        if place.country not in UNION or (place.country == "ES" and place.postcode.startswith(OUTSIDE)):
            where = f"{place.postcode} {place.country}".strip()
            raise ValueError(f"a return from or to {where} needs customs papers, which are not known here: make this label in {panel}")
