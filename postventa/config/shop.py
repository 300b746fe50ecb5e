"""What is set for one shop."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field, field_validator, model_validator

from postventa.config.section import Section, host_name
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


class SendcloudAccount(Section):
    """A shop's account at Sendcloud; without keys nobody is asked."""

    public_key: str = ""
    secret_key: str = ""
    track: bool = True
    """Whether parcels are asked about; labels are made all the same."""
    return_option: str = ""
    """The code of the way back, such as `correos:return/...`."""
    contract: str = Field(default="", pattern=r"^\d{0,12}$")
    pickup_carrier: str = ""
    """Whose driver fetches, if not the carrier of `return_option`."""
    weight_g: int = Field(default=1000, ge=1, le=70_000)
    """Of a parcel whose items do not say what they weigh."""
    url: str = ""
    """Another address than Sendcloud's own: for trying out."""

    @property
    def known(self) -> bool:
        """Whether there is an account."""
        return bool(self.public_key and self.secret_key)

    @model_validator(mode="after")
    def _both_keys(self) -> SendcloudAccount:
        if bool(self.public_key) != bool(self.secret_key):
            raise ValueError("Sendcloud has two keys: set public_key and secret_key")
        return self


class Carriers(Section):
    """A shop's accounts with carriers: one section for each."""

    sendcloud: SendcloudAccount = SendcloudAccount()

    def keys(self, name: str) -> dict[str, str]:
        """What the account of that carrier says; empty: there is none."""
        account = self.sendcloud if name == "sendcloud" else None
        return {key: str(value) for key, value in account.model_dump().items()} if account is not None and account.known else {}

    @property
    def asked(self) -> list[str]:
        """The carriers that are asked where parcels are."""
        return ["sendcloud"] if self.sendcloud.known and self.sendcloud.track else []


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
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError('expected an IANA time zone, such as "Europe/Madrid"') from error
        return value

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
        end = self.previous_secret_until
        return self.signing_secrets[:1] if end and moment >= end else self.signing_secrets
