"""Strangers' photos at a host for them alone: there is nothing else, they are nowhere else, and an address of one opens it for ten minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine

from postventa.app import create_app
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models import ReturnPhoto
from postventa.models.db import transaction
from postventa.web.portal import photo_links
from tests.attacks.tenants import Tenant, mara, otto
from tests.attacks.test_names import HERS, HIS, SITE, ask
from tests.scenarios import scenario

PHOTOS = "fotos.example"
SHOWN = "shown-by-ana"


@pytest.fixture
def town(sqlite_engine: Engine, tmp_path: Path) -> Iterator[tuple[Flask, Tenant]]:
    hers, his = mara(), otto()
    both = [{**hers.config, "pages_host": HERS}, {**his.config, "pages_host": HIS}]
    server = {"public_url": f"https://{SITE}", "photos_host": PHOTOS}
    basics = {"source": tmp_path / "config.toml", "database": {"url": str(sqlite_engine.url)}, "server": server}
    app = create_app(Settings.model_validate({**basics, "shops": both}))
    hers.settle(app, "Ana", "ana@cliente.example", "Cuenco", "pequeño", b"%PDF-alba")
    his.settle(app, "Otilie", "otilie@kunde.example", "Nachttischlampe", "Lampenfieber", b"%PDF-otto")
    whose = {"shop_id": hers.ids["shop"], "return_case_id": hers.ids["case"], "created_at": real_now()}
    with transaction(app.extensions["postventa"].engine) as session:
        session.add(ReturnPhoto(**whose, taken_by="customer", name=SHOWN, jpeg=b"\xff\xd8", width=1, height=1))
    yield app, hers
    app.extensions["postventa"].engine.dispose()


def made(app: Flask, name: str, **values: object) -> str:
    """The address of a photo, as a page gives it out."""
    with app.test_request_context():
        return photo_links.address("portal.photo", name=name, **values)


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


@scenario("S16", budget=60)
def test_photos_are_at_their_own_host_and_at_no_other(town: tuple[Flask, Tenant]) -> None:
    app, hers = town
    for name in (f"random{hers.order}", SHOWN):
        url = made(app, name)
        assert url.startswith(f"https://{PHOTOS}/photo/{name}.jpg?")
        shown = ask(app, PHOTOS, path_of(url))
        assert (shown.status_code, shown.data, shown.headers["Content-Type"]) == (200, b"\xff\xd8", "image/jpeg")
        assert shown.headers["Content-Disposition"] == f'inline; filename="{name}.jpg"'
        assert shown.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert (shown.headers["Cache-Control"], shown.headers["X-Content-Type-Options"]) == ("private, max-age=600", "nosniff")
        assert [ask(app, host, path_of(url)).status_code for host in (SITE, HERS, HIS)] == [404] * 3, "not even by a good address"


@scenario("S16", budget=60)
def test_an_address_opens_one_photo_and_for_ten_minutes(town: tuple[Flask, Tenant], monkeypatch: pytest.MonkeyPatch) -> None:
    app, hers = town
    began = real_now()
    monkeypatch.setattr(photo_links, "real_now", lambda: began)
    url = path_of(made(app, SHOWN))
    other = url.replace(SHOWN, f"random{hers.order}")
    longer = url.replace("until=", "until=9")
    for bad in (f"/photo/{SHOWN}.jpg", other, longer, url[:-1], f"{url}0", url.replace("until=", "until=%C2%B2"), url.replace("key=", "key=%C3%B1")):
        assert ask(app, PHOTOS, bad).status_code == 410, bad
    assert ask(app, PHOTOS, path_of(made(app, "never-there"))).status_code == 404
    monkeypatch.setattr(photo_links, "real_now", lambda: began + timedelta(minutes=9))
    assert ask(app, PHOTOS, url).status_code == 200
    monkeypatch.setattr(photo_links, "real_now", lambda: began + timedelta(minutes=10))
    over = ask(app, PHOTOS, url)
    assert (over.status_code, "Por seguridad dura diez minutos" in over.text) == (410, True)


@scenario("S16", budget=60)
def test_there_is_nothing_else_at_the_host_of_photos(town: tuple[Flask, Tenant]) -> None:
    app, _ = town
    asked = 0
    for rule in app.url_map.iter_rules():
        path = rule.build(dict.fromkeys(rule.arguments, "1") | dict(rule.defaults or {}), append_unknown=False)
        assert path is not None
        for method in sorted((rule.methods or set()) - {"OPTIONS"}) if rule.endpoint not in photo_links.HERE else ():
            answer = ask(app, PHOTOS, path[1], method)
            assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (404, []), (method, path)
            asked += 1
    assert asked > 100


def test_a_customers_page_shows_them_from_there_and_may(town: tuple[Flask, Tenant]) -> None:
    app, hers = town
    page = ask(app, HERS, f"/review/{hers.tokens['review']}?done=1")
    assert f'src="https://{PHOTOS}/photo/random{hers.order}.jpg?size=small&amp;until=' in page.text
    assert f"img-src 'self' data: https://{PHOTOS};" in page.headers["Content-Security-Policy"]
