"""Passkeys against authenticators, browsers and pages that lie."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from postventa.clock import real_now
from postventa.models import Account, Passkey
from postventa.models.db import reading, transaction
from tests.accounts.authenticator import Authenticator
from tests.accounts.visits import MARA, Office, form_of, hidden, is_in
from tests.scenarios import scenario


def question(browser: FlaskClient, path: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A page's hidden fields and what it asks the authenticator."""
    page = browser.get(path).get_data(as_text=True)
    (options,) = re.findall(r'data-options="([^"]+)"', page)
    return hidden(page), json.loads(unescape(options))


def enter(browser: FlaskClient, passkey: Authenticator, **lies: Any) -> int:
    form, options = question(browser, "/account/sign-in")
    return browser.post("/account/sign-in", data={**form, "passkey": passkey.get({**options, **lies})}).status_code


@pytest.fixture
def mara(office: Office) -> Authenticator:
    """Her passkey, made with the first link."""
    passkey, browser, path = Authenticator(), office.browser(), office.first_link()
    form, options = question(browser, path)
    answer = browser.post(path, data={**form, "email": MARA, "name": "Mara", "passkey": passkey.create(options)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/security?saved=passkey")
    assert is_in(browser)
    return passkey


def test_a_passkey_lets_in_and_its_count_is_kept(office: Office, mara: Authenticator) -> None:
    mara.count = 7
    browser = office.browser()
    assert enter(browser, mara) == 303
    assert is_in(browser)
    with reading(office.engine) as session:
        assert session.query(Passkey.sign_count).scalar() == 7


@scenario("S19", budget=20)
def test_an_answer_that_was_overheard_lets_nobody_in(office: Office, mara: Authenticator) -> None:
    browser, thief = office.browser(), office.browser()
    form, options = question(browser, "/account/sign-in")
    mara.count = 2
    answer = mara.get(options)
    stolen = {**form_of(thief, "/account/sign-in"), "passkey": answer}
    assert thief.post("/account/sign-in", data=stolen).status_code == 403, "it answers another browser's question"
    assert browser.post("/account/sign-in", data={**form, "passkey": answer}).status_code == 303


@scenario("S19", budget=20)
def test_one_answer_counts_once_even_in_its_own_browser(office: Office, mara: Authenticator) -> None:
    browser = office.browser()
    form, options = question(browser, "/account/sign-in")
    cookie = browser.get_cookie("postventa_local")
    assert cookie is not None
    mara.count = 0
    with transaction(office.engine) as session:
        session.execute(update(Passkey).values(sign_count=0))
    answer = {**form, "passkey": mara.get(options)}
    assert browser.post("/account/sign-in", data=answer).status_code == 303
    browser.set_cookie("postventa_local", cookie.value)
    assert browser.post("/account/sign-in", data=answer).status_code == 403


@pytest.mark.parametrize("count", [0, 1])
def test_a_copy_of_a_passkey_is_noticed_by_its_count(office: Office, mara: Authenticator, count: int) -> None:
    mara.count = count
    assert enter(office.browser(), mara) == 403


def test_without_a_finger_or_pin_it_proves_nothing(office: Office, mara: Authenticator) -> None:
    mara.count, mara.verified = 2, False
    assert enter(office.browser(), mara) == 403


@pytest.mark.parametrize("origin", ["https://localhost", "http://localhost:81", "http://evil.example", "http://localhost.evil.example"])
def test_a_page_of_somebody_else_proves_nothing(office: Office, mara: Authenticator, origin: str) -> None:
    mara.count, mara.origin = 2, origin
    assert enter(office.browser(), mara) == 403


def test_another_key_under_the_same_name_proves_nothing(office: Office, mara: Authenticator) -> None:
    other = Authenticator()
    other.id, other.count = mara.id, 2
    assert enter(office.browser(), other) == 403
    assert enter(office.browser(), Authenticator()) == 403
    assert enter(office.browser(), mara, rpId="evil.example") == 403


def test_who_is_disabled_stays_out(office: Office, mara: Authenticator) -> None:
    mara.count = 2
    with transaction(office.engine) as session:
        session.execute(update(Account).values(disabled_at=real_now()))
    assert enter(office.browser(), mara) == 403


def test_an_answer_for_another_link_makes_no_account(office: Office) -> None:
    browser, passkey = office.browser(), Authenticator()
    _, options = question(browser, office.first_link())
    path = office.first_link()
    form, _ = question(browser, path)
    answer = browser.post(path, data={**form, "email": MARA, "name": "Mara", "passkey": passkey.create(options)})
    assert answer.status_code == 422
    assert not is_in(browser)


def test_a_passkey_is_added_named_and_taken_away_but_the_last_one_stays(office: Office, mara: Authenticator) -> None:
    browser, second = office.browser(), Authenticator()
    mara.count = 2
    assert enter(browser, mara) == 303
    form, options = question(browser, "/account/security")
    assert len(options["excludeCredentials"]) == 1
    added = browser.post("/account/security/passkeys", data={**form, "passkey": second.create(options), "passkey_name": "<b>Llave</b>"})
    assert added.status_code == 303
    assert "&lt;b&gt;Llave&lt;/b&gt;" in browser.get("/account/security").get_data(as_text=True)
    form = form_of(browser, "/account/security")
    assert browser.post("/account/security/passkeys/1/remove", data=form).status_code == 303
    assert browser.post("/account/security/passkeys/2/remove", data=form).status_code == 422
    second.count = 2
    assert enter(office.browser(), mara) == 403
    assert enter(office.browser(), second) == 303
    assert [action for _, action in office.said() if "passkey" in action] == ["account.passkey_added", "account.passkey_removed"]


@pytest.mark.parametrize("password", ["", "caballo grapa batería correcta"])
def test_who_has_a_passkey_only_cannot_sign_in_with_a_password(office: Office, mara: Authenticator, password: str) -> None:
    assert mara.count == 1
    browser = office.browser()
    form = form_of(browser, "/account/sign-in")
    assert browser.post("/account/sign-in", data={**form, "email": MARA, "password": password, "code": "123456"}).status_code == 403
