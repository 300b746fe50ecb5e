"""What the values of one mail are read from, and how."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from postventa.config import Settings
from postventa.dossier import Dossier
from postventa.events import LineSnapshot
from postventa.followups.view import OrderView
from postventa.models import Order
from postventa.shops import ConnectedShop


@dataclass(frozen=True)
class Source:
    """Everything that a mail is made from."""

    session: Session
    settings: Settings
    secret: bytes
    shop: ConnectedShop
    dossier: Dossier
    facts: OrderView

    @property
    def order(self) -> Order:
        return self.dossier.order

    @property
    def site(self) -> str:
        """What the addresses of the shop's pages begin with."""
        return self.settings.pages_url(self.shop.settings)


def items(wanted: tuple[tuple[str, int], ...], lines: dict[str, LineSnapshot]) -> tuple[tuple[LineSnapshot, int], ...]:
    """`wanted` (refs and quantities) as the lines that mails know."""
    return tuple((lines[ref], quantity) for ref, quantity in wanted if ref in lines)


def told(source: Source, kind: str, *return_refs: str) -> str:
    """The reason that we or the shop gave with that event."""
    given = [fact.data for fact in source.dossier.facts if fact.kind == kind and fact.data.get("return_ref", "") in (return_refs or ("",))]
    reasons = [str(data.get("reason", "")) for data in given]
    return next((reason for reason in reasons if reason), "")
