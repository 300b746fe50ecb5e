"""Whether a carrier that tells by itself still does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import CarrierAccount, Tracking

CEASED = timedelta(hours=6)
"""News that was found by asking so long after the last webhook, of a parcel that webhooks had told of, means that they ceased."""
LATELY = timedelta(days=7)
"""News from longer ago says nothing about today."""


@dataclass(frozen=True)
class Webhooks:
    """Of one shop and carrier. `last`: when one arrived last; None: none ever did."""

    last: datetime | None
    ceased: bool = False

    @property
    def state(self) -> str:
        """never, well or ceased."""
        return "never" if self.last is None else "ceased" if self.ceased else "well"


def standing(session: Session, shop_id: int, carrier: str) -> Webhooks:
    """As it is now."""
    mine = (CarrierAccount.shop_id == shop_id, CarrierAccount.carrier == carrier)
    last = session.scalar(select(CarrierAccount.told_at).where(*mine))
    return Webhooks(last, ceased=last is not None and now() - last > CEASED and _missed(session, shop_id, carrier, last))


def _missed(session: Session, shop_id: int, carrier: str, last: datetime) -> bool:
    mine = (Tracking.shop_id == shop_id, Tracking.carrier == carrier, Tracking.ended_at.is_(None), Tracking.told_at.is_not(None))
    found = (Tracking.heard_at > max(last + CEASED, now() - LATELY), Tracking.heard_at > Tracking.told_at)
    return session.scalar(select(Tracking.id).where(*mine, *found).limit(1)) is not None
