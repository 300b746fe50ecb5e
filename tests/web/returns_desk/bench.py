"""The packing table: the application beside the workers, and the shortest ways to a return and through its pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask.testing import FlaskClient

from jobs.return_photos import OfLines
from postventa import clock as product_clock
from postventa.app import create_app
from postventa.models import ReturnCase
from postventa.returns.wish import Wish, WishLine
from postventa.reviews.photos import Photo
from tests.accounts.visits import Office, hidden
from tests.pipeline.house import House
from tests.returns.scene import case_of, opened, rules
from tests.web.orders.desk import plain

TWO = Wish((WishLine("1", 2, "unwanted", "Me equivoqué de color"), WishLine("2", 1, "unwanted")), method="drop_off", note="Gracias por todo")
ASKED = {"default": {"decision": "ask", "methods": ["drop_off", "own_carrier"], "resolutions": ["refund", "exchange", "store_credit", "repair"]}}
LOOKED_AT = {"default": {**ASKED["default"], "decision": "approve", "refund_when": "after_inspection"}}
NOTHING: Mapping[str, str] = MappingProxyType({})
PHOTO = Photo("0" * 32, b"\xff\xd8\xff\xd9", 1, 1)


class Bench(Office):
    """The application and a house on the same database."""

    def __init__(self, house: House) -> None:
        url = house.engine.url.render_as_string(hide_password=False)
        database = house.settings.database.model_copy(update={"url": url})
        super().__init__(create_app(house.settings.model_copy(update={"database": database})))
        product_clock.install(house.clock)
        self.house = house

    def a_return(self, document: dict[str, Any] = LOOKED_AT, wish: Wish = TWO, photos: OfLines | None = None) -> ReturnCase:
        rules(self.house, document)
        return opened(self.house, wish, photos=photos)

    def again(self, case: ReturnCase) -> ReturnCase:
        """As it stands now."""
        return case_of(self.house, case.number)

    def work(self) -> None:
        self.house.clock.advance(minutes=1)
        self.house.run()

    def close(self) -> None:
        self.app.extensions["postventa"].engine.dispose()
        self.app.extensions["postventa"].redis().close()


def page(case: ReturnCase, more: str = "") -> str:
    return f"/returns-desk/{case.id}{more}"


def said(browser: FlaskClient, path: str, status: int = 200) -> str:
    """What a page says."""
    answer = browser.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return plain(answer.get_data(as_text=True))


def proposed(browser: FlaskClient, path: str, fields: Mapping[str, str] = NOTHING, *, status: int = 200, **more: str) -> tuple[str, dict[str, str]]:
    """Fill in a page's form: what the next page says, and its hidden fields."""
    csrf = hidden(browser.get(path).get_data(as_text=True))["csrf"]
    answer = browser.post(path, data={"csrf": csrf, **fields, **more})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == status, (path, answer.status_code, plain(shown))
    return plain(shown), hidden(shown)


def done(browser: FlaskClient, path: str, fields: Mapping[str, str] = NOTHING, **more: str) -> str:
    """Fill in, agree; what was to be agreed to."""
    words, wish = proposed(browser, path, {**fields, **more})
    answer = browser.post(f"{path}/confirm", data=wish)
    assert answer.status_code == 303, plain(answer.get_data(as_text=True))
    return words
