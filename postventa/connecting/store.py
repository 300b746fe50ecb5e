"""Approvals that merchants were sent for, until their keys are a shop's or are thrown away.

A shop's message with keys is not signed and names no shop: what binds it is our state, 256 random bits, of which only the hash is kept. It belongs to
one shop's address and to the account that began it, counts once and for half an hour. Keys become somebody's only when the browser comes back, in
the account that began: whoever sends a merchant to approve for a stranger gains nothing, since her browser comes back without the stranger's
account, and that ends it. Coming back before the keys are here ends it too, so that nobody can be first by trying; coming back once more, as a
browser does whose page is loaded again, changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import real_now
from postventa.models import ShopApproval
from postventa.models.db import reading, transaction

LIVES = timedelta(minutes=30)
"""From the click with us to the click in the shop: time to log in there, and to ask somebody for the password."""
KEPT = timedelta(days=1)
"""Rows that ended stay so long, for support; their keys do not."""


@dataclass(frozen=True)
class Begun:
    """`ref` stands in our callback's address and is no secret; `state` goes to the shop and comes back."""

    ref: str
    state: str = field(repr=False)


@dataclass(frozen=True)
class Approved:
    """What a merchant approved: the keys of the shop at `url`, for `account`."""

    ref: str
    account: str
    url: str
    plain: bool
    key_ref: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)


class Approvals:
    """The table of them. `secret`: the installation's, under which keys are sealed."""

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine, self._secret = engine, secret

    def begin(self, account: str, url: str, *, plain: bool = False) -> Begun:
        """A new one, for the shop at `url`. Raises `ValueError` without an account: nobody could come back for it."""
        if not account:
            raise ValueError("an approval belongs to the account that began it")
        begun, now = Begun(secrets.token_urlsafe(12), secrets.token_urlsafe(32)), real_now()
        row = ShopApproval(ref=begun.ref, state_hash=_hash(begun.state), account=account, url=url, plain=plain, step="begun", key_ref="")
        row.begun_at, row.expires_at = now, now + LIVES
        with transaction(self._engine) as session:
            session.add(row)
        return begun

    def receive(self, ref: str, state: str, consumer_key: str, consumer_secret: str, key_ref: str = "") -> bool:
        """Keep the keys that a shop sent, sealed. False: the state is unknown, used, too old, or was made for another shop's callback."""
        sealed = vault.seal(self._secret, {"consumer_key": consumer_key, "consumer_secret": consumer_secret}, _where(ref))
        this = (ShopApproval.ref == ref, ShopApproval.state_hash == _hash(state), ShopApproval.step == "begun", ShopApproval.expires_at > real_now())
        kept = update(ShopApproval).where(*this).values(step="received", secrets=sealed, key_ref=key_ref).returning(ShopApproval.id)
        with transaction(self._engine) as session:
            return session.scalar(kept) is not None

    def returned(self, state: str, account: str, *, allowed: bool = True) -> Approved | None:
        """The merchant's browser is back. None: nothing was approved for this account, and what may have been is thrown away with its keys."""
        with transaction(self._engine) as session:
            row = session.scalars(select(ShopApproval).where(ShopApproval.state_hash == _hash(state)).with_for_update()).one_or_none()
            if row is None or row.step == "ended":
                return None
            mine = hmac.compare_digest(row.account.encode(), account.encode())
            if not (allowed and mine and row.step in ("received", "approved") and row.expires_at > real_now()):
                row.step, row.secrets = "ended", None
                return None
            row.step = "approved"
            return self._opened(row)

    def approved(self, ref: str, account: str) -> Approved | None:
        """One that was approved and is not settled yet, to prove its keys. Raises `InvalidTag` under another secret."""
        mine = (ShopApproval.ref == ref, ShopApproval.account == account, ShopApproval.step == "approved", ShopApproval.expires_at > real_now())
        with reading(self._engine) as session:
            row = session.scalars(select(ShopApproval).where(*mine)).one_or_none()
        return self._opened(row) if row is not None else None

    def settle(self, session: Session, ref: str) -> bool:
        """Its keys become a shop's in this transaction, or were found useless: they are kept here no longer. False: somebody else has done so."""
        this = (ShopApproval.ref == ref, ShopApproval.step == "approved")
        return session.scalar(update(ShopApproval).where(*this).values(step="ended", secrets=None).returning(ShopApproval.id)) is not None

    def forget(self) -> int:
        """Throw away what nobody came for in time; how many rows went for good."""
        now = real_now()
        with transaction(self._engine) as session:
            session.execute(update(ShopApproval).where(ShopApproval.expires_at <= now).values(step="ended", secrets=None))
            return len(session.scalars(delete(ShopApproval).where(ShopApproval.expires_at <= now - KEPT).returning(ShopApproval.id)).all())

    def _opened(self, row: ShopApproval) -> Approved:
        hidden = vault.unseal(self._secret, row.secrets or b"", _where(row.ref))
        return Approved(row.ref, row.account, row.url, row.plain, row.key_ref, hidden["consumer_key"], hidden["consumer_secret"])


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _where(ref: str) -> str:
    return f"shop_approval:{ref}:secrets"
