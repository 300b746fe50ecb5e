"""What is set for one shop."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, field_validator, model_validator

from postventa.config.delivery import Delivery
from postventa.config.karrio import DhlExpressAccount, DhlParcelAccount, DpdAccount, FedexAccount, GlsGroupAccount, KarrioAccount, UpsAccount
from postventa.config.section import Section, host_name, zone_name
from postventa.events import Address, Step
from postventa.grounds import Ground


class Brand(Section):
    logo_url: str = ""
    logo_dark_url: str = ""
    colour: str = "#1f5f5b"
    """Buttons, links and accents; text on it is chosen for contrast."""
    website: str = ""
    legal_name: str = ""
    legal_address: str = ""
    support_email: str = ""
    support_phone: str = ""

    @field_validator("colour")
    @classmethod
    def _is_hex(cls, value: str) -> str:
        if len(value) != 7 or value[0] != "#" or any(c not in "0123456789abcdefABCDEF" for c in value[1:]):
            raise ValueError('expected a colour such as "#1f5f5b"')
        return value.lower()


FETCHING = frozenset({
    "brt", "correos", "correos_express", "dhl", "dhl_de", "dhl_express", "dhl_parcel_gb", "dhl_parcel_iberia", "dpd", "dpd_at", "fedex", "gls_it",
    "hermes_de", "poste_it_delivery", "ups",
})  # fmt: skip
"""Carriers whose drivers Sendcloud can send (https://sendcloud.dev/api/v3/pickups)."""
WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class ReturnAddress(Section):
    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    country: str = "ES"
    phone: str = ""
    email: str = ""

    def address(self) -> Address:
        return Address(**self.model_dump())


def current(secrets: list[str], end: datetime | Literal[""], moment: datetime) -> list[str]:
    """Those of a list of secrets, the present one first, that count at that moment."""
    return secrets[:1] if end and moment >= end else secrets


class SendcloudAccount(Section):
    """A shop's account at Sendcloud; without keys nobody is asked."""

    NEEDED: ClassVar[tuple[str, ...]] = ("public_key", "secret_key")

    public_key: str = ""
    secret_key: str = ""
    track: bool = True
    """Whether parcels are asked about; labels are made all the same."""
    return_option: str = ""
    """The code of the way back, such as `correos:return/...`."""
    qr_option: str = ""
    """The code of a way back for which the carrier gives a code for the telephone; empty: nobody is offered one."""
    contract: str = Field(default="", pattern=r"^\d{0,12}$")
    pickup_carrier: str = ""
    """Whose driver fetches, if not the carrier of `return_option`."""
    weight_g: int = Field(default=1000, ge=1, le=70_000)
    """Of a parcel whose items do not say what they weigh."""
    url: str = ""
    """Another address than Sendcloud's own: for trying out."""
    webhook_secrets: list[str] = []
    """What signs its webhooks, the present one first; empty: `secret_key` does."""
    previous_secret_until: AwareDatetime | Literal[""] = ""
    """From then on the previous secret signs nothing; empty: no end."""

    @property
    def known(self) -> bool:
        """Whether there is an account."""
        return bool(self.public_key and self.secret_key)

    @property
    def signing_secrets(self) -> list[str]:
        """Current secret first, then the previous one; none without an account."""
        return ([s for s in self.webhook_secrets if s] or [self.secret_key]) if self.known else []

    def secrets_at(self, moment: datetime) -> list[str]:
        """Those that count at that moment."""
        return current(self.signing_secrets, self.previous_secret_until, moment)

    @property
    def fetches(self) -> bool:
        """Whether it can send a driver to a customer's door."""
        return self.known and (self.pickup_carrier or self.return_option.partition(":")[0]) in FETCHING

    @model_validator(mode="after")
    def _both_keys(self) -> SendcloudAccount:
        if bool(self.public_key) != bool(self.secret_key):
            raise ValueError("Sendcloud has two keys: set public_key and secret_key")
        return self


class Carriers(Section):
    """A shop's accounts with carriers: one section for each."""

    sendcloud: SendcloudAccount = SendcloudAccount()
    dhl_parcel_de: DhlParcelAccount = DhlParcelAccount()
    dhl_express: DhlExpressAccount = DhlExpressAccount()
    ups: UpsAccount = UpsAccount()
    fedex: FedexAccount = FedexAccount()
    dpd: DpdAccount = DpdAccount()
    gls_group: GlsGroupAccount = GlsGroupAccount()

    def account(self, name: str) -> SendcloudAccount | KarrioAccount | None:
        """The account with that carrier; None for a carrier that needs none."""
        found: SendcloudAccount | KarrioAccount | None = getattr(self, name) if name in ACCOUNTS else None
        return found

    def keys(self, name: str) -> dict[str, str]:
        """What the account of that carrier says; empty: there is none."""
        account = self.account(name)
        if account is None or not account.known:
            return {}
        return {key: str(value) for key, value in account.model_dump(exclude={"webhook_secrets", "previous_secret_until"}).items()}

    def secrets_at(self, name: str, moment: datetime) -> list[str]:
        """What signs the webhooks of that carrier at that moment; none: there is no account."""
        return self.sendcloud.secrets_at(moment) if name == "sendcloud" else []

    @property
    def asked(self) -> list[str]:
        """The carriers that are asked where parcels are. Every minute somebody wants to know of each shop: who has nothing set is done at once."""
        told = self.model_fields_set
        return [name for name in ACCOUNTS if name in told and getattr(self, name).known and getattr(self, name).track] if told else []

    @property
    def through_karrio(self) -> list[str]:
        """The carriers whose accounts need karrio."""
        return [name for name in ACCOUNTS if isinstance(account := getattr(self, name), KarrioAccount) and account.known]


ACCOUNTS = tuple(Carriers.model_fields)
"""Carriers that need an account."""


class Pickup(Section):
    """How goods are fetched at a customer's door (docs/pickup.md)."""

    by_hand: bool = False
    """The shop fetches by itself, whoever makes its labels."""
    windows: list[str] = Field(default=["09:00-14:00", "15:00-19:00"], min_length=1, max_length=4)
    """What customers choose from, by the clock of their place."""
    cutoff: str = Field(default="14:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """Until then a working day counts as the day on which it was ordered."""
    notice: int = Field(default=1, ge=1, le=10)
    """Working days from then to the first one that can be had."""
    days_off: list[date] = Field(default=[], max_length=200)
    """Nobody comes on these days: the town's holidays, the shop's."""

    @field_validator("windows")
    @classmethod
    def _are_hours(cls, value: list[str]) -> list[str]:
        for text in value:
            begin, _, end = text.partition("-")
            if not WINDOW.fullmatch(text) or begin >= end:
                raise ValueError(f'"{text}" is no window: write it like "09:00-14:00"')
        return value

    @property
    def hours(self) -> list[tuple[time, time]]:
        """(begin, end) of each window."""
        pairs = (text.partition("-") for text in self.windows)
        return [(time.fromisoformat(begin), time.fromisoformat(end)) for begin, _, end in pairs]

    @property
    def hour(self) -> time:
        """The cutoff."""
        return time.fromisoformat(self.cutoff)


class Withdrawal(Section):
    """How a shop's customers withdraw from their contracts (docs/withdrawal.md)."""

    link: bool = True
    """Whether every mail about an order leads to the function."""
    label: str = Field(default="", max_length=60)
    """Other words for it than the law's, in the shop's language; empty: the law's."""
    informed: bool = True
    """Whether the shop tells its customers of the right as the law wants it; else it lasts twelve months longer."""
    standard_shipping: Annotated[Decimal, Field(ge=0)] | Literal[""] = ""
    """What the cheapest usual delivery costs, which is all that has to be paid back of a dearer one; empty: all is paid back."""
    exceptions: dict[str, Ground] = {}
    """SKU or product id -> why it cannot be withdrawn from."""
    refund: Literal["by_hand", "automatic"] = "by_hand"
    """automatic: the sum is paid back by itself as soon as it may not be withheld any more."""
    return_cost: Literal["", "shop", "customer"] = ""
    """Who pays for sending back, as customers read it before they buy; empty: not said, so the instructions on withdrawal are not attached."""
    model_form: Literal["attached", "elsewhere"] = "attached"
    """Whether the mail that confirms an order carries those instructions with the model form."""
    model_form_reason: str = Field(default="", max_length=200)
    """Needed with `elsewhere`: how customers get them otherwise, in a form that they keep."""

    @model_validator(mode="after")
    def _is_given_somewhere(self) -> Withdrawal:
        if self.model_form == "elsewhere" and not self.model_form_reason.strip():
            raise ValueError('model_form = "elsewhere" needs model_form_reason: how your customers get the model form instead')
        return self


class ShopSettings(Section):
    key: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    platform: Literal["woocommerce", "shopify"]
    name: str = Field(min_length=1)
    url: str = ""
    domain: str = ""
    pages_host: str = ""
    """The shop's own name for its customers' pages, such as `ayuda.tienda.example`; empty: they are under `public_url`."""
    webhook_secrets: list[str] = []
    webhooks: Literal["auto", "keep", "leave"] = "auto"
    """Whether the shop's webhooks are made and mended by us; auto: WooCommerce's are, Shopify's once some of the shop's own were seen."""
    previous_secret_until: AwareDatetime | Literal[""] = ""
    """From then on the previous secret signs nothing; empty: no end."""
    consumer_key: str = ""
    consumer_secret: str = ""
    keys_in: Literal["header", "query"] = "header"
    """WooCommerce: where the keys go over https; `query` for servers that drop the Authorization header."""
    client_id: str = ""
    client_secret: str = ""
    access_token: str = ""
    through_app: bool = False
    """Shopify: whether it installed the app of `[shopify]`, whose id and secrets are then the shop's, and whose tokens the service renews."""
    locale: str = "es"
    timezone: str = "Europe/Madrid"
    country: str = "ES"
    currency: str = "EUR"
    from_address: str = ""
    reply_to: str = ""
    api_keys: list[str] = []
    """Who may use /api/v1 for this shop: `Authorization: Bearer <key>`, each at least 24 characters."""
    alert_email: str = ""
    """Where the merchant reads of low ratings and trouble; empty: the reply-to address."""
    hold: bool = False
    on: list[str] = []
    off: list[str] = []
    """Follow-ups switched on or off against the platform's default."""
    review_links: dict[str, str] = {}
    status_map: dict[str, Step] = {}
    return_address: ReturnAddress = ReturnAddress()
    carrier: str = "own"
    """Who makes the return labels: a name of `connectors.carriers.CARRIERS`."""
    carriers: Carriers = Carriers()
    pickup: Pickup = Pickup()
    delivery: Delivery = Delivery()
    order_notes: bool = False
    """Whether each mail that went out is noted on its order in the shop, for the shop's own people."""
    product_reviews: bool = True
    """Whether what customers say of products goes into the shop's own reviews, where it has some (WooCommerce)."""
    return_instructions: str = ""
    return_policy: str = ""
    """The rules for returns, as TOML or JSON (docs/returns.md); empty: those that were stored with `postventa returns policy set`, or the default."""
    brand: Brand = Brand()
    withdrawal: Withdrawal = Withdrawal()
    care_tips: dict[str, str] = {}
    """SKU or product id -> tips (one text) or the address of the manual."""

    @model_validator(mode="before")
    @classmethod
    def _is_called_something(cls, raw: Any) -> Any:
        """A shop without a name is called by its address."""
        if not isinstance(raw, dict) or raw.get("name"):
            return raw
        address = str(raw.get("url") or raw.get("domain") or "")
        return {**raw, "name": (urlsplit(address).hostname or address).removeprefix("www.")}

    @field_validator("pages_host")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        return host_name(value)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        return zone_name(value)

    @field_validator("status_map", mode="before")
    @classmethod
    def _without_prefix(cls, value: Any) -> Any:
        """Merchants copy `wc-enviado` from the address bar; payloads say `enviado`."""
        return {str(k).removeprefix("wc-"): v for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _can_be_verified(self) -> ShopSettings:
        if self.through_app and self.platform != "shopify":
            raise ValueError(f'shop "{self.name}": through_app is for Shopify')
        if not self.signing_secrets and not self.through_app:
            raise ValueError(f'shop "{self.name}" needs webhook_secrets = ["..."]: without a secret no delivery can be verified')
        if self.platform == "shopify" and not self.domain:
            raise ValueError(f'shop "{self.name}" needs domain = "name.myshopify.com"')
        if self.platform == "woocommerce" and not self.url:
            raise ValueError(f'shop "{self.name}" needs url = "https://..."')
        return self

    @property
    def fetched_by(self) -> str:
        """Who fetches parcels at customers' doors: `hand`, the carrier of the labels if its account can, or nobody (empty)."""
        if self.pickup.by_hand:
            return "hand"
        return self.carrier if self.carrier == "sendcloud" and self.carriers.sendcloud.fetches else ""

    @property
    def has_api_keys(self) -> bool:
        """Whether anything can be asked of the shop's API."""
        return bool(self.consumer_key and self.consumer_secret) or bool(self.access_token) or bool(self.client_id and self.client_secret)

    @property
    def signing_secrets(self) -> list[str]:
        """Current secret first, then the previous one; Shopify signs with the app's client secret."""
        secrets = [s for s in self.webhook_secrets if s]
        return secrets or ([self.client_secret] if self.platform == "shopify" and self.client_secret else [])

    def secrets_at(self, moment: datetime) -> list[str]:
        """Those that count at that moment."""
        return current(self.signing_secrets, self.previous_secret_until, moment)

    @property
    def gives_qr(self) -> bool:
        """Whether whoever makes its labels gives a code for the telephone instead of one to print."""
        return self.carrier == "sendcloud" and bool(self.carriers.keys(self.carrier).get("qr_option"))
