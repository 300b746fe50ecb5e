"""What customers show for having sent something: looked at, taken, or refused with words for them; its file, for staff alone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, make_response, request
from flask.wrappers import Response
from sqlalchemy.orm import Session, object_session

from connectors.tracking import describe
from jobs import proof_of_dispatch
from postventa.accounts.roles import Right
from postventa.emails.clean import plain
from postventa.models import DispatchProof, ReturnCase
from postventa.models.db import reading
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.orders.page import actor
from postventa.web.portal.page import _, services
from postventa.web.returns_desk.act import LONGEST, MAIL, WRONG, Act, Changed, Told, Wrong
from postventa.web.returns_desk.page import Back, found, world
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

SANDBOX = "sandbox; default-src 'none'"
KINDS = {"jpeg": ("image/jpeg", "jpg"), "pdf": ("application/pdf", "pdf")}
STATES = {"open": ("warn", _("Por mirar")), "accepted": ("ok", _("Aceptado")), "refused": ("off", _("No sirve"))}


@dataclass(frozen=True)
class Shown:
    """One proof. `page`: where its parcel can be followed, as far as its carrier is known."""

    row: DispatchProof
    carrier: str
    number: str
    page: str
    when: str


def shown(session: Session, back: Back) -> list[Shown]:
    """All of a return, the newest first."""
    return [_shown(back, row) for row in reversed(proof_of_dispatch.proofs(session, back.case))]


@require(Right.RETURNS_DECIDE)
def file(number: int, proof: int) -> Response:
    """To be kept and looked at elsewhere: no browser opens it here. 404 for another return's."""
    with reading(services().engine) as session:
        row = session.get(DispatchProof, proof) if proof < 2**63 else None
        if row is None or row.return_case_id != found(session, number).case.id or row.sealed is None:
            abort(404)
        content, (kind, ending) = proof_of_dispatch.opened(row, services().secret), KINDS[row.kind]
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="proof-{proof}.{ending}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def waiting(case: ReturnCase) -> DispatchProof | None:
    """The oldest that nobody decided about."""
    session = object_session(case)
    open_ones = proof_of_dispatch.proofs(session, case) if session is not None and case.state == "approved" else []
    return next((row for row in open_ones if row.state == proof_of_dispatch.OPEN), None)


def _shown(back: Back, row: DispatchProof) -> Shown:
    carrier, page = describe(row.carrier, row.tracking_number) if row.tracking_number else (row.carrier, "")
    return Shown(row, plain(carrier, 60), plain(row.tracking_number, 60), page, back.it.when(row.created_at))


def _read_accept(back: Back) -> Told:
    return {"proof": _of(back).id}


def _read_refuse(back: Back) -> Told:
    reason = forms.clean(request.form.get("reason", ""))[:LONGEST]
    if not reason:
        raise Wrong(t(WRONG["reason"]))
    return {"proof": _of(back).id, "reason": reason}


def _of(back: Back) -> DispatchProof:
    row = waiting(back.case)
    if row is None:
        raise Wrong(t(WRONG["same"]))
    return row


def _facts_accept(session: Session, back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    row = session.get_one(DispatchProof, told["proof"])
    facts = [t("Cuenta como enviada desde el {day}.", day=back.it.when(row.created_at))]
    if back.case.refund_when == "at_first_scan":
        facts.append(t("Según tus reglas, se paga en cuanto lo aceptes."))
    return [*facts, t("Si es un desistimiento, el dinero ya no se puede retener."), t(MAIL)]


def _facts_refuse(_session: Session, _back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    return [t("La persona leerá: «{reason}»", reason=told["reason"]), t("Podrá enviar otro.")]


def _accept(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    if _decided(session, told, proof_of_dispatch.ACCEPTED):
        return True
    proof_of_dispatch.accept(session, world(), shop, back.case.number, told["proof"], actor=actor())
    return True


def _refuse(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    if _decided(session, told, proof_of_dispatch.REFUSED):
        return True
    proof_of_dispatch.refuse(session, shop, back.case.number, told["proof"], reason=told["reason"], actor=actor())
    return True


def _decided(session: Session, told: Told, state: str) -> bool:
    """Whether that was done before. Raises `Changed` if the other thing was."""
    row = session.get_one(DispatchProof, told["proof"], populate_existing=True)
    if row.state not in (state, proof_of_dispatch.OPEN):
        raise Changed
    return row.state == state


def _done(case: ReturnCase, told: Told) -> bool:
    session = object_session(case)
    row = session.get(DispatchProof, told["proof"]) if session is not None else None
    return row is not None and row.state == (proof_of_dispatch.REFUSED if "reason" in told else proof_of_dispatch.ACCEPTED)


def _open(case: ReturnCase) -> bool:
    return waiting(case) is not None


DECIDE = Right.RETURNS_DECIDE
ACTS: dict[str, Act] = {
    "proven": Act(DECIDE, _("Aceptar el justificante"), _("¿Aceptar el justificante?"), _open, _read_accept, _facts_accept, _accept, _done),
    "unproven": Act(DECIDE, _("Rechazar el justificante"), _("¿Decir que no sirve?"), _open, _read_refuse, _facts_refuse, _refuse, _done),
}
