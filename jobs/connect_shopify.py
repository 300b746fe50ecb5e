"""Connects a Shopify shop by keys of the merchant's own app: the shop is asked whether they work, and what they may do; then it is ours.

Asked here, in a job, as a page must not wait for somebody else's computer. A shop that was removed, or whose keys were renewed, gets the new keys
and goes on where it stopped. A shop that installed the app of this installation is left alone: with both, customers would get every mail twice.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Refused
from connectors.http import Door
from connectors.shops.shopify.oauth import NotGranted, TokenEndpoint
from connectors.shops.shopify.subscriptions import missing
from connectors.shops.shopify.tokens import Given
from jobs import queue, shopify_install
from jobs.learn_shop import filled
from jobs.shopify_tokens import Keeper, lease_name
from jobs.world import World, current
from postventa import audit, leases, shops
from postventa.config import ShopSettings
from postventa.connecting import candidates
from postventa.connecting.candidates import KeyFinding, Keys
from postventa.models import Shop, ShopCandidate
from postventa.models.db import reading, transaction

if TYPE_CHECKING:
    from connectors.shops.shopify.client import About

log = logging.getLogger("postventa.connecting")

NEEDED = "read_orders"
"""Without it there is nothing to follow up."""


class NotPossible(Exception):
    """It cannot be connected so; `name`: the sentence of `postventa/web/shopify/words.py` that says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Look:
    """What a shop said to its keys; `about` is None when they do not open it."""

    findings: tuple[KeyFinding, ...]
    about: About | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is left for the merchant to decide."""
        return all(finding.state == "ok" for finding in self.findings)


def try_all(world: World) -> None:
    """Have those shops asked whose keys wait, one job each."""
    with reading(world.engine) as session:
        waiting = candidates.waiting(session)
    try:
        queue.enqueue(world.redis, queue.NOW, "connect_shopify.try_keys", waiting)
    except RedisError as error:
        log.warning("Redis is away (%s): keys are tried at the next turn", type(error).__name__)


def try_keys(candidate_id: int, door: Door | None = None) -> None:
    """Ask one shop; if all is well it is connected at once. A shop that does not answer is no error: the page says so."""
    world = current()
    with transaction(world.engine) as session:
        row = candidates.take(session, candidate_id)
        if row is None or row.asked_at is None:
            return
        domain, asked_at, keys = row.domain, row.asked_at, candidates.opened(world.secret, row)
    seen = look(world, domain, keys, door)
    with transaction(world.engine) as session:
        told = candidates.tell(session, candidate_id, asked_at, seen.findings, asdict(seen.about) if seen.about else None)
        if told is not None and seen.well:
            _connect_or_say(session, world, told)


def look(keeper: Keeper, domain: str, keys: Keys, door: Door | None = None) -> Look:
    """Ask the shop who it is, with a token of this moment: one from before might not know the newest scopes."""
    from connectors.shops.shopify.client import ShopifyClient  # loads the vendor's library

    allowed = keeper.settings.security.allow_private_hosts
    door = door or Door(allowed, tries=1)
    try:
        token = keys.access_token or TokenEndpoint(domain, keys.client_id, keys.client_secret, door).client_credentials().access_token
        about = ShopifyClient(_first(domain, keys), allowed, door, Given(domain, token)).about()
    except ConnectorError as error:
        log.warning("keys that were typed in do not open the shop: %s", error)
        return Look((_trouble(error, domain),))
    return Look(tuple(_findings(about)), about)


def connect(session: Session, keeper: Keeper, row: ShopCandidate) -> int:
    """The shop's number, with the keys that were found to work. Raises `NotPossible`."""
    about = row.told.get("about")
    if row.step != "told" or not about or candidates.is_over(row) or any(found.state == "fail" for found in candidates.findings(row)):
        raise NotPossible("over")
    leases.one_at_a_time(session, lease_name(row.domain))
    own = _settings(row.domain, candidates.opened(keeper.secret, row), about)
    known = [shop for shop in shops.all_of(session, keeper.settings, keeper.secret) if shop.settings.domain.lower() == row.domain]
    if any(shop.settings.through_app and not shop.disconnected for shop in known):
        raise NotPossible("already-by-app")
    before = next((shop for shop in known if not shop.settings.through_app), None)
    shop_id = _renewed(session, keeper, before.id, own) if before else shops.add(session, keeper.secret, own).id
    candidates.settle(row, shop_id)
    action = "shop.keys" if before else "shop.add"
    after = {"platform": "shopify", "scopes": list(about["scopes"])}
    audit.record(session, f"account:{row.account}", action, shop_id=shop_id, subject=row.domain, after=after)
    log.info("a shop was connected by keys of its own app", extra={"shop": shop_id})
    return shop_id


def _connect_or_say(session: Session, keeper: Keeper, row: ShopCandidate) -> None:
    try:
        connect(session, keeper, row)
    except NotPossible as error:
        row.told = {**row.told, "findings": [*row.told["findings"], asdict(KeyFinding(error.name, "fail"))]}


def _renewed(session: Session, keeper: Keeper, shop_id: int, own: ShopSettings) -> int:
    """The shop that was there before goes on with these keys."""
    if not shops.replace_app(session, keeper.secret, shop_id, own):
        raise NotPossible("in-file")
    shopify_install.let_go_on(session, session.get_one(Shop, shop_id))
    return shop_id


def _trouble(error: ConnectorError, domain: str) -> KeyFinding:
    facts = {"domain": domain}
    if isinstance(error, NotGranted) and error.word == "shop_not_permitted":
        return KeyFinding("not-permitted", "fail", facts)
    if isinstance(error, Refused):
        return KeyFinding("keys-refused", "fail", facts)
    return KeyFinding("no-such-shop" if error.permanent else "shopify-away", "fail", facts)


def _findings(about: About) -> list[KeyFinding]:
    found = [KeyFinding("keys-work", "ok", {"name": about.name})]
    lacking = missing(about.scopes)
    if lacking:
        found.append(KeyFinding("scopes-missing", "fail" if NEEDED in lacking else "warn", {"scopes": ", ".join(lacking)}))
    return found


def _first(domain: str, keys: Keys) -> ShopSettings:
    """A shop of which nothing is known yet but where it is and what opens it. Its webhooks are made by us, in this shop."""
    name = domain.removesuffix(".myshopify.com")
    return ShopSettings(
        key=secrets.token_urlsafe(24), platform="shopify", name=name, domain=domain, webhook_secrets=[keys.client_secret], webhooks="keep",
        client_id=keys.client_id, client_secret=keys.client_secret, access_token=keys.access_token,
    )  # fmt: skip


def _settings(domain: str, keys: Keys, about: dict[str, Any]) -> ShopSettings:
    """The same with the shop's own words."""
    from connectors.shops.shopify.client import About

    first = _first(domain, keys)
    words = About(**{**about, "scopes": tuple(about["scopes"])})
    return ShopSettings.model_validate(filled(first.model_dump(mode="json"), words, first))
