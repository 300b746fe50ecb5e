"""What carriers are asked about, each kind with a table of its own and the same road: taken in, due, claimed, asked, learnt from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from connectors.carriers.base import Tracked
from jobs.world import World
from postventa.models import Effect, LabelTracking, Tracking
from postventa.shops import ConnectedShop


@dataclass(frozen=True)
class Followed:
    """One kind: parcels to customers, or the labels of their returns."""

    table: type[Tracking | LabelTracking]
    enrol: Callable[[Session, ConnectedShop], None]
    """Takes in what is new of a shop."""
    number: Select[str]
    """The tracking number, of all rows of the table."""
    column: InstrumentedAttribute[str]
    """Where that number stands."""
    learn: Callable[[Session, World, ConnectedShop, int, Tracked], list[Effect]]
    """What an answer says of one row; returns what is due within moments."""

    def numbered(self, shop_id: int, number: str, since: datetime) -> Select[int]:
        """The rows of a shop's parcels with that number, but for those that were done with before `since`: carriers use their numbers again."""
        going_on = or_(self.table.ended_at.is_(None), self.table.ended_at > since)
        mine = (self.column.class_.shop_id == shop_id, self.column == number, going_on)
        return self.number.with_only_columns(self.table.id, maintain_column_froms=True).where(*mine)

    def row(self, session: Session, number: int) -> Tracking | LabelTracking:
        """One row, for this transaction alone."""
        return cast("Tracking | LabelTracking", session.get_one(self.table, number, with_for_update=True))
