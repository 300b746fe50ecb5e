"""Questions to a shop that somebody waits for on a page: written down by the page, asked by a job, shown by the page when they are answered.

Each belongs to the account that asked. Keys stand in it, sealed, only until the job is done with them. A job that dies is begun again by the clock
after `LOST`; after `TRIES` the page says that it is our fault, and a person may ask once more.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Engine, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import real_now
from postventa.models import ShopVisit
from postventa.models.db import reading, transaction

Kind = Literal["look", "keys", "approval", "again", "leave"]
"""A look at an address; with pasted keys, or those of an approval, the shop is connected; again: a connected shop; leave: one that is leaving."""
LOST = timedelta(minutes=3)
"""A look takes a minute at most; a job that took longer died with its worker."""
TRIES = 3
KEPT, KEPT_OF_SHOP = timedelta(days=1), timedelta(days=90)
"""How long an answer stays: of an address that was looked at, and of a connected shop."""
LATELY, MOST = timedelta(minutes=10), 30
"""So many questions of one account within so long: shops, and we, are not to be kept busy by a button."""


@dataclass(frozen=True)
class Visit:
    """One that a job has taken on. `hidden`: the keys that came with it."""

    id: int
    account: str
    kind: str
    typed: str
    shop_id: int | None
    approval: str
    tries: int
    hidden: Mapping[str, Any] = field(default_factory=dict, repr=False)


def begin(session: Session, account: str, kind: Kind, typed: str, shop_id: int | None = None) -> ShopVisit:
    """A new one, waiting for its job. Raises `ValueError` without an account: nobody could see the answer."""
    if not account:
        raise ValueError("a visit belongs to the account that asked")
    row = ShopVisit(
        ref=random.token_urlsafe(12), account=account, kind=kind, state="waiting", typed=typed[:500], shop_id=shop_id, asked_at=real_now()
    )
    session.add(row)
    session.flush()
    return row


def ask_anew(row: ShopVisit, kind: Kind) -> None:
    """The next question of the same walk."""
    row.kind, row.state, row.tries, row.asked_at, row.begun_at, row.done_at = kind, "waiting", 0, real_now(), None, None


def hide(row: ShopVisit, secret: bytes, values: Mapping[str, Any]) -> None:
    """Keep keys for the job."""
    row.secrets = vault.seal(secret, dict(values), _where(row.ref))


def mine(session: Session, ref: str, account: str, *, locked: bool = False) -> ShopVisit | None:
    """The visit of that address, if it is this account's."""
    query = select(ShopVisit).where(ShopVisit.ref == ref, ShopVisit.account == account)
    return session.scalars(query.with_for_update() if locked else query).one_or_none()


def of_approval(session: Session, approval: str, account: str) -> ShopVisit | None:
    """The visit from which the merchant was sent to her shop."""
    query = select(ShopVisit).where(ShopVisit.approval == approval, ShopVisit.account == account).with_for_update()
    return session.scalars(query).one_or_none() if approval else None


def newest(session: Session, shop_id: int, *kinds: Kind) -> ShopVisit | None:
    """The last one of these kinds (none given: a look with keys) about a connected shop that was answered, whoever asked."""
    answered = (ShopVisit.shop_id == shop_id, ShopVisit.state == "done", ShopVisit.kind.in_(kinds or ("again", "keys", "approval")))
    return session.scalars(select(ShopVisit).where(*answered).order_by(ShopVisit.done_at.desc(), ShopVisit.id.desc()).limit(1)).first()


def waiting_for(session: Session, shop_id: int) -> ShopVisit | None:
    """The look at a connected shop that is not answered yet."""
    open_ = (ShopVisit.shop_id == shop_id, ShopVisit.state != "done", ShopVisit.kind == "again")
    return session.scalars(select(ShopVisit).where(*open_).order_by(ShopVisit.id.desc()).limit(1)).first()


def given_up(row: ShopVisit) -> bool:
    """Whether its jobs died so often that nobody begins it again."""
    return row.state == "at_work" and row.tries >= TRIES and row.begun_at is not None and row.begun_at < real_now() - LOST


def too_many(session: Session, account: str) -> bool:
    """Whether this account asked so often that it has to wait."""
    lately = (ShopVisit.account == account, ShopVisit.asked_at > real_now() - LATELY)
    return (session.scalar(select(func.count()).where(*lately)) or 0) >= MOST


def unanswered(engine: Engine) -> list[int]:
    """Those whose job is to be asked for: nobody is at work on them."""
    with reading(engine) as session:
        return list(session.scalars(select(ShopVisit.id).where(_free()).order_by(ShopVisit.id)))


def take(engine: Engine, secret: bytes, number: int) -> Visit | None:
    """Take one on; None: somebody else is at it, or it is answered."""
    begun = update(ShopVisit).where(ShopVisit.id == number, _free())
    begun = begun.values(state="at_work", begun_at=real_now(), tries=ShopVisit.tries + 1)
    with transaction(engine) as session:
        if session.scalar(begun.returning(ShopVisit.id)) is None:
            return None
        row = session.get_one(ShopVisit, number, populate_existing=True)
        hidden = vault.unseal(secret, row.secrets, _where(row.ref)) if row.secrets else {}
        return Visit(row.id, row.account, row.kind, row.typed, row.shop_id, row.approval, row.tries, hidden)


def answer(session: Session, visit: Visit, result: Mapping[str, Any], typed: str = "", *, plain: bool = False, shop_id: int | None = None) -> None:
    """What came of it; its keys are forgotten. Nothing, if somebody asked anew or began again meanwhile."""
    held = (ShopVisit.id == visit.id, ShopVisit.state == "at_work", ShopVisit.tries == visit.tries, ShopVisit.kind == visit.kind)
    told: dict[str, Any] = {"state": "done", "done_at": real_now(), "secrets": None, "result": dict(result)}
    if typed:
        told |= {"typed": typed, "plain": plain}
    if shop_id is not None:
        told["shop_id"] = shop_id
    session.execute(update(ShopVisit).where(*held).values(**told))


def forget(engine: Engine) -> int:
    """Throw away what nobody looks at any more, and what nobody could do: how many rows went."""
    now = real_now()
    old = or_(and_(ShopVisit.shop_id.is_(None), ShopVisit.asked_at < now - KEPT), ShopVisit.asked_at < now - KEPT_OF_SHOP)
    with transaction(engine) as session:
        session.execute(update(ShopVisit).where(ShopVisit.asked_at < now - KEPT).values(secrets=None))
        return len(session.scalars(delete(ShopVisit).where(old).returning(ShopVisit.id)).all())


def _free() -> Any:
    lost = and_(ShopVisit.state == "at_work", ShopVisit.begun_at < real_now() - LOST, ShopVisit.tries < TRIES)
    return or_(ShopVisit.state == "waiting", lost)


def _where(ref: str) -> str:
    return f"shop_visit:{ref}:secrets"
