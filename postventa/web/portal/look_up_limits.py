"""How often links may be asked for: counted in SQL before anything is looked at, whether there is such an order or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from postventa.accounts.limits import WINDOW, counted
from postventa.accounts.tokens import keyed

HOUR = timedelta(hours=1)
BY_NETWORK, BY_NUMBER, BY_SHOP = 5, 10, 100
"""Of one network in a quarter of an hour, for one order number in an hour, at one shop in an hour (promises.md 4)."""
SLOWER = timedelta(seconds=30)
"""How much longer each waits than the one before, beyond what a shop has in an hour."""
LONGEST = HOUR


@dataclass(frozen=True)
class Verdict:
    """`few`: it may go on; `wait`: how long it waits for its answer."""

    few: bool
    wait: timedelta


def count(session: Session, secret: bytes, network: str, shop_id: int, number: str, now: datetime) -> Verdict:
    """Count one look-up of `number` (as the order has it, without signs that people leave out)."""
    few = counted(session, keyed(secret, "look-up network", network), now, WINDOW) <= BY_NETWORK
    if not few:
        return Verdict(few=False, wait=timedelta(0))  # whoever asks too often spends nobody else's share
    same = counted(session, keyed(secret, "look-up number", f"{shop_id}:{number}"), now, HOUR)
    of_shop = counted(session, keyed(secret, "look-up shop", str(shop_id)), now, HOUR)
    return Verdict(same <= BY_NUMBER, min(LONGEST, SLOWER * max(0, of_shop - BY_SHOP)))
