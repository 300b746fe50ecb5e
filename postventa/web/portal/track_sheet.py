"""The story of an order with its words: what the template of the tracking page shows, each text in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from postventa.dossier import Dossier
from postventa.emails.clean import plain, web_url
from postventa.followups.view import OrderView
from postventa.locale import formats
from postventa.models import Order
from postventa.tracking.predict import DateRange
from postventa.web.portal import track_words as words
from postventa.web.portal.page import say
from postventa.web.portal.track_steps import Step
from postventa.web.portal.track_story import AHEAD, Box, Quantities, Story

TITLE, VARIANT, NAME = 140, 80, 60
"""Most signs of an item's title, of its kind, of the name of a carrier or a place."""


@dataclass(frozen=True)
class Reader:
    """For whom it is written. `country`: whose habits dates and sums follow; `home`: the shop's."""

    language: str
    zone: str
    country: str
    home: str
    today: date

    def say(self, source: str, **values: object) -> str:
        return say(self.language, source, **values)

    def day(self, moment: datetime) -> str:
        return formats.weekday(moment, self.zone, self.language, self.country)

    def clock(self, moment: datetime) -> str:
        return formats.clock(moment, self.zone, self.language, self.country)

    def date(self, day: date) -> str:
        """A day without a time is the same in all zones."""
        return self.day(datetime.combine(day, time(12), formats.zone_of(self.zone)))


@dataclass(frozen=True)
class Item:
    title: str
    variant: str
    quantity: int
    image: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a timeline: what, where, when, and whether it is the last that happened."""

    text: str
    place: str
    day: str
    clock: str
    stamp: str
    last: bool


@dataclass(frozen=True)
class Sent:
    """One parcel on the page, or what is in none."""

    state: str
    word: str
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    carrier: str = ""
    number: str = ""
    url: str = ""
    expected: str = ""
    """When it should be there, and when it was promised for."""
    parcel: bool = True


@dataclass(frozen=True)
class Back:
    """A refund or a return: what, and how it stands."""

    title: str
    state: str


@dataclass(frozen=True)
class Sheet:
    """`number`: the order's; `place`: where it goes, as far as it may be shown."""

    where: str
    headline: str
    detail: str
    next: str
    number: str
    place: str
    boxes: tuple[Sent, ...]
    lines: tuple[Line, ...]
    returns: tuple[Back, ...]
    refunds: tuple[Back, ...]

    @property
    def parcels(self) -> int:
        return sum(box.parcel for box in self.boxes)


def sheet(story: Story, facts: OrderView, dossier: Dossier, pictures: Mapping[str, str], reader: Reader) -> Sheet:
    """Everything that the page shows."""
    one, several = words.HEADLINES[story.where]
    return Sheet(
        where=story.where,
        headline=reader.say(several if story.several and several else one),
        detail=_detail(reader, story),
        next=reader.say(words.NEXT[story.where]),
        number=plain(dossier.order.number, 40),
        place=place(dossier.order, reader),
        boxes=tuple(_sent(box, dossier, pictures, reader) for box in story.boxes),
        lines=_lines(story.steps, reader),
        returns=tuple(_returns(dossier, reader)),
        refunds=tuple(_refunds(facts, dossier, reader)),
    )


def expected(reader: Reader, days: DateRange | None, promised: date | None = None) -> str:
    """When it should be there, beside the day that was promised; empty where nobody said or can say."""
    if promised is None:
        return _alone(reader, days)
    day = reader.date(promised)
    if days is None:
        return reader.say(words.PROMISED if promised >= reader.today else words.BROKEN, day=day)
    if days.last == reader.today:
        return reader.say(words.PROMISED_NOW if promised == reader.today else words.PROMISED_TODAY, promised=day)
    if not days.one_day:
        return reader.say(words.PROMISED_SPAN, promised=day, first=reader.date(days.first), last=reader.date(days.last))
    return reader.say(words.PROMISED_KEPT if promised == days.first else words.PROMISED_OTHER, promised=day, day=reader.date(days.first))


def latest(reader: Reader, promised: date) -> str:
    """Until when what has not left yet should be there."""
    return reader.say(words.LATEST if promised >= reader.today else words.BROKEN, day=reader.date(promised))


def _alone(reader: Reader, days: DateRange | None) -> str:
    if days is None:
        return ""
    if days.last == reader.today:
        return reader.say(words.TODAY)
    if not days.one_day:
        return reader.say(words.SPAN, first=reader.date(days.first), last=reader.date(days.last))
    return reader.say(words.ONE_DAY, day=reader.date(days.first))


def _detail(reader: Reader, story: Story) -> str:
    """The day, if there is one ahead, or else since when it is so: of trouble that says more than the day that was promised before."""
    if story.promised is not None and story.where in AHEAD:
        return latest(reader, story.promised)
    ahead = story.expected is not None or story.where in ("moving", "part_moving")
    return (expected(reader, story.expected, story.promised) if ahead else "") or _since(reader, story)


def place(order: Order, reader: Reader) -> str:
    """Enough to recognise one's own address, not enough to find anybody: `41••• Sevilla`."""
    where = order.shipping_address
    postcode, city, country = plain(where.get("postcode", ""), 12), plain(where.get("city", ""), 60), where.get("country", "")
    masked = f"{postcode[:2]}{'•' * (len(postcode) - 2)}" if len(postcode) > 2 else ""
    abroad = formats.country_name(country, reader.language) if country and country != reader.home else ""
    return ", ".join(part for part in (" ".join(filter(None, (masked, city))), abroad) if part)


def _since(reader: Reader, story: Story) -> str:
    if story.since is None:
        return ""
    return reader.say(words.SINCE[story.where], day=reader.day(story.since), time=reader.clock(story.since))


def _sent(box: Box, dossier: Dossier, pictures: Mapping[str, str], reader: Reader) -> Sent:
    row = next((parcel for parcel in dossier.parcels if box.facts is not None and parcel.ref == box.facts.ref), None)
    way: dict[str, str] = {}
    if row is not None:
        way = {"carrier": plain(row.carrier, NAME), "number": plain(row.tracking_number, NAME), "url": web_url(row.tracking_url)}
    return Sent(
        state=box.state,
        word=reader.say(words.STATES[box.state]) if box.state else "",
        items=tuple(_items(box.items, dossier, pictures)),
        lines=_lines(box.steps, reader),
        expected=latest(reader, box.promised)
        if box.state == "waiting" and box.promised is not None
        else expected(reader, box.expected, box.promised),
        parcel=box.facts is not None,
        **way,
    )


def _items(wanted: Quantities, dossier: Dossier, pictures: Mapping[str, str]) -> Iterable[Item]:
    rows = {line.ref: line for line in dossier.lines}
    for ref, quantity in wanted:
        if ref in rows:
            yield Item(plain(rows[ref].title, TITLE), plain(rows[ref].variant_title, VARIANT), quantity, pictures.get(ref, ""))


def _lines(steps: tuple[Step, ...], reader: Reader) -> tuple[Line, ...]:
    """The newest first: that is what she came for."""
    return tuple(reversed([_line(step, reader, last=step is steps[-1]) for step in steps]))


def _line(step: Step, reader: Reader, *, last: bool) -> Line:
    text, place = reader.say(words.STEPS[step.name]), plain(step.place, NAME)
    return Line(text, place, reader.day(step.at), reader.clock(step.at), step.at.isoformat(), last)


def _returns(dossier: Dossier, reader: Reader) -> Iterable[Back]:
    for case in dossier.cases:
        state = words.RETURNS.get("travelling" if case.state == "approved" and case.scanned_at is not None else case.state)
        if state:
            yield Back(plain(case.number, 40), reader.say(state))


def _refunds(facts: OrderView, dossier: Dossier, reader: Reader) -> Iterable[Back]:
    for refund in facts.refunds:
        if refund.amount > 0:
            yield Back(formats.money(refund.amount, dossier.order.currency, reader.language, reader.country), reader.day(refund.at))
