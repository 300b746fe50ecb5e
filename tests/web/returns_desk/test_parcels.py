"""What does not fit into one box: one more label, bought once, mailed, followed and given back for itself; the money stays one sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from jobs import carrier_accounts, give_back_labels, sync_tracking
from jobs.create_return_label import create_return_label
from postventa import track_links
from postventa.clock import now, real_now
from postventa.models import AuditEntry, Effect, LabelRow, LabelTracking, ReturnCase
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.peers.sendcloud import SendcloudPeer
from tests.peers.shop import CUT, Fault
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import HOUR
from tests.returns.scene import build, last_words, mails, order_of, shop_of
from tests.web.returns_desk.bench import TWO, Bench, done, page, proposed, said

BY_LABEL = {"default": {"methods": ["printed_label", "drop_off"], "resolutions": ["refund"], "refund_when": "after_inspection"}}
BOXES = replace(TWO, method="printed_label")


@pytest.fixture
def carrier() -> Iterator[SendcloudPeer]:
    running = SendcloudPeer()
    with running.open():
        yield running


@pytest.fixture
def bench(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer, carrier: SendcloudPeer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:  # fmt: skip
    monkeypatch.setattr(carrier_accounts, "EVERY", timedelta(milliseconds=1))
    made = Bench(build(sqlite_engine, clock, tmp_path, peer, carriers={"sendcloud": carrier.account()}, carrier="sendcloud"))
    yield made
    made.close()


@pytest.fixture
def case(bench: Bench) -> ReturnCase:
    """Ana sends two cups and a bowl, and has one label."""
    made = bench.a_return(BY_LABEL, BOXES)
    bench.work()
    return made


def labels(bench: Bench) -> list[tuple[str, str]]:
    with reading(bench.engine) as session:
        return [(row.reference, row.state) for row in session.scalars(select(LabelRow).order_by(LabelRow.id))]


def ask(bench: Bench) -> list[str]:
    """The carrier is asked about all of them; how each stands."""
    with transaction(bench.engine) as session:
        session.execute(update(LabelTracking).values(next_at=now()))
    sync_tracking.look_all(bench.house.world)
    sync_tracking.sync(bench.house.shops["woocommerce"])
    bench.house.run()
    with reading(bench.engine) as session:
        return list(session.scalars(select(LabelTracking.status).order_by(LabelTracking.label_id)))


def hers(bench: Bench) -> str:
    """Where the order's returns are for Ana."""
    with reading(bench.engine) as session:
        order, shop = order_of(session), shop_of(bench.house, session)
        return f"/r/{track_links.token(bench.house.world.secret, shop.key, order.ref, order.id, track_links.RETURN)}"


def test_one_more_is_bought_once_and_reaches_her_by_mail_and_on_her_page(
    bench: Bench, case: ReturnCase, jon: FlaskClient, carrier: SendcloudPeer
) -> None:
    assert ("Otra etiqueta" in said(jon, page(case)), labels(bench)) == (True, [(case.number, "mailed")])
    words, form = proposed(jon, page(case, "/parcel"), reason="Son dos cajas")
    assert ("paquete 2" in words, "Se compra a Sendcloud y se paga aparte." in words) == (True, True)
    assert [jon.post(page(case, "/parcel/confirm"), data=form).status_code for _ in range(3)] == [303] * 3
    assert jon.get(page(case, "/parcel")).status_code == 409, "one after the other"
    assert mails(bench.house) == ["return_label", "return_label"]
    assert "otro paquete de la misma devolución" in last_words(bench.house)
    assert [part.get_filename() for part in bench.house.postman.mails[-1].iter_attachments()] == [f"{case.number}-2.pdf"]
    assert (len(carrier.returns), labels(bench)) == (2, [(case.number, "mailed"), (f"{case.number}-2", "mailed")])
    shown = said(jon, page(case))
    assert ("SC1000" in shown, "SC1001" in shown, "Paquete 2" in shown) == (True, True, True)
    with reading(bench.engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "return.label")).one()
        assert (entry.reason, entry.after) == ("Son dos cajas", {"parcel": 2})
    ana = bench.browser()
    assert f"{case.number}-2/label.pdf" in ana.get(f"{hers(bench)}/{case.number}").get_data(as_text=True)
    assert ana.get(f"{hers(bench)}/{case.number}-2/label.pdf").status_code == 303, "her address is on it: a code first"
    assert ana.get(f"{hers(bench)}/{case.number}-3/label.pdf").status_code == 404


def test_each_parcel_goes_its_own_way_and_the_money_comes_once(
    bench: Bench, case: ReturnCase, jon: FlaskClient, luz: FlaskClient, carrier: SendcloudPeer, peer: WooCommercePeer
) -> None:
    for _ in range(2):
        done(jon, page(case, "/parcel"))
        bench.work()
    carrier.statuses["SC1001"] = [(bench.house.clock.now(), "shipment-on-route")]
    assert (ask(bench), [state for _, state in labels(bench)]) == (["", "in_transit", ""], ["mailed", "scanned", "mailed"])
    first = bench.again(case).scanned_at
    bench.house.clock.advance(hours=3)
    carrier.statuses["SC1000"] = [(bench.house.clock.now(), "shipment-on-route")]
    assert (ask(bench)[0], [state for _, state in labels(bench)]) == ("in_transit", ["scanned", "scanned", "mailed"])
    assert bench.again(case).scanned_at == first
    assert luz.get(f"/returns-desk/scan?code={case.number}-2").headers["Location"].endswith(page(case, "/goods"))
    done(luz, page(case, "/goods"), {"grade-0-1": "stock", "grade-0-2": "stock"})
    bench.work()
    assert (bench.again(case).state, peer.books.paid) == ("approved", [])
    done(luz, page(case, "/goods"), {"grade-0-1": "stock"})
    bench.work()
    assert peer.books.paid == [Decimal("40.00")]
    with transaction(bench.engine) as session:
        session.execute(update(LabelRow).values(expires_at=now() - HOUR))
    with reading(bench.engine) as session:
        ids = session.scalars(select(LabelRow.id).order_by(LabelRow.id)).all()
    for one in ids:
        give_back_labels.give_back(one)
    assert ([state for _, state in labels(bench)], len(carrier.live)) == (["scanned", "scanned", "voided"], 2), "the third was not used"


def test_an_answer_that_never_came_is_one_label_and_nobody_orders_another_meanwhile(
    bench: Bench, case: ReturnCase, jon: FlaskClient, carrier: SendcloudPeer
) -> None:
    carrier.faults.append(Fault("POST", CUT, after=True))
    done(jon, page(case, "/parcel"))
    bench.work()
    (effect,) = [one for one in bench.house.effects(kind="label") if one.data.get("parcel")]
    assert ("in doubt" in effect.reason, len(carrier.returns)) == (True, 2)
    assert ("Otra etiqueta" in said(jon, page(case)), jon.get(page(case, "/parcel")).status_code) == (False, 409)
    with transaction(bench.engine) as session:
        session.get_one(Effect, effect.id).not_before = real_now()
    create_return_label(effect.id)
    assert (len(carrier.returns), labels(bench)[1][0]) == (2, f"{case.number}-2")


def test_there_is_none_where_nothing_goes_back_by_label(bench: Bench, jon: FlaskClient, luz: FlaskClient) -> None:
    case = bench.a_return(BY_LABEL, TWO)
    bench.work()
    assert [jon.get(page(case, "/parcel")).status_code, luz.get(page(case, "/parcel")).status_code] == [409, 403]
