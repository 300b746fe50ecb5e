"""A real browser with an authenticator in it: Mara makes her account with a passkey, signs out, and comes back with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.virtual_authenticator import Protocol, Transport, VirtualAuthenticatorOptions
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import Engine

from postventa.app import create_app
from postventa.config import Settings
from tests.accounts.visits import MARA, Office
from tests.look import OVERFLOW
from tests.web.phones import PATIENCE, WITHOUT, see, serving, spanish, wait_for

pytestmark = [WITHOUT, pytest.mark.timeout(180)]

SMALL = """
return [...document.querySelectorAll('a, button, input:not([type=hidden]):not(.sr), select, summary, label.tick')]
  .filter(e => e.offsetParent && !e.closest('p, label.tick > *') && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path) -> Iterator[tuple[Office, str]]:
    """The office, and its address: browsers know passkeys for `localhost`."""
    url = sqlite_engine.url.render_as_string(hide_password=False)
    app = create_app(
        Settings.model_validate({"source": tmp_path / "config.toml", "database": {"url": url}, "redis": {"url": "redis://127.0.0.1:1/0"}})
    )
    with serving(app) as port:
        yield Office(app), f"http://localhost:{port}"
    app.extensions["postventa"].engine.dispose()
    app.extensions["postventa"].redis().close()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Chrome]:
    opened = spanish(tmp_path / "profile", javascript=True)
    opened.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "es"})
    yield opened
    opened.quit()


def authenticator(phone: Chrome, *, verified: bool = True) -> None:
    """A phone's own one, which asks for a finger (and is given it, or not)."""
    options = VirtualAuthenticatorOptions(
        protocol=Protocol.CTAP2,
        transport=Transport.INTERNAL,
        has_resident_key=True,
        has_user_verification=True,
        is_user_consenting=True,
        is_user_verified=verified,
    )
    phone.add_virtual_authenticator(options)


def fits(phone: Chrome) -> None:
    """As it is shown now; a page that comes anew by itself just then is looked at when it is there."""
    found = WebDriverWait(phone, PATIENCE, ignored_exceptions=[WebDriverException]).until(
        lambda shown: (shown.execute_script(OVERFLOW) > 0, shown.execute_script(SMALL), shown.current_url)
    )
    assert found[:2] == (False, []), found


def test_mara_makes_a_passkey_signs_out_and_comes_back_with_it(home: tuple[Office, str], phone: Chrome) -> None:
    office, site = home
    authenticator(phone)
    phone.get(site + office.first_link())
    wait_for(phone, "Crea tu cuenta")
    fits(phone)
    see(phone, "#email").send_keys(MARA)
    see(phone, "#name").send_keys("Mara")
    see(phone, "[data-passkey] button").click()
    wait_for(phone, "ya puedes entrar con esa llave de acceso")
    fits(phone)
    see(phone, "[data-passkey] button").click()
    wait_for(phone, "No ha podido ser")  # this authenticator has one already
    see(phone, ".bar form button").click()
    wait_for(phone, "Has salido. Hasta pronto.")
    fits(phone)
    see(phone, "[data-passkey] button").click()
    assert "Tu acceso" in wait_for(phone, "Conecta tu primera tienda")
    fits(phone)
    phone.get(f"{site}/account/people")
    wait_for(phone, "Invitar a alguien")
    fits(phone)
    assert office.said() == [
        ("account:1", "account.made"),
        ("account:1", "account.sign_out"),
        ("account:1", "account.sign_in"),
    ]
    for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]


def test_an_authenticator_that_knows_not_whose_finger_it_is_proves_nothing(home: tuple[Office, str], phone: Chrome) -> None:
    office, site = home
    authenticator(phone, verified=False)
    phone.get(site + office.first_link())
    see(phone, "#email").send_keys(MARA)
    see(phone, "#name").send_keys("Mara")
    see(phone, "[data-passkey] button").click()
    wait_for(phone, "No ha podido ser")
    assert office.said() == []
