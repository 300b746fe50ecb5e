"""A label is fetched by its link and by nothing else, and fetching it uses nothing up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from postventa import links
from postventa.models import LabelRow, Link, Order, ReturnCase
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.web.scene import MARAS_KEY, NOW, SECRET, Scene, order, review_link

PDF = b"%PDF-1.7 la etiqueta"


@dataclass(frozen=True)
class Bed:
    """A label and the path that opens it."""

    order: int
    path: str


@pytest.fixture
def bed(scene: Scene) -> Bed:
    shop, bought = scene.ids[MARAS_KEY], order(scene)
    with transaction(scene.engine) as session:
        case = ReturnCase(shop_id=shop, order_id=bought, ref="caso-1", number="R-7F3K-2M9Q", source="api", state="approved", created_at=NOW)
        session.add(case)
        session.flush()
        made = LabelRow(shop_id=shop, return_case_id=case.id, carrier="own", reference=case.number, state="made", pdf=PDF, created_at=NOW)
        session.add(made)
        session.flush()
        end, data = NOW + timedelta(days=14), dict[str, object](label=made.id)
        token = links.issue(
            session, secret=SECRET, shop_id=shop, purpose="label", subject=f"{made.id}:1", order_id=bought, data=data, now=NOW, expires_at=end
        )
        return Bed(bought, f"/label/{token}.pdf")


def test_whoever_has_the_link_gets_the_file_as_often_as_he_asks(scene: Scene, ana: FlaskClient, bed: Bed) -> None:
    first, answer = ana.get(bed.path), ana.get(bed.path)
    assert first.data == answer.data == PDF
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert ana.head(bed.path).status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert 'filename="R-7F3K-2M9Q.pdf"' in answer.headers["Content-Disposition"]
    with reading(scene.engine) as session:
        assert session.scalars(select(Link.used_at).where(Link.purpose == "label")).all() == [None]


def test_over_voided_erased_or_strange_it_is_no_page_and_all_look_alike(scene: Scene, ana: FlaskClient, clock: TestClock, bed: Bed) -> None:
    def lost(path: str = bed.path) -> bytes:
        answer = ana.get(path)
        assert answer.status_code == 404
        return bytes(answer.data)

    pages = {lost("/label/" + "A" * 43 + ".pdf"), lost("/label/x.pdf"), lost("/label/" + "9" * 300 + ".pdf")}
    pages.add(lost(review_link(scene, bed.order).replace("/review/", "/label/") + ".pdf"))
    for change in ({"voided_at": NOW}, {"voided_at": None, "pdf": None}):
        with transaction(scene.engine) as session:
            session.execute(update(LabelRow).values(**change))
        pages.add(lost())
    with transaction(scene.engine) as session:
        session.execute(update(LabelRow).values(pdf=PDF))
    assert ana.get(bed.path).status_code == 200
    clock.set(NOW + timedelta(days=15))
    pages.add(lost())
    assert len(pages) == 1
    assert ana.post(bed.path).status_code == 405


def test_a_link_of_one_shop_opens_no_label_of_another(scene: Scene, ana: FlaskClient, bed: Bed) -> None:
    other = next(number for key, number in scene.ids.items() if key != MARAS_KEY)
    with transaction(scene.engine) as session:
        session.execute(update(Link).where(Link.purpose == "label").values(shop_id=other))
        assert session.get_one(Order, bed.order).shop_id != other
    assert ana.get(bed.path).status_code == 404
