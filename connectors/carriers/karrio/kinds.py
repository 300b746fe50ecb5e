"""The carriers that karrio's packages speak to: what each needs, what it can, and how long a street may be there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`name`: ours, in `CARRIERS` and in the settings; `library`: karrio's; `people`: as `connectors.tracking` names it."""

    name: str
    library: str
    title: str
    people: str
    keys: tuple[str, ...]
    """Without these nothing is asked."""
    label_keys: tuple[str, ...] = ()
    """And without these no label is made."""
    besides: tuple[str, ...] = ()
    """What karrio takes besides."""
    makes_labels: bool = False
    takes_back: bool = False
    """Whether karrio can void its labels."""
    street: int = 35
    """Characters of one line of a street."""
    lines: int = 2
    no_with_200: bool = False
    """Whether it says no with a status of 200, as services with XML do."""


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "dhl_parcel_de",
            "dhl_parcel_de",
            "DHL Paket",
            "DHL",
            ("username", "password", "client_id", "client_secret"),
            makes_labels=True,
            street=50,
            lines=1,  # karrio would take a second line for the number of the house
        ),
        Kind(
            "dhl_express",
            "dhl_express",
            "DHL Express",
            "DHL",
            ("site_id", "password"),
            ("account_number",),
            makes_labels=True,
            street=45,
            no_with_200=True,
        ),
        Kind("ups", "ups", "UPS", "UPS", ("client_id", "client_secret"), ("account_number",), makes_labels=True, takes_back=True),
        Kind("fedex", "fedex", "FedEx", "FedEx", ("track_api_key", "track_secret_key")),
        Kind("dpd", "dpd", "DPD", "DPD", ("delis_id", "password"), besides=("account_country_code",)),
        Kind(
            "gls_group",
            "gls",
            "GLS Group",
            "GLS",
            ("client_id", "client_secret"),
            ("contact_id",),
            makes_labels=True,
            street=40,  # karrio puts the second line where the number goes, which is printed behind the street
        ),
    )
}
