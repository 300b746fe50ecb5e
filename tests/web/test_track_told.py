"""What carriers told and what the shop's parcels taught us, on the page of an order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from postventa.models import LaneRow, Order, Parcel, ReturnCase, ScanRow, Tracking
from postventa.models.db import transaction
from tests.web.parcels import BOOTS, BOUGHT, LEFT, happened, journey, parcel, returned
from tests.web.scene import MARAS_KEY, NOW, Scene
from tests.web.test_track_page import text


def tracked(scene: Scene, *scans: tuple[str, str, str], ref: str = "1042", **days: str) -> None:
    """The carrier was asked about the parcel, and told this: (our word, its own, place), six hours apart since it left."""
    with transaction(scene.engine) as session:
        row = session.scalars(select(Parcel).join(Order, Order.id == Parcel.order_id).where(Order.ref == ref)).one()
        of: dict[str, Any] = {"shop_id": row.shop_id, "order_id": row.order_id, "parcel_id": row.id}
        session.add(Tracking(**of, carrier="sendcloud", next_at=NOW, status="in_transit", **days))
        for place, (status, word, where) in enumerate(scans, start=1):
            at = LEFT + place * timedelta(hours=6)
            said = {"place": where, "said": "Entregado a la vecina del 3.º", "learned_at": NOW}
            session.add(ScanRow(**of, source="sendcloud", at=at, word=word, status=status, **said))


def test_scans_stand_in_the_timeline_with_their_place_and_what_a_carrier_says_besides_does_not(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    tracked(scene, ("in_transit", "shipment-on-route", "Sevilla"), ("in_transit", "at-customs", "<b>Madrid"), ("in_transit", "sorted", ""))
    page = text(ana, path)
    steps = [page.index(words) for words in ("En un centro de clasificación", "En la aduana", "Lo tiene el transportista", "Ha salido")]
    assert steps == sorted(steps)
    assert '<span class="spot" dir="auto">&lt;b&gt;Madrid</span>' in page
    assert "vecina" not in page


def test_the_carriers_day_is_told_and_the_one_that_it_promised_first(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    tracked(scene, expected_on="2026-11-24", promised_on="2026-11-20")
    page = text(ana, path)
    assert "Prometido para el viernes, 20 de noviembre. Lo esperamos el martes, 24 de noviembre." in page


PROMISES = {
    "kept": (("2026-11-24", "2026-11-24"), "Prometido para el martes, 24 de noviembre, y así lo esperamos."),
    "for today": (("2026-11-20", "2026-11-20"), "Prometido para hoy, y hoy lo esperamos."),
    "moved to today": (("2026-11-20", "2026-11-19"), "Prometido para el jueves, 19 de noviembre. Lo esperamos hoy."),
    "only ways are known": (("", "2026-11-23"), "Prometido para el lunes, 23 de noviembre. Lo esperamos entre el viernes, 20 de noviembre y el "),
}


@pytest.mark.parametrize("case", PROMISES)
def test_the_promise_stands_there_before_it_is_missed(scene: Scene, ana: FlaskClient, case: str) -> None:
    (expected, promised), words = PROMISES[case]
    path = journey(scene, parcel())
    tracked(scene, expected_on=expected, promised_on=promised)
    assert words in text(ana, path)


def test_what_the_shop_promised_counts_before_what_its_carrier_did(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    tracked(scene, expected_on="2026-11-24", promised_on="2026-11-23")
    for at, by in ((LEFT, "2026-11-19T22:30:00+00:00"), (LEFT + timedelta(hours=1), "2026-11-26T12:00:00+00:00")):
        happened(scene, "DeliveryEstimated", at, parcel_ref="p1", by=by)
    assert "Prometido para el jueves, 19 de noviembre. Lo esperamos el martes, 24 de noviembre." in text(ana, path)


@pytest.mark.parametrize(
    ("by", "parcels", "words"),
    [
        ("2026-11-23", (), "Te llegará como muy tarde el lunes, 23 de noviembre."),
        ("2026-11-20", (), "Te llegará como muy tarde el viernes, 20 de noviembre."),
        ("2026-11-19", (), "Estaba prometido para el jueves, 19 de noviembre."),
        ("2026-11-23", (parcel(dispatched_at=None),), "Te llegará como muy tarde el lunes, 23 de noviembre."),
        (
            "2026-11-24",
            (parcel(),),
            "Prometido para el martes, 24 de noviembre. Lo esperamos entre el viernes, 20 de noviembre y el lunes, 23 de noviembre.",
        ),
    ],
)
def test_what_the_shop_promises_of_all_is_told_before_anything_leaves_and_afterwards(
    scene: Scene, ana: FlaskClient, by: str, parcels: tuple[dict[str, Any], ...], words: str
) -> None:
    path = journey(scene, *parcels)
    happened(scene, "DeliveryPromised", BOUGHT, by=by)
    assert text(ana, path).count(words) == 1


def test_what_still_has_to_leave_keeps_its_promise_beside_what_is_on_its_way(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel(lines=(BOOTS[0],)))
    happened(scene, "DeliveryPromised", BOUGHT, by="2026-11-24")
    page = text(ana, path)
    assert page.index("Lo que falta por salir") < page.index("Te llegará como muy tarde el martes, 24 de noviembre.")


def test_an_order_that_is_off_promises_nothing(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, cancelled_at=LEFT)
    happened(scene, "DeliveryPromised", BOUGHT, by="2026-11-24")
    assert "24 de noviembre" not in text(ana, path)


def test_a_parcel_that_comes_back_is_not_on_its_way(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    tracked(scene, ("in_transit", "shipment-on-route", ""), ("returned_to_sender", "undeliverable", ""))
    page = text(ana, path)
    assert "El transportista nos devuelve tu paquete" in page
    assert "Llegada prevista" not in page


def test_a_lane_that_the_shops_parcels_taught_us_is_better_than_the_table(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel())
    assert "Llegada prevista: viernes, 20 de noviembre – lunes, 23 de noviembre" in text(ana, path)
    with transaction(scene.engine) as session:
        way = {"carrier": "correos", "origin": "ES", "destination": "ES", "p50": 4, "p90": 5, "n": 40, "learned_at": NOW}
        session.add(LaneRow(shop_id=scene.ids[MARAS_KEY], **way))
        session.add(LaneRow(shop_id=scene.ids[MARAS_KEY], **{**way, "carrier": "seur", "p50": 9, "p90": 9}))
    assert "Llegada prevista: martes, 24 de noviembre – miércoles, 25 de noviembre" in text(ana, path)


def test_a_time_zone_that_nobody_knows_is_no_reason_to_show_nothing(scene: Scene, ana: FlaskClient) -> None:
    assert "Llegada prevista" in text(ana, journey(scene, parcel(), timezone="Europa/Sevilla"))


def test_a_return_that_its_carrier_has_is_on_its_way(scene: Scene, ana: FlaskClient) -> None:
    path = journey(scene, parcel(delivered_at=NOW - timedelta(days=2)))
    returned(scene, "approved")
    assert "Aceptada: envíanosla cuando puedas" in text(ana, path)
    with transaction(scene.engine) as session:
        session.execute(update(ReturnCase).values(scanned_at=NOW))
    assert "De camino hacia nosotros" in text(ana, path)
