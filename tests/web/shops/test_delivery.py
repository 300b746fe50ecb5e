"""The page on which a merchant says until when her orders are there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from postventa import clock as product_clock
from postventa.accounts.roles import Role
from postventa.models import AuditEntry, Shop
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.peers.woocommerce_site import WordPressSite
from tests.web.shops.street import HOME, Street, open_page, press, words
from tests.web.shops.test_pages import JON, connect

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
"""A Friday morning."""
TYPED = {
    "cutoff": "14:00",
    "handover": "0",
    "workday": ["mon", "tue", "wed", "thu", "fri"],
    "days_off": "",
    "place": ["ES", "canarias"],
    "days": ["2", "8"],
}
SPAIN = "España (península) martes, 1 de diciembre"


@pytest.fixture(autouse=True)
def _friday(street: Street, clock: TestClock) -> None:
    clock.set(NOW)
    product_clock.install(clock)  # opening the application set its own


def kept(street: Street, number: int) -> object:
    with reading(street.engine) as session:
        found: dict[str, object] = session.get_one(Shop, number).settings
        delivery = found.get("delivery")
        return delivery.get("days") if isinstance(delivery, dict) else None


def test_she_tries_what_it_comes_to_and_then_says_it(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    page = f"/shops/{number}/delivery"
    assert "Ahora no se promete nada." in words(open_page(mara, page)[1])
    status, _, tried = press(mara, page, page, **TYPED, do="try")
    assert (status, kept(street, number)) == (200, {})
    assert SPAIN in words(tried)
    assert "Aún no está guardado." in words(tried)
    assert "Canarias jueves, 10 de diciembre" in words(tried), "the eighth is a holiday"
    assert press(mara, page, page, **TYPED, do="save")[:2] == (303, f"/shops/{number}?saved=delivery")
    assert kept(street, number) == {"ES": 2, "canarias": 8}
    assert SPAIN in words(open_page(mara, f"/shops/{number}?saved=delivery")[1])
    assert re.search(r'<option value="canarias" selected>', open_page(mara, page)[1])
    with reading(street.engine) as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "shop.delivery"))
    assert (row.shop_id, row.after["days"]) == (number, {"ES": 2, "canarias": 8})
    assert press(mara, page, page, **{**TYPED, "place": ["", ""], "days": ["", ""]}, do="save")[0] == 303
    assert kept(street, number) == {}, "off again"


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "an hour": ({"cutoff": "2 pm"}, "La hora se escribe así: 14:00."),
    "a number": ({"handover": "dos"}, "«dos» no lo es."),
    "too many days": ({"days": ["61", "8"]}, "«61» no lo es."),
    "no days": ({"days": ["", "8"]}, "Di cuántos días tarda hasta este destino: España (península)."),
    "no destination": ({"place": ["", "canarias"]}, "Elige a dónde van esos 2 días."),
    "twice the same": ({"place": ["ES", "ES"]}, "España (península) está dos veces. Deja una."),
    "no weekday": ({"workday": []}, "Marca al menos un día en que salgan paquetes."),
    "a date": ({"days_off": "2026-12-24\nNavidad"}, "«Navidad» no es una fecha. Escríbela así: 2026-12-24."),
    "a place that there is not": ({"place": ["ZZZ", "canarias"]}, "«ZZZ» no es un destino."),
}


def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    page = f"/shops/{connect(street, site, mara)}/delivery"
    for name, (changes, said) in WRONG.items():
        status, _, text = press(mara, page, page, **{**TYPED, "days_off": "2026-12-24", **changes}, do="save")
        assert (status, said in words(text)) == (422, True), (name, words(text))
        assert "2026-12-24" in text
        assert 'value="8"' in text


def test_dates_are_taken_as_people_write_them(street: Street, site: WordPressSite) -> None:
    mara = street.sit(street.employ())
    number = connect(street, site, mara)
    page = f"/shops/{number}/delivery"
    assert press(mara, page, page, **{**TYPED, "days_off": "24/12/2026, 31.12.2026\n2026-11-30"}, do="save")[0] == 303
    text = open_page(mara, page)[1]
    assert "2026-11-30\n2026-12-24\n2026-12-31" in text
    assert "martes, 1 de diciembre" in words(text), "it left on Friday, before the day off"


def test_who_may_not_change_it_sees_it_and_a_shop_of_the_file_says_where_it_is(street: Street, site: WordPressSite) -> None:
    mara, jon = street.sit(street.employ()), street.sit(street.employ(Role.SUPPORT, JON))
    number = connect(street, site, mara)
    page = f"/shops/{number}/delivery"
    text = open_page(jon, page)[1]
    assert "disabled" in text
    assert 'value="save"' not in text
    with transaction(street.engine) as session:
        session.get_one(Shop, number).from_file = True
    assert "su promesa se cambia allí, en delivery" in words(open_page(mara, page)[1])
    form = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', open_page(mara, f"/shops/{number}")[1])[0]}
    assert mara.post(page, data={**form, **TYPED, "do": "save"}, base_url=HOME).status_code == 404
