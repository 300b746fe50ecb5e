"""Sending something back: which items, how, and where to."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from postventa.emails.blocks.items import compact
from postventa.emails.blocks.places import address_lines
from postventa.emails.clean import isolated, lines, plain
from postventa.emails.data import CODE, ReturnView
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown, together
from postventa.locale.slots import spoken

MOMENTS = ("at_first_scan", "at_arrival", "after_inspection")
OWN_STEPS = ("step_print", "step_pack", "step_label", "step_hand_in")
CODE_STEPS = ("step_pack_only", "step_show", "step_hand_in")
SIDE = 240
"""Of the code's picture, in pixels: large enough to be read from a telephone."""


def case(view: View, _: str) -> Piece:
    """The return's number, its items, and what comes of it."""
    data = view.mail.return_case
    if data is None:
        return Piece()
    goods = compact(data.items)
    inside, texts = "", []
    if data.number:
        inside += view.html("fact", name=view.word("return_number"), value=shown(data.number, 60), size="16px")
        texts.append(f"{view.word('return_number')}{view.colon} {shown(data.number, 60)}")
    if goods:
        inside += view.kit.make("fact", name=markup(view.word("return_items")), value="<br>".join(map(markup, goods)), size="16px")
        texts += [view.word("return_items") + view.colon, *(f"- {text}" for text in goods)]
    for name, value in (*_pickup(view, data), *_money(view, data)):
        inside += view.html("fact", name=name, value=value, size="16px")
        texts.append(f"{name}{view.colon} {value}")
    return Piece(view.kit.make("panel", inside=inside), "\n".join(texts)) if texts else Piece()


def _pickup(view: View, data: ReturnView) -> Iterator[tuple[str, str]]:
    """When somebody comes for it."""
    if data.pickup is not None:
        yield view.word("return_pickup"), spoken(*data.pickup, view.mail.language, view.country)


def _money(view: View, data: ReturnView) -> Iterator[tuple[str, str]]:
    """What goes back, what that costs, and when."""
    if data.refund is None:
        return
    yield view.word("return_credit" if data.as_credit else "return_refund"), view.money(data.refund)
    if data.fee > 0:
        yield view.word("return_fee"), view.money(data.fee)
    if data.when in MOMENTS and not data.kept:
        yield view.word("return_when"), view.word(data.when)


def return_address(view: View, _: str) -> Piece:
    """Where the parcel goes, and until when."""
    data = view.mail.return_case
    if data is None or not data.address:
        return Piece()
    where = address_lines(view, data.address)
    inside = view.kit.make("fact", name=markup(view.word("return_to")), value="<br>".join(map(markup, where)), size="16px")
    texts = [view.word("return_to") + view.colon, *where]
    if data.valid_until:
        until = view.date(data.valid_until)
        name = view.word("code_until" if data.qr else "return_until")
        inside += view.html("fact", name=name, value=until, size="16px")
        texts.append(f"{name}{view.colon} {until}")
    return Piece(view.kit.make("panel", inside=inside), "\n".join(texts))


def return_code(view: View, _: str) -> Piece:
    """The carrier's own code, large, with the parcel's number below; nothing where there is none."""
    data = view.mail.return_case
    if data is None or not data.qr:
        return Piece()
    name, hint = view.word("return_code", number=shown(data.number, 60)), view.word("code_hint")
    picture = view.kit.make("code", src=f"cid:{CODE}", alt=escape(plain(name, 120)), side=str(SIDE))
    facts, texts = view.html("note", words=hint), [name, hint]
    if data.tracking_number:
        number = shown(data.tracking_number, 60)
        facts = view.kit.make("panel", inside=view.html("fact", name=view.word("tracking_number"), value=number, size="16px")) + facts
        texts.insert(1, f"{view.word('tracking_number')}{view.colon} {number}")
    return Piece(picture + facts, "\n".join(texts))


def steps(view: View, _: str) -> Piece:
    """What to do, one step after the other: with a code what is done with it, else the shop's own instructions, else ours for a printed label."""
    data = view.mail.return_case
    coded = data is not None and data.qr
    own = [isolated(lines(text, 600)) for text in data.instructions if text.strip()] if data and not coded else []
    todo = own or [view.word(name) for name in (CODE_STEPS if coded else OWN_STEPS)]
    rows = "".join(view.html("how", number=str(number), words=words) for number, words in enumerate(todo, 1))
    texts = "\n".join(f"{number}. {words}" for number, words in enumerate(todo, 1))
    return together([view.heading(view.word("how_to_return")), Piece(view.kit.make("steps", rows=rows), texts)], "\n")


def reason(view: View, _: str) -> Piece:
    """Why not, in the merchant's own words to the customer."""
    words = isolated(lines(view.mail.reason, 1500))
    if not words:
        return Piece()
    inside = view.html("panel_title", words=view.word("reason")) + view.html("panel_item", words=words)
    return Piece(view.kit.make("panel", inside=inside), f"{view.word('reason')}{view.colon}\n{words}")
