"""Connected shops: those of the configuration file and those added by hand are the same kind of row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import now, real_now
from postventa.config import Carriers, ConfigError, Delivery, Settings, ShopSettings
from postventa.effects import insert_once
from postventa.models import Effect, Inbound, Shop, State
from postventa.models.db import reading, transaction

SECRET_FIELDS = ("webhook_secrets", "consumer_key", "consumer_secret", "client_secret", "access_token", "api_keys", "carriers")


@dataclass(frozen=True)
class ConnectedShop:
    """A shop's row with its settings, secrets included."""

    id: int
    key: str
    platform: str
    hold: bool
    held_followups: frozenset[str]
    disconnected: bool
    found_by_poll: int
    """Orders that were found by comparing and not told by webhook."""
    api_trouble: str
    """What its API says against us now; empty: nothing."""
    settings: ShopSettings

    @property
    def alert_address(self) -> str:
        """Where the merchant reads of trouble."""
        s = self.settings
        return s.alert_email or s.brand.support_email or s.reply_to or s.from_address


def sync(engine: Engine, settings: Settings) -> None:
    """Bring the shops of the configuration file into the table; one that left the file is kept but no longer answers."""
    with transaction(engine) as session:
        for shop in settings.shops:
            public = shop.model_dump(mode="json", exclude=set(SECRET_FIELDS))
            values = {"key": shop.key, "platform": shop.platform, "name": shop.name, "domain": shop.domain or shop.url}
            session.execute(insert_once(session, Shop, {**values, "settings": public, "from_file": True, "created_at": now()}, ["key"]))
            row = session.scalars(select(Shop).where(Shop.key == shop.key)).one()
            if row.settings != public:
                row.settings, row.name, row.domain = public, shop.name, shop.domain or shop.url
            row.from_file = True


def add(session: Session, secret: bytes, shop: ShopSettings) -> Shop:
    """Connect a shop by hand; its secrets are stored encrypted. Raises `ValueError` when the key is taken."""
    if session.scalar(select(Shop.id).where(Shop.key == shop.key)) is not None:
        raise ValueError(f"a shop with the key {shop.key} exists already")
    public = shop.model_dump(mode="json", exclude=set(SECRET_FIELDS))
    sealed = vault.seal(secret, shop.model_dump(mode="json", include=set(SECRET_FIELDS)), f"shop:{shop.key}:secrets")
    row = Shop(
        key=shop.key, platform=shop.platform, name=shop.name, domain=shop.domain or shop.url, settings=public, secrets=sealed, created_at=now()
    )
    session.add(row)
    session.flush()
    return row


def remember_keys_in(session: Session, shop_id: int, keys_in: str) -> bool:
    """How this shop's keys have to go was found out. False: the configuration file says it, so a person has to change it there."""
    row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
    if not row.from_file:
        row.settings = {**row.settings, "keys_in": keys_in}
    return not row.from_file


def replace_keys(session: Session, secret: bytes, shop_id: int, consumer_key: str, consumer_secret: str) -> bool:
    """New keys for a WooCommerce shop, tried before; its API is asked again at once. False: its keys stand in the configuration file.

    Raises `ConfigError` when its other secrets cannot be opened, which would be lost.
    """
    row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
    if row.from_file:
        return False
    kept = {name: value for name, value in _from_row(row, secret).model_dump(mode="json").items() if name in SECRET_FIELDS}
    row.secrets = vault.seal(secret, kept | {"consumer_key": consumer_key, "consumer_secret": consumer_secret}, f"shop:{row.key}:secrets")
    row.api_paused_until = real_now() if row.api_paused_until else None
    return True


def keep_account(session: Session, secret: bytes, shop_id: int, carriers: Carriers) -> bool:
    """The shop's accounts with carriers, tried before. False: they stand in the configuration file.

    Raises `ConfigError` when its other secrets cannot be opened, which would be lost.
    """
    row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
    if row.from_file:
        return False
    kept = _from_row(row, secret).model_dump(mode="json", include=set(SECRET_FIELDS))
    row.secrets = vault.seal(secret, kept | {"carriers": carriers.model_dump(mode="json")}, f"shop:{row.key}:secrets")
    return True


def disconnect(session: Session, secret: bytes, shop_id: int) -> ShopSettings | None:
    """Its keys and secrets are thrown away, what is planned for it is called off, and what it sends is refused from now on; orders and history stay.

    The settings that it had, for who tidies up in the shop; None: it stands in the configuration file, or is disconnected already.
    """
    row = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    if row.from_file or row.secrets is None:
        return None
    own, over = _from_row(row, secret), "the shop was disconnected"
    row.secrets, row.disconnected_at = None, real_now()
    row.api_paused_until, row.api_refused_at, row.api_reason, row.api_failures = None, None, "", 0
    planned = (Effect.shop_id == shop_id, Effect.state == State.PLANNED, Effect.kind != "receipt")  # the law owes those to customers
    session.execute(update(Effect).where(*planned).values(state=State.CANCELLED, reason=over, done_at=now()))
    unread = (Inbound.shop_id == shop_id, Inbound.state == "new")
    session.execute(update(Inbound).where(*unread).values(state="ignored", reason=over, done_at=now()))
    return own


def left_behind(session: Session, url: str) -> Shop | None:
    """The row of a WooCommerce shop that was at that address and was disconnected, the newest."""
    left = (Shop.platform == "woocommerce", Shop.secrets.is_(None), Shop.disconnected_at.is_not(None), Shop.domain == url)
    rows = session.scalars(select(Shop).where(*left).order_by(Shop.id.desc()).with_for_update())
    return next((row for row in rows if not row.from_file), None)


def come_back(session: Session, secret: bytes, row: Shop, shop: ShopSettings) -> None:
    """A shop that was disconnected is connected again, under its own number: what customers were sent once is not sent again.

    What a person had set (statuses, sender, colours) is kept; orders of the time in between are not looked for.
    """
    row.secrets = vault.seal(secret, shop.model_dump(mode="json", include=set(SECRET_FIELDS)), f"shop:{row.key}:secrets")
    row.settings = {**row.settings, "keys_in": shop.keys_in}
    row.disconnected_at, row.created_at, row.polled_until = None, now(), None
    row.subscriptions_checked_at, row.subscriptions_well_at = None, None


def explain(session: Session, shop_id: int, steps: Mapping[str, str]) -> dict[str, str] | None:
    """What its own statuses mean from now on; what they meant before. None: the configuration file says it."""
    row = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    if row.from_file:
        return None
    told = row.settings.get("status_map")
    before = {str(status): str(step) for status, step in told.items()} if isinstance(told, dict) else {}
    row.settings = {**row.settings, "status_map": dict(steps)}
    return before


def name_pages(session: Session, shop_id: int, host: str) -> str | None:
    """Under which name its customers' pages are from now on; under which they were before. None: the configuration file says it."""
    row = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    if row.from_file:
        return None
    before = str(row.settings.get("pages_host") or "")
    row.settings = {**row.settings, "pages_host": host}
    return before


def promise(session: Session, shop_id: int, wishes: Delivery) -> Delivery | None:
    """What it promises of orders from now on; what it promised of them before. None: the configuration file says it."""
    row = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    if row.from_file:
        return None
    before = Delivery.model_validate(row.settings.get("delivery") or {})
    row.settings = {**row.settings, "delivery": wishes.model_dump(mode="json")}
    return before


def replace_app(session: Session, secret: bytes, shop_id: int, own: ShopSettings) -> bool:
    """New keys for a shop of the merchant's own Shopify app, tried before. False: its keys stand in the configuration file.

    What the app before signed is still taken: Shopify signs with the older secret for an hour.

    Raises `ConfigError` when its other secrets cannot be opened.
    """
    row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
    if row.from_file:
        return False
    kept = _from_row(row, secret)
    keys = own.model_dump(mode="json", include={"client_secret", "access_token"})
    signing = list(dict.fromkeys([*own.signing_secrets, *kept.signing_secrets[:1]]))
    hidden = kept.model_dump(mode="json", include=set(SECRET_FIELDS)) | keys | {"webhook_secrets": signing}
    row.secrets = vault.seal(secret, hidden, f"shop:{row.key}:secrets")
    row.settings = {**row.settings, "client_id": own.client_id, "webhooks": own.webhooks}
    row.subscriptions_checked_at = None
    return True


def connected(row: Shop, settings: Settings, secret: bytes) -> ConnectedShop | None:
    """The row with its settings; None for a shop of the file that the file no longer names, or of an app that it no longer names."""
    in_file = next((shop for shop in settings.shops if shop.key == row.key), None)
    if in_file is None and (row.secrets is None or (row.settings.get("through_app") and not settings.shopify.known)):
        return None
    return ConnectedShop(
        id=row.id,
        key=row.key,
        platform=row.platform,
        hold=row.hold or (in_file is not None and in_file.hold),
        held_followups=frozenset(row.held_followups),
        disconnected=row.disconnected_at is not None,
        found_by_poll=row.found_by_poll,
        api_trouble=row.api_reason,
        settings=with_app(in_file or _from_row(row, secret), settings),
    )


def everyone(engine: Engine, settings: Settings, secret: bytes) -> list[ConnectedShop]:
    """All shops that may send deliveries now. Raises `ConfigError` when the secret key is not the one that they were stored under."""
    with reading(engine) as session:
        return all_of(session, settings, secret)


def all_of(session: Session, settings: Settings, secret: bytes) -> list[ConnectedShop]:
    """The same within a transaction."""
    found = (connected(row, settings, secret) for row in session.scalars(select(Shop).order_by(Shop.id)))
    return [shop for shop in found if shop is not None]


def in_file(settings: Settings) -> list[ConnectedShop]:
    """The configuration's shops while the database cannot be asked for their numbers, which are 0 then."""
    return [
        ConnectedShop(
            id=0,
            key=shop.key,
            platform=shop.platform,
            hold=shop.hold,
            held_followups=frozenset(),
            disconnected=False,
            found_by_poll=0,
            api_trouble="",
            settings=with_app(shop, settings),
        )
        for shop in settings.shops
    ]


def with_app(shop: ShopSettings, settings: Settings) -> ShopSettings:
    """A shop of our app is signed for with the app's secrets, whichever count now: they stand in one place, however many shops there are."""
    if not shop.through_app:
        return shop
    app = settings.shopify
    return shop.model_copy(update={"client_id": app.client_id, "client_secret": app.client_secret, "webhook_secrets": app.secrets})


def of_app(session: Session, domain: str) -> Shop | None:
    """The row of the Shopify shop that installed our app."""
    rows = session.scalars(select(Shop).where(Shop.platform == "shopify", Shop.domain == domain).order_by(Shop.id))
    return next((row for row in rows if row.settings.get("through_app")), None)


def of_app_at_first(domain: str, key: str) -> ShopSettings:
    """A shop of which nothing is known yet but where it is. Its webhooks are the app's: none are made in the shop."""
    name = domain.removesuffix(".myshopify.com")
    return ShopSettings(key=key, platform="shopify", name=name, domain=domain, through_app=True, webhooks="leave")


def find(session: Session, shop_id: int, settings: Settings, secret: bytes) -> ConnectedShop:
    """The shop with that id. Raises `LookupError` when it is gone from the configuration."""
    row = session.get_one(Shop, shop_id)
    shop = connected(row, settings, secret)
    if shop is None:
        raise LookupError(f'shop "{row.name}" is no longer in {settings.source.name}: put it back, or its follow-ups stay where they are')
    return shop


def still_known(row: Shop, settings: Settings) -> ConnectedShop:
    """The same without its secrets, also for a shop that left: its customers' rights do not end with its connection."""
    in_file = next((shop for shop in settings.shops if shop.key == row.key), None)
    return ConnectedShop(
        id=row.id,
        key=row.key,
        platform=row.platform,
        hold=row.hold,
        held_followups=frozenset(row.held_followups),
        disconnected=row.disconnected_at is not None,
        found_by_poll=row.found_by_poll,
        api_trouble=row.api_reason,
        settings=in_file or ShopSettings.model_validate({**row.settings, "webhook_secrets": ["unknown here"]}),
    )


def webhook_url(settings: Settings, platform: str, key: str) -> str:
    """Where a shop's deliveries come in."""
    return f"{settings.public_url}/webhooks/{platform}/{key}"


def _from_row(row: Shop, secret: bytes) -> ShopSettings:
    try:
        hidden: Mapping[str, Any] = vault.unseal(secret, row.secrets or b"", f"shop:{row.key}:secrets")
    except InvalidTag:
        raise ConfigError(
            f'the secrets of the shop "{row.name}" were stored under another secret key: put the file security.secret_key_file back from your copy'
        ) from None
    return ShopSettings.model_validate({**row.settings, **hidden})
