"""What a mail server's no leads to: another try, the end of this mail, or the end of all mails to that address, which the merchant is told."""

from __future__ import annotations

import logging
import re

from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from connectors.mail.base import MailboxFull, RecipientRefused, ServerAway
from jobs import at_once
from jobs.withdrawals import receipt
from jobs.world import World
from postventa import effects
from postventa.models import Effect, Shop, State
from postventa.outages import AWAY, TRIES
from postventa.shops import connected

FOLLOWUP = "address_refused"

log = logging.getLogger("postventa.mail")


def settle(session: Session, world: World, held: effects.Claim, error: ConnectorError) -> State:
    """Write down what becomes of an effect whose mail was not taken; its new state."""
    effects.locked_order_if_any(session, held.effect_id)
    effect = session.get_one(Effect, held.effect_id)
    answer = _without(effect.recipient, str(error))
    if effect.kind == "receipt":
        return receipt.settle(session, world, held, effect, error, answer)
    if isinstance(error, MailboxFull):
        return effects.retry(session, held, world.owner, answer, error.retry_after, most=error.TRIES - 1, kind="full")
    if isinstance(error, ServerAway):
        return effects.retry(session, held, world.owner, f"{AWAY}: {answer}", error.retry_after, most=TRIES, kind="away")
    if not error.permanent:
        return effects.retry(session, held, world.owner, answer, error.retry_after)
    if not isinstance(error, RecipientRefused):
        effects.refused(session, held, world.owner, State.DEAD, f"the mail server refused the message: {answer}")
        return State.DEAD
    effects.refused(session, held, world.owner, State.SUPPRESSED, f"the mail server refused the address: {answer}")
    if effect.kind == "mail":
        _block(session, world, effect, answer)
    return State.SUPPRESSED


def _block(session: Session, world: World, effect: Effect, answer: str) -> None:
    """This customer's address gets nothing more. Alerts are few, and the merchant's own address may be mended: it is never blocked."""
    blocked = effects.suppress_address(session, effect.shop_id, effect.recipient, "all", f"hard bounce: {answer}"[:300])
    shop = connected(session.get_one(Shop, effect.shop_id), world.settings, world.secret)
    if blocked is None or shop is None or shop.alert_address.lower() == effect.recipient.lower():
        return
    at_once.alert(session, shop, f"{shop.key}:{FOLLOWUP}:{blocked}", FOLLOWUP, effect.order_id, effect=effect.id, reason=answer)


def _without(address: str, words: str) -> str:
    """Mail servers like to repeat the address; it stands in one column only, where it can be erased."""
    return re.sub(re.escape(address), "…", words, flags=re.IGNORECASE) if address else words
