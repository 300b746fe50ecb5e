"""Whether a customer has paid the difference of an exchange: a page that shows the link asks, a job looks, and the link goes when she has.

Shops tell of the new order as of any other; that it belongs to an exchange only its mark says, by which it is looked for.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from connectors.shops.base import ShopClient
from connectors.shops.writes import Exchange, Exchanged
from jobs import at_once
from jobs.deeds import exchange as deed
from jobs.deeds.base import reference
from postventa import alarms
from postventa.clock import now
from postventa.models import Effect, Order, Shop, State
from postventa.shops import ConnectedShop

NAME = "fetch_exchange"
SLOT = timedelta(minutes=2)
"""However often the page is looked at, the shop is asked once within so long."""


def is_owed(exchange: Effect) -> bool:
    """Whether something of it is still to be paid, as far as is known."""
    made = exchange.followup == deed.NAME and exchange.state == State.DONE and not exchange.data.get("called_off")
    return made and Decimal(str(exchange.data.get("due", "0"))) > 0


def ask(session: Session, shop: ConnectedShop, exchange: Effect) -> Effect | None:
    """Have it looked up. None: nothing is owed, or it is being looked up already."""
    return _asked(session, shop, exchange) if is_owed(exchange) else None


def ask_late(session: Session, shop: ConnectedShop, exchange: Effect) -> Effect | None:
    """The same of one that was called off: whether somebody paid for it all the same."""
    return _asked(session, shop, exchange)


def _asked(session: Session, shop: ConnectedShop, exchange: Effect) -> Effect | None:
    slot = int(now().timestamp() // SLOT.total_seconds())
    return at_once.question(session, shop, f"{exchange.key}:{NAME}:{slot}", NAME, str(exchange.id))


def wanted(session: Session, effect: Effect) -> tuple[Exchange, str]:
    """What was wished for, and under which reference."""
    exchange = session.get_one(Effect, int(effect.subject_ref))
    made = deed.DEED.wanted(session, exchange, session.get(Order, exchange.order_id))
    if not isinstance(made, Exchange):
        raise TypeError(f"effect {exchange.id} is no exchange")
    return made, reference(exchange.key)


def question(client: ShopClient, wish: Exchange, name: str) -> Exchanged | None:
    """How it stands in the shop. Raises `ConnectorError`."""
    found = client.writes().find(wish, name)
    return found if isinstance(found, Exchanged) else None


def keep(exchange_id: int, found: Exchanged | None, session: Session) -> str:
    """The new order's own name and number, and no link any more; what nobody finds stays as it was. Paid too late is a person's business."""
    exchange = session.get_one(Effect, exchange_id, with_for_update=True, populate_existing=True)
    if exchange.data.get("called_off"):
        return _late(session, exchange, found)
    if found is None or found.due or not is_owed(exchange):
        return "nothing new of the exchange"
    paid = {"ref": found.ref, "number": found.number, "due": "0", "pay_url": "", "paid_on_top": exchange.data["due"]}
    exchange.data = {**exchange.data, **paid}
    session.flush()
    return f"order {found.number} of the exchange is paid"


def _late(session: Session, exchange: Effect, found: Exchanged | None) -> str:
    """Nothing goes out for it, and its return came to something else: whether the money goes back or the goods go out is not ours to say."""
    if found is None or found.due or found.off or exchange.data.get("paid_late"):
        return "nothing was paid for an exchange that was called off"
    exchange.data = {**exchange.data, "paid_late": True}
    shop, order = session.get_one(Shop, exchange.shop_id), session.get(Order, exchange.order_id)
    number = order.number or order.ref if order is not None else ""
    sum_, name = f"{exchange.data['due']} {exchange.data['currency']}", f"order {found.number} of exchange {exchange.subject_ref}"
    what = f"{sum_} were paid for {name} after it was called off"
    said = f"{shop.name}, order {number}: {what}: give them back in the shop, or agree with the customer on something else"
    alarms.raise_alarm(session, "exchange-by-hand", f"{shop.name}, {exchange.subject_ref}, paid", "warn", said)
    return f"order {found.number} was paid after it was called off"
