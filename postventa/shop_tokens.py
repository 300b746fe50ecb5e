"""The tokens of shops that installed our app, sealed at rest. Each new pair raises the generation; whoever holds an older one changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import real_now
from postventa.config import ConfigError
from postventa.models import ShopToken


@dataclass(frozen=True)
class Pair:
    """An access token, and the refresh token that gets the next one; empty: there is none."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """What is kept of a shop."""

    pair: Pair
    generation: int
    installed_at: datetime

    def lasts(self, spare: timedelta = timedelta(0)) -> bool:
        """Whether the access token is good for so much longer."""
        return self.pair.expires_at - real_now() > spare


def held(session: Session, secret: bytes, shop_id: int) -> Held | None:
    """None: the shop never installed the app, or removed it. Raises `ConfigError` for tokens that were sealed with another secret key."""
    row = session.scalars(select(ShopToken).where(ShopToken.shop_id == shop_id).execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    try:
        opened = vault.unseal(secret, row.sealed, _where(shop_id))
    except InvalidTag:
        raise ConfigError(
            "the tokens of a Shopify shop were stored under another secret key: put the file security.secret_key_file back from your copy"
        ) from None
    pair = Pair(opened["access"], row.expires_at, opened["refresh"], row.refresh_expires_at, tuple(row.scopes))
    return Held(pair, row.generation, row.installed_at)


def keep(session: Session, secret: bytes, shop_id: int, pair: Pair) -> None:
    """Those of an installation: whatever was kept before counts no more."""
    before = session.scalars(select(ShopToken).where(ShopToken.shop_id == shop_id).with_for_update()).one_or_none()
    if before is not None:
        _replace(session, secret, shop_id, before.generation, pair, installed_at=real_now())
        return
    session.add(
        ShopToken(
            shop_id=shop_id,
            sealed=_sealed(secret, shop_id, pair),
            scopes=list(pair.scopes),
            expires_at=pair.expires_at,
            refresh_expires_at=pair.refresh_expires_at,
            installed_at=real_now(),
            renewed_at=real_now(),
        )
    )
    session.flush()


def replace(session: Session, secret: bytes, shop_id: int, generation: int, pair: Pair) -> bool:
    """The pair that followed on that of `generation`; False: another one did, or the app was removed, and nothing is changed."""
    return _replace(session, secret, shop_id, generation, pair)


def discard(session: Session, shop_id: int) -> bool:
    """They are good for nothing any more; whether there were any."""
    gone = session.scalar(delete(ShopToken).where(ShopToken.shop_id == shop_id).returning(ShopToken.id))
    return gone is not None


def installed_at(session: Session, shop_id: int) -> datetime | None:
    """Since when, on the machine's clock; None: it is not installed."""
    return session.scalar(select(ShopToken.installed_at).where(ShopToken.shop_id == shop_id))


def regrant(session: Session, shop_id: int, scopes: tuple[str, ...], at: datetime) -> bool:
    """The merchant granted other scopes than before. False: the pair is younger than that, and knows better; or there is none."""
    older = (ShopToken.shop_id == shop_id, ShopToken.renewed_at <= at)
    return session.scalar(update(ShopToken).where(*older).values(scopes=list(scopes)).returning(ShopToken.id)) is not None


def ending(session: Session, within: timedelta) -> list[int]:
    """Shops whose refresh token ends so soon: without it the merchant would have to open the app."""
    soon = ShopToken.refresh_expires_at <= real_now() + within
    return list(session.scalars(select(ShopToken.shop_id).where(soon).order_by(ShopToken.refresh_expires_at)))


def _replace(session: Session, secret: bytes, shop_id: int, generation: int, pair: Pair, installed_at: datetime | None = None) -> bool:
    values = {
        "sealed": _sealed(secret, shop_id, pair),
        "generation": generation + 1,
        "scopes": list(pair.scopes),
        "expires_at": pair.expires_at,
        "refresh_expires_at": pair.refresh_expires_at,
        "renewed_at": real_now(),
        **({"installed_at": installed_at} if installed_at else {}),
    }
    same = (ShopToken.shop_id == shop_id, ShopToken.generation == generation)
    return session.scalar(update(ShopToken).where(*same).values(**values).returning(ShopToken.id)) is not None


def _sealed(secret: bytes, shop_id: int, pair: Pair) -> bytes:
    return vault.seal(secret, {"access": pair.access_token, "refresh": pair.refresh_token}, _where(shop_id))


def _where(shop_id: int) -> str:
    return f"shop_token:{shop_id}:sealed"
