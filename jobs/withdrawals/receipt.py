"""The receipt of a statement: a mail with its content, date and time, and the same as a PDF, until the mail server has taken it.

An effect of a kind of its own: nothing holds it back, neither a merchant's hold nor a shop that left, and no number of failures ends it. What the
mail server refuses for good is an alarm: then somebody prints the page and hands it over.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from connectors.mail.base import RecipientRefused, ServerAway
from jobs.mail_data import face
from jobs.world import World
from postventa import effects
from postventa.clock import now
from postventa.emails import Message, compose
from postventa.emails.data import Attachment, MailData, WithdrawalView
from postventa.events import OrderSnapshot
from postventa.followups.base import Basis
from postventa.locale import formats
from postventa.models import Effect, Shop, State, Withdrawal
from postventa.outages import AWAY
from postventa.shops import ConnectedShop, still_known
from postventa.withdrawal import store
from postventa.withdrawal.statement import Statement, read
from postventa.withdrawal.words import word

FOLLOWUP = "withdrawal_receipt"
TRIES = 100_000
"""As good as for ever: ten years of hours."""
PAUSE = timedelta(hours=1)
"""The longest rest between two tries."""
SLOWER = timedelta(minutes=15)
"""By so much each receipt is put off that a network or an address has more than usual; a day at most."""
APART = timedelta(hours=2)
"""Between receipts for an address for which one is put off already: whoever types in somebody else's does not fill that mailbox."""


def plan(session: Session, shop: ConnectedShop, row: Withdrawal, excess: int) -> Effect | None:
    """Have it sent, at once unless there are suspiciously many; None if that was planned."""
    due, last = now() + min(excess * SLOWER, timedelta(days=1)), _last_put_off(session, shop.id, row.email)
    return effects.plan(
        session,
        key=key_of(shop.key, row),
        shop_id=shop.id,
        order_id=None,
        kind="receipt",
        followup=FOLLOWUP,
        recipient=row.email,
        legal_basis=Basis.LEGAL_DUTY,
        at=row.submitted_at,
        due_at=max(due, last + APART) if last is not None else due,
        subject_ref=row.ref,
    )


def key_of(shop_key: str, row: Withdrawal) -> str:
    """One receipt for each statement."""
    return f"{shop_key}:{FOLLOWUP}:{row.ref}"


def message(session: Session, world: World, effect: Effect) -> Message:
    """The mail. Raises `LookupError` when the statement was destroyed meanwhile."""
    row = _row(session, effect)
    content = row.content if row.content is not None else store.opened(row, world.secret)
    statement, _ = read(content)
    shop = still_known(session.get_one(Shop, effect.shop_id), world.settings)
    sender = face(shop, world.settings)
    data = MailData(
        followup=FOLLOWUP,
        effect_id=effect.id,
        message_id=effects.message_id(effect.key, sender.from_address.rpartition("@")[2]),
        recipient=effect.recipient,
        language=statement.language,
        timezone=shop.settings.timezone,
        shop=sender,
        order=_order(statement, row, shop),
        at=row.submitted_at,
        withdrawal=view_of(row, content),
        attachments=(Attachment(f"{row.ref}.pdf", pdf(row, content, shop)),),
    )
    return compose(data, sent_at=now())


def view_of(row: Withdrawal, content: str) -> WithdrawalView:
    """What the receipt says, wherever it is shown."""
    statement, said = read(content)
    language = statement.language
    facts = [
        (word(language, "reference"), row.ref),
        (word(language, "submitted"), moment(row.submitted_at, str(said["zone"]), language)),
        (word(language, "to"), statement.shop),
    ]
    if row.created_at > row.submitted_at:
        day, clock = _local(row.created_at, str(said["zone"]), language)
        facts.append(("", word(language, "recorded_at", date=day, time=clock)))
    return WithdrawalView(row.ref, word(language, "content"), str(said["text"]), tuple(facts))


def moment(at: datetime, zone: str, language: str) -> str:
    """Date and time to the second, in the shop's zone and in UTC."""
    day, clock = _local(at, zone, language)
    return word(language, "submitted_at", date=day, time=clock, zone=zone, utc=f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")


def pdf(row: Withdrawal, content: str, shop: ConnectedShop) -> bytes:
    """The same on paper."""
    # Loading the PDF library takes a quarter of a second, which other jobs need not pay.
    from connectors.carriers.own import proof

    statement, _ = read(content)
    view, language = view_of(row, content), statement.language
    brand = shop.settings.brand
    return proof.render(
        proof.Proof(
            title=word(language, "receipt"),
            shop=brand.legal_name or shop.settings.name,
            address=brand.legal_address,
            facts=(*view.facts, (word(language, "digest"), row.digest)),
            heading=view.title,
            text=view.text,
            note=word(language, "keep"),
            language=language,
            issued_on=row.submitted_at.date(),
            accent=brand.colour,
        )
    )


def sent(session: Session, effect: Effect) -> None:
    """The mail server took it."""
    row = _row(session, effect)
    row.receipt_at, row.receipt_how, row.receipt_trouble = row.receipt_at or now(), row.receipt_how or "mail", ""


def settle(session: Session, world: World, held: effects.Claim, effect: Effect, error: ConnectorError, answer: str) -> State:
    """What becomes of one that was not taken: tried again until it is, unless there is nobody at that address."""
    row = _row(session, effect)
    row.receipt_trouble = answer[:500]
    if isinstance(error, RecipientRefused):
        effects.refused(session, held, world.owner, State.SUPPRESSED, f"the mail server refused the address: {answer}")
        return State.SUPPRESSED
    away = f"{AWAY}: {answer}" if isinstance(error, ServerAway) else answer  # then it wakes with the other mails
    return effects.retry(session, held, world.owner, away, error.retry_after, most=TRIES, longest=PAUSE)


def handed_over(session: Session, row: Withdrawal) -> None:
    """Somebody gave it to the customer in another way."""
    row.receipt_at, row.receipt_how, row.receipt_trouble = now(), "hand", ""


def _row(session: Session, effect: Effect) -> Withdrawal:
    row = store.by_ref(session, effect.subject_ref, lock=True)
    if row is None:
        raise LookupError(f"effect {effect.id} is the receipt of {effect.subject_ref}, which is not there")
    return row


def _last_put_off(session: Session, shop_id: int, email: str) -> datetime | None:
    """When the last receipt goes to that address of those that wait for their time; None: none waits."""
    mine = (Effect.shop_id == shop_id, Effect.recipient == email, Effect.followup == FOLLOWUP, Effect.due_at > now())
    return session.scalar(select(func.max(Effect.due_at)).where(*mine))


def _order(statement: Statement, row: Withdrawal, shop: ConnectedShop) -> OrderSnapshot:
    """Nothing is known of the order but what was typed."""
    at, currency, first = row.submitted_at, shop.settings.currency, statement.name.split()[0]
    return OrderSnapshot("", statement.contract, "", at, at, currency, Decimal(0), email=statement.email, first_name=first)


def _local(at: datetime, zone: str, language: str) -> tuple[str, str]:
    local = at.astimezone(formats.zone_of(zone))
    return formats.date(at, zone, language), f"{local:%H:%M:%S}"


def as_json(row: Withdrawal) -> dict[str, object]:
    """Everything about one statement, for whoever has to prove it."""
    times = ("submitted_at", "created_at", "keep_until", "matched_at", "receipt_at", "released_at", "settled_at", "blocked_at")
    texts = ("ref", "channel", "state", "digest", "matched_how", "matched_by", "receipt_how", "receipt_trouble", "trouble", "released_how")
    shown: dict[str, object] = {name: getattr(row, name) for name in (*texts, "settled_by", "ground", "note")}
    shown |= {name: value.astimezone(UTC).isoformat() if (value := getattr(row, name)) else None for name in times}
    return shown | {"statement": json.loads(row.content) if row.content is not None else None}
