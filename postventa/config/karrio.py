"""A shop's own contracts with carriers that are spoken to through karrio, an optional part: `make setup-karrio`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from postventa.config.section import Section, zone_name


class KarrioAccount(Section):
    """What all of them have."""

    NEEDED: ClassVar[tuple[str, ...]] = ()
    """The keys without which nobody is asked; all of them, or none."""

    track: bool = True
    """Whether parcels are asked about; labels are made all the same."""
    timezone: str = "Europe/Madrid"
    """Of the times that the carrier tells without one."""
    test_mode: bool = False
    """Whether the carrier's own trial system is asked."""
    url: str = ""
    """Another address than the carrier's own: for trying out."""

    @property
    def known(self) -> bool:
        """Whether there is an account."""
        return bool(self.NEEDED) and all(getattr(self, name) for name in self.NEEDED)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        return zone_name(value)

    @model_validator(mode="after")
    def _all_keys(self) -> KarrioAccount:
        missing = [name for name in self.NEEDED if not getattr(self, name)]
        if missing and len(missing) < len(self.NEEDED):
            raise ValueError(f"a contract needs all of its keys: set {', '.join(missing)} too")
        return self


class LabelAccount(KarrioAccount):
    """Of a carrier that makes return labels."""

    weight_g: int = Field(default=1000, ge=1, le=70_000)
    """Of a parcel whose items do not say what they weigh."""
    service: str = ""
    """karrio's name for the service of a label; empty: the usual one."""


class DhlParcelAccount(LabelAccount):
    NEEDED = ("username", "password", "client_id", "client_secret")

    username: str = ""
    """Of the business customers' portal (GKP)."""
    password: str = ""
    client_id: str = ""
    """Of an app on developer.dhl.com with Returns and Tracking."""
    client_secret: str = ""
    receiver_id: str = ""
    """Where returns go, as the portal calls it; empty: by the customer's country (`esp`, `deu`)."""


class DhlExpressAccount(LabelAccount):
    NEEDED = ("site_id", "password")

    site_id: str = ""
    password: str = ""
    account_number: str = ""
    """Who pays for labels."""


class UpsAccount(LabelAccount):
    NEEDED = ("client_id", "client_secret")

    client_id: str = ""
    client_secret: str = ""
    account_number: str = ""
    """Who pays for labels: the six characters of the shipper's number."""


class FedexAccount(KarrioAccount):
    NEEDED = ("track_api_key", "track_secret_key")

    track_api_key: str = ""
    track_secret_key: str = ""


class DpdAccount(KarrioAccount):
    NEEDED = ("delis_id", "password")

    delis_id: str = ""
    password: str = ""
    account_country_code: Literal["BE", "NL"] = "BE"
    """Whose DPD it is: karrio knows those of two countries."""


class GlsGroupAccount(LabelAccount):
    NEEDED = ("client_id", "client_secret")

    client_id: str = ""
    client_secret: str = ""
    contact_id: str = ""
    """Who pays for labels."""
