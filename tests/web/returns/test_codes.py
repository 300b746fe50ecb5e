"""A return without a label: offered where the carrier gives codes, shown large on its page and in its mail, and honest where it gave none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from jobs import carrier_accounts, customer_return, give_back_labels, label_anew
from postventa.clock import now
from postventa.models import LabelRow
from postventa.models.db import reading, transaction
from postventa.returns.wish import Method, Wish, WishLine
from tests.conftest import TestClock
from tests.jobs.carrier_house import alarm_names
from tests.peers.sendcloud import QR_OPTION, SendcloudPeer
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import asked, build, last_words, opened, rules, shop_of
from tests.web.returns.counter import Counter, step

WAYS = {"default": {"methods": ["printed_label", "qr"], "resolutions": ["refund"]}}
CODED = Wish((WishLine("1", 1, "unwanted"),), method="qr")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_accounts, "EVERY", timedelta(milliseconds=1))


@pytest.fixture
def sendcloud() -> Iterator[SendcloudPeer]:
    running = SendcloudPeer()
    with running.open():
        yield running


@pytest.fixture
def counter(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer, sendcloud: SendcloudPeer) -> Iterator[Counter]:
    """Ana's order, in a shop whose carrier gives codes."""
    account = {"carriers": {"sendcloud": sendcloud.account(qr_option=QR_OPTION)}, "carrier": "sendcloud"}
    made = Counter(build(sqlite_engine, clock, tmp_path, peer, **account))
    rules(made.house, WAYS)
    yield made
    made.close()


def change_account(counter: Counter, **changes: Any) -> None:
    for settings in (counter.settings, counter.house.settings):
        settings.shops[0].carriers.sendcloud.__dict__.update(changes)


def label(counter: Counter) -> LabelRow:
    with reading(counter.house.engine) as session:
        return session.scalars(select(LabelRow)).one()


def test_a_code_is_offered_only_where_the_carrier_gives_some(counter: Counter) -> None:
    assert asked(counter.house, CODED).methods == (Method.PRINTED_LABEL, Method.QR)
    change_account(counter, qr_option="")
    refused = asked(counter.house, CODED)
    assert (refused.methods, [problem.code for problem in refused.problems]) == ((Method.PRINTED_LABEL,), ["method"])
    rules(counter.house, {"default": {"methods": ["qr"]}})
    assert asked(counter.house, Wish(CODED.lines)).methods == (Method.PRINTED_LABEL,), "one way there always is"


def test_the_code_is_bought_once_mailed_and_shown_and_given_back(counter: Counter, sendcloud: SendcloudPeer) -> None:
    case, ana = opened(counter.house, CODED), counter.browser()
    page = f"{counter.link()}/{case.number}"
    assert "Estamos preparando tu código" in ana.get(page).get_data(as_text=True)
    assert ana.get(f"{page}/code.png").status_code == 404
    counter.work()
    (bought,) = sendcloud.returns
    assert (bought["delivery_option"], label(counter).tracking_number, label(counter).pdf) == ("drop_off_labelless", "SC1000", None)

    text = ana.get(page).get_data(as_text=True)
    assert (f'src="{page}/code.png"' in text, "SC1000" in text, "Enseña este código" in text, "Descargar la etiqueta" in text) == (
        True,
        True,
        True,
        False,
    )
    shown = ana.get(f"{page}/code.png")
    assert (shown.mimetype, shown.get_data(), shown.headers["Content-Security-Policy"]) == (
        "image/png",
        label(counter).qr,
        "sandbox; default-src 'none'",
    )
    assert ana.get(f"{page}/label.pdf").status_code == 404
    assert ana.get(f"{counter.link()}x/{case.number}/code.png").status_code == 404

    mail = counter.house.postman.mails[-1]
    assert "Tu código QR de devolución" in str(mail["Subject"])
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    (picture,) = pictures
    assert (picture.get_content(), f'src="cid:{picture["Content-ID"][1:-1]}"' in html, picture.get_content_disposition()) == (
        shown.get_data(),
        True,
        "inline",
    )
    assert not [part for part in mail.walk() if part.get_content_type() == "application/pdf"]
    words = last_words(counter.house)
    assert ("SC1000" in words, "No tienes que imprimir nada" in words, "Imprime el PDF" in words) == (True, True, False)

    with transaction(counter.house.engine) as session:
        customer_return.cancel(session, counter.house.world, shop_of(counter.house, session), case.number)
    give_back_labels.give_back(label(counter).id)
    assert (sendcloud.live, label(counter).given_back_at is not None) == ([], True)
    assert ana.get(f"{page}/code.png").status_code == 404, "a code that was called off is shown to nobody"
    counter.work()
    assert "Si tenías una etiqueta o un código, no los uses." in last_words(counter.house)


def test_where_the_carrier_gave_none_there_is_a_label_and_the_truth(counter: Counter, sendcloud: SendcloudPeer) -> None:
    sendcloud.gives_codes = False
    case, ana = opened(counter.house, CODED), counter.browser()
    counter.work()
    text = ana.get(f"{counter.link()}/{case.number}").get_data(as_text=True)
    assert ("esta vez el transportista no nos lo ha dado" in text, "Descargar la etiqueta" in text, "code.png" in text) == (True, True, False)
    mail = counter.house.postman.mails[-1]
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["application/pdf"]
    assert "esta vez el transportista no nos lo ha dado" in last_words(counter.house)
    assert alarm_names(counter.house) == [("qr-not-given", f"Cerámica Alba, {case.number}")]


def test_a_change_speaks_of_the_code_and_of_no_label(counter: Counter) -> None:
    case, ana = opened(counter.house, CODED), counter.browser()
    counter.work()
    told = {"item": "1", "q-1": "2", "why-1": "unwanted", "as": "refund", "by": "qr", "step": "way"}
    kept = ana.get(f"{counter.link()}/{case.number}/change", query_string=told)
    assert ("Tu código sigue valiendo." in kept.text, "Tu etiqueta" in kept.text) == (True, False)
    other = ana.get(f"{counter.link()}/{case.number}/change", query_string={**told, "by": "printed_label"})
    assert "El código que tienes deja de valer: no lo uses." in other.text
    step(ana, kept)
    with transaction(counter.house.engine) as session:
        for row in session.scalars(select(LabelRow)):
            row.expires_at = now() + timedelta(days=14)
    counter.work()
    assert counter.house.postman.mails[-1]["X-Postventa-Followup"] == "return_changed"
    assert ("Código válido hasta" in last_words(counter.house), "Etiqueta" in last_words(counter.house)) == (True, False)


def test_where_the_carrier_gives_no_codes_a_code_is_a_label(counter: Counter) -> None:
    def kinds() -> list[str]:
        with reading(counter.house.engine) as session:
            return [label_anew.kind_of(shop_of(counter.house, session), way) for way in ("qr", "printed_label", "pickup", "", "drop_off")]

    assert kinds() == ["code", "label", "label", "label", ""]
    change_account(counter, qr_option="")
    assert kinds() == ["label", "label", "label", "label", ""]


def test_a_code_that_never_came_is_a_label_that_does_for_both(counter: Counter, sendcloud: SendcloudPeer) -> None:
    sendcloud.gives_codes = False
    case, ana = opened(counter.house, CODED), counter.browser()
    counter.work()
    page = f"{counter.link()}/{case.number}/change"
    for way in ("printed_label", "qr"):
        told = {"item": "1", "q-1": "1", "why-1": "unwanted", "as": "refund", "by": way, "step": "way"}
        check = ana.get(page, query_string=told)
        assert "Tu etiqueta sigue valiendo." in check.text, way
        step(ana, check)
        counter.work()
        assert (len(sendcloud.returns), label(counter).voided_at, counter.house.returns()[0].method) == (1, None, way)


def test_a_real_code_is_no_label_to_print(counter: Counter, sendcloud: SendcloudPeer) -> None:
    case, ana = opened(counter.house, CODED), counter.browser()
    counter.work()
    told = {"item": "1", "q-1": "1", "why-1": "unwanted", "as": "refund", "by": "printed_label", "step": "way"}
    step(ana, ana.get(f"{counter.link()}/{case.number}/change", query_string=told))
    counter.work()
    assert [bought["delivery_option"] for bought in sendcloud.returns] == ["drop_off_labelless", "drop_off_point"]


def test_an_erased_customers_code_is_gone(counter: Counter) -> None:
    from jobs.erase_customer import Lock, erase_customer
    from postventa.privacy.gather import gather
    from postventa.privacy.people import Person

    opened(counter.house, CODED)
    counter.work()
    who = Person(email="ana@cliente.example")
    with transaction(counter.house.engine) as session:
        assert f"labels/{label(counter).id}.png" in gather(session, counter.house.shops["woocommerce"], who, counter.house.world.secret).files
        erase_customer(session, counter.house.shops["woocommerce"], who, Lock(b"", 0))
    assert (label(counter).qr, label(counter).pdf) == (None, None)
