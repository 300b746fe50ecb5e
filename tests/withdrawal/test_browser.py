"""A phone of 360 pixels without JavaScript: Ana withdraws by her mail's link, and Jon finds her order at his counter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from sqlalchemy import Engine

from postventa.accounts.roles import Role
from postventa.locale import languages, translate
from postventa.withdrawal.official import labels
from tests.accounts.test_browser import fits
from tests.accounts.visits import PASSWORD
from tests.conftest import TestClock
from tests.look import OVERFLOW, fits_small_phones, judged, picture
from tests.pipeline.stories import NOON
from tests.web.phones import WITHOUT, see, serving, spanish, wait_for
from tests.withdrawal.counter import ANA, Counter

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
SMALL = """
return [...document.querySelectorAll('.button, button, .option, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, .tongues a')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""


@pytest.fixture
def served(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[tuple[Counter, str]]:
    clock.set(NOON)
    counter = Counter(sqlite_engine, clock, tmp_path, withdrawal={"exceptions": {"L1": "made_to_measure"}})
    with serving(counter.app) as port:
        yield counter, f"http://127.0.0.1:{port}"
    counter.app.extensions["postventa"].engine.dispose()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Chrome]:
    opened = spanish(tmp_path / "profile", javascript=False)
    yield opened
    opened.quit()


def fit(phone: Chrome, name: str) -> None:
    assert phone.execute_script(OVERFLOW) <= 0, name
    assert phone.execute_script(SMALL) == [], name
    picture(phone, name)


def test_ana_withdraws_from_one_cup_and_jon_finds_bea_by_hand(served: tuple[Counter, str], phone: Chrome) -> None:
    counter, home = served
    link = counter.link(counter.order())
    phone.get(home + counter.page)
    wait_for(phone, "Desistir del contrato aquí")
    fit(phone, "form-empty")
    phone.get(home + link)
    assert not see(phone, "[name=item]").is_displayed()
    fit(phone, "form-link")
    see(phone, "[name=scope][value=some]").click()
    see(phone, "[name=item][value=l2]").click()
    see(phone, "[name='quantity-l2']").send_keys("1")
    fit(phone, "form-some")
    see(phone, "#name").clear()
    see(phone, "#name").send_keys("www.mal.example")
    see(phone, "form .button").click()
    wait_for(phone, "Escribe tu nombre, sin enlaces")
    fit(phone, "form-name-wrong")
    see(phone, "#name").clear()
    see(phone, "#name").send_keys("Ana Ruiz", Keys.ENTER)
    assert "– 1 × Taza de gres" in wait_for(phone, "Tu declaración")
    assert see(phone, ".button").text == "Confirmar desistimiento"
    fit(phone, "review")
    see(phone, ".button").click()
    assert ANA in wait_for(phone, "Tu desistimiento está enviado")
    fit(phone, "receipt")
    for entry in phone.get_log("browser"):  # type: ignore[no-untyped-call]
        assert "Content Security Policy" not in entry["message"]
    counter.withdraw(counter.phone(), name="Bea Soto", contract="no lo encuentro, un cuenco", email="bea@correo.example")
    counter.order("1043", first_name="Bea", email="bea.soto@correo.example")
    counter.work()
    staff(counter, home, phone)


def test_no_page_of_it_breaks_a_rule(served: tuple[Counter, str], tmp_path: Path) -> None:
    """With scripts, which the pages have none of and axe needs; the walk above has none."""
    counter, home = served
    wrong: list[str] = []
    phone = spanish(tmp_path / "other", javascript=True)
    try:
        phone.get(home + counter.page)
        judged(phone, "form", wrong)
        for field, typed in (("name", "www.mal.example"), ("contract", "1042"), ("email", ANA)):
            see(phone, f"#{field}").send_keys(typed)
        see(phone, "form .button").click()
        wait_for(phone, "Escribe tu nombre, sin enlaces")
        judged(phone, "form-faults", wrong)
        phone.get(home + counter.link(counter.order()))
        judged(phone, "form-link", wrong)
        see(phone, "[name=scope][value=some]").click()
        judged(phone, "form-some", wrong)
        see(phone, "[name=item][value=l2]").click()
        see(phone, "#name").send_keys(Keys.ENTER)
        wait_for(phone, "Tu declaración")
        judged(phone, "review", wrong)
        see(phone, ".button").click()
        wait_for(phone, "Tu desistimiento está enviado")
        judged(phone, "receipt", wrong)
        assert wrong == []
    finally:
        phone.quit()


@pytest.mark.long
@pytest.mark.parametrize("language", languages())
def test_every_step_fits_small_phones_in_every_language(served: tuple[Counter, str], phone: Chrome, language: str) -> None:
    counter, home = served
    link = counter.link(counter.order())
    phone.get(f"{home}{counter.page}?lang={language}")
    fits_small_phones(phone, "form")
    phone.get(f"{home}{link}{'&' if '?' in link else '?'}lang={language}")
    see(phone, "[name=scope][value=some]").click()
    see(phone, "[name=item][value=l2]").click()
    fits_small_phones(phone, "some")
    see(phone, "#name").send_keys(Keys.ENTER)
    assert wait_for(phone, translate(language, "Tu declaración")).count(labels(language).confirm) == 1
    fits_small_phones(phone, "review")
    see(phone, ".button").click()
    said = wait_for(phone, translate(language, "Tu desistimiento está enviado"))
    assert translate(language, "Fecha y hora de envío") in said
    fits_small_phones(phone, "receipt")
    picture(phone, f"receipt-{language}")


def staff(counter: Counter, home: str, phone: Chrome) -> None:
    """Jon's side of it."""
    jon = counter.employ(Role.SUPPORT, "jon@ceramica-alba.example", "Jon")
    phone.get(f"{home}/account/sign-in?next=/withdrawals")
    for field, value in (("email", jon.email), ("password", PASSWORD), ("code", jon.code())):
        see(phone, f"#{field}").send_keys(value)
    see(phone, "#code").send_keys(Keys.ENTER)
    wait_for(phone, "Quedan 14 días")
    fits(phone)
    picture(phone, "staff-list")
    bea = counter.statements()[1]
    phone.get(f"{home}/withdrawals/{bea.ref}")
    wait_for(phone, "No hay ningún pedido con ese número y ese correo")
    fits(phone)
    picture(phone, "staff-unmatched")
    see(phone, "#order").send_keys("7777", Keys.ENTER)
    wait_for(phone, "No hay ningún pedido con ese número en esta tienda.")
    see(phone, "#order").send_keys("1043", Keys.ENTER)
    text = wait_for(phone, "Unido a su pedido.")
    assert "Ya lo he devuelto" not in text, "support gives no money back"
    fits(phone)
    picture(phone, "staff-matched")
    phone.get(f"{home}/withdrawals/new")
    wait_for(phone, "Anotar un desistimiento")
    fits(phone)
    picture(phone, "staff-new")
