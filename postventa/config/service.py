"""What is set for the service as a whole, and all settings together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from postventa import redis_address
from postventa.clock import Clock
from postventa.config.section import AT_HOME, NOWHERE, Section, host_name
from postventa.config.shop import ShopSettings


class Server(Section):
    bind: str = "127.0.0.1:8000"
    public_url: str = ""
    photos_host: str = ""
    trusted_proxies: int = Field(default=0, ge=0)
    workers: int = Field(default=1, ge=1, le=64)
    max_body: int = Field(default=2 * 1024 * 1024, ge=1024)

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @field_validator("photos_host")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        return host_name(value)

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
    def carriers_socket(self) -> Path:
        """Where the process with karrio listens, while it runs."""
        return redis_address.short(self.var / "carriers" / "karrio.sock", self.var, "-karrio.sock")

    @property
    def carriers_wanted(self) -> Path:
        """A file that was touched when a carrier was last asked through karrio: as long as it is new that process is kept running."""
        return self.var / "carriers" / "wanted"

    @property
    def public_url(self) -> str:
        """What customers' links start with, without a slash at the end."""
        return (self.server.public_url or f"http://{self.server.bind}").rstrip("/")

    def pages_url(self, shop: ShopSettings) -> str:
        """What links to that shop's customer pages start with: its own name, with the scheme and port of `public_url`, else `public_url`."""
        if not shop.pages_host:
            return self.public_url
        return self._at(shop.pages_host)

    def _at(self, host: str) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"

    @property
    def photos_url(self) -> str:
        """What addresses of customers' photos start with: a host for them alone; empty: they are where the pages are."""
        host = self.server.photos_host
        return self._at(host) if host else ""

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
        if self.server.photos_host:
            self._photos_differ(names)

    def _photos_differ(self, names: list[str]) -> None:
        ours = urlsplit(self.server.public_url)
        if self.server.photos_host in (*names, ours.hostname):
            raise ValueError("server.photos_host is taken by public_url or by a shop's pages_host: photos need a name for themselves alone")
        if ours.scheme != "https":
            raise ValueError("server.photos_host needs an https public_url: pages show pictures of other hosts over TLS only")
