"""The page of an order, as a phone asks for it: what it weighs with its styles, and how long it takes until its first byte leaves."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.house import House
from bench.record import OURS, Meaning, Options, Record
from bench.servers import Postgres
from bench.timing import cpu_ms, wall_ms
from postventa import track_links
from postventa.models import Order, Shop
from postventa.models.db import reading

ABOUT = "The page of an order: its weight, and the time until its first byte"
CALLS, TEMPLATE = 200, 6
"""Which of the payloads the order is made of: the one that `quick` counts with."""
FIGURES = {
    "weight": Meaning("KB", "less", "HTML and style sheets, as they are stored; pictures of products come from the shop"),
    "compressed": Meaning("KB", "less", "the same, as a proxy in front sends it (deflate)"),
    "first byte": Meaning("ms", "less", "by the clock on the wall, from the request to the answer, without a network"),
    "CPU": Meaning("ms", "less", "for one page"),
}


def measure(options: Options) -> Record:
    calls = options.events or CALLS
    record = Record("pages", ABOUT, options, FIGURES, settings={"calls": calls})
    with opened(options) as house:
        path, client = _an_order(house), house.app.test_client(use_cookies=False)
        sizes = weigh(client, path)
        for _ in range(options.runs):
            times = {"first byte": wall_ms(lambda: client.get(path), calls), "CPU": cpu_ms(lambda: client.get(path), calls)}
            record.add(OURS, {"weight": sum(map(len, sizes)) / 1000, "compressed": sum(len(zlib.compress(one)) for one in sizes) / 1000, **times})
    record.notes.append(f"The page itself has {len(sizes[0]):,} bytes; {len(sizes) - 1} style sheets, kept by the browser for a year, have the rest.")
    return record


@contextmanager
def opened(options: Options) -> Iterator[House]:
    """A house on the database that was asked for."""
    with ExitStack() as held:
        here = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench-pages", dir=options.folder)))
        postgres = options.database == "postgresql"
        url = held.enter_context(held.enter_context(Postgres()).database("pages")) if postgres else f"sqlite:///{here / 'pages.db'}"
        yield held.enter_context(House(here, url))


def weigh(client: FlaskClient, path: str) -> list[bytes]:
    """The page and each of its style sheets. Raises `RuntimeError` when the page is none."""
    page = client.get(path)
    if page.status_code != 200:
        raise RuntimeError(f"the page of the order answers {page.status_code}")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.get_data(as_text=True))
    return [page.data, *(client.get(sheet, buffered=True).data for sheet in sheets)]


def _an_order(house: House) -> str:
    """One order through the door, and the address of its page."""
    for environ in house.requests(1, TEMPLATE):
        house.store(environ)
    house.read()
    house.send()
    with reading(house.world.engine) as session:
        order = session.scalars(select(Order)).one()
        shop = session.get_one(Shop, order.shop_id)
        return f"/t/{track_links.token(house.world.secret, shop.key, order.ref, order.id)}"
