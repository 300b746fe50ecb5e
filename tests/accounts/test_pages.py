"""Mara makes her account, Jon comes after her: the pages without any script."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from postventa import clock
from postventa.accounts import limits
from postventa.accounts.roles import Role
from postventa.app import create_app
from postventa.config import Settings
from tests.accounts.visits import MARA, PASSWORD, Office, enrol, form_of, hidden, is_in, send, sign_in


def test_the_first_link_makes_the_owner_who_is_signed_in_and_gets_ten_codes(either: Office) -> None:
    browser, path = either.browser(), either.first_link()
    for _ in range(2):
        assert "Crea tu cuenta" in browser.get(path).get_data(as_text=True), "looking uses nothing up"
    status, page = enrol(browser, path, email="Mara@ZapateriaMara.example", name="Mara")
    assert status == 200
    assert len(re.findall(r"<li>[A-Z2-7]{4}(-[A-Z2-7]{4}){3}</li>", page)) == 10
    assert is_in(browser)
    assert either.said() == [("account:1", "account.made")]
    assert either.browser().get(path).status_code == 404
    assert "Propiedad" in browser.get("/account/security").get_data(as_text=True)


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"email": "mara"}, "Escribe una dirección de correo completa"),
    ({"name": " "}, "Dinos tu nombre"),
    ({"password": "corta"}, "Al menos 12 caracteres"),
    ({"password": "aaaaaaaaaaaaaaaa"}, "demasiado fácil"),
    ({"code": "000000x"}, "El código no coincide"),
    ({"totp": "tampered"}, "demasiado tiempo abierta"),
    ({"passkey": "{}"}, "llave de acceso"),
    ({"passkey": "[" * 5000}, "llave de acceso"),
]


def test_a_mistake_in_the_form_is_told_with_what_to_do(office: Office) -> None:
    path = office.first_link()
    right = {"email": MARA, "name": "Mara", "password": PASSWORD, "code": "123456"}
    for fields, said in MISTAKES:
        browser = office.browser()
        status, _, text = send(browser, path, **{**right, **fields})
        assert (status, said in text) == (422, True), (said, text)
        assert not is_in(browser), said


def test_a_password_with_a_code_lets_in_once_and_neither_alone_does(office: Office) -> None:
    mara = office.employ()
    assert sign_in(office.browser(), mara, password="not this one, no")[0] == 403
    assert sign_in(office.browser(), mara, code="123")[0] == 403
    browser, code = office.browser(), mara.code()
    assert sign_in(browser, mara, code=code)[:2] == (303, "/shops")
    assert is_in(browser)
    assert sign_in(office.browser(), mara, code=code)[0] == 403, "that code was used"
    assert ("account:1", "account.sign_in") in office.said()
    assert ("unknown", "account.sign_in_failed") in office.said()


def test_a_recovery_code_counts_once(either: Office) -> None:
    mara = either.employ()
    browser = either.browser()
    assert sign_in(browser, mara, code=mara.recovery[3].lower().replace("-", " "))[0] == 303
    assert "9 códigos" in browser.get("/account/security").get_data(as_text=True)
    assert sign_in(either.browser(), mara, code=mara.recovery[3])[0] == 403


def test_an_address_without_account_hears_the_same(office: Office) -> None:
    mara = office.employ()
    _, _, known = sign_in(office.browser(), mara, password="wrong wrong wrong")
    status, _, unknown = send(office.browser(), "/account/sign-in", email="otto@tes.example", password=PASSWORD, code="123456", passkey="")
    assert status == 403
    assert [line for line in known.splitlines() if "notice" in line] == [line for line in unknown.splitlines() if "notice" in line]


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock stands at the beginning of a window in which tries are counted, and not shortly before its end."""
    late = time.time() % limits.WINDOW.total_seconds()
    monkeypatch.setattr(clock, "_wall", lambda: time.time() - late)
    monkeypatch.setattr(clock, "_anchor", clock._anchor - late)


@pytest.mark.usefixtures("early")
def test_ten_tries_for_one_account_are_enough_whether_it_exists_or_not(either: Office) -> None:
    mara = either.employ()
    for email in (MARA, "nobody@tes.example"):
        browser = either.browser()
        form = form_of(browser, "/account/sign-in")
        answers = [browser.post("/account/sign-in", data={**form, "email": email, "password": "x", "code": "1"}).status_code for _ in range(11)]
        assert answers == [403] * 10 + [429]
    assert sign_in(either.browser(), mara)[0] == 429, "even with everything right"


def test_who_is_not_signed_in_is_led_to_the_form_and_back(office: Office) -> None:
    mara, browser = office.employ(), office.browser()
    answer = browser.get("/account/people")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in?next=/account/people")
    assert (
        send(browser, answer.headers["Location"], "/account/sign-in", email=MARA, password=PASSWORD, code=mara.code(), passkey="")[1]
        == "/account/people"
    )


def test_nobody_is_led_elsewhere(office: Office) -> None:
    mara = office.employ()
    wishes = ("https://evil.example", "//evil.example", "/\\evil.example", "/ok\r\nX: y", "javascript:alert(1)", "/\t/evil.example")
    for wish, code in zip(wishes, mara.recovery, strict=False):
        browser = office.browser()
        fields = {"email": MARA, "password": PASSWORD, "code": code}
        answer = browser.post("/account/sign-in", data={**form_of(browser, "/account/sign-in"), "next": wish, **fields})
        assert answer.headers["Location"] == "/shops", wish


def test_a_session_is_over_after_half_an_hour_without_use_and_after_twelve_hours(either: Office) -> None:
    mara = either.employ()
    idle, old = either.sit_down(mara), either.sit_down(mara)
    assert is_in(idle)
    assert is_in(old)
    either.age(created=timedelta(hours=11, minutes=59), seen=timedelta(minutes=29))
    assert is_in(idle)
    assert is_in(old)
    either.age(seen=timedelta(minutes=31))
    assert not is_in(idle)
    again = either.sit_down(mara)
    either.age(created=timedelta(hours=12, minutes=1))
    assert not is_in(again)


def test_changes_need_a_sign_in_of_the_last_quarter_of_an_hour(office: Office) -> None:
    browser = office.sit_down(office.employ())
    office.age(created=timedelta(minutes=16))
    form = form_of(browser, "/account/security")
    for path in ("/account/security/codes", "/account/security/password", "/account/security/passkeys", "/account/people"):
        answer = browser.post(path, data=form)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/account/sign-in?next=/account/")


def test_mara_invites_jon_who_sees_no_people_until_she_makes_him_a_manager(office: Office) -> None:
    mara, jon = office.sit_down(office.employ()), office.browser()
    status, _, page = send(mara, "/account/people", email="Jon@zapateriamara.example", role="warehouse")
    assert status == 200
    path = re.findall(r"http://[^/]+(/account/welcome/[\w-]{43})", page)[0]
    assert "jon@zapateriamara.example" in mara.get("/account/people").get_data(as_text=True)
    assert enrol(jon, path, name="Jon")[0] == 200
    answer = jon.get("/account/people")
    assert answer.status_code == 403
    assert "Aquí no puedes entrar" in answer.get_data(as_text=True)
    assert send(mara, "/account/people", "/account/people/2/role", role="manager")[:2] == (303, "/account/people")
    assert not is_in(jon), "with another role he signs in anew"
    assert ("account:1", "account.invite") in office.said()
    assert ("account:1", "account.role") in office.said()


def test_a_manager_cannot_touch_or_make_owners(office: Office) -> None:
    office.employ()
    jon = office.sit_down(office.employ(Role.MANAGER, "jon@zapateriamara.example", "Jon"))
    assert send(jon, "/account/people", email="otto@tes.example", role="owner")[0] == 403
    assert send(jon, "/account/people", "/account/people/1/role", role="support")[0] == 403
    assert send(jon, "/account/people", "/account/people/1/disable")[0] == 403
    assert send(jon, "/account/people", "/account/people/2/role", role="owner")[0] == 403


def test_the_last_owner_stays(either: Office) -> None:
    mara = either.sit_down(either.employ())
    for path in ("/account/people/1/disable", "/account/people/1/role"):
        status, _, text = send(mara, "/account/people", path, role="support")
        assert (status, "única cuenta de propiedad" in text) == (422, True)


def test_who_is_disabled_is_out_at_once(either: Office) -> None:
    mara, jon = either.sit_down(either.employ()), either.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon")
    browser = either.sit_down(jon)
    assert is_in(browser)
    assert send(mara, "/account/people", f"/account/people/{jon.id}/disable")[0] == 303
    assert not is_in(browser)
    assert sign_in(either.browser(), jon)[0] == 403


def test_who_takes_up_a_link_in_a_browser_that_was_signed_in_leaves_no_session_behind(office: Office) -> None:
    mara, jon = office.sit_down(office.employ()), office.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon")
    other = office.browser()
    cookie = mara.get_cookie("postventa_local")
    assert cookie is not None
    other.set_cookie("postventa_local", cookie.value)
    assert is_in(other)
    assert enrol(mara, office.recovery_link(jon))[0] == 200
    assert is_in(mara)
    assert not is_in(other)


def test_pages_speak_the_browsers_language(office: Office) -> None:
    page = office.browser().get("/account/sign-in", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert page.headers["Content-Language"] == "de"
    assert '<html lang="de">' in page.get_data(as_text=True)


def test_nothing_is_kept_framed_or_fetched_from_others(office: Office) -> None:
    answer = office.sit_down(office.employ()).get("/account/security")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="https?:', answer.get_data(as_text=True))
    assert " style=" not in answer.get_data(as_text=True)


def test_who_lost_everything_chooses_anew_and_the_old_ways_are_over(either: Office) -> None:
    mara = either.employ()
    thief = either.sit_down(mara)
    browser, path = either.browser(), either.recovery_link(mara)
    assert "Recupera tu cuenta" in browser.get(path).get_data(as_text=True)
    assert is_in(thief), "looking ends nothing"
    assert enrol(browser, path)[0] == 200
    assert is_in(browser)
    assert not is_in(thief)
    assert sign_in(either.browser(), mara)[0] == 403, "that app counts no more"
    assert either.browser().get(path).status_code == 404


def test_a_new_password_signs_out_everywhere_else(office: Office) -> None:
    mara = office.employ()
    here, there = office.sit_down(mara), office.sit_down(mara)
    status, page = enrol(here, "/account/security", "/account/security/password")
    assert (status, "Tus códigos de recuperación" in page) == (200, True)
    assert is_in(here)
    assert not is_in(there)


def test_one_link_opened_twice_makes_one_account(either: Office) -> None:
    path, one, other = either.first_link(), either.browser(), either.browser()
    page = other.get(path).get_data(as_text=True)
    assert enrol(one, path, email=MARA, name="Mara")[0] == 200
    assert other.post(path, data={**hidden(page), "email": "otto@tes.example", "name": "Otto", "password": PASSWORD, "code": "1"}).status_code == 404


def test_an_address_without_https_that_is_not_this_machine_lets_nobody_in(office: Office) -> None:
    answer = office.browser().get("/account/sign-in", base_url="http://postventa.example")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "https" in answer.get_data(as_text=True)


def test_a_proxy_in_front_without_https_lets_nobody_in_either(office: Office) -> None:
    answer = office.browser().get("/account/sign-in", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_with_https_the_cookie_belongs_to_this_host_alone(sqlite_engine: Engine, tmp_path: Path) -> None:
    url = sqlite_engine.url.render_as_string(hide_password=False)
    server = {"public_url": "https://postventa.tienda.example", "trusted_proxies": 1}
    sections = {"server": server, "database": {"url": url}, "redis": {"url": "redis://127.0.0.1:1/0"}}
    app = create_app(Settings.model_validate({"source": tmp_path / "config.toml", **sections}))
    try:
        answer = app.test_client().get("/account/sign-in", base_url="https://postventa.tienda.example")
        assert answer.status_code == 200
        name, *rest = answer.headers["Set-Cookie"].split("; ")
        assert re.fullmatch(r"__Host-postventa=[\w-]{43}", name)
        assert set(rest) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
        assert "postventa.tienda.example" in answer.get_data(as_text=True), "passkeys belong to it"
    finally:
        app.extensions["postventa"].engine.dispose()
        app.extensions["postventa"].redis().close()
