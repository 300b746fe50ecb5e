"""The shop's people see whom to call on and when, order again, say what they did by hand, and call off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from postventa.accounts.roles import Role
from postventa.models import ReturnCase
from postventa.models.db import transaction
from postventa.returns import appointment
from postventa.returns.appointment import Stage
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import build
from tests.web.returns_desk.bench import TWO, Bench, done, page, said

DOOR = {"default": {"methods": ["pickup"], "resolutions": ["refund"]}}
FRIDAY, MONDAY = "2026-11-06T09:00-14:00", "2026-11-09T15:00-19:00"


def stage(bench: Bench, case: ReturnCase) -> tuple[int, Stage]:
    found = appointment.of(bench.again(case))
    assert found is not None
    return found.turn, found.stage


def test_staff_see_whom_to_call_on_and_put_it_right(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    bench = Bench(build(sqlite_engine, clock, tmp_path, peer, pickup={"by_hand": True}))
    jon = bench.sit_down(bench.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon"))
    luz = bench.sit_down(bench.employ(Role.WAREHOUSE, "luz@zapateriamara.example", "Luz"))
    assert "No hay nada que recoger." in said(jon, "/returns-desk/pickups")
    case = bench.a_return(DOOR, replace(TWO, method="pickup", slot=FRIDAY))
    for words in (
        "El viernes, 6 de noviembre, entre las 9 y las 14 h",
        "C/ Betis, 12",
        "41010 Sevilla",
        "+34600000000",
        "pasa la tienda",
        "Concertada",
    ):
        assert words in said(luz, "/returns-desk/pickups"), words
    assert "Recogida en casa" in said(jon, page(case))
    assert "lunes, 9 de noviembre, entre las 15 y las 19 h" in done(jon, page(case, "/fetch"), slot=MONDAY)
    assert stage(bench, case) == (2, Stage.ORDERED)
    assert luz.get(page(case, "/fetch")).status_code in (403, 404), "to decide is support's"
    done(jon, page(case, "/fetch-off"), reason="Llamó: se muda")
    assert (stage(bench, case), "No hay nada que recoger." in said(jon, "/returns-desk/pickups")) == ((2, Stage.OFF), True)
    done(jon, page(case, "/fetch"), slot=FRIDAY)
    clock.advance(hours=30)
    assert "Su hora pasó y nadie lo ha escaneado." in said(jon, "/returns-desk/pickups")
    done(jon, page(case, "/fetch-taken"))
    assert (stage(bench, case), bench.again(case).settled_at) == ((3, Stage.FETCHED), None)
    bench.close()


def test_what_the_carrier_refused_is_ordered_by_hand(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    bench = Bench(build(sqlite_engine, clock, tmp_path, peer, pickup={"by_hand": True}))
    jon = bench.sit_down(bench.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon"))
    case = bench.a_return(DOOR, replace(TWO, method="pickup", slot=FRIDAY))
    with transaction(bench.house.engine) as session:
        row = session.get_one(ReturnCase, case.id)
        at = appointment.of(row)
        assert at is not None
        appointment.put(row, at.at(Stage.REFUSED, why="No pickups in that postcode"))
    shown = said(jon, page(case))
    assert ("No se pudo concertar" in shown, "No pickups in that postcode" in shown) == (True, True)
    done(jon, page(case, "/fetch-done"), reason="Pedida por teléfono")
    assert stage(bench, case) == (1, Stage.ORDERED)
    bench.close()


def test_where_nobody_fetches_no_button_says_so(bench: Bench, jon: FlaskClient) -> None:
    case = bench.a_return({"default": {"methods": ["drop_off"], "resolutions": ["refund"]}})
    assert "Pedir la recogida" not in said(jon, page(case))
    assert jon.get(page(case, "/fetch")).status_code == 409
