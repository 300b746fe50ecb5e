"""Every page for staff through axe, in light and in dark, in one browser: no violation."""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome

from postventa import shops
from postventa.accounts import sessions
from postventa.accounts.roles import Role
from postventa.clock import real_now
from postventa.config import ShopSettings
from postventa.models import Account
from postventa.models.db import transaction
from tests.accounts.test_browser import home, phone
from tests.accounts.visits import Office
from tests.web import axe
from tests.web.test_browser import WITHOUT

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
__all__ = ["home", "phone"]


def a_shop(office: Office) -> int:
    """A WooCommerce shop with keys and statuses of its own."""
    own = {"key": "k" * 24, "platform": "woocommerce", "name": "Cerámica Alba", "url": "https://alba.example", "webhook_secrets": ["s" * 32]}
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "status_map": {"entregado": "delivered"}}
    with transaction(office.engine) as session:
        return shops.add(session, office.secret, ShopSettings.model_validate(own | keys)).id


def sit_down(office: Office, site: str, phone: Chrome) -> None:
    person = office.employ()
    with transaction(office.engine) as session:
        token = sessions.begin(session, session.get_one(Account, person.id), real_now())
    phone.get(f"{site}/account/sign-in")
    phone.add_cookie({"name": "postventa_local", "value": token, "path": "/"})


def test_no_page_for_staff_breaks_a_rule(home: tuple[Office, str], phone: Chrome) -> None:
    office, site = home
    found = []
    for path in (office.first_link(), "/account/sign-in?again=1"):
        phone.get(site + path)
        found += axe.both_schemes(phone)
    sit_down(office, site, phone)
    office.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon")
    shop = a_shop(office)
    paths = ["/account/security", "/account/people", "/shops", "/shops/connect", "/shops/connect/woocommerce", "/shopify/connect", f"/shops/{shop}"]
    paths += [f"/shops/{shop}/statuses", f"/shops/{shop}/ready", "/shops/999"]
    for path in paths:
        phone.get(site + path)
        found += axe.both_schemes(phone)
    assert found == []


def test_axe_would_find_something(home: tuple[Office, str], phone: Chrome) -> None:
    phone.get(f"{home[1]}/account/sign-in")
    phone.execute_script("document.querySelector('#email').labels[0].remove(); document.documentElement.lang = ''")
    assert {one.split(": ")[1] for one in axe.violations(phone)} >= {"label", "html-has-lang"}
