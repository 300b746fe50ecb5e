"""Settings: one TOML file, overridden by `POSTVENTA__SECTION__KEY`, with `file:` and `env:` references for secrets.

An unknown key or a wrong value is an error that names the key, the file, and what was expected.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from postventa import redis_address
from postventa.clock import Clock
from postventa.events import Address, Step
from postventa.grounds import Ground

PREFIX = "POSTVENTA__"
AT_HOME = ("localhost", "127.0.0.1", "::1")
"""Names of this machine."""
NOWHERE = (".example", ".test", ".invalid", ".localhost")
"""Ends of names that lead nowhere, or to this machine (RFC 6761): documents and tests use them."""
LANGUAGES = ("es", "ca", "gl", "eu", "en", "pt", "fr", "de", "it")
HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A name that a browser can ask for, in small letters; one with an accent is written as `xn--...`."""


def host_name(typed: str) -> str:
    """A host's name in small letters, or nothing. Raises `ValueError` for what is none."""
    name = typed.strip().lower().rstrip(".")
    if name and not HOST.fullmatch(name):
        raise ValueError('expected a name without scheme, port or path, such as "ayuda.tienda.example"')
    return name


class ConfigError(Exception):
    """The configuration cannot be used; the message says where, why, and what was expected."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Server(Section):
    bind: str = "127.0.0.1:8000"
    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0)
    workers: int = Field(default=1, ge=1, le=64)
    max_body: int = Field(default=2 * 1024 * 1024, ge=1024)

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @field_validator("bind")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError('expected "address:port", such as "127.0.0.1:8000"')
        return value


class Database(Section):
    url: str = "sqlite:///var/postventa.db"

    @field_validator("url")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError('expected "sqlite:///path" or "postgresql+psycopg://user:password@host/name"')
        return value


class RedisServer(Section):
    url: str = ""


class Workers(Section):
    processes: int = Field(default=2, ge=1, le=64)


class Mail(Section):
    transport: Literal["mailbox", "smtp"] = "mailbox"
    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    username: str = ""
    password: str = ""
    tls: Literal["none", "starttls", "tls"] = "starttls"
    from_address: str = ""
    reply_to: str = ""

    @model_validator(mode="before")
    @classmethod
    def _in_the_clear_at_home_only(cls, raw: Any) -> Any:
        """A mail server on this machine is spoken to as it is, any other one encrypted, unless `tls` says otherwise."""
        local = isinstance(raw, dict) and raw.get("host") in AT_HOME
        return {"tls": "none", **raw} if local else raw

    @model_validator(mode="after")
    def _smtp_needs_a_host(self) -> Mail:
        if self.transport == "smtp" and not self.host:
            raise ValueError('transport = "smtp" needs host, such as host = "smtp.example.com"')
        return self


class ClockSettings(Section):
    offset: float = 0.0
    speed: float = Field(default=1.0, gt=0)


class Security(Section):
    secret_key_file: Path = Path("var/secret.key")
    allow_private_hosts: list[str] = []


class Recovery(Section):
    doubt_after: float = Field(default=900.0, ge=0)
    lease: float = Field(default=120.0, ge=1)
    sweep_every: float = Field(default=5.0, gt=0)
    api_pause: float = Field(default=30.0, gt=0)
    """Seconds until a shop whose API is in trouble is asked again; doubled each time, up to a quarter of an hour."""
    watch_every: float = Field(default=15.0, gt=0)
    """Seconds between two looks for what a person should know."""


class Reconcile(Section):
    every: float = Field(default=600.0, gt=0)
    """Seconds between two comparisons of a shop's orders with ours."""
    grace: float = Field(default=120.0, ge=0)
    """Seconds that a change may take by webhook before it counts as missed."""
    webhooks_every: float = Field(default=3600.0, gt=0)
    """Seconds between two looks at a shop's webhooks."""
    history: int = Field(default=60, ge=0, le=365)
    """Days before a shop was connected whose orders are read, without a word to anybody; 0: none."""
    calls_per_second: float = Field(default=4.0, gt=0, le=100)
    """How often all workers together may call one shop's API; ten calls may come at once."""
    plain_http: bool = False
    """Development only: webhooks are looked after for a `public_url` without TLS, or on this machine, too."""


class Privacy(Section):
    block_years: int = Field(default=5, ge=0, le=30)
    """Years after an order for which it stays provable whose it was, locked away after an erasure; 0: nothing is kept."""
    export_days: int = Field(default=30, ge=1, le=90)
    """Days that an export lies here."""

    @property
    def export_kept(self) -> timedelta:
        return timedelta(days=self.export_days)


class Alerts(Section):
    email: str = ""
    """Who runs the service and is written to when something is wrong; empty: nobody."""
    command: list[str] = []
    """A program and its arguments that gets each alarm as JSON on its standard input."""

    @property
    def reachable(self) -> bool:
        """Whether anybody can be told."""
        return bool(self.email or self.command)


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"
    """auto: text on a terminal, one JSON document per line elsewhere."""


class ShopifyApp(Section):
    """An app that many shops install, as the Dev Dashboard shows it. A merchant's own app stands in the shop's part instead."""

    client_id: str = ""
    client_secret: str = ""
    previous_client_secret: str = ""
    """While the secret is being replaced: Shopify signs with the oldest one that is not revoked yet."""

    @property
    def secrets(self) -> list[str]:
        """Those that sign, the current one first."""
        return [secret for secret in (self.client_secret, self.previous_client_secret) if secret]

    @property
    def known(self) -> bool:
        """Whether there is such an app."""
        return bool(self.client_id and self.client_secret)


class Journey(Section):
    settle: float = Field(default=5.0, ge=0)
    merge_window: float = Field(default=600.0, ge=0)
    quiet_from: str = "21:00"
    quiet_until: str = "09:00"
    off: list[str] = []
    """Follow-ups that are switched off for every shop."""


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


class Settings(Section):
    server: Server = Server()
    database: Database = Database()
    redis: RedisServer = RedisServer()
    workers: Workers = Workers()
    mail: Mail = Mail()
    clock: ClockSettings = ClockSettings()
    security: Security = Security()
    recovery: Recovery = Recovery()
    journey: Journey = Journey()
    reconcile: Reconcile = Reconcile()
    privacy: Privacy = Privacy()
    alerts: Alerts = Alerts()
    log: Log = Log()
    shopify: ShopifyApp = ShopifyApp()
    shops: list[ShopSettings] = []
    source: Path = Field(default=Path("config.toml"), exclude=True)

    @property
    def base(self) -> Path:
        """The folder that relative paths start from: the configuration file's."""
        return self.source.parent

    @property
    def var(self) -> Path:
        """Where everything that the service writes goes."""
        return self.base / "var"

    @property
    def spool(self) -> Path:
        """Where deliveries wait while the database is damaged."""
        return self.var / "spool"

    @property
    def database_url(self) -> str:
        """The database's address with a relative SQLite path made absolute."""
        scheme, _, path = self.database.url.partition("sqlite:///")
        return self.database.url if scheme else f"sqlite:///{(self.base / path).resolve()}"

    @property
    def redis_url(self) -> str:
        """The merchant's Redis, else the embedded one's socket."""
        return redis_address.address(self.redis.url, self.var)

    @property
    def public_url(self) -> str:
        """What customers' links start with, without a slash at the end."""
        return (self.server.public_url or f"http://{self.server.bind}").rstrip("/")

    def pages_url(self, shop: ShopSettings) -> str:
        """What links to that shop's customer pages start with: its own name, with the scheme and port of `public_url`, else `public_url`."""
        if not shop.pages_host:
            return self.public_url
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{shop.pages_host}{f':{parts.port}' if parts.port else ''}"

    @property
    def in_production(self) -> bool:
        """Whether shops and customers reach it: `public_url` is https and leads to another place than this machine. A start is stricter then."""
        parts = urlsplit(self.server.public_url)
        host = (parts.hostname or "").rstrip(".")
        at_home = host in AT_HOME or host.startswith("127.") or host.endswith(NOWHERE)
        return parts.scheme == "https" and bool(host) and not at_home

    def product_clock(self) -> Clock:
        """The clock that these settings ask for."""
        return Clock(self.clock.offset, self.clock.speed, self.var / "clock.json")

    @model_validator(mode="after")
    def _keys_differ(self) -> Settings:
        keys = [shop.key for shop in self.shops]
        if len(keys) != len(set(keys)):
            raise ValueError("two shops share one key; each needs its own unguessable key")
        self._names_differ()
        if not self.shopify.known and (named := [shop.name for shop in self.shops if shop.through_app]):
            raise ValueError(f'shop "{named[0]}" says through_app, and [shopify] has no client_id and client_secret')
        return self

    def _names_differ(self) -> None:
        names = [shop.pages_host for shop in self.shops if shop.pages_host]
        if len(names) != len(set(names)):
            raise ValueError("two shops share one pages_host; each needs a name of its own")
        if names and urlsplit(self.server.public_url).hostname in names:
            raise ValueError("a shop's pages_host is the name of public_url, under which everything else is: choose another, or leave it empty")


def load(path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    `path`: the file; default `POSTVENTA_CONFIG`, else `config.toml` here. Raises `ConfigError`.
    """
    chosen = path or environ.get("POSTVENTA_CONFIG")
    file = Path(chosen or "config.toml").resolve()
    if chosen and not file.is_file():
        raise ConfigError(f"{file}: there is no such file. Copy config.example.toml there, or name another with --config.")
    raw = _read(file) if file.is_file() else {}
    raw = _resolve(_override(raw, environ), file, environ, "")
    try:
        return Settings.model_validate({**raw, "source": file})
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(file, item) for item in error.errors())) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not readable as TOML: {error}") from None


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`POSTVENTA__MAIL__PORT=2525` stands above `[mail] port`; lists and tables are written as JSON."""
    result = {k: dict(v) if isinstance(v, dict) else v for k, v in raw.items()}
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        parsed: Any = json.loads(value) if value[:1] in "[{" else value
        if key:
            result.setdefault(section, {})[key] = parsed
        else:
            result[section] = parsed
    return result


def _resolve(value: Any, file: Path, environ: Mapping[str, str], where: str) -> Any:
    """Follow `file:PATH` (relative to the configuration file) and `env:NAME`."""
    if isinstance(value, dict):
        return {k: _resolve(v, file, environ, f"{where}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolve(v, file, environ, f"{where}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, str) and value.startswith("file:"):
        target = file.parent / value.removeprefix("file:")
        try:
            return target.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{file}: {where}: cannot read {target}: {error.strerror}") from None
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environ:
            raise ConfigError(f"{file}: {where}: the environment has no variable {name}")
        return environ[name]
    return value


def _explain(file: Path, item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "the file as a whole"
    if item["type"] == "extra_forbidden":
        return f"{file}: {where}: unknown setting. config.example.toml lists every setting with its meaning."
    expected = str(item["msg"]).removeprefix("Value error, ")
    given = "" if _secret(where) or isinstance(item["input"], dict) else f" (got {item['input']!r})"
    return f"{file}: {where}: {expected}{given}"


def _secret(where: str) -> bool:
    return any(word in where for word in ("secret", "password", "token", "consumer_key", "public_key"))
