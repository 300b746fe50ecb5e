"""From the order's page to the withdrawal function, as long as withdrawing may be in time; and what of a return ends the withholding by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from jobs import return_goods
from postventa import shops, track_links
from postventa.clock import now
from postventa.models import Order, OrderLine, Shop
from postventa.models.db import reading, transaction
from tests.withdrawal.counter import ANA, Counter

WORDS = "Desistir del contrato aquí"


def page_of(counter: Counter, order_id: int, lang: str = "") -> str:
    """The order's own page, as the link of a mail opens it."""
    with reading(counter.engine) as session:
        order, shop = session.get_one(Order, order_id), session.get_one(Shop, counter.shop_id)
        token = track_links.token(counter.world.secret, shop.key, order.ref, order.id)
    return counter.phone().get(f"/t/{token}{f'?lang={lang}' if lang else ''}").get_data(as_text=True)


def way_of(page: str, words: str = WORDS) -> str:
    found = re.search(rf'href="([^"]*/withdraw/[^"]*)">{words}<', page)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize(
    ("delivered", "offered"),
    [(None, True), (timedelta(days=14), True), (timedelta(days=17), False)],
)
def test_the_page_leads_there_unless_it_is_certainly_too_late(counter: Counter, delivered: timedelta | None, offered: bool) -> None:
    assert bool(way_of(page_of(counter, counter.order(delivered=delivered)))) == offered


def test_a_shop_that_did_not_tell_of_the_right_has_it_for_a_year_longer_and_a_cancelled_order_not_at_all(counter: Counter) -> None:
    long_ago = counter.order(delivered=timedelta(days=50))
    counter.settings.shops[0].withdrawal.__dict__["informed"] = False
    counter.app.extensions["postventa"].settings.shops[0].withdrawal.__dict__["informed"] = False
    assert way_of(page_of(counter, long_ago))
    assert not way_of(page_of(counter, counter.order("1043", step="cancelled", cancelled_at=now())))


def test_the_words_are_the_laws_and_the_form_knows_the_order_but_says_not_whose_it_is(counter: Counter) -> None:
    order = counter.order()
    assert way_of(page_of(counter, order, "de"), "Vertrag widerrufen")
    form = counter.phone().get(way_of(page_of(counter, order))).get_data(as_text=True)
    assert "Cuenco azul" in form
    assert 'value="1042"' in form
    for known in (ANA, "Ruiz", "Betis"):
        assert known not in form, "pages are handed on; mails are not"


def test_what_is_sent_from_there_is_matched_by_what_she_types(counter: Counter) -> None:
    order = counter.order()
    counter.withdraw(counter.phone(), way_of(page_of(counter, order)), email="otto@otto.example")
    counter.work()
    assert (counter.one().channel, counter.one().order_id) == ("page", None)


def test_a_link_of_another_order_and_one_that_was_taken_back_open_only_the_empty_form(counter: Counter) -> None:
    first, second = counter.order(), counter.order("1043")
    own = way_of(page_of(counter, first))
    assert "Cuenco azul" not in counter.phone().get(own.replace(f"o={first}.", f"o={second}.")).get_data(as_text=True)
    with transaction(counter.engine) as session:
        track_links.revoke(session, counter.world.secret, session.get_one(Order, first), now())
    assert "Cuenco azul" not in counter.phone().get(own).get_data(as_text=True)


@pytest.mark.parametrize(("deed", "how"), [("scanned", "sent"), ("receive", "received")])
def test_the_first_scan_and_the_goods_end_the_withholding_by_themselves_and_the_money_goes(counter: Counter, deed: str, how: str) -> None:
    counter.settings.shops[0].withdrawal.__dict__["refund"] = "automatic"
    with transaction(counter.engine) as session:
        keys = {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"}
        counter.settings.shops[0].__dict__.update(keys)
        counter.order()
        session.execute(update(OrderLine).values(product_ref="10"))
    counter.withdraw(counter.phone())
    counter.work()
    counter.clock.advance(minutes=1)
    counter.run()
    counter.look()
    assert (counter.one().released_how, counter.effects(followup="write_refund")) == ("", [])
    with transaction(counter.engine) as session:
        shop, number = shops.find(session, counter.shop_id, counter.settings, counter.world.secret), counter.returns()[0].number
        if deed == "scanned":
            return_goods.scanned(session, counter.world, shop, number, now())
        else:
            return_goods.receive(session, counter.world, shop, number, actor="account:1")
    counter.look()
    assert counter.one().released_how == how
    assert len(counter.effects(followup="write_refund")) == 1
