"""The page of an order: what it shows to whoever has the link, and that it shows nothing to anybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from postventa import links, track_links
from postventa.models import Link, Order, Shop
from postventa.models.db import reading, transaction
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.parcels import BOOTS, SOCKS, happened, journey, parcel, returned
from tests.web.scene import MARAS_KEY, NOW, OTTOS_KEY, SECRET, Scene, review_link
from tests.web.test_safety import HOSTILE, read_text


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def order_of(scene: Scene, ref: str = "1042") -> Order:
    with reading(scene.engine) as session:
        return session.scalars(select(Order).where(Order.ref == ref)).one()


def test_ana_sees_where_everything_is(scene: Scene, ana: FlaskClient) -> None:
    half = parcel("p1", (BOOTS[0],), out_for_delivery_at=NOW - timedelta(hours=2))
    page = text(ana, journey(scene, half, parcel("p2", (SOCKS[0],))))
    for words in (
        "Uno de tus paquetes está hoy en reparto",
        "Debería llegar hoy.",
        "Paquete 2 de 2",
        "Correos",
        "PQp2",
        "https://correos.example/p2",
    ):
        assert words in page, words
    assert page.index("Botines Triana") < page.index("Paquete 2 de 2") < page.index("Calcetines")
    assert "viernes, 20 de noviembre, 9:00" in page, "the recipient's own time"


def test_refunds_and_returns_of_the_order_stand_there_with_their_state(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel(delivered_at=NOW - timedelta(days=2)))
    happened(scene, "OrderRefunded", NOW - timedelta(days=1), refund_ref="r1", amount="12.50", lines=[[SOCKS[0], 1]])
    returned(scene, "received")
    page = text(ana, path)
    for words in ("Devolución R-1042-1", "Ya la tenemos y la estamos revisando", "Te hemos devuelto 12,50\xa0€"):
        assert words in page, words


def test_nothing_that_finds_or_harms_ana_is_shown(scene: Scene, ana: FlaskClient) -> None:
    page = text(ana, journey(scene, parcel()))
    assert "41••• Sevilla" in page
    for secret in ("Feria", "41003", "Ana", "Ruiz", "ana@correo.example", "121", MARAS_KEY):
        assert secret not in page, secret


def test_pictures_come_from_the_shop_and_from_nobody_else(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    answer = ana.get(path)
    assert "img-src 'self' data: https://media.zapateriamara.example;" in answer.headers["Content-Security-Policy"]
    assert 'loading="lazy"' in answer.get_data(as_text=True)
    with transaction(scene.engine) as session:
        for line in session.scalars(select(Order)).one().lines:
            line.image_url = "https://tracker.example/pixel.gif"
    assert "tracker.example" not in text(ana, path)


@pytest.mark.parametrize("address", ["https://łódka.zapateriamara.example/1.jpg", "https://media.zapateriamara.example/1\r\nX-Evil: 1.jpg"])
def test_an_address_that_no_header_can_say_is_no_picture_and_the_page_is_there(scene: Scene, ana: FlaskClient, address: str) -> None:
    path = journey(scene, parcel())
    with transaction(scene.engine) as session:
        for line in session.scalars(select(Order)).one().lines:
            line.image_url = address
    answer = ana.get(path)
    assert answer.status_code == 200
    assert all(value.encode("latin-1") and "vil" not in value for _, value in answer.headers)
    assert "<img" not in answer.get_data(as_text=True)


def test_the_language_is_the_orders_until_another_is_chosen(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel(), locale="de-AT")
    assert "Dein Paket ist unterwegs" in text(ana, path)
    assert "O teu paquete vai de camiño" in text(ana, f"{path}?lang=gl")
    odd = text(ana, f"{path}?lang=xx&_scheme=javascript&_external=1&_anchor=x")
    assert "Dein Paket ist unterwegs" in odd
    assert "javascript" not in odd


def test_browsers_ask_again_and_are_told_that_nothing_changed(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    first = ana.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = ana.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with transaction(scene.engine) as session:
        session.scalars(select(Order)).one().parcels[0].delivered_at = NOW
    assert "Tu pedido ha llegado" in ana.get(path, headers={"If-None-Match": first.headers["ETag"]}).get_data(as_text=True)


@scenario("S8", budget=30)
def test_looking_changes_nothing_however_often(scene: Scene, ana: FlaskClient) -> None:
    path, told = journey(scene, parcel()), []
    event.listen(scene.engine, "before_cursor_execute", lambda _c, _k, statement, *_: told.append(statement.split()[0]))
    for _ in range(3):
        assert ana.get(path).status_code == 200
        assert ana.head(path).status_code == 200
    assert {"INSERT", "UPDATE", "DELETE"} & set(told) == set()


def test_a_link_ends_sixty_days_after_the_last_delivery(scene: Scene, ana: FlaskClient) -> None:
    on_time = journey(scene, parcel(delivered_at=NOW - timedelta(days=59)), number="#1")
    over = journey(scene, parcel(delivered_at=NOW - timedelta(days=60)), number="#2")
    waits = journey(scene, parcel("a", (BOOTS[0],), delivered_at=NOW - timedelta(days=70)), parcel("b", (SOCKS[0],)), number="#3")
    assert "Tu pedido ha llegado" in text(ana, on_time)
    assert "Este enlace ya ha caducado" in text(ana, over, 410)
    assert "Parte de tu pedido ya ha llegado" in text(ana, waits)


def test_an_order_that_nothing_is_heard_of_is_shown_for_half_a_year(scene: Scene, ana: FlaskClient) -> None:
    long_ago = NOW - timedelta(days=179)
    assert "va de camino" in text(ana, journey(scene, parcel(dispatched_at=long_ago), placed_at=long_ago, prepared_at=None, paid_at=None))
    older = NOW - timedelta(days=181)
    text(ana, journey(scene, parcel(dispatched_at=older), placed_at=older, prepared_at=None, paid_at=None, number="#2"), 410)


@pytest.mark.parametrize("hidden", [{"erased_at": NOW}, {"test": True}, {"trashed_at": NOW}])
def test_orders_of_which_nobody_may_hear_are_like_none(scene: Scene, ana: FlaskClient, hidden: dict[str, Any]) -> None:
    page = text(ana, journey(scene, parcel(), **hidden), 404)
    assert page == text(ana, "/t/nope", 404).replace("/t/nope", journey_path(page))


def journey_path(page: str) -> str:
    """The address that a page gives itself, in its links to other languages."""
    return next(given["href"] for tag, given in read_text(page).tags if tag == "a" and given.get("href", "").startswith("/t/")).partition("?")[0]


def test_a_revoked_link_opens_nothing_and_one_asked_for_neither(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    order = order_of(scene)
    with transaction(scene.engine) as session:
        own: dict[str, Any] = {"secret": SECRET, "shop_id": order.shop_id, "order_id": order.id, "now": NOW, "expires_at": NOW + timedelta(days=7)}
        asked = f"/t/{links.issue(session, purpose='track', subject='asked', **own)}"
        assert "va de camino" in text(ana, path)
        session.commit()
    assert "va de camino" in text(ana, asked)
    for _ in range(2):
        with transaction(scene.engine) as session:
            track_links.revoke(session, SECRET, session.get_one(Order, order.id), NOW)
    text(ana, path, 410)
    text(ana, asked, 410)
    with reading(scene.engine) as session:
        assert path[3:] not in repr([row.__dict__ for row in session.scalars(select(Link))])


@scenario("S9", budget=30)
def test_a_link_opens_its_own_order_for_its_own_purpose_and_nothing_else(scene: Scene, ana: FlaskClient) -> None:
    mine, other = journey(scene, parcel()), journey(scene, parcel(delivered_at=NOW), shop=OTTOS_KEY, number="#77")
    token, foreign = mine[3:], other[3:]
    order = order_of(scene)
    stolen = track_links.token(b"another secret of thirty-two byte", MARAS_KEY, order.ref, order.id)
    moved = track_links.token(SECRET, MARAS_KEY, order.ref, order.id + 1)
    for forged in (token[:43] + foreign[43:], foreign[:43] + token[43:], stolen, moved, links.fingerprint(token), token[:-1], token + "A", "A" * 54):
        text(ana, f"/t/{forged}", 404)
    for page in ("review", "unsubscribe"):
        assert ana.get(f"/{page}/{token}").status_code == 404
    assert ana.get(f"/t/{review_link(scene, order.id)[8:]}").status_code == 404
    with transaction(scene.engine) as session:
        own: dict[str, Any] = {"secret": SECRET, "shop_id": order.shop_id, "order_id": order.id, "now": NOW}
        text_of_return = links.issue(session, purpose="return", subject="asked", **own)
        assert links.find(session, token, "return", NOW) is None, "no link to look at opens a return"
    assert ana.get(f"/t/{text_of_return}").status_code == 404


@scenario("S12", budget=30)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(scene: Scene, ana: FlaskClient, name: str) -> None:
    harmless = {tag for tag, _ in read(ana.get(journey(scene, parcel(), number="#harmless"))).tags}
    where = {"street": name, "city": name, "postcode": name[:12], "country": "ES"}
    path = journey(
        scene, parcel(carrier=name, tracking_number=name[:60], tracking_url=f"javascript:{name}"), number=f"#{name[:60]}", shipping_address=where
    )
    with transaction(scene.engine) as session:
        for line in session.scalars(select(Order).where(Order.number.startswith("#"), Order.ref != "harmless")).one().lines:
            line.title = line.variant_title = name
    page = text(ana, path)
    assert {tag for tag, _ in read_text(page).tags} <= harmless
    assert not [given for _, given in read_text(page).tags if "style" in given or any(key.startswith("on") for key in given)]
    assert "javascript:" not in [given.get("href", "")[:11] for _, given in read_text(page).tags]
    assert "\u202e" not in page


def test_the_page_with_its_styles_weighs_less_than_100_kb(scene: Scene, ana: FlaskClient) -> None:
    parcels = [parcel(f"p{number}", (BOOTS[0],), out_for_delivery_at=NOW) for number in range(12)]
    page = ana.get(journey(scene, *parcels))
    styles = [given["href"] for tag, given in read(page).tags if given.get("rel") == "stylesheet"]
    assert len(styles) == 3
    assert len(page.data) + sum(len(ana.get(url, buffered=True).data) for url in styles) < 100_000
    assert "<script" not in page.get_data(as_text=True)


def test_unknown_links_lead_to_the_look_up_where_only_one_shop_can_be_meant(scene: Scene, ana: FlaskClient) -> None:
    assert "Pedir otro enlace" not in text(ana, "/t/nope", 404)
    with transaction(scene.engine) as session:
        session.scalars(select(Shop).where(Shop.key == OTTOS_KEY)).one().disconnected_at = NOW
    assert "Pedir otro enlace" in text(ana, "/t/nope", 404)
