"""What carriers are asked about, each kind with a table of its own and the same road: taken in, due, claimed, asked, learnt from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Select
from sqlalchemy.orm import Session

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
    learn: Callable[[Session, World, ConnectedShop, int, Tracked], list[Effect]]
    """What an answer says of one row; returns what is due within moments."""

    def row(self, session: Session, number: int) -> Tracking | LabelTracking:
        """One row, for this transaction alone."""
        return cast("Tracking | LabelTracking", session.get_one(self.table, number, with_for_update=True))
