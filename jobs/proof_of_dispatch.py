"""A customer proves that she sent a return: then its refund may not be withheld any more (art. 107.3), if a person of the shop takes the proof.

Nothing is believed by itself: a number of any parcel that travels would release money otherwise. Taken, it counts from the day on which it came.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs import at_once, return_goods
from jobs.customer_return import TooLate, by_number
from jobs.proof_files import ProofFile
from jobs.withdrawals import decide
from jobs.world import World
from postventa import audit, vault
from postventa.clock import now
from postventa.followups.schedule import effect_key
from postventa.models import DispatchProof, Order, ReturnCase, Withdrawal
from postventa.returns.wish import Method, Resolution
from postventa.shops import ConnectedShop

NAME = "return_proof"
MOST = 6
"""Proofs of one return before a person has to be asked."""
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"


def may_hand_in(case: ReturnCase) -> bool:
    """Whether it is on its way by all that we know; what is brought to the shop needs no proof, nor what stays with her."""
    travels = case.method != Method.DROP_OFF and case.resolution != Resolution.KEEP_ITEM
    return travels and case.state == "approved" and case.scanned_at is None and case.received_at is None and not case.arrivals


def has_room(session: Session, case: ReturnCase, form_key: str = "") -> bool:
    """Whether one more would be kept, or this one is already: asked before its file is opened, which costs far more than to ask."""
    rows = proofs(session, case)
    return any(row.form_key == form_key for row in rows) or (may_hand_in(case) and len(rows) < MOST)


def proofs(session: Session, case: ReturnCase) -> list[DispatchProof]:
    """The oldest first."""
    return list(session.scalars(select(DispatchProof).where(DispatchProof.return_case_id == case.id).order_by(DispatchProof.id)))


def waits(session: Session, case: ReturnCase) -> bool:
    """Whether one of them waits for a person."""
    return any(row.state == OPEN for row in proofs(session, case))


def hand_in(
    session: Session, world: World, shop: ConnectedShop, number: str, *, form_key: str, carrier: str, tracking_number: str, file: ProofFile | None
) -> DispatchProof:  # fmt: skip
    """Keep it for a person to look at. The same `form_key` is the same proof, however often and at once it is sent.

    Raises `LookupError`, `TooLate` where no proof is of any use, and `ValueError` for one that says nothing.
    """
    _, case = by_number(session, shop, number)
    known = session.scalars(select(DispatchProof).where(DispatchProof.return_case_id == case.id, DispatchProof.form_key == form_key)).first()
    if known is not None:
        return known
    if not may_hand_in(case) or _count(session, case) >= MOST:
        raise TooLate(f"return {number} is {case.state}, on its way, or has proofs enough")
    if file is None and not tracking_number:
        raise ValueError("a file, or the parcel's number")
    row = DispatchProof(
        shop_id=shop.id, return_case_id=case.id, form_key=form_key, carrier=carrier, tracking_number=tracking_number,
        kind=file.kind if file is not None else "", created_at=now(), state=OPEN, decided_by="", reason="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    if file is not None:
        row.sealed = vault.seal_bytes(world.secret, file.content, row.place)
    after = {"proof": row.id, "kind": row.kind, "number": bool(tracking_number)}
    audit.record(session, "customer", "return.proof", shop_id=shop.id, subject=f"return {number}", after=after)
    return row


def opened(row: DispatchProof, secret: bytes) -> bytes:
    """The file. Raises `LookupError` where none came, or it is forgotten."""
    if row.sealed is None:
        raise LookupError(f"proof {row.id} has no file")
    return vault.unseal_bytes(secret, row.sealed, row.place)


def accept(session: Session, world: World, shop: ConnectedShop, number: str, proof_id: int, *, actor: str) -> ReturnCase:
    """It was sent: the return is on its way since the proof came, and what is owed by that is settled as the rules say.

    Raises `LookupError`, and `ValueError` when it was decided already, or the return is over.
    """
    order, case, row = _waiting(session, shop, number, proof_id)
    _decided(session, shop, order, case, row, ACCEPTED, actor=actor)
    of_case = (Withdrawal.return_case_id == case.id, Withdrawal.state == "open", Withdrawal.released_at.is_(None))
    for statement in session.scalars(select(Withdrawal).where(*of_case).with_for_update()):
        decide.proof_of_dispatch(session, statement, actor)
    return return_goods.scanned(session, world, shop, number, row.created_at, actor=actor)


def refuse(session: Session, shop: ConnectedShop, number: str, proof_id: int, *, reason: str, actor: str) -> DispatchProof:
    """It proves nothing; `reason` says why, in words for the customer. Raises `LookupError`, `ValueError`."""
    if not reason.strip():
        raise ValueError("say why: the customer reads it")
    order, case, row = _waiting(session, shop, number, proof_id)
    row.reason = reason.strip()
    _decided(session, shop, order, case, row, REFUSED, actor=actor)
    return row


def _count(session: Session, case: ReturnCase) -> int:
    return session.scalar(select(func.count()).select_from(DispatchProof).where(DispatchProof.return_case_id == case.id)) or 0


def _waiting(session: Session, shop: ConnectedShop, number: str, proof_id: int) -> tuple[Order, ReturnCase, DispatchProof]:
    order, case = by_number(session, shop, number)
    row = session.get(DispatchProof, proof_id, populate_existing=True)
    if row is None or row.return_case_id != case.id:
        raise LookupError(f"return {number} has no proof {proof_id}")
    if row.state != OPEN or case.state in ("declined", "cancelled"):
        raise ValueError(f"return {number} is {case.state}, its proof {row.state}: there is nothing to decide")
    return order, case, row


def _decided(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, row: DispatchProof, state: str, *, actor: str) -> None:
    row.state, row.decided_at, row.decided_by = state, now(), actor
    at_once.mail(session, order, effect_key(shop, order, NAME, f"{case.ref}:{row.id}"), NAME, case.ref, proof=row.id)
    told = {"proof": row.id, "state": state}
    audit.record(session, actor, f"return.proof_{state}", shop_id=shop.id, subject=f"return {case.number}", after=told)
