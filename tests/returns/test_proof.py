"""A customer proves that she sent a return: what is believed, what it sets free, and what is forgotten of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from jobs import customer_return, proof_files, proof_of_dispatch, purge, return_goods
from jobs.customer_return import TooLate
from jobs.erase_customer import Lock, erase_customer
from jobs.proof_files import ProofFile
from jobs.withdrawals.standing import released
from postventa.clock import now
from postventa.models import DispatchProof, ReturnCase, ReturnPhoto, Withdrawal
from postventa.models.db import reading, transaction
from postventa.privacy.gather import gather
from postventa.privacy.people import Person
from postventa.returns.wish import Wish, WishLine
from postventa.reviews.photos import Photo, Refused
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.returns.scene import ALL_WAYS, CUP, case_of, last_words, mails, opened, rules, shop_of, staff
from tests.scenarios import scenario
from tests.web.scene import picture

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
WAYS = {"default": {**ALL_WAYS["default"], "methods": ["own_carrier", "drop_off", "printed_label"]}}
SENT = replace(CUP, method="own_carrier")
EARLY = {"default": {**WAYS["default"], "refund_when": "at_first_scan"}}


def handed(house: House, case: ReturnCase, key: str = "form-1", number: str = "PK123", file: ProofFile | None = None) -> int:
    with transaction(house.engine) as session:
        told = {"form_key": key, "carrier": "Correos", "tracking_number": number, "file": file}
        return proof_of_dispatch.hand_in(session, house.world, shop_of(house, session), case.number, **told).id  # type: ignore[arg-type]


def refused(house: House, case: ReturnCase, proof: int, reason: str) -> None:
    with transaction(house.engine) as session:
        proof_of_dispatch.refuse(session, shop_of(house, session), case.number, proof, reason=reason, actor="jon")


def proof_of(house: House, number: int) -> DispatchProof:
    with reading(house.engine) as session:
        return session.get_one(DispatchProof, number)


def test_a_proof_is_believed_by_a_person_and_sets_the_money_free_by_the_rules(house: House, peer: WooCommercePeer) -> None:
    rules(house, EARLY)
    case = opened(house, SENT)
    proof = handed(house, case, file=ProofFile("pdf", PDF))
    came = proof_of(house, proof).created_at
    house.run()
    assert (case_of(house, case.number).scanned_at, peer.books.paid) == (None, []), "a number that anybody types releases nothing"
    house.clock.advance(hours=5)
    staff(house, proof_of_dispatch.accept, case, proof)
    house.run()
    assert (case_of(house, case.number).scanned_at, peer.books.paid) == (came, [Decimal("10.00")]), "it counts from when it came"
    assert mails(house)[-1] == "return_proof"
    assert "nos consta que la has enviado" in last_words(house)
    with pytest.raises(ValueError, match="nothing to decide"):
        staff(house, proof_of_dispatch.accept, case, proof)


def test_what_is_refused_says_why_and_another_one_may_follow(house: House) -> None:
    rules(house, WAYS)
    case = opened(house, SENT)
    first = handed(house, case)
    assert handed(house, case) == first, "the same form is the same proof"
    with pytest.raises(ValueError, match="say why"):
        refused(house, case, first, " ")
    refused(house, case, first, "No se lee el número")
    mails(house)
    assert "No se lee el número" in last_words(house)
    assert handed(house, case, "form-2") != first


def test_while_a_proof_waits_nothing_is_changed_or_called_off(house: House) -> None:
    rules(house, WAYS)
    case = opened(house, SENT)
    proof = handed(house, case)
    with transaction(house.engine) as session, pytest.raises(TooLate, match="look at her proof first"):
        customer_return.cancel(session, house.world, shop_of(house, session), case.number)
    refused(house, case, proof, "Es de otro pedido")
    with transaction(house.engine) as session:
        assert customer_return.cancel(session, house.world, shop_of(house, session), case.number).state == "cancelled"


def test_no_proof_is_taken_of_what_is_brought_or_has_come_nor_without_end(house: House) -> None:
    rules(house, WAYS)
    brought = opened(house)
    with pytest.raises(TooLate):
        handed(house, brought)
    case = opened(house, SENT, "form-2")
    with pytest.raises(ValueError, match="a file"):
        handed(house, case, number="")
    for place in range(proof_of_dispatch.MOST):
        handed(house, case, f"form-{place}")
    with pytest.raises(TooLate):
        handed(house, case, "one-more")
    came = opened(house, SENT, "form-3")
    staff(house, return_goods.receive, came)
    with pytest.raises(TooLate):
        handed(house, came)


def test_an_accepted_proof_ends_the_withholding_of_a_withdrawal(house: House) -> None:
    rules(house, WAYS)
    case = opened(house, SENT)
    with transaction(house.engine) as session:
        row = Withdrawal(
            shop_id=case.shop_id, ref="W-7K3M-9Q2X", form_key="w", channel="page", submitted_at=now(), created_at=now(), digest="0" * 64,
            content="{}", keep_until=now() + timedelta(days=1), order_id=case.order_id, return_case_id=case.id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert released(session, row) == ""
    staff(house, proof_of_dispatch.accept, case, handed(house, case))
    with reading(house.engine) as session:
        row = session.scalars(select(Withdrawal)).one()
        assert (row.released_how, row.released_at is not None, released(session, row)) == ("hand", True, "sent")


@scenario("S16", budget=30)
def test_a_file_is_what_its_bytes_say_and_lies_sealed(house: House) -> None:
    taken = proof_files.take(picture("PNG"))
    assert (taken.kind, taken.content[:3]) == ("jpeg", b"\xff\xd8\xff")
    assert proof_files.take(PDF) == ProofFile("pdf", PDF)
    for data in (b"<svg/>", b"GIF89a", b"%PDF-1.7 cut short", b"x" + PDF, b"%PDF-" + b"0" * (10 * 1024 * 1024) + b"%%EOF"):
        with pytest.raises(Refused):
            proof_files.take(data)
    rules(house, WAYS)
    row = proof_of(house, handed(house, opened(house, SENT), file=ProofFile("pdf", PDF)))
    assert row.sealed is not None
    assert PDF not in row.sealed
    assert proof_of_dispatch.opened(row, house.world.secret) == PDF


def test_it_is_exported_with_her_data_and_goes_with_them(house: House) -> None:
    rules(house, WAYS)
    case, person = opened(house, SENT), Person(email="ana@cliente.example")
    proof = handed(house, case, file=ProofFile("pdf", PDF))
    with transaction(house.engine) as session:
        held = gather(session, house.shops["woocommerce"], person, house.world.secret)
        assert (held.files[f"proofs/{proof}.pdf"], held.document["dispatch_proof"][0]["tracking_number"]) == (PDF, "PK123")
        erase_customer(session, house.shops["woocommerce"], person, Lock(house.world.secret, 0))
    left = proof_of(house, proof)
    assert (left.sealed, left.carrier, left.tracking_number, left.state) == (None, "", "", "open")


def test_receipts_and_photos_are_forgotten_ninety_days_after_the_end_of_their_return(house: House) -> None:
    rules(house, EARLY)
    going_on = opened(house, Wish((WishLine("2", 1, "unwanted"),), method="own_carrier"), "going-on", photos={"2": [Photo("1" * 32, b"", 1, 1)]})
    case = opened(house, SENT, photos={"1": [Photo("0" * 32, b"", 1, 1)]})
    proof = handed(house, case, file=ProofFile("pdf", PDF))
    staff(house, proof_of_dispatch.accept, case, proof)
    staff(house, return_goods.receive, case)
    assert case_of(house, case.number).state == "closed"
    house.clock.advance(days=89)
    purge.purge(house.world)
    assert (proof_of(house, proof).sealed is not None, _pictures(house)) == (True, {case.id, going_on.id})
    house.clock.advance(days=2)
    purge.purge(house.world)
    assert _pictures(house) == {going_on.id}, "what has not ended keeps its own"
    assert (proof_of(house, proof).sealed, proof_of(house, proof).tracking_number, proof_of(house, proof).state) == (None, "", "accepted")


def _pictures(house: House) -> set[int]:
    """Of which returns there are photos."""
    with reading(house.engine) as session:
        return set(session.scalars(select(ReturnPhoto.return_case_id)))
