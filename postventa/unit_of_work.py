"""The rows that some deliveries of one shop touch: opened together, changed in memory, written together.

So twenty deliveries cost hardly more statements than one. Orders are locked, always in the order of their ids, until the transaction ends.
Orders that nobody knew can be begun before there is a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from postventa import dossier
from postventa.clock import now
from postventa.dossier import Dossier
from postventa.eventlog import EventLog
from postventa.events import CustomerSeen, Event, OrderSeen
from postventa.models import Customer, Order, OrderLine, Parcel, ReturnCase, assign, fresh, insert_new, is_new, number
from postventa.shops import ConnectedShop

_ORDERS = (
    select(Order).where(Order.shop_id == bindparam("shop"), Order.ref.in_(bindparam("refs", expanding=True))).order_by(Order.id).with_for_update()
)
_CUSTOMERS, _CUSTOMERS_BY_REF = (
    select(Customer).where(Customer.shop_id == bindparam("shop"), column.in_(bindparam("these", expanding=True)))
    for column in (Customer.email, Customer.ref)
)
"""Asked with `or`, SQLite reads all of a shop's customers."""


class UnitOfWork:
    """One shop's orders, customers and events while some deliveries are read."""

    session: Session
    """Only once it was opened."""

    def __init__(self, shop: ConnectedShop) -> None:
        self.shop = shop
        self.log = EventLog(shop.id)
        self._dossiers: dict[str, Dossier] = {}
        self._customers: dict[str, Customer] = {}
        self._of_order: list[tuple[Order, Customer]] = []
        self._new: list[tuple[Order, OrderLine | Parcel | ReturnCase]] = []
        self._new_customers: list[Customer] = []

    def begin(self, imported: Mapping[str, bool]) -> None:
        """Orders that nobody knows, as far as one could see: should somebody write them meanwhile, ours will be refused as doubles.

        `imported`: order reference -> whether it comes from the shop's history.
        """
        self._dossiers |= {ref: Dossier(self._new_order(ref, imported=old)) for ref, old in imported.items()}

    def open(self, session: Session, events: Iterable[Event], told: Iterable[Event], imported: Mapping[str, bool]) -> None:
        """Look up and lock the rest. `events`: all, for whose customers it is; `told`: those that are still to be told."""
        self.session = session
        self._dossiers |= self._open({ref: old for ref, old in imported.items() if ref not in self._dossiers})
        self._customers = self._known_customers(events)
        self.log.look_up(session, (event.key for event in told))

    def dossier(self, ref: str) -> Dossier:
        """The order with that reference."""
        return self._dossiers[ref]

    def customer(self, email: str) -> Customer:
        """The customer with that address (lower case), made if there is none."""
        row = self._customers.get(email)
        if row is None:
            row = self._customers[email] = fresh(Customer, shop_id=self.shop.id, email=email, created_at=now())
            self._new_customers.append(row)
        return row

    def customer_email(self, ref: str) -> str:
        """The address of the customer whom the platform calls `ref`; empty if there is none."""
        return next((row.email for row in self._customers.values() if row.ref == ref), "") if ref else ""

    def belongs(self, order: Order, customer: Customer) -> None:
        """The order is that customer's."""
        order.customer_id = customer.id
        self._of_order.append((order, customer))

    def add(self, order: Order, row: OrderLine | Parcel | ReturnCase) -> None:
        """A row of that order that is new."""
        self._new.append((order, row))

    def remove(self, row: OrderLine | ReturnCase) -> None:
        """The order has it no longer."""
        if is_new(row):
            self._new = [(order, new) for order, new in self._new if new is not row]
        else:
            self.session.delete(row)

    def write(self) -> None:
        """Everything, in the order in which rows name one another."""
        session, orders = self.session, [one.order for one in self._dossiers.values() if is_new(one.order)]
        number(session, self._new_customers)
        for order, customer in self._of_order:
            assign(order, {"customer_id": customer.id})
        number(session, orders)
        for order, row in self._new:
            assign(row, {"order_id": order.id})
        insert_new(session, self._new_customers)
        insert_new(session, orders)
        lines = [row for _, row in self._new if isinstance(row, OrderLine)]
        number(session, lines)
        insert_new(session, lines)
        session.add_all([row for _, row in self._new if not isinstance(row, OrderLine)])  # few, and whoever opens a return changes them further
        session.flush()
        self.log.write(session)
        self._new, self._new_customers, self._of_order = [], [], []

    def _open(self, imported: Mapping[str, bool]) -> dict[str, Dossier]:
        if not imported:
            return {}
        known = list(self.session.scalars(_ORDERS, {"shop": self.shop.id, "refs": list(imported)}))
        found = {one.order.ref: one for one in dossier.load(self.session, known, lock=True)}
        return {ref: found.get(ref) or Dossier(self._new_order(ref, imported=old)) for ref, old in imported.items()}

    def _new_order(self, ref: str, *, imported: bool) -> Order:
        return fresh(Order, shop_id=self.shop.id, ref=ref, seen_at=now(), imported=imported, timezone=self.shop.settings.timezone)

    def _known_customers(self, events: Iterable[Event]) -> dict[str, Customer]:
        emails, refs = set(), set()
        for event in events:
            if isinstance(event, OrderSeen):
                emails.add(event.order.email.strip().lower())
            elif isinstance(event, CustomerSeen):
                emails.add(event.email.strip().lower())
                refs.add(event.customer_ref)
        asked = ((_CUSTOMERS, emails - {""}), (_CUSTOMERS_BY_REF, refs - {""}))
        found = (self.session.scalars(query, {"shop": self.shop.id, "these": list(these)}) for query, these in asked if these)
        return {row.email: row for rows in found for row in rows}
