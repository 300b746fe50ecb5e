"""Mara reads her rules in plain words, tries others on an order, and puts them in force, once, and back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postventa import products
from postventa.events import ProductSnapshot
from postventa.models import LaneRow, Order, OrderLine, Parcel, ReturnPolicy, Shop
from postventa.models.db import reading, transaction
from postventa.returns.policy import Finding
from postventa.web.returns_desk.faults import placed
from tests.accounts.visits import form_of
from tests.returns.scene import paid_after
from tests.web.orders.desk import plain
from tests.web.returns_desk.bench import LOOKED_AT, Bench, said

TOML = """cost_told = true
[default]
window = 20
[[rules]]
name = "Tazas"
when = { product = ["TAZA"], price = { to = 100 } }
then = { fee = { flat = "3.95" }, resolutions = ["store_credit"], decision = "ask" }
"""


def rules_page(bench: Bench) -> str:
    with reading(bench.engine) as session:
        return f"/returns-desk/rules/{session.scalars(select(Shop.id)).one()}"


def sent(browser: FlaskClient, path: str, text: str, do: str = "save", **more: str) -> tuple[int, str]:
    answer = browser.post(path, data={**form_of(browser, path), "document": text, "do": do, **more})
    return answer.status_code, plain(answer.get_data(as_text=True))


def stored(bench: Bench) -> list[int]:
    with reading(bench.engine) as session:
        return list(session.scalars(select(ReturnPolicy.version).order_by(ReturnPolicy.version)))


def test_rules_are_tried_put_in_force_once_and_taken_back(bench: Bench, mara: FlaskClient) -> None:
    path = rules_page(bench)
    shown = said(mara, path)
    for words in ("las de fábrica", "Si ninguna dice otra cosa", "Plazo en días", "30", "Reembolso, Cambio, Vale de compra", "al llegar"):
        assert words in shown
    status, shown = sent(mara, path, TOML, "try", order="4001", reason="unwanted")
    for words in (
        "Se puede usar. Aún no está guardado.", "Con el pedido 4001 pasaría esto", "Taza «Alba»: lo decide una persona", "regla «Tazas»",
        "la ley: el dinero se puede recuperar", "3.95 por el paquete",
    ):  # fmt: skip
        assert words in shown, words
    assert (status, stored(bench)) == (200, [])
    assert "No encontramos el pedido 9999" in sent(mara, path, TOML, "try", order="9999")[1]
    old = form_of(mara, path)
    assert sent(mara, path, TOML, note="Tazas aparte")[0] == 303
    again = mara.post(path, data={**old, "document": TOML, "do": "save"})
    assert (again.status_code, again.headers["Location"].endswith("saved=same"), stored(bench)) == (303, True, [1])
    other = mara.post(path, data={**old, "document": "[default]\nwindow = 60", "do": "save"})
    assert (other.status_code, "Alguien ha guardado otras" in other.get_data(as_text=True), stored(bench)) == (409, True, [1])
    shown = said(mara, path)
    for words in ("versión 1", "Tazas", "Producto: TAZA", "Precio: hasta 100", "3.95 por el paquete", "Tazas aparte", "Mara", "Entonces"):
        assert words in shown.replace('<span class="soft">', "").replace("</span>", ""), words
    assert sent(mara, path, json.dumps(LOOKED_AT))[0] == 303
    told = {**form_of(mara, path), "version": "1"}
    assert [mara.post(f"{path}/back", data=told).status_code for _ in range(2)] == [303, 409]
    assert stored(bench) == [1, 2, 3]
    assert mara.post(f"{path}/back", data={**form_of(mara, path), "version": "77"}).status_code == 404
    assert mara.get("/returns-desk/rules").headers["Location"] == path
    assert mara.get("/returns-desk/rules/999").status_code == 404


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[default]\nwindow = = 3", 2, "no se puede leer como TOML"),
        ('{\n "default": {"window": 3}\n}', 2, "default.window</code>: como mínimo 14 días"),
        ('[default]\nwindow = 30\n[[rules]]\nname = "A"\nthen = { photo = true }\n[[rules]]\nname = "B"\nthen = { fe = 3 }', 8, "nombre desconocido"),
        ('cost_told = true\n[[rules]]\nname = "C"\nwhen = { reason = ["nope"] }\nthen = { photo = true }', 3, "no es un motivo"),
    ],
)
def test_what_is_wrong_is_said_beside_its_line(bench: Bench, mara: FlaskClient, text: str, line: int, words: str) -> None:
    status, shown = sent(mara, rules_page(bench), text)
    assert (status, f"Línea {line}</strong>" in shown, words in shown, stored(bench)) == (422, True, True, [])
    assert text.splitlines()[-1] in shown, "what was typed is still there"


def test_what_stands_nowhere_has_no_line() -> None:
    known = Finding("no_destination", {"value": "x"}, where="default")
    assert [fault.line for fault in placed([known, Finding("same_name", {"value": "x"})], "a = 1", "es")] == [0, 0]


def test_a_trial_tells_what_the_rules_ask_about_a_product_known_or_not(bench: Bench, mara: FlaskClient) -> None:
    text = '[[rules]]\nname = "Saldos"\nwhen = { tag = ["final-sale"], category = ["Tazas"] }\nthen = { fee = { flat = "3.95" } }'
    shown = sent(mara, rules_page(bench), text, "try", order="4001")[1]
    assert "Etiqueta del producto</dt><dd>la tienda aún no lo ha dicho" in shown
    with transaction(bench.engine) as session:
        shop = session.scalars(select(Shop.id)).one()
        for ref in session.scalars(select(OrderLine.product_ref)).unique():
            products.keep(session, shop, ref, ProductSnapshot(ref, tags=("Outlet", "Final-Sale"), categories=()))
    shown = sent(mara, rules_page(bench), text, "try", order="4001")[1]
    for words in ("Etiqueta del producto</dt><dd>Outlet, Final-Sale", "Categoría</dt><dd>nada"):
        assert words in shown, words


def test_figures_are_counted_by_reason_and_product(bench: Bench, mara: FlaskClient) -> None:
    assert "Aún no ha vuelto nada" in said(mara, "/returns-desk/figures")
    bench.a_return()
    shown = said(mara, "/returns-desk/figures")
    for words in ("devoluciones: 1", "He cambiado de idea <strong>3</strong>", "Taza «Alba» <strong>2</strong>", 'width="50"', "Aún hay pocas"):
        assert words in shown, words


def test_how_long_the_money_takes_is_said_from_five_paid_returns_on(bench: Bench, mara: FlaskClient) -> None:
    paid_after(bench.house, 1, 2, 31, 50)
    assert "Aún hay pocas devoluciones pagadas para decirlo." in said(mara, "/returns-desk/figures")
    paid_after(bench.house, 100, first=4)
    shown = said(mara, "/returns-desk/figures")
    for words in ("llega</dt><dd><strong>1,3 días", "piden</dt><dd><strong>2,3 días", "De 5 devoluciones pagadas."):
        assert words in shown, words


def test_punctual_carriers_and_learnt_ways_are_told_for_a_period(bench: Bench, mara: FlaskClient) -> None:
    page = "/returns-desk/deliveries"
    for words in ("Aún no ha llegado ningún paquete", "Una ruta se aprende con 20 paquetes"):
        assert words in said(mara, page), words
    with reading(bench.engine) as session:
        shop = session.scalars(select(Shop.id)).one()
    left = bench.house.clock.now() - timedelta(days=60)
    with transaction(bench.engine) as session:
        for number, (carrier, took, promised) in enumerate([("Seur", 2, 1), ("Seur", 2, 3), ("seur", 2, 0), ("nobody", 1, 0)]):
            place = {"country": "ES" if carrier != "nobody" else "", "postcode": "41003"}
            order = Order(shop_id=shop, ref=f"came{number}", seen_at=left, timezone="Europe/Madrid", shipping_address=place)
            session.add(order)
            session.flush()
            day = f"{left + timedelta(days=promised):%Y-%m-%d}" if promised else ""
            times = {"dispatched_at": left, "delivered_at": left + timedelta(days=took), "promised_on": day}
            session.add(Parcel(shop_id=shop, order_id=order.id, ref="p", carrier=carrier, **times))
        learnt = LaneRow(shop_id=shop, carrier="correos", origin="ES", destination="FR", area="75", weekday=4, p50=3, p90=5, n=21, learned_at=left)
        session.add(learnt)
    shown = said(mara, page)
    shares = ("SEUR → España", "67 %", "de 3", "paquetes: 4", "Con día prometido: 2.", "no se sabe")
    for words in (*shares, "Correos → Francia", "75…", "viernes", "3 – 5"):
        assert words in shown, words
    assert "Aún no ha llegado ningún paquete" in said(mara, f"{page}?days=30")
