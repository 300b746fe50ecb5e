"""From the statement to the money: the receipt through outages, the clock's alarms, what staff decide, and what proves it all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DatabaseError

from connectors.errors import ConnectorError
from connectors.mail.base import RecipientRefused, ServerAway
from jobs.withdrawals import decide, look_after
from postventa import audit
from postventa.models import AuditEntry, LabelRow, Order, ReturnCase, Withdrawal
from postventa.models.db import connect, reading, transaction
from postventa.privacy.people import Person
from postventa.withdrawal import proofs, store
from tests.conftest import TestClock
from tests.pipeline.stories import NOON
from tests.withdrawal.counter import ANA, Counter, text_of


def stated(counter: Counter, **typed: str) -> Withdrawal:
    counter.withdraw(counter.phone(), **typed)
    return counter.one()


def names(counter: Counter) -> dict[str, str]:
    return {alarm.name: alarm.level for alarm in counter.alarms()}


@pytest.mark.parametrize("trouble", [ServerAway("the mail server does not answer"), ConnectorError("451 later")])
def test_a_receipt_comes_however_long_the_mail_server_is_away(counter: Counter, trouble: ConnectorError) -> None:
    counter.order()
    counter.postman.trouble = [trouble] * 40
    stated(counter)
    for _ in range(40):  # twenty days
        with transaction(counter.engine) as session:
            session.execute(text("UPDATE effect SET not_before = '2020-01-01T00:00:00.000000Z' WHERE kind = 'receipt'"))
        counter.clock.advance(hours=12)
        counter.run()
    assert counter.mails("withdrawal_receipt") == []
    counter.look()
    assert names(counter)["withdrawal-receipt"] == "page"
    counter.postman.trouble = []
    with transaction(counter.engine) as session:
        session.execute(text("UPDATE effect SET not_before = '2020-01-01T00:00:00.000000Z' WHERE kind = 'receipt'"))
    counter.run()
    (mail,) = counter.mails("withdrawal_receipt")
    assert f"{NOON.year}-{NOON.month:02}-{NOON.day:02}" in text_of(mail), "it says when she sent it"
    counter.look()
    assert "withdrawal-receipt" not in names(counter)


def test_an_address_that_does_not_exist_is_somebodys_business_at_once(counter: Counter) -> None:
    counter.postman.trouble = [RecipientRefused("550 nobody")]
    row = stated(counter)
    counter.run()
    counter.look()
    assert names(counter)["withdrawal-receipt"] == "page"
    with transaction(counter.engine) as session:
        decide.receipt_handed_over(session, session.get_one(Withdrawal, row.id), "account:1")
    counter.look()
    assert "withdrawal-receipt" not in names(counter)


def test_what_redis_did_not_hear_of_is_found_by_the_clock(counter: Counter, redis_url: str) -> None:
    counter.world.settings = counter.settings.model_copy(update={"redis": counter.settings.redis.model_copy(update={"url": redis_url})})
    row = stated(counter)
    look_after.look_after(counter.world)
    asked = [str(name) for name in Redis.from_url(redis_url).keys("rq:job:*")]
    assert any(f"rq:job:match-{row.id}" in name for name in asked)
    assert any(f"rq:job:send_message-{counter.receipts()[0].id}" in name for name in asked)


def test_the_merchant_is_told_on_the_7th_10th_12th_and_13th_day_and_when_it_is_late(counter: Counter) -> None:
    counter.order()
    stated(counter)
    counter.work()
    heard = {}
    for day in range(18):
        counter.look(NOON + timedelta(days=day))
        heard[day] = (len(counter.mails("withdrawal_waiting")), names(counter).get("withdrawal-refund"))
    assert [day for day in range(1, 18) if heard[day][0] > heard[day - 1][0]] == [7, 10, 12, 13, 15]
    assert (heard[6][1], heard[7][1], heard[11][1], heard[12][1]) == (None, "warn", "warn", "page")


def test_money_that_the_shop_gave_back_ends_it(counter: Counter) -> None:
    order = counter.order()
    stated(counter)
    counter.work()
    counter.look(NOON + timedelta(days=8))
    assert "withdrawal-refund" in names(counter)
    with transaction(counter.engine) as session:
        session.execute(update(Order).where(Order.id == order).values(refunded_total=65))
    counter.look()
    assert (counter.one().state, names(counter)) == ("refunded", {})


def test_goods_that_are_back_or_on_their_way_end_the_withholding(counter: Counter) -> None:
    counter.order()
    stated(counter)
    counter.work()
    counter.clock.advance(minutes=1)
    counter.run()
    counter.look()
    assert counter.one().released_how == ""
    with transaction(counter.engine) as session:
        session.execute(update(LabelRow).values(state="scanned"))
    counter.look()
    assert counter.one().released_how == "sent"
    with transaction(counter.engine) as session:
        session.execute(update(Withdrawal).values(released_at=None, released_how=""))
        session.execute(update(LabelRow).values(state="mailed"))
        session.execute(update(ReturnCase).values(received_at=NOON))
    counter.look()
    assert counter.one().released_how == "received"


KEYS = {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"}


def refunds(counter: Counter) -> list[dict[str, object]]:
    return [dict(effect.data["wanted"]) for effect in counter.effects(followup="write_refund")]  # type: ignore[call-overload]


@pytest.mark.parametrize(("wish", "planned"), [("by_hand", 0), ("automatic", 1)])
def test_nothing_is_paid_by_itself_unless_the_merchant_wants_it(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, wish: str, planned: int
) -> None:
    clock.set(NOON)
    counter = Counter(sqlite_engine, clock, tmp_path, **KEYS, withdrawal={"refund": wish, "standard_shipping": "3"})
    counter.order()
    stated(counter)
    counter.work()
    with transaction(counter.engine) as session:
        session.execute(update(ReturnCase).values(received_at=NOON))
    for _ in range(3):
        look_after.look_after(counter.world)
    assert len(refunds(counter)) == planned
    if planned:
        assert {name: refunds(counter)[0][name] for name in ("amount", "shipping", "reason")} == {
            "amount": "63.00",
            "shipping": "3",
            "reason": counter.one().ref,
        }
    counter.app.extensions["postventa"].engine.dispose()


def test_what_the_settings_except_is_never_paid_by_itself(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    wishes = {"refund": "automatic", "exceptions": {"L1": "made_to_measure"}}
    counter = Counter(sqlite_engine, clock, tmp_path, **KEYS, withdrawal=wishes)
    order = counter.order()
    page = counter.phone().get(counter.link(order)).get_data(as_text=True)
    assert "está hecho a medida o personalizado (TRLGDCU 103.c)" in page
    stated(counter)
    counter.work()
    with transaction(counter.engine) as session:
        session.execute(update(ReturnCase).values(received_at=NOON))
    look_after.look_after(counter.world)
    assert refunds(counter) == []
    counter.app.extensions["postventa"].engine.dispose()


def changed(engine: Engine, statement: str, guard: str) -> None:
    """Behind the database's back: somebody who may do anything takes the guard away first."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard}" + (" ON withdrawal" if engine.dialect.name == "postgresql" else ""))
        connection.exec_driver_sql(statement)


def test_both_databases_refuse_to_change_a_statement_and_what_was_changed_is_seen(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    counter = Counter(engine, clock, tmp_path)
    row = stated(counter)
    for statement in (
        "UPDATE withdrawal SET content = '{}'",
        "UPDATE withdrawal SET submitted_at = created_at, ref = 'W-X'",
        "DELETE FROM withdrawal",
    ):
        with pytest.raises(DatabaseError, match="is evidence"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with reading(engine) as session:
        assert proofs.verify(session) == audit.verify(session) == []
    guard = "withdrawal_no_change" if engine.dialect.name == "postgresql" else "withdrawal_no_update"
    changed(engine, "UPDATE withdrawal SET content = replace(content, '1042', '1043')", guard)
    with reading(engine) as session:
        assert proofs.verify(session) == [f"withdrawal {row.ref} was changed after it was sent"]
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE withdrawal SET content = NULL")
    with reading(engine) as session:
        assert proofs.verify(session) == [f"withdrawal {row.ref}: its content is gone before its time"]
    changed(engine, "DELETE FROM withdrawal", "withdrawal_no_delete")
    with reading(engine) as session:
        assert proofs.verify(session) == [f"withdrawal {row.ref} is missing"]
    counter.app.extensions["postventa"].engine.dispose()


def test_one_that_was_tampered_with_keeps_nobody_from_the_others(counter: Counter) -> None:
    first = stated(counter)
    counter.withdraw(counter.phone(), contract="otro")
    counter.work()
    changed(counter.engine, f"UPDATE withdrawal SET content = '[]' WHERE id = {first.id}", "withdrawal_no_update")
    counter.look(NOON + timedelta(days=7))
    (told,) = [alarm.message for alarm in counter.alarms() if alarm.name == "withdrawal-unmatched"]
    assert all(row.ref in told for row in counter.statements())
    assert "withdrawal-refund" in names(counter)


def test_a_shop_that_is_disconnected_on_its_page_still_owes_the_receipt(counter: Counter) -> None:
    from postventa import shops, vault
    from postventa.models import Shop

    stated(counter)
    with transaction(counter.engine) as session:
        row = session.get_one(Shop, counter.shop_id)
        row.from_file, row.secrets = False, vault.seal(counter.world.secret, {"webhook_secrets": ["x"]}, f"shop:{row.key}:secrets")
        session.flush()
        assert shops.disconnect(session, counter.world.secret, counter.shop_id) is not None
    counter.run()
    assert len(counter.mails("withdrawal_receipt")) == 1


def test_an_erasure_locks_statements_away_and_five_years_destroy_them(counter: Counter) -> None:
    from jobs.erase_customer import Lock, erase_customer

    counter.order()
    row = stated(counter)
    counter.work()
    with transaction(counter.engine) as session:
        erase_customer(session, counter.shop_id, Person(email=ANA), Lock(counter.world.secret, 5))
    kept = counter.one()
    assert (kept.content, kept.email, kept.blocked_at is not None) == (None, "", True)
    assert "Ana Ruiz" in store.opened(kept, counter.world.secret)
    assert counter.phone().get(f"{counter.page}/{row.ref}/x").status_code == 404
    assert [effect.recipient for effect in counter.receipts()] == [""]
    with reading(counter.engine) as session:
        assert proofs.verify(session, counter.world.secret) == []
    counter.clock.set(kept.keep_until)
    look_after.forget(counter.world)
    assert counter.one().sealed is None
    with reading(counter.engine) as session:
        assert proofs.verify(session, counter.world.secret) == []
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == store.DESTROY


def test_a_migrated_database_guards_them_too(database_url: str) -> None:
    from postventa import migrations

    engine = connect(database_url)
    migrations.upgrade_engine(engine)
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if engine.dialect.name == "sqlite" else "SELECT tgname FROM pg_trigger"
    with engine.connect() as connection:
        found = {name for (name,) in connection.exec_driver_sql(names) if name.startswith("withdrawal_")}
    engine.dispose()
    assert len(found) == 3
