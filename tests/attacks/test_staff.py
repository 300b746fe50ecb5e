"""Pages for staff: forms from elsewhere, stolen and fixed cookies, and roles that lack a right. The addresses come from the application itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from postventa.accounts.roles import RIGHTS, Right, Role
from postventa.web.staff import guard
from tests.accounts.visits import Office, Person, enrol, form_of, hidden, is_in, send, sign_in
from tests.attacks.tenants import everything
from tests.conftest import on_sqlite
from tests.scenarios import scenario

BLUEPRINTS = ("staff.", "shops.", "orders.", "withdrawals.", "shopify_connect.", "returns_desk.")
"""Those for people who sign in; other pages for them are added here."""
ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.fixture
def office(house: Flask) -> Office:
    return Office(house)


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(BLUEPRINTS) and not rule.endpoint.endswith(".static")]


def path_of(rule: Rule, office: Office, token: str) -> str:
    """The address with the number 1, or the token of a living link, in it."""
    return re.sub(r"<int:\w+>", "1", rule.rule).replace("<token>", token).replace("<ref>", token)


def asked(office: Office, token: str) -> Iterator[tuple[str, str, Any]]:
    """Every method and address of staff, with its view."""
    for rule in rules(office.app):
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield method, path_of(rule, office, token), office.app.view_functions[rule.endpoint]


@scenario("S18", budget=60)
@on_sqlite
def test_no_form_from_elsewhere_changes_anything(office: Office) -> None:
    mara = office.sit_down(office.employ())
    token = office.nobodys_token()
    right = form_of(mara, "/account/security")["csrf"]
    stranger = form_of(office.browser(), "/account/sign-in")["csrf"]
    before, posts = everything(office.engine), [path for method, path, _ in asked(office, token) if method != "GET"]
    assert len(posts) > 10
    for path in posts:
        for csrf in ("", "x", stranger, right[:-1], right.upper()):
            assert mara.post(path, data={"csrf": csrf, "role": "support", "email": "x@y.example"}).status_code == 403, path
        for headers in ELSEWHERE:
            assert mara.post(path, data={"csrf": right}, headers=headers).status_code == 403, (path, headers)
        assert office.browser().post(path, data={"csrf": right}).status_code == 403, path
    assert everything(office.engine) == before


@scenario("S18", budget=30)
def test_no_address_changes_anything_by_get(office: Office) -> None:
    mara, token = office.sit_down(office.employ()), office.nobodys_token()
    before = everything(office.engine)
    for method, path, _ in asked(office, token):
        if method == "GET":
            for ask in (mara.get, mara.head):
                assert ask(path).status_code in (200, 404), path
        else:
            assert mara.get(path).status_code in (200, 405, 404), path
    assert everything(office.engine) == before


@scenario("S18", budget=30)
@on_sqlite
def test_no_page_can_be_framed(office: Office) -> None:
    mara, token = office.sit_down(office.employ()), office.nobodys_token()
    for method, path, _ in asked(office, token):
        headers = mara.open(path, method=method).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert "form-action 'self'" in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "no-store", path


@scenario("S17", budget=60)
@pytest.mark.parametrize("role", [*Role, "of newer code", None])
@on_sqlite
def test_each_role_reaches_what_its_rights_say_and_nothing_else(office: Office, role: str | None) -> None:
    office.employ(Role.SUPPORT, "first@zapateriamara.example")
    person = office.employ(Role(role) if role in list(Role) else role, "jon@zapateriamara.example") if role else None  # type: ignore[arg-type]
    rights = RIGHTS[Role(role)] if role in list(Role) else frozenset[Right]()
    for method, path, view in asked(office, office.nobodys_token()):
        browser = office.sit_down(person) if person else office.browser()
        csrf = hidden(browser.get("/account/sign-in").get_data(as_text=True))["csrf"]
        status = browser.open(path, method=method, data={"csrf": csrf} if method != "GET" else None).status_code
        needs = getattr(view, guard.NEEDS, None)
        assert needs is not None, f"{path} says nothing of who may see it: it is shut"
        if needs == guard.EVERYBODY:
            assert status in (200, 303, 403, 404, 422), path
        elif person is None:
            assert status == 303, path
        elif needs == guard.SIGNED_IN:
            assert status != 403, path
        else:
            assert (status == 403) is (needs not in rights), (path, role)


@scenario("S17", budget=60)
@pytest.mark.parametrize("number", [2**63, 10**40])
def test_numbers_that_no_database_takes_are_no_page_and_no_fault(office: Office, number: int) -> None:
    mara = office.sit_down(office.employ())
    csrf = form_of(mara, "/account/security")["csrf"]
    for rule in rules(office.app):
        if "<int:" in rule.rule:
            path = re.sub(r"<int:\w+>", str(number), rule.rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = mara.open(path, method=method, data={"csrf": csrf} if method == "POST" else None)
                assert answer.status_code in (303, 400, 404, 422), (method, path)


@scenario("S17", budget=10)
@on_sqlite
def test_a_view_that_says_nothing_is_shut(office: Office) -> None:
    view = office.app.view_functions["staff.security"]
    mara = office.sit_down(office.employ())
    office.app.view_functions["staff.security"] = lambda: "forgotten"
    try:
        assert mara.get("/account/security").status_code == 403
    finally:
        office.app.view_functions["staff.security"] = view


@scenario("S17", budget=30)
def test_nobody_ends_or_takes_away_what_is_anothers(office: Office) -> None:
    mara, otto = office.employ(), office.employ(Role.OWNER, "otto@tes.example", "Otto")
    hers, his = office.sit_down(mara), office.sit_down(otto)
    assert send(his, "/account/security", "/account/security/sessions/1/end")[0] == 404
    assert send(his, "/account/security", "/account/security/passkeys/1/remove")[0] == 404
    assert is_in(hers)


def cookie_of(browser: Any) -> str:
    found = browser.get_cookie("postventa_local")
    assert found is not None
    return str(found.value)


@scenario("S19", budget=20)
def test_a_planted_cookie_is_worth_nothing_after_the_sign_in(office: Office) -> None:
    mara, victim, attacker = office.employ(), office.browser(), office.browser()
    attacker.get("/account/sign-in")
    victim.set_cookie("postventa_local", cookie_of(attacker))
    assert sign_in(victim, mara)[0] == 303
    assert cookie_of(victim) != cookie_of(attacker)
    assert is_in(victim)
    assert not is_in(attacker)


@scenario("S19", budget=20)
@pytest.mark.parametrize("planted", ["", "short", "x" * 43, "../../etc", "a" * 3900, "ñ" * 43])
@on_sqlite
def test_no_invented_cookie_opens_anything(office: Office, planted: str) -> None:
    office.sit_down(office.employ())
    browser = office.browser()
    browser.set_cookie("postventa_local", planted)
    assert not is_in(browser)


@scenario("S19", budget=20)
def test_a_stolen_cookie_is_worth_nothing_after_signing_out(office: Office) -> None:
    mara, thief = office.sit_down(office.employ()), office.browser()
    thief.set_cookie("postventa_local", cookie_of(mara))
    assert is_in(thief)
    assert send(mara, "/account/security", "/account/sign-out")[:2] == (303, "/account/sign-in")
    assert not is_in(thief)
    assert not is_in(mara)


@scenario("S19", budget=20)
def test_a_stolen_cookie_is_worth_nothing_after_a_new_password(office: Office) -> None:
    person = office.employ()
    mara, thief = office.sit_down(person), office.sit_down(person)
    assert enrol(mara, "/account/security", "/account/security/password")[0] == 200
    assert is_in(mara)
    assert not is_in(thief)


@scenario("S19", budget=30)
def test_signing_out_in_two_places_at_once_leaves_nothing_behind(office: Office) -> None:
    person: Person = office.employ()
    mara = office.sit_down(person)
    csrf, cookie, answers = form_of(mara, "/account/security")["csrf"], cookie_of(mara), list[int]()
    office.age(seen=timedelta(minutes=5))  # so that each use is written down, beside the end

    def act(path: str) -> None:
        browser = office.browser()
        browser.set_cookie("postventa_local", cookie)
        answers.append((browser.post(path, data={"csrf": csrf}) if path.endswith("out") else browser.get(path)).status_code)

    threads = [threading.Thread(target=act, args=(path,)) for path in ["/account/sign-out", "/account/security"] * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert len(answers) == 16
    assert set(answers) <= {200, 303}
    assert not is_in(mara)
    assert [action for _, action in office.said()].count("account.sign_out") == 1


@scenario("S19", budget=30)
def test_one_code_lets_in_one_of_many_who_send_it_at_once(office: Office) -> None:
    mara = office.employ()
    code, answers = mara.code(), list[int]()

    def act() -> None:
        answers.append(sign_in(office.browser(), mara, code=code)[0])

    threads = [threading.Thread(target=act) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(answers) == [303, 403, 403, 403, 403, 403]


@scenario("S23", budget=20)
@on_sqlite
def test_no_secret_of_a_sign_in_stands_in_a_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    mara = office.employ()
    with caplog.at_level("DEBUG"):
        sign_in(office.browser(), mara, password="wrong secret words")
        browser = office.browser()
        sign_in(browser, mara)
        form = form_of(browser, "/account/sign-in")
        browser.post("/account/sign-in", data={**form, "passkey": "nonsense\r\nforged line"})
    said = "\n".join(record.getMessage() + str(record.__dict__) for record in caplog.records)
    for secret in (mara.email, "wrong secret words", mara.totp, cookie_of(browser), "forged line"):
        assert secret not in said
