"""Another product of the shop instead: looked for, chosen, paid for by what it costs at that moment; and the exchange called off afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs import exchanges
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import rules
from tests.web.forms import read
from tests.web.returns import others_town as town
from tests.web.returns.counter import ALL_WAYS, CUPS, Counter, checked, step
from tests.web.returns.others_town import CHOSEN, JUG

RULES: Any = ALL_WAYS["default"]
NARROW: dict[str, Any] = {"default": {**RULES, "exchange_for": "variant"}}


@pytest.fixture(autouse=True)
def shelves(peer: WooCommercePeer) -> None:
    town.shelves(peer)


def look(counter: Counter, ana: FlaskClient, **told: str) -> TestResponse:
    """The page of the search; the shop answers in between."""
    asked = {**CHOSEN, "line": CUPS, **told}
    first = ana.get(f"{counter.link()}/other", query_string=asked)
    return ana.get(f"{counter.link()}/other", query_string=asked) if counter.answer() else first


def confirmed(counter: Counter, ana: FlaskClient, choice: str = JUG) -> TestResponse:
    """The last page, with a jug instead of a cup."""
    look(counter, ana, p="30")
    page = checked(ana, counter.link(), **{"as": "exchange", "by": "drop_off", f"swap-{CUPS}": choice})
    if counter.answer():
        page = checked(ana, counter.link(), **{"as": "exchange", "by": "drop_off", f"swap-{CUPS}": choice})
    return page


def test_she_looks_for_something_else_and_sees_what_it_costs_beside_the_cup(counter: Counter, ana: FlaskClient) -> None:
    ana.get(f"{counter.link()}/new", query_string={**CHOSEN, "step": "how"})
    counter.answer()
    swap = ana.get(f"{counter.link()}/new", query_string={**CHOSEN, "step": "how"})
    assert "Buscar otro artículo de la tienda" in swap.text
    waits = ana.get(f"{counter.link()}/other", query_string={**CHOSEN, "line": CUPS, "q": "jarra"})
    assert "n=1" in waits.headers["Refresh"]
    found = look(counter, ana, q="jarra")
    assert ("Jarra «Sol»" in found.text, "Jarra rota" in found.text, "Jarra secreta" in found.text) == (True, False, False)
    kinds = look(counter, ana, q="jarra", p="30")
    assert ("31,50" in kinds.text, "21,50\xa0€ más que lo que devuelves" in kinds.text) == (True, True)
    way = step(ana, kinds, swap_1=JUG)
    page = step(ana, way, by="drop_off")
    assert "A cambio: Jarra «Sol»" in page.text
    assert "Pagas la diferencia" in page.text
    assert "21,50\xa0€" in page.text
    step(ana, page)
    (case,) = counter.house.returns()
    assert case.wish["exchange"] == [{"ref": CUPS, "variant": "30", "quantity": 1, "product": "30", "title": "Jarra «Sol»"}]


def test_who_changes_her_return_looks_for_something_else_and_keeps_what_she_chose(counter: Counter, ana: FlaskClient) -> None:
    page = step(ana, checked(ana, counter.link())).request.path
    told = {**CHOSEN, f"q-{CUPS}": "2", f"why-{CUPS}": "look", "by": "own_carrier"}

    def shown(path: str, **more: str) -> TestResponse:
        first = ana.get(f"{page}/{path}", query_string={**told, **more})
        return ana.get(f"{page}/{path}", query_string={**told, **more}) if counter.answer() else first

    swap = shown("change", step="how")
    assert f'href="{page}/other?' in swap.text
    found = shown("other", line=CUPS, q="jarra")
    assert (f'href="{page}/other?' in found.text, f'action="{page}/other"' in found.text, f'href="{page}/change?' in found.text) == (True,) * 3
    assert "/new" not in found.text, "no way leads into another return"
    way = step(ana, shown("other", line=CUPS, q="jarra", p="30"), swap_1=JUG)
    assert (way.request.path, read(way).fields["by"], read(way).fields["why-1"]) == (f"{page}/change", "own_carrier", "look")
    step(ana, step(ana, way))
    (case,) = counter.house.returns()
    assert (case.lines, case.method, case.wish["exchange"][0]["title"]) == ([["1", 2]], "own_carrier", "Jarra «Sol»")
    counter.house.clock.advance(minutes=30)
    again = shown("change", **{f"swap-{CUPS}": JUG, "to": "swap"})
    assert read(again).fields["swap-1"] == JUG, "what she chose then is asked for anew, and still chosen"
    assert ana.get(f"{counter.link()}/R-0000-0000/other").status_code == 404


def test_pictures_come_from_the_shop_alone_and_whoever_has_none_gets_a_tile(counter: Counter, ana: FlaskClient, peer: WooCommercePeer) -> None:
    ours, foreign = "https://media.postventa.example/sol.jpg", "https://fotos.ajena.example/luna.jpg"
    peer.products[30]["images"] = [{"src": ours}]
    peer.products[33] = {**peer.products[30], "id": 33, "name": "Jarra «Luna»", "images": [{"src": foreign}]}
    found = look(counter, ana, q="jarra")
    assert f'<img src="{ours}" alt="" width="64" height="64" loading="lazy"' in found.text
    assert (found.text.count('class="tile"'), "ajena" in found.text) == (1, False)
    policy = found.headers["Content-Security-Policy"]
    assert ("img-src 'self' data: https://media.postventa.example;" in policy, "ajena" in policy) == (True, False)
    assert f'src="{ours}"' in look(counter, ana, q="jarra", p="30").text
    del peer.products[30]["images"]
    counter.house.clock.advance(minutes=11)
    assert ("<img" in look(counter, ana, q="jarra").text, 'class="tile"' in look(counter, ana, q="jarra").text) == (False, False)


def test_the_same_rules_hold_for_a_page_that_somebody_made_up(counter: Counter, ana: FlaskClient) -> None:
    rules(counter.house, NARROW)
    ana.get(f"{counter.link()}/new", query_string={**CHOSEN, "step": "how"})
    counter.answer()
    assert "Buscar otro artículo" not in ana.get(f"{counter.link()}/new", query_string={**CHOSEN, "step": "how"}).text
    assert "¿Qué te gustaría?" not in look(counter, ana, q="jarra").text
    page = checked(ana, counter.link(), **{"as": "exchange", "by": "own_carrier", f"swap-{CUPS}": JUG})
    assert "se cambia por otra talla" in page.text


def test_what_costs_more_or_is_gone_meanwhile_is_shown_again(counter: Counter, ana: FlaskClient, peer: WooCommercePeer) -> None:
    form = read(confirmed(counter, ana))
    peer.products[30]["price"] = "40.00"
    counter.house.clock.advance(minutes=6)
    confirmed(counter, ana)
    again = ana.post(form.action, data=form.fields)
    assert (again.status_code, "Algo ha cambiado" in again.text, counter.house.returns()) == (409, True, [])
    peer.products[30]["stock_quantity"] = 0
    counter.house.clock.advance(minutes=6)
    confirmed(counter, ana)
    gone = ana.post(form.action, data=form.fields)
    assert (gone.status_code, counter.house.returns()) == (422, [])
    assert "Jarra" not in gone.text


def test_a_shop_is_not_asked_without_an_end(counter: Counter, ana: FlaskClient, peer: WooCommercePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postventa.web.returns.others.BY_ORDER", 3)
    for word in ("uno", "dos", "tres"):
        look(counter, ana, q=word)
    before = len(peer.calls)
    assert "Has buscado muchas veces" in look(counter, ana, q="cuatro").text
    assert "No hemos encontrado nada con «tres»" in look(counter, ana, q="tres").text, "what is known costs nothing"
    assert len(peer.calls) == before
    counter.house.clock.advance(hours=1)
    assert "No hemos encontrado nada" in look(counter, ana, q="cuatro").text


def test_a_silent_shop_ends_in_her_own_words(counter: Counter, ana: FlaskClient) -> None:
    page = ana.get(f"{counter.link()}/other", query_string={**CHOSEN, "line": CUPS, "q": "jarra", "n": "20"})
    assert ("Refresh" in page.headers, "tarda en contestar" in page.text) == (False, True)


HOSTILE: list[dict[str, Any]] = [{"q": "<script>alert(1)</script>"}, {"p": "../../orders"}, {"q": "\0" * 500}, {"line": "99"}, {"p": "9" * 200}]


@pytest.mark.parametrize("told", HOSTILE)
def test_whatever_the_address_says_the_page_is_kind(counter: Counter, ana: FlaskClient, told: dict[str, Any]) -> None:
    page = look(counter, ana, **told)
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_she_calls_the_exchange_off_and_gets_the_money(counter: Counter, ana: FlaskClient, peer: WooCommercePeer) -> None:
    step(ana, confirmed(counter, ana))
    (case,) = counter.house.returns()
    counter.receive(case)
    counter.work()
    page = ana.get(f"{counter.link()}/{case.number}")
    assert "Pagar la diferencia" in page.text
    assert "Anular el cambio" in page.text
    form = read(page)
    forged = ana.post(f"{counter.link()}/{case.number}", data={**form.fields, "seal": "x", "instead": "refund"})
    assert (forged.status_code, counter.house.effects(followup="write_exchange_cancel")) == (403, [])
    waits = ana.post(f"{counter.link()}/{case.number}", data={**form.fields, "instead": "refund"}, follow_redirects=True)
    assert "Estamos anulando tu cambio" in waits.text
    assert "Pagar la diferencia" not in waits.text
    for _ in range(2):
        counter.work()
        exchanges.look_after(counter.house.world)
    counter.work()
    assert [f"{sum_}" for sum_ in peer.books.paid] == ["10.00"]
    assert "Te hemos devuelto 10,00" in ana.get(f"{counter.link()}/{case.number}").text
