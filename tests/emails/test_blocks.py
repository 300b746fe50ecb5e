"""The blocks: what is in the order, what it costs, where it goes, how far it is."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest

from postventa.emails import render
from postventa.emails.blocks import BLOCKS
from postventa.emails.data import ParcelView
from postventa.emails.preview import ANA, BOOTS, ORDER, PARCEL, SHOP, sample
from postventa.emails.words import WORDS, count_word
from postventa.events import Address
from tests.emails.reading import missing_in_text, read


def test_fifty_lines_are_cut_to_twenty_and_the_rest_is_counted() -> None:
    lines = tuple(replace(BOOTS, ref=str(n), title=f"Artículo número {n}", total=Decimal(n)) for n in range(1, 51))
    mail = render(sample("order_received", order=replace(ORDER, lines=lines)))
    assert len(mail.html.encode()) < 100_000
    for part in (unescape(mail.html), mail.text):
        assert "Artículo número 20" in part
        assert "Artículo número 21" not in re.sub(r"<script.*?</script>", "", part)
        assert "y 30 artículos más" in part
    assert missing_in_text(mail) == []


def test_one_more_item_is_said_in_the_singular() -> None:
    lines = tuple(replace(BOOTS, ref=str(n)) for n in range(21))
    assert "y 1 artículo más" in render(sample("order_received", order=replace(ORDER, lines=lines))).text
    assert count_word("one_more", "many_more", 2, "en") == "and 2 more items"


@pytest.mark.parametrize(
    ("subtotal", "discount", "shipping", "tax", "total", "rows"),
    [
        (
            "126.20",
            "10",
            "4.95",
            "21.03",
            "121.15",
            ["Subtotal: 126,20", "Descuento: −10,00", "Envío: 4,95", "Impuestos incluidos: 21,03", "Total: 121,15"],
        ),
        ("126.20", "0", "0", "0", "126.20", ["Subtotal: 126,20", "Envío: Gratis", "Total: 126,20"]),
        ("100", "0", "10", "23.10", "133.10", ["Subtotal: 100,00", "Envío: 10,00", "Impuestos: 23,10", "Total: 133,10"]),
        ("116.20", "10", "4.95", "0", "121.15", ["Subtotal: 116,20", "Envío: 4,95", "Descuento ya aplicado: 10,00", "Total: 121,15"]),
        ("0", "0", "0", "0", "126.20", ["Subtotal: 126,20", "Envío: Gratis", "Total: 126,20"]),
        ("999", "1", "4.95", "3", "50", ["Envío: 4,95", "Total: 50,00"]),
    ],
)
def test_only_sums_that_add_up_are_shown(subtotal: str, discount: str, shipping: str, tax: str, total: str, rows: list[str]) -> None:
    order = replace(
        ORDER,
        subtotal=Decimal(subtotal),
        discount_total=Decimal(discount),
        shipping_total=Decimal(shipping),
        tax_total=Decimal(tax),
        total=Decimal(total),
    )
    text = render(sample("order_received", order=order)).text
    shown = [line.removesuffix("\u00a0€") for line in text.splitlines() if line.startswith(("Subtotal", "Desc", "Envío", "Impu", "Total"))]
    assert shown == rows


def test_an_order_that_is_not_sent_has_no_journey_no_address_and_no_shipping() -> None:
    lines = tuple(replace(line, requires_shipping=False) for line in ORDER.lines)
    text = render(sample("order_received", order=replace(ORDER, lines=lines, shipping_address=Address(), shipping_total=Decimal(0)))).text
    assert "Paso 1" not in text
    assert "Dirección" not in text
    assert "Envío" not in text
    assert "almacén" not in text


@pytest.mark.parametrize(
    ("followup", "said"),
    [
        ("order_received", "Paso 1 de 5: Recibido"),
        ("order_prepared", "Paso 2 de 5: En preparación"),
        ("shipped", "Paso 3 de 5: Enviado"),
        ("delayed", "Paso 3 de 5: Enviado"),
        ("out_for_delivery", "Paso 4 de 5: En reparto"),
        ("ready_for_pickup", "Paso 4 de 5: Listo para recoger"),
        ("delivered", "Paso 5 de 5: Entregado"),
    ],
)
def test_the_journey_is_told_in_words_and_ticks(followup: str, said: str) -> None:
    mail = render(sample(followup))
    assert said in mail.text
    assert said in read(mail.html).text
    assert mail.html.count("&#10003;") == {"1": 0, "2": 1, "3": 2, "4": 3, "5": 5}[said[5]]


def test_two_parcels_are_told_apart() -> None:
    parcels = (ParcelView(PARCEL, ((BOOTS, 1),)), ParcelView(replace(PARCEL, ref="p2", carrier="SEUR", tracking_number="S2", tracking_url=""), ()))
    mail = render(sample("shipped", parcels=parcels, more_to_come=False, arrives=None), strict=True)
    assert mail.subject == "Tu pedido 1042 va de camino"
    assert "Paquete 1 de 2\nTransportista: Correos" in mail.text
    assert "Paquete 2 de 2\nTransportista: SEUR\nNúmero de seguimiento: S2" in mail.text
    assert mail.preview == "Han salido 2 paquetes hacia ti: aquí puedes seguirlos."
    assert missing_in_text(mail) == []


def test_a_parcel_of_which_nothing_is_known_shows_what_is_in_it() -> None:
    bare = ParcelView(replace(PARCEL, carrier="", tracking_number="", tracking_url=""), ((BOOTS, 1),))
    mail = render(sample("shipped", parcels=(bare,), arrives=None), strict=True)
    assert "Botín Triana de piel" in mail.text
    assert "Transportista" not in mail.text
    assert mail.preview == "Acaba de salir de nuestro almacén y va directo hacia ti."


@pytest.mark.parametrize("followup", ["out_for_delivery", "ready_for_pickup", "delivery_failed"])
def test_a_tracking_link_that_is_not_there_is_not_promised(followup: str) -> None:
    bare = ParcelView(replace(PARCEL, tracking_url=""), ((BOOTS, 1),))
    assert "enlace de seguimiento" in render(sample(followup)).text
    assert "enlace" not in render(sample(followup, parcels=(bare,))).text


def test_a_mail_without_parcels_has_no_hole() -> None:
    mail = render(sample("shipped", parcels=()), strict=True)
    assert "Tu paquete del pedido 1042 ya ha salido" in mail.text
    assert "\n\n\n" not in mail.text


def test_a_button_without_a_page_is_left_out() -> None:
    order = replace(ORDER, status_url="")
    assert "Ver mi pedido" not in render(sample("order_received", order=order)).text
    assert "Ver mi pedido: https://lola.example/t/1" in render(sample("order_received", order=order, page_url="https://lola.example/t/1")).text


def test_an_address_abroad_names_its_country_in_the_readers_language() -> None:
    abroad = replace(ANA, street="Hauptstraße 5", street2="", postcode="10115", city="Berlin", province="", country="DE")
    text = render(sample("order_received", order=replace(ORDER, shipping_address=abroad))).text
    assert "Hauptstraße 5\n10115 Berlin\nAlemania" in text


def test_a_partial_refund_and_a_full_one_are_called_by_their_names() -> None:
    data = sample("refunded")
    assert data.refund
    assert "un reembolso de tu pedido 1042" in render(data).text
    assert "el reembolso completo de tu pedido 1042" in render(replace(data, refund=replace(data.refund, full=True))).text
    assert render(data).subject == "Te hemos devuelto 89,90\u00a0€ (pedido 1042)".replace("\u00a0", " ")


def test_the_reason_of_a_cancellation_is_told_where_it_concerns_the_customer() -> None:
    assert "Como nos pediste" in render(sample("order_cancelled", reason="customer")).text
    assert "sin existencias" in render(sample("order_cancelled", reason="INVENTORY")).text
    assert "fraud" not in render(sample("order_cancelled", reason="fraud")).text


def test_the_shops_own_return_steps_replace_ours() -> None:
    data = sample("return_label")
    assert data.return_case
    own = replace(data, return_case=replace(data.return_case, instructions=("Llévalo a la tienda de la calle Feria.", "Enseña este correo.")))
    assert "1. Llévalo a la tienda de la calle Feria.\n2. Enseña este correo." in render(own).text
    assert "1. Imprime el PDF adjunto." in render(data).text


def test_the_logo_gives_way_to_the_name_and_the_dark_one_to_a_light_plate() -> None:
    def head(**brand: str) -> str:
        shop = replace(SHOP, brand=SHOP.brand.model_copy(update=brand))
        return unescape(render(sample("shipped", shop=shop)).html).partition('class="card"')[0]

    logo, dark = "https://lola.example/logo.png", "https://lola.example/oscuro.png"
    assert "<img" not in head()
    assert f'class="plate" style="display:inline-block;"><img src="{logo}" alt="Zapatería Lola"' in head(logo_url=logo)
    assert 'class="dark-only"' in head(logo_url=logo, logo_dark_url=dark)
    assert "<img" not in head(logo_url="javascript:alert(1)")


def test_one_product_costs_in_each_order_what_it_costs_there() -> None:
    def html(**changes: object) -> str:
        return unescape(render(sample("order_received", order=replace(ORDER, lines=(replace(BOOTS, **changes),)))).html)  # type: ignore[arg-type]

    first = html()
    assert "89,90\u00a0€</td>" in first
    assert "79,90\u00a0€</td>" in html(total=Decimal("79.90"))
    assert "Cantidad: 3" in html(quantity=3)
    assert "<img" not in html(image_url="")
    assert "39 / Cuero" in html(variant_title="39 / Cuero")
    assert html() == first


def test_outlooks_conditions_open_and_close_in_turn_and_styles_have_no_blanks() -> None:
    page = render(sample("order_received")).html
    conditions = re.findall(r"<!--\[if [^\]]+\]>(?!<!-->)|<!\[endif\]-->", page.replace("<!--<![endif]-->", ""))
    assert [sign.startswith("<!--") for sign in conditions] == [True, False] * (len(conditions) // 2)
    assert "<![endif]--><!--[if mso | IE]>" not in page
    assert not re.search(r'style="[^"]*[:;,] ', page)


def test_every_block_and_every_fixed_word_is_used() -> None:
    from pathlib import Path

    from postventa import emails
    from postventa.emails.wording import names, paragraphs
    from postventa.emails.wording import read as source

    placed = {p.kind for name in names() for p in paragraphs(source("body", name))} - {"text", "heading"}
    assert placed == set(BLOCKS)
    code = "".join(file.read_text(encoding="utf-8") for file in Path(emails.__path__[0]).rglob("*.py") if file.name != "words.py")
    assert [name for name in WORDS if f'"{name}"' not in code and not name.startswith("step_")] == []
