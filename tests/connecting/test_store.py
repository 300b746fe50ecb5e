"""Approvals: single use, for one shop and one account, and for half an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from postventa.clock import real_now
from postventa.connecting import store
from postventa.connecting.store import Approvals, Begun
from postventa.models import ShopApproval
from postventa.models.db import reading, transaction

SECRET = b"s" * 32
KEY, HIDDEN = "ck_" + "a" * 40, "cs_" + "b" * 40
LOLA = "https://zapateria-lola.example"


@pytest.fixture
def pending(engine: Engine) -> Approvals:
    return Approvals(engine, SECRET)


def received(pending: Approvals, begun: Begun, ref: str = "", state: str = "") -> bool:
    return pending.receive(ref or begun.ref, state or begun.state, KEY, HIDDEN, "6")


def aged(engine: Engine, by: timedelta) -> None:
    with transaction(engine) as session:
        session.execute(update(ShopApproval).values(expires_at=real_now() - by))


def settled(engine: Engine, pending: Approvals, begun: Begun) -> bool:
    with transaction(engine) as session:
        return pending.settle(session, begun.ref)


def test_keys_that_mara_approved_are_hers(pending: Approvals, engine: Engine) -> None:
    begun = pending.begin("mara", LOLA)
    assert received(pending, begun)
    back = pending.returned(begun.state, "mara")
    assert back is not None
    assert (back.account, back.url, back.key_ref, back.consumer_key, back.consumer_secret) == ("mara", LOLA, "6", KEY, HIDDEN)
    assert pending.approved(begun.ref, "mara") == back
    assert pending.approved(begun.ref, "otto") is None
    assert [settled(engine, pending, begun), settled(engine, pending, begun)] == [True, False]
    assert kept(engine) == [None]
    assert pending.approved(begun.ref, "mara") is None


def test_a_state_counts_once(pending: Approvals) -> None:
    begun = pending.begin("mara", LOLA)
    assert [received(pending, begun), received(pending, begun)] == [True, False]
    assert pending.returned(begun.state, "mara") is not None
    assert not received(pending, begun)


def test_a_page_that_is_loaded_again_takes_nothing_away(pending: Approvals, engine: Engine) -> None:
    begun = pending.begin("mara", LOLA)
    received(pending, begun)
    first, again = pending.returned(begun.state, "mara"), pending.returned(begun.state, "mara")
    assert first is not None
    assert first == again == pending.approved(begun.ref, "mara")
    assert settled(engine, pending, begun)
    assert pending.returned(begun.state, "mara") is None


def test_what_is_approved_already_is_not_given_to_otto_and_ends(pending: Approvals) -> None:
    begun = pending.begin("mara", LOLA)
    received(pending, begun)
    assert pending.returned(begun.state, "mara") is not None
    assert pending.returned(begun.state, "otto") is None
    assert pending.approved(begun.ref, "mara") is None


def test_a_state_that_nobody_gave_out_is_refused(pending: Approvals) -> None:
    begun = pending.begin("mara", LOLA)
    assert not received(pending, begun, state="x" * 43)
    assert pending.returned("x" * 43, "mara") is None


def test_a_state_of_another_shop_is_refused(pending: Approvals) -> None:
    mine, other = pending.begin("mara", LOLA), pending.begin("otto", "https://tes-de-otto.example")
    assert not received(pending, mine, state=other.state)
    assert not received(pending, other, state=mine.state)
    assert received(pending, mine)


def test_a_state_is_too_old_after_half_an_hour(pending: Approvals, engine: Engine) -> None:
    begun, late = pending.begin("mara", LOLA), pending.begin("mara", LOLA)
    assert received(pending, late)
    aged(engine, timedelta(seconds=1))
    assert not received(pending, begun)
    assert pending.returned(late.state, "mara") is None


def test_otto_who_sends_mara_to_approve_for_him_gets_nothing(pending: Approvals, engine: Engine) -> None:
    begun = pending.begin("otto", LOLA)
    assert received(pending, begun)
    assert pending.returned(begun.state, "mara") is None
    assert pending.returned(begun.state, "otto") is None
    assert kept(engine) == [None]


def test_coming_back_before_the_keys_ends_it(pending: Approvals) -> None:
    begun = pending.begin("otto", LOLA)
    assert pending.returned(begun.state, "otto") is None
    assert not received(pending, begun)


def test_a_merchant_who_says_no_is_obeyed(pending: Approvals, engine: Engine) -> None:
    begun = pending.begin("mara", LOLA)
    assert pending.returned(begun.state, "mara", allowed=False) is None
    assert not received(pending, begun)


def test_nobody_begins_without_an_account(pending: Approvals) -> None:
    with pytest.raises(ValueError, match="account"):
        pending.begin("", LOLA)


def test_keys_and_states_do_not_stand_in_the_database(pending: Approvals, engine: Engine) -> None:
    begun = pending.begin("mara", LOLA)
    received(pending, begun)
    with reading(engine) as session:
        [row] = session.execute(select(*ShopApproval.__table__.columns)).all()
    text = repr(tuple(row))
    assert all(word not in text for word in (KEY, HIDDEN, begun.state))
    assert begun.state not in repr(begun)


def test_what_nobody_came_for_is_forgotten(pending: Approvals, engine: Engine) -> None:
    received(pending, pending.begin("mara", LOLA))
    assert (pending.forget(), [bool(sealed) for sealed in kept(engine)]) == (0, [True])
    aged(engine, timedelta(minutes=1))
    assert (pending.forget(), kept(engine)) == (0, [None])
    aged(engine, store.KEPT + timedelta(minutes=1))
    assert (pending.forget(), kept(engine)) == (1, [])


def kept(engine: Engine) -> list[bytes | None]:
    with reading(engine) as session:
        return list(session.scalars(select(ShopApproval.secrets)))
