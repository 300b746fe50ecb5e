"""What these pages share: one statement as they show it, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort
from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs import proof_of_dispatch
from jobs.withdrawals.receipt import moment
from jobs.withdrawals.standing import Standing, standing
from postventa.grounds import Ground
from postventa.locale import formats
from postventa.models import Order, ReturnCase, Shop, Withdrawal
from postventa.orders import books
from postventa.shops import ConnectedShop, still_known
from postventa.web.portal.page import _, services
from postventa.web.staff.page import language, show, t, visitor
from postventa.withdrawal import store
from postventa.withdrawal.statement import Statement, read
from postventa.withdrawal.words import LATE, TROUBLES, ground

STATES = {"open": _("Abierto"), "refunded": _("Dinero devuelto"), "refused": _("No procede")}
CHANNELS = {
    "page": _("La página"),
    "link": _("El enlace de un correo"),
    "mail": _("Un correo"),
    "post": _("Una carta"),
    "phone": _("El teléfono"),
    "other": _("Otro medio"),
}
RELEASES = {
    "received": _("Los artículos han vuelto: el dinero ya no se puede retener."),
    "sent": _("Los artículos vienen de camino: el dinero ya no se puede retener."),
    "hand": _("El cliente ha probado que los ha enviado: el dinero ya no se puede retener."),
    "not_sent": _("No había salido nada: no hay nada que esperar."),
}
HOW = {"number": _("por número y correo"), "link": _("por el enlace de su correo"), "hand": _("a mano")}


@dataclass(frozen=True)
class Shown:
    """One statement with all that its pages say of it. `statement`: None once it is locked away or destroyed."""

    row: Withdrawal
    shop: ConnectedShop
    it: Standing
    statement: Statement | None
    text: str
    order: Order | None
    case: ReturnCase | None
    payable: Decimal = Decimal(0)
    """What is owed, as far as the order has it left."""
    proven: bool = False
    """Whether a proof of dispatch waits for somebody to look at it."""

    @property
    def when(self) -> str:
        """To the second, in the shop's zone and in UTC."""
        return moment(self.row.submitted_at, self.shop.settings.timezone, language())

    @property
    def due(self) -> str:
        """The last day to pay."""
        return formats.date_of(self.it.clock.due, language(), self.shop.settings.country)

    @property
    def last(self) -> str:
        """The last day to withdraw; empty: it is open."""
        return formats.date_of(self.it.last_day, language(), self.shop.settings.country) if self.it.last_day else ""

    @property
    def mark(self) -> str:
        """The colour of its badge."""
        if self.row.state != "open":
            return "off" if self.row.state == "refused" else "ok"
        return "fail" if self.it.clock.overdue or self.it.clock.level == "page" else "warn"

    @property
    def clock(self) -> str:
        """How long there is, in words."""
        if self.row.state != "open":
            return t(STATES[self.row.state])
        left = self.it.clock.left
        if left < 0:
            return t("Fuera de plazo desde el {day}", day=self.due)
        return t("Quedan {count} días: hasta el {day}", count=left, day=self.due) if left != 1 else t("Queda 1 día: hasta el {day}", day=self.due)

    @property
    def trouble(self) -> str:
        """What somebody has to look at."""
        return t(TROUBLES[self.row.trouble]) if self.row.trouble in TROUBLES else self.row.trouble

    def money(self, amount: Decimal) -> str:
        return formats.money(amount, self.order.currency if self.order is not None else self.shop.settings.currency, language())

    def at(self, when: datetime) -> str:
        """A date."""
        return formats.date(when, self.shop.settings.timezone, language())

    @property
    def excepted(self) -> list[tuple[str, str]]:
        """(item, why the settings say that it cannot be withdrawn from)."""
        return [(item.title, ground(language(), which)) for item, which in self.it.excepted]

    @property
    def refused_for(self) -> str:
        """Why it was refused."""
        return t("Llegó fuera de plazo") if self.row.ground == LATE else ground(language(), Ground(self.row.ground)) if self.row.ground else ""


def shown(session: Session, row: Withdrawal) -> Shown:
    """One of them."""
    shop = still_known(session.get_one(Shop, row.shop_id), services().settings)
    statement, text = None, ""
    if row.content is not None:
        statement, said = read(row.content)
        text = str(said["text"])
    order = session.get(Order, row.order_id) if row.order_id is not None else None
    case = session.get(ReturnCase, row.return_case_id) if row.return_case_id is not None else None
    it = standing(session, shop, row)
    payable = min(it.owed.amount, max(books.load(session, order).left, Decimal(0))) if it.owed is not None and order is not None else Decimal(0)
    proven = case is not None and any(one.state == proof_of_dispatch.OPEN for one in proof_of_dispatch.proofs(session, case))
    return Shown(row, shop, it, statement, text, order, case, payable, proven)


def found(session: Session, ref: str, *, lock: bool = False) -> Withdrawal:
    """The statement of that reference; ends the request with 404."""
    return store.by_ref(session, ref, lock=lock) or abort(404)


def actor() -> str:
    """Who asks, as the audit log names them."""
    known = visitor()
    assert known is not None
    return f"account:{known.account.id}"


def render(template: str, status: int = 200, **values: object) -> Response:
    """A page of this package's."""
    return show(f"withdrawals/{template}", status, channels=CHANNELS, releases=RELEASES, how=HOW, **values)
