"""Pages as a customer's phone asks for them: what each weighs with its styles, and how long it takes until its first byte leaves."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.house import House
from bench.record import OURS, Meaning, Options, Record
from bench.servers import Postgres
from bench.timing import cpu_ms, wall_ms
from postventa import addresses, track_links
from postventa.clock import now
from postventa.models import Order, Parcel, Shop
from postventa.models.db import transaction

ABOUT = "Customers' pages: their weight, and the time until their first byte"
CALLS, TEMPLATE = 200, 6
"""Which of the payloads the order is made of: the one that `quick` counts with."""
PAGES = {
    "order": ("where an order is", 'class="ahead"'),
    "return": ("what to send back: the first page of a return", 'name="item"'),
    "withdrawal": ("the withdrawal function, with an order's number in it", 'name="contract"'),
    "look-up": ("asking for the link to an order", 'name="number"'),
}
"""Page -> what it is, and what stands in it and in no page that says no."""
FIGURES = {
    **{f"{page}: weight": Meaning("KB", "less", f"{about}: HTML and style sheets, as they are stored") for page, (about, _) in PAGES.items()},
    **{f"{page}: compressed": Meaning("KB", "less", "the same, as a proxy in front sends it (deflate)") for page in PAGES},
    **{f"{page}: first byte": Meaning("ms", "less", "by the clock on the wall, from the request to the answer, without a network") for page in PAGES},
    **{f"{page}: CPU": Meaning("ms", "less", "for one page") for page in PAGES},
}


def measure(options: Options) -> Record:
    calls = options.events or CALLS
    record = Record("pages", ABOUT, options, FIGURES, settings={"calls": calls})
    with opened(options) as house:
        client, paths = house.app.test_client(use_cookies=False), _addresses(house)
        sizes = {page: weigh(client, path, PAGES[page][1]) for page, path in paths.items()}
        for _ in range(options.runs):
            for page, path in paths.items():
                record.add(OURS, {f"{page}: {name}": value for name, value in _taken(client, path, sizes[page], calls).items()})
    for page, parts in sizes.items():
        sheets = f"{len(parts) - 1} style sheets, kept by the browser for a year, have the rest"
        record.notes.append(f"{page}: the page itself has {len(parts[0]):,} bytes; {sheets}.")
    return record


def _taken(client: FlaskClient, path: str, sizes: list[bytes], calls: int) -> dict[str, float]:
    ask = partial(client.get, path)
    weight = {"weight": sum(map(len, sizes)) / 1000, "compressed": sum(len(zlib.compress(one)) for one in sizes) / 1000}
    return {**weight, "first byte": wall_ms(ask, calls), "CPU": cpu_ms(ask, calls)}


@contextmanager
def opened(options: Options) -> Iterator[House]:
    """A house on the database that was asked for."""
    with ExitStack() as held:
        here = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench-pages", dir=options.folder)))
        postgres = options.database == "postgresql"
        url = held.enter_context(held.enter_context(Postgres()).database("pages")) if postgres else f"sqlite:///{here / 'pages.db'}"
        yield held.enter_context(House(here, url))


def weigh(client: FlaskClient, path: str, mark: str) -> list[bytes]:
    """The page and each of its style sheets. Raises `RuntimeError` when it is another page than the one with `mark`."""
    page = client.get(path)
    text = page.get_data(as_text=True)
    if page.status_code != 200 or mark not in text:
        raise RuntimeError(f"{path.partition('?')[0][:12]}... answers {page.status_code}, and is not the page that was meant")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
    return [page.data, *(client.get(sheet, buffered=True).data for sheet in sheets)]


def _addresses(house: House) -> dict[str, str]:
    """One order through the door, which has arrived since, and the addresses of its pages."""
    for environ in house.requests(1, TEMPLATE):
        house.store(environ)
    house.read()
    house.send()
    with transaction(house.world.engine) as session:
        order = session.scalars(select(Order)).one()
        shop = session.get_one(Shop, order.shop_id)
        _arrive(session, order)
        secret = house.world.secret
        name = addresses.public_name(secret, shop.id, shop.name)
        track, back = (track_links.token(secret, shop.key, order.ref, order.id, purpose) for purpose in track_links.PURPOSES)
        return {
            "order": f"/t/{track}",
            "return": f"/r/{back}/new",
            "withdrawal": f"{addresses.withdraw_page('', name)}?number={order.number}",
            "look-up": addresses.look_up_page("", name),
        }


def _arrive(session: Session, order: Order) -> None:
    """The order as one parcel that is there: only then is there anything to send back."""
    own = {"shop_id": order.shop_id, "order_id": order.id}
    session.add(Parcel(**own, ref="p", carrier="correos", tracking_number="PK1", dispatched_at=now(), delivered_at=now()))
