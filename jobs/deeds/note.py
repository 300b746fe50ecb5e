"""A private note on the order: in a person's words, for each return label, or for each mail that went out, for people who work in the shop's own
pages (`order_notes`).

One for each mail and not one a day: whoever has the customer on the phone sees what she got, and WooCommerce notes its own mails in the same way. It
costs a call or three of the shop's API, so it is off unless a merchant wants it. Only a mail that went out plans a note: that the order changed
by our note is nothing that a mail answers, so it cannot go round.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from connectors.shops.writes import Note
from jobs.deeds.base import Deed, plan, told
from postventa import audit
from postventa.clock import now
from postventa.locale import choose, translate
from postventa.models import Effect, LabelRow, Order, ReturnCase
from postventa.shops import ConnectedShop

NAME = "write_note"
SENTENCE = "Postventa envió este correo al cliente el {when}: «{subject}»"
LABEL = "Postventa hizo la etiqueta de la devolución {number}"
TRACKED = "Postventa hizo la etiqueta de la devolución {number}, con el número de seguimiento {tracking}"
TAG = "postventa-{followup}"


def wants(shop: ConnectedShop) -> bool:
    """Whether its merchant wants notes, and we can write them."""
    return shop.settings.order_notes and shop.settings.has_api_keys


def plan_note(session: Session, shop: ConnectedShop, order: Order, mail: Effect, subject: str) -> Effect | None:
    """Written with the outcome of the mail, in its transaction."""
    wanted = {"text": text(shop, subject), "tag": TAG.format(followup=mail.followup.replace("_", "-"))}
    return plan(session, shop, NAME, str(mail.id), order, wanted, subject_ref=str(mail.id))


def plan_words(session: Session, shop: ConnectedShop, order: Order, words: str, *, key: str, actor: str) -> Effect | None:
    """A note in a person's words. The same `key` again is the same note, and gives None. Raises `ValueError`, `NoKeys`."""
    if not words.strip():
        raise ValueError("a note needs words")
    effect = plan(session, shop, NAME, f"hand-{key}", order, {"text": words.strip(), "tag": ""}, subject_ref=key)
    if effect is not None:
        audit.record(session, actor, "note.plan", shop_id=shop.id, subject=f"effect {effect.id}", after={"order": order.ref})
    return effect


def plan_label_note(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, label: LabelRow) -> Effect | None:
    """For a shop that keeps no returns of its own: what its people look for when the parcel comes back."""
    said = translate(choose(shop.settings.locale), TRACKED if label.tracking_number else LABEL)
    text = said.format(number=case.number, tracking=label.tracking_number)
    wanted = {"text": text, "tag": TAG.format(followup="return-label")}
    return plan(session, shop, NAME, f"label:{label.reference}", order, wanted, subject_ref=case.ref)


def text(shop: ConnectedShop, subject: str) -> str:
    """In the shop's language and time."""
    language = choose(shop.settings.locale)
    when = format_datetime(now(), "short", tzinfo=ZoneInfo(shop.settings.timezone), locale=language)
    return translate(language, SENTENCE).format(when=when, subject=subject)


def _wanted(session: Session, effect: Effect, order: Order | None) -> Note:
    known = told(effect)
    tag = str(known["tag"])
    return Note(order.ref if order is not None else "", str(known["text"]), (tag,) if tag else ())


DEED = Deed(NAME, _wanted)
