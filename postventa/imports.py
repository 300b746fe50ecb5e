"""How far the import of a shop's past has come: the only writer of `shop_import`, and what pages ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.models import Shop, ShopImport


@dataclass(frozen=True)
class Progress:
    """For a page or a command. `total`: None while the shop has not said how many orders there are."""

    done: int
    left_out: int
    total: int | None
    since: datetime
    begun_at: datetime
    stepped_at: datetime
    finished_at: datetime | None
    trouble: str
    """What stands in the way now; empty: nothing."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to read."""
        return self.finished_at is not None

    @property
    def share(self) -> float | None:
        """From 0 to 1; None: nobody knows."""
        if self.finished:
            return 1.0
        return min((self.done + self.left_out) / self.total, 1.0) if self.total else None

    def __str__(self) -> str:
        of = f" of {self.total}" if self.total is not None and not self.finished else ""
        left = f", {self.left_out} could not be read" if self.left_out else ""
        end = "" if self.finished else f", waits: {self.trouble}" if self.trouble else ", goes on"
        return f"{self.done}{of} orders{left}{end}"


def progress(session: Session, shop_id: int) -> Progress | None:
    """How the import of a shop's past stands; None: it was not begun (no keys yet, or switched off)."""
    row = session.scalars(select(ShopImport).where(ShopImport.shop_id == shop_id)).first()
    if row is None:
        return None
    return Progress(row.done, row.left_out, row.total, row.since, row.begun_at, row.stepped_at, row.finished_at, row.trouble)


def without(session: Session) -> list[Shop]:
    """Connected shops whose import was never begun."""
    query = select(Shop).outerjoin(ShopImport, ShopImport.shop_id == Shop.id)
    return list(session.scalars(query.where(ShopImport.id.is_(None), Shop.disconnected_at.is_(None)).order_by(Shop.id)))


def begin(session: Session, shop: Shop, days: int) -> None:
    """Write down that the shop's past is to be read: once for each shop, however often its keys are renewed."""
    now = real_now()
    values = {"shop_id": shop.id, "since": shop.created_at - timedelta(days=days), "until": shop.created_at, "begun_at": now, "stepped_at": now}
    session.execute(insert_once(session, ShopImport, values, ["shop_id"]))


def waiting(session: Session, most: int) -> list[int]:
    """Shops whose import can go on now, those first that waited longest."""
    free = (ShopImport.finished_at.is_(None), Shop.disconnected_at.is_(None))
    query = select(Shop.id, Shop.api_paused_until).join(ShopImport, ShopImport.shop_id == Shop.id).where(*free).order_by(ShopImport.stepped_at)
    return [shop_id for shop_id, until in session.execute(query) if until is None or until <= real_now()][:most]


def unfinished(session: Session, shop_id: int) -> ShopImport | None:
    """The row of an import that goes on, locked."""
    row = session.scalars(select(ShopImport).where(ShopImport.shop_id == shop_id).with_for_update().execution_options(populate_existing=True)).first()
    return None if row is None or row.finished_at is not None else row


def stepped(row: ShopImport, place: str, *, done: int, left_out: int, total: int | None) -> None:
    """One step is done. `place`: where the next one begins; empty: that was the last one."""
    row.place, row.done, row.left_out, row.trouble = place, row.done + done, row.left_out + left_out, ""
    row.failures = max(0, row.failures - 1)  # a shop that bore a small piece is not asked for a whole one at once
    row.total = total if total is not None else row.total
    row.stepped_at = real_now()
    row.finished_at = None if place else row.stepped_at


def stumbled(row: ShopImport, trouble: str) -> None:
    """One step came to nothing; it is repeated."""
    row.failures, row.trouble, row.stepped_at = row.failures + 1, trouble[:500], real_now()


def passed_over(row: ShopImport) -> None:
    """It cannot go on now: others come first."""
    row.stepped_at = real_now()
