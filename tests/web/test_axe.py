"""Every page for staff before the judge of pages: small, enlarged, by keyboard, and through axe in light and in dark: no violation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from selenium.webdriver import Chrome

from postventa import shops
from postventa.accounts import sessions
from postventa.accounts.roles import Role
from postventa.clock import now, real_now
from postventa.config import ShopSettings
from postventa.models import Account, Effect, LaneRow, Order, OrderLine, Parcel, ReturnCase
from postventa.models.db import transaction
from tests.accounts.test_browser import SMALL, home, phone
from tests.accounts.visits import Office
from tests.look import judged
from tests.web import axe
from tests.web.phones import WITHOUT

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
__all__ = ["home", "phone"]


def a_shop(office: Office) -> int:
    """A WooCommerce shop with keys and statuses of its own."""
    own = {"key": "k" * 24, "platform": "woocommerce", "name": "Cerámica Alba", "url": "https://alba.example", "webhook_secrets": ["s" * 32]}
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "status_map": {"entregado": "delivered"}}
    with transaction(office.engine) as session:
        return shops.add(session, office.secret, ShopSettings.model_validate(own | keys)).id


def an_order(office: Office, shop: int) -> int:
    """An order with something of everything."""
    with transaction(office.engine) as session:
        own = {"shop_id": shop}
        money = {"currency": "EUR", "total": Decimal("34.95"), "shipping_total": Decimal("4.95"), "payment_method": "Tarjeta"}
        order = Order(**own, ref="4001", number="4001", email="ana@cliente.example", first_name="Ana", last_name="Peña", seen_at=now(), **money)
        session.add(order)
        session.flush()
        session.add(OrderLine(**own, order_id=order.id, ref="1", title="Taza", quantity=3, total=Decimal("30.00")))
        session.add(Parcel(**own, order_id=order.id, ref="p", carrier="correos", tracking_number="PK1", dispatched_at=now()))
        session.add(ReturnCase(**own, order_id=order.id, ref="r", number="R-1", source="cli", state="approved", created_at=now()))
        times = {"at": now(), "planned_at": now(), "due_at": now(), "not_before": now()}
        wanted = {"amount": "5.00", "currency": "EUR", "lines": [], "shipping": "0", "withheld": "0"}
        told = {"state": "unknown", "reason": "in doubt: no answer", "legal_basis": "operational", "data": {"wanted": wanted}}
        session.add(Effect(**own, order_id=order.id, key="w", kind="write", followup="write_refund", **told, **times))
        return order.id


def punctual(office: Office, shop: int) -> None:
    """Parcels that came, some of them late, and what their ways taught us."""
    with transaction(office.engine) as session:
        for number, (carrier, took) in enumerate((("Correos", 1), ("Correos", 9), ("Envíos de la Sierra Norte y alrededores", 2))):
            left = now() - timedelta(days=40)
            place = {"shop_id": shop, "ref": f"came{number}", "seen_at": left, "shipping_address": {"country": "ES", "postcode": "41003"}}
            order = Order(**place, timezone="Europe/Madrid")
            session.add(order)
            session.flush()
            times = {"dispatched_at": left, "delivered_at": left + timedelta(days=took)}
            session.add(Parcel(shop_id=shop, order_id=order.id, ref="p", carrier=carrier, **times))
        way = {"shop_id": shop, "carrier": "correos", "service": "Envío estándar 24/48 h", "origin": "ES", "destination": "ES", "area": "41"}
        session.add(LaneRow(**way, weekday=0, p50=1, p90=3, n=40, learned_at=now()))


def sit_down(office: Office, site: str, phone: Chrome) -> None:
    person = office.employ()
    with transaction(office.engine) as session:
        token = sessions.begin(session, session.get_one(Account, person.id), real_now())
    phone.get(f"{site}/account/sign-in")
    phone.add_cookie({"name": "postventa_local", "value": token, "path": "/"})


def test_no_page_for_staff_breaks_a_rule(home: tuple[Office, str], phone: Chrome) -> None:
    office, site = home
    found: list[str] = []
    for path in (office.first_link(), "/account/sign-in?again=1"):
        phone.get(site + path)
        judged(phone, path.partition("?")[0][:16], found, SMALL)
    sit_down(office, site, phone)
    office.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon")
    shop = a_shop(office)
    order = f"/orders/{an_order(office, shop)}"
    paths = ["/account/security", "/account/people", "/shops", "/shops/connect", "/shops/connect/woocommerce", "/shopify/connect", f"/shops/{shop}"]
    paths += [f"/shops/{shop}/statuses", f"/shops/{shop}/delivery", f"/shops/{shop}/ready", "/shops/999"]
    paths += ["/orders", "/orders?q=nobody", order, f"{order}/refund", f"{order}/coupon", f"{order}/effects/1/done"]
    punctual(office, shop)
    paths += ["/returns-desk/deliveries", "/returns-desk/deliveries?days=30"]
    for path in paths:
        phone.get(site + path)
        judged(phone, path, found, SMALL)
    assert found == []


def test_axe_would_find_something(home: tuple[Office, str], phone: Chrome) -> None:
    phone.get(f"{home[1]}/account/sign-in")
    phone.execute_script("document.querySelector('#email').labels[0].remove(); document.documentElement.lang = ''")
    assert {one.split(": ")[1] for one in axe.violations(phone)} >= {"label", "html-has-lang"}
