"""Visits on each database: one job at a time, answers for the question that was asked, keys only as long as they are needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from postventa.connecting import visits
from postventa.models import ShopVisit
from postventa.models.db import reading, transaction

SECRET = b"s" * 32
URL = "https://tienda.example"


def begun(engine: Engine, kind: visits.Kind = "look", **hidden: str) -> int:
    with transaction(engine) as session:
        row = visits.begin(session, "1", kind, URL)
        if hidden:
            visits.hide(row, SECRET, hidden)
        return row.id


def only(engine: Engine) -> ShopVisit:
    with reading(engine) as session:
        return session.scalars(select(ShopVisit)).one()


def age(engine: Engine, **hours: float) -> None:
    with transaction(engine) as session:
        row = session.scalars(select(ShopVisit)).one()
        row.asked_at -= timedelta(**hours)
        row.begun_at = row.begun_at and row.begun_at - timedelta(**hours)


def test_one_job_takes_it_and_its_answer_takes_the_keys_away(engine: Engine) -> None:
    number = begun(engine, "keys", key="ck_1", secret="cs_1")
    taken = visits.take(engine, SECRET, number)
    assert taken is not None
    assert (dict(taken.hidden), visits.take(engine, SECRET, number), visits.unanswered(engine)) == ({"key": "ck_1", "secret": "cs_1"}, None, [])
    assert "cs_1" not in repr(taken)
    with transaction(engine) as session:
        visits.answer(session, taken, {"works": True}, f"{URL}/blog")
    row = only(engine)
    assert (row.state, row.result, row.typed, row.secrets) == ("done", {"works": True}, f"{URL}/blog", None)


def test_a_job_that_died_is_begun_again_three_times(engine: Engine) -> None:
    number = begun(engine)
    for _ in range(visits.TRIES):
        assert visits.take(engine, SECRET, number) is not None
        assert not visits.given_up(only(engine))
        age(engine, minutes=4)
    assert (visits.unanswered(engine), visits.given_up(only(engine))) == ([], True)


def test_an_answer_that_comes_late_does_not_stand_for_the_next_question(engine: Engine) -> None:
    number = begun(engine)
    first = visits.take(engine, SECRET, number)
    age(engine, minutes=4)
    second = visits.take(engine, SECRET, number)
    assert first is not None
    assert second is not None
    with transaction(engine) as session:
        visits.answer(session, first, {"works": False})
    assert only(engine).state == "at_work"
    with transaction(engine) as session:
        visits.ask_anew(session.get_one(ShopVisit, number), "approval")
        visits.answer(session, second, {"works": False})
    assert (only(engine).state, visits.unanswered(engine)) == ("waiting", [number])


def test_only_who_asked_finds_it(engine: Engine) -> None:
    begun(engine)
    with reading(engine) as session:
        ref = session.scalars(select(ShopVisit.ref)).one()
        assert visits.mine(session, ref, "1") is not None
        assert visits.mine(session, ref, "2") is None
        assert visits.of_approval(session, "", "1") is None
    with transaction(engine) as session, pytest.raises(ValueError, match="account"):
        visits.begin(session, "", "look", URL)


def test_what_is_old_is_forgotten(engine: Engine) -> None:
    begun(engine, "keys", key="ck_1", secret="cs_1")
    assert visits.forget(engine) == 0
    age(engine, hours=25)
    assert visits.forget(engine) == 1
