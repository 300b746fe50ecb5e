"""What staff do with a statement, by page and by command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from postventa import clock as product_clock
from postventa import migrations
from postventa.accounts.roles import Role
from postventa.cli import Context
from postventa.cli.withdrawal import withdrawal
from postventa.clock import real_now
from postventa.doctor.shops import withdrawal as doctors_word
from tests.accounts.visits import hidden
from tests.conftest import TestClock
from tests.pipeline.house import alba
from tests.pipeline.stories import NOON
from tests.withdrawal.counter import ANA, Counter

KEYS = {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"}


@pytest.fixture
def paying(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    """A shop that gave us keys to pay with, and Ana's statement."""
    clock.set(NOON)
    made = Counter(sqlite_engine, clock, tmp_path, **KEYS)
    made.order()
    made.withdraw(made.phone())
    made.work()
    yield made
    made.app.extensions["postventa"].engine.dispose()


def press(counter: Counter, role: Role, **fields: str) -> tuple[int, str]:
    """One button of the statement's page: the status, and the page that follows."""
    browser = counter.sit_down(counter.employ(role, f"{role}@alba.example", str(role)))
    page = f"/withdrawals/{counter.statements()[0].ref}"
    csrf = hidden(browser.get(page).get_data(as_text=True)).get("csrf", "")
    answer = browser.post(page, data={"csrf": csrf, **fields}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def planned(counter: Counter) -> list[dict[str, Any]]:
    return [dict(effect.data["wanted"]) for effect in counter.effects(followup="write_refund")]  # type: ignore[call-overload]


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.MANAGER, 200), (Role.SUPPORT, 403), (Role.WAREHOUSE, 403)])
def test_money_is_given_back_once_and_only_by_who_may(paying: Counter, role: Role, status: int) -> None:
    assert press(paying, role, do="pay", amount="65,00")[0] == status
    assert len(planned(paying)) == (status == 200)
    if status == 200:
        assert (planned(paying)[0]["amount"], planned(paying)[0]["lines"]) == ("65.00", [["l1", 1], ["l2", 2]])
        again = press_again(paying, role)
        assert "no se devuelve dos veces" in again
        assert "Del pedido quedan 0,00" in again
        assert 'value="pay"' not in again


def press_again(counter: Counter, role: Role) -> str:
    with_account = counter.employ(role, f"again-{role}@alba.example", "again")
    browser = counter.sit_down(with_account)
    page = f"/withdrawals/{counter.statements()[0].ref}"
    csrf = hidden(browser.get(page, headers={"Accept-Language": "es"}).get_data(as_text=True))["csrf"]
    answer = browser.post(page, data={"csrf": csrf, "do": "pay", "amount": "65"}, headers={"Accept-Language": "es"}, follow_redirects=True)
    assert len(planned(counter)) == 1
    return answer.get_data(as_text=True)


def test_the_statement_and_its_order_lead_to_one_another(paying: Counter) -> None:
    jon, row = paying.sit_down(paying.employ(Role.SUPPORT, "jon@alba.example", "Jon")), paying.one()
    page, order = (jon.get(path).get_data(as_text=True) for path in (f"/withdrawals/{row.ref}", f"/orders/{row.order_id}"))
    assert f'<a href="/orders/{row.order_id}">Pedido 1042</a>' in page
    assert '<a href="/withdrawals" aria-current="page">Desistimientos</a>' in page
    assert "Desistió de la compra. Quedan 14 días" in order
    assert f'href="/withdrawals/{row.ref}"' in order
    paying.withdraw(paying.phone(), contract="ni idea")
    assert f'href="/orders?q={ANA}"' in jon.get(f"/withdrawals/{paying.statements()[1].ref}").get_data(as_text=True)


def test_what_is_not_left_any_more_is_said_so(paying: Counter) -> None:
    status, page = press(paying, Role.OWNER, do="pay", amount="65,01")
    assert (status, "ya no queda tanto por devolver" in page, planned(paying)) == (422, True, [])


@pytest.mark.parametrize("amount", ["0", "-5", "mucho", ""])
def test_a_sum_that_cannot_be_meant_is_refused(paying: Counter, amount: str) -> None:
    assert press(paying, Role.OWNER, do="pay", amount=amount)[0] == 422
    assert planned(paying) == []


def test_only_the_laws_grounds_end_it_without_money(paying: Counter) -> None:
    assert press(paying, Role.SUPPORT, do="refuse", ground="opened_box")[0] == 422
    assert paying.one().state == "open"
    assert press(paying, Role.MANAGER, do="refuse", ground="made_to_measure")[0] == 200
    row = paying.one()
    assert (row.state, row.ground) == ("refused", "made_to_measure")
    assert ("account:2", "withdrawal.refused") in paying.said()


def test_a_form_of_another_site_changes_nothing(paying: Counter) -> None:
    browser = paying.sit_down(paying.employ())
    assert browser.post(f"/withdrawals/{paying.one().ref}", data={"do": "refunded"}).status_code == 403
    assert paying.one().state == "open"


def test_a_letter_counts_from_when_it_came(counter: Counter) -> None:
    browser = counter.sit_down(counter.employ(Role.SUPPORT))
    form = hidden(browser.get("/withdrawals/new").get_data(as_text=True))
    typed = {"shop": str(counter.shop_id), "channel": "post", "name": "Ana Ruiz", "contract": "1042", "email": ANA, "what": "", "language": "ca"}
    late = browser.post("/withdrawals", data={**form, **typed, "came": "2027-01-01T10:00"})
    assert late.status_code == 422
    for _ in range(2):  # a second click
        browser.post("/withdrawals", data={**form, **typed, "came": "2026-10-30T09:15"})
    row = counter.one()
    assert (row.channel, row.submitted_at.isoformat()) == ("post", "2026-10-30T08:15:00+00:00")
    counter.work()
    assert "Hem rebut el teu desistiment" in str(counter.mails("withdrawal_receipt")[0]["Subject"])


def run(counter: Counter, *words: str) -> Any:
    context = Context()
    context.__dict__["settings"] = counter.settings
    with counter.engine.begin() as connection:  # its tables were made without migrations
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
        connection.exec_driver_sql("DELETE FROM alembic_version")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (migrations.newest(),))
    answer = CliRunner().invoke(withdrawal, list(words), obj=context)
    product_clock.install(counter.clock)
    return answer


def test_the_same_is_done_by_command(counter: Counter) -> None:
    known = ("--name", "Ana Ruiz", "--order", "ni idea", "--email", ANA, "--channel", "phone")
    assert run(counter, "add", *known, "--came", "2026-11-03T11:30").exit_code == 0
    assert "later than now" in run(counter, "add", *known, "--came", f"{real_now() + timedelta(days=2):%Y-%m-%dT%H:%M}").output
    counter.work()
    row = counter.one()
    assert json.loads(run(counter, "list", "--json").output)["withdrawals"][0]["trouble"] == "no-order"
    counter.order("1043")
    assert run(counter, "join", row.ref, "--order", "1043").exit_code == 0
    document = json.loads(run(counter, "show", row.ref.lower(), "--json").output)
    assert (document["statement"]["name"], document["matched_how"], document["problems"]) == ("Ana Ruiz", "hand", [])
    assert (document["order"], document["due"], document["owed"]) == ("1043", "2026-11-17", "65.00 EUR")
    assert run(counter, "settle", row.ref, "--refused", "sale", "--reason", "x").exit_code == 1
    assert run(counter, "settle", row.ref, "--refunded", "--reason", "paid by transfer").exit_code == 0
    assert counter.one().state == "refunded"


@pytest.mark.parametrize(
    ("wishes", "state"), [({}, "ok"), ({"link": False}, "warn"), ({"label": "Devolver mi compra"}, "warn"), ({"informed": False}, "warn")]
)
def test_the_doctor_warns_of_what_the_law_would_not_like(wishes: dict[str, Any], state: str) -> None:
    assert doctors_word(alba(withdrawal=wishes)).state == state
