"""What a shop promises about its deliveries: until when, at the latest, an order is there."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, field_validator

from postventa.config.section import Section
from postventa.regional_holidays import PROVINCES

UNION, ELSEWHERE = "EU", "*"
"""Destinations that are many: the other countries of the Union, and all that no other one names."""
FAR = ("baleares", "canarias", "ceuta", "melilla")
"""Regions that a promise to Spain does not mean, as no lorry gets there: they are named, or `*` means them."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COUNTRY = re.compile(r"[A-Z]{2}")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Delivery(Section):
    """The promise that the shop makes where it sells; without `days` nothing is promised."""

    days: dict[str, Annotated[int, Field(ge=0, le=60)]] = {}
    """Destination -> working days that a parcel is on its way, at most."""
    cutoff: str = "14:00"
    """Until then, by the shop's clock, an order counts as of that working day; later it counts as of the next one."""
    handover: int = Field(default=0, ge=0, le=60)
    """Working days from then to the day on which the carrier gets it; 0: the same day."""
    workdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(default=["mon", "tue", "wed", "thu", "fri"], min_length=1)
    """On which the shop hands parcels over; never on a holiday of its country and region."""
    days_off: list[date] = Field(default=[], max_length=200)
    """Nothing leaves on these days: the town's holidays, the shop's own."""

    @field_validator("days")
    @classmethod
    def _are_destinations(cls, value: dict[str, int]) -> dict[str, int]:
        for name in value:
            if not is_destination(name):
                known = ", ".join(FAR)
                raise ValueError(
                    f'"{name}" is no destination: write a country such as "PT", a region of Spain such as {known}, "EU", or "*" for the rest'
                )
        return value

    @field_validator("cutoff")
    @classmethod
    def _is_an_hour(cls, value: str) -> str:
        if not HOUR.fullmatch(value):
            raise ValueError(f'"{value}" is no hour of the day: write it as "14:00"')
        return value

    @property
    def hour(self) -> time:
        """The cutoff."""
        return time.fromisoformat(self.cutoff)


def is_destination(name: str) -> bool:
    """Whether it is a country (ISO 3166-1), a region of Spain, or what stands for many."""
    return name in (UNION, ELSEWHERE) or name in PROVINCES or COUNTRY.fullmatch(name) is not None
