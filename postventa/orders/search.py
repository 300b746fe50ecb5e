"""Orders by what a customer says on the phone: number, address, name, tracking number, number of a return.

Numbers and addresses are found by an index, however many orders there are: what begins alike stands together, so a few rows from there on are read.
Names have no index: they are looked for among the newest orders. Nothing is found of people whose data were erased, as nothing of them is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from postventa.models import Effect, Order, Parcel, ReturnCase, Shop
from postventa.returns.numbers import read_number

PAGE = 25
MOST = 200
"""Rows that are read for one shop and one meaning of what was typed."""
RECENT = 10_000
"""How many of the newest orders are looked through for a name."""
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """One page, the newest first. `before`: what the next page begins below; 0: there is none."""

    orders: Sequence[Order]
    before: int


def search(session: Session, typed: str, before: int = 0) -> Found:
    """Orders of all shops. Nothing typed: all of them."""
    wanted = " ".join(typed.split())[:LONGEST]
    query = select(Order).order_by(Order.id.desc()).limit(PAGE + 1)
    if wanted:
        ids = sorted((number for number in _meant(session, wanted) if not before or number < before), reverse=True)[: PAGE + 1]
        query = query.where(Order.id.in_(ids))
    elif before:
        query = query.where(Order.id < before)
    rows = session.scalars(query).all()
    return Found(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else 0)


def _meant(session: Session, wanted: str) -> set[int]:
    """Every meaning of it."""
    shops, found = session.scalars(select(Shop.id)).all(), set[int]()
    plain, together = wanted.removeprefix("#"), wanted.replace(" ", "")
    meanings: tuple[tuple[InstrumentedAttribute[str], Any, Iterable[str]], ...] = (
        (Order.number, Order.id, {plain, f"#{plain}"}),
        (Order.ref, Order.id, {plain}),
        (Parcel.tracking_number, Parcel.order_id, {wanted, together, together.upper()}),
        (ReturnCase.number, ReturnCase.order_id, {wanted.upper(), read_number(wanted) or wanted}),
        (Effect.recipient, Effect.order_id, {wanted, wanted.lower()} if "@" in wanted else ()),
    )
    for column, order_id, begins in meanings:
        for begin in sorted(begins):
            found |= _beginning(session, shops, column, order_id, begin, whole=column is Order.ref)
    return found | (_named(session, wanted) if any(char.isalpha() for char in wanted) else set())


def _beginning(session: Session, shops: Iterable[int], column: InstrumentedAttribute[str], order_id: Any, begin: str, *, whole: bool) -> set[int]:
    """Orders of rows whose `column` begins so. Read in the index's order and judged here: databases sort by rules of their own."""
    shop_id, found = column.class_.shop_id, set[int]()
    for shop in shops:
        query = select(order_id, column).where(shop_id == shop, column == begin if whole else column >= begin).order_by(column).limit(MOST)
        found |= {number for number, value in session.execute(query) if number is not None and value.startswith(begin)}
    return found


def _named(session: Session, wanted: str) -> set[int]:
    """Every word begins one of the customer's names, or all of it her address."""
    words, address = plain(wanted).split(), wanted.lower()
    newest = select(Order.id, Order.first_name, Order.last_name, Order.email).order_by(Order.id.desc()).limit(RECENT)
    found = set[int]()
    for number, first, last, email in session.execute(newest):
        names = plain(f"{first} {last}").split()
        if email.lower().startswith(address) or (names and all(any(name.startswith(word) for name in names) for word in words)):
            found.add(number)
    return found


def plain(text: str) -> str:
    """Without case and accents, as people type names: `Núñez` is `nunez`."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
