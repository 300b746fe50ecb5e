from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from postventa import links
from postventa.models import Link
from postventa.models.db import reading, transaction
from tests.scenarios import scenario
from tests.web.scene import MARAS_KEY, NOW, OTTOS_KEY, SECRET, Scene


def issue(scene: Scene, shop: str = MARAS_KEY, subject: str = "effect 7", **changes: object) -> str:
    given = {"secret": SECRET, "purpose": "review", "now": NOW, "expires_at": NOW + timedelta(days=30), **changes}
    with transaction(scene.engine) as session:
        return links.issue(session, shop_id=scene.ids[shop], subject=subject, **given)  # type: ignore[arg-type]


def test_a_token_is_256_bits_and_safe_in_an_address() -> None:
    made = links.token(SECRET, "review", "effect 7")
    assert len(made) == 43
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_tokens_differ_by_secret_purpose_and_subject() -> None:
    several = [links.token(b"a" * 32, "review", "1"), links.token(b"b" * 32, "review", "1"), links.token(b"a" * 32, "unsubscribe", "1")]
    assert len({*several, links.token(b"a" * 32, "review", "2"), links.token(b"a" * 32, "review1", "")}) == 5


def test_a_mail_rendered_again_carries_the_same_link(scene: Scene) -> None:
    assert issue(scene) == issue(scene, expires_at=NOW + timedelta(days=99))
    with reading(scene.engine) as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 1
        assert session.scalars(select(Link)).one().expires_at == NOW + timedelta(days=30)


def test_the_database_holds_no_token(scene: Scene) -> None:
    made = issue(scene)
    with reading(scene.engine) as session:
        row = session.scalars(select(Link)).one()
    assert made not in repr(vars(row))
    assert row.token_hash == links.fingerprint(made)


def test_only_the_living_link_of_that_purpose_is_found(scene: Scene) -> None:
    made = issue(scene)
    with reading(scene.engine) as session:
        assert links.find(session, made, "review", NOW) is not None
        assert links.find(session, made, "unsubscribe", NOW) is None
        assert links.find(session, made, "review", NOW + timedelta(days=30)) is None
        assert links.known(session, made, "review") is not None
        assert links.find(session, "x" * 43, "review", NOW) is None
        assert links.find(session, "", "review", NOW) is None
        assert links.find(session, made + "A" * 200, "review", NOW) is None


def test_a_revoked_link_opens_nothing(scene: Scene) -> None:
    made = issue(scene, expires_at=None)
    with transaction(scene.engine) as session:
        session.scalars(select(Link)).one().revoked_at = NOW
    with reading(scene.engine) as session:
        assert links.find(session, made, "review", NOW) is None


@scenario("S9", budget=30)
def test_a_subject_of_another_shop_is_refused(scene: Scene) -> None:
    issue(scene)
    with pytest.raises(ValueError, match="another shop"):
        issue(scene, shop=OTTOS_KEY)
