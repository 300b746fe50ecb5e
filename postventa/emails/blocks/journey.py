"""How far the order has come: five steps, told by ticks, numbers and words, not by colour alone."""

from __future__ import annotations

from functools import lru_cache

from postventa.emails.layout import COLOURS, STRONG, WEAK, Kit, kit, markup, without_markup
from postventa.emails.view import Piece, View
from postventa.emails.words import word

STEPS = ("received", "prepared", "shipped", "out_for_delivery", "delivered")
REACHED = {
    "order_received": 1,
    "order_prepared": 2,
    "shipped": 3,
    "delayed": 3,
    "out_for_delivery": 4,
    "ready_for_pickup": 4,
    "ready_for_pickup_reminder": 4,
    "delivered": 5,
}
"""Follow-up -> step reached."""


def progress(view: View, _: str) -> Piece:
    """The journey's line; nothing for what is not sent, or a mail that stands outside of the journey."""
    reached = REACHED.get(view.mail.followup, 0)
    if not reached or not any(line.requires_shipping for line in view.mail.order.lines):
        return Piece()
    return _line(view.mail.shop.brand.colour, view.mail.language, reached, view.mail.followup.startswith("ready_for_pickup"))


@lru_cache(maxsize=1024)
def _line(colour: str, language: str, reached: int, pickup: bool) -> Piece:
    """The same for all who have come so far."""
    face = kit(colour)
    names = [word(f"step_{'ready_for_pickup' if pickup and step == 'out_for_delivery' else step}", language) for step in STEPS]
    caption = word("step", language, number=reached, total=len(names), name=STRONG + names[reached - 1] + WEAK)
    html = face.make(
        "journey",
        dots="".join(_dot(face, n, reached) for n in range(1, len(names) + 1)),
        labels="".join(_label(face, n, reached, name) for n, name in enumerate(names, 1)),
        caption=markup(caption),
    )
    line = " > ".join(f"[{name}]" if n == reached else name for n, name in enumerate(names, 1))
    return Piece(html, f"{without_markup(caption)}\n{line}")


def _dot(face: Kit, number: int, reached: int) -> str:
    done, now = number < reached or reached == len(STEPS), number == reached
    if number <= reached:
        style = f"background-color:{face.fill_colour};color:{face.on_fill};border:2px solid {face.fill_colour};"
    else:
        style = f"color:{COLOURS['soft']};border:2px solid {COLOURS['hollow']};"
    return face.make(
        "step",
        dot="dot" if number <= reached else "next",
        sign="&#10003;" if done else "&#9679;" if now else str(number),
        style=style,
        left=_rail(number, 1, reached),
        left_colour=_rail_colour(face, number, 1, reached),
        right=_rail(number + 1, len(STEPS) + 1, reached),
        right_colour=_rail_colour(face, number + 1, len(STEPS) + 1, reached),
    )


def _rail(to: int, end: int, reached: int) -> str:
    """The class of the line that leads to step `to`; none beyond either end."""
    return "" if to == end else "rail" if to <= reached else "rail-next"


def _rail_colour(face: Kit, to: int, end: int, reached: int) -> str:
    return "transparent" if to == end else face.fill_colour if to <= reached else COLOURS["rail"]


def _label(face: Kit, number: int, reached: int, name: str) -> str:
    now = number == reached
    style = "font-weight:700;" if now else f"color:{COLOURS['soft']};"
    return face.make("label", name=markup(name), style=style, **{"class": "ink" if now else "soft"})
