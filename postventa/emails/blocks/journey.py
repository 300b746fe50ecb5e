"""How far the order has come: five steps, told by ticks, numbers and words, not by colour alone."""

from __future__ import annotations

from postventa.emails.layout import COLOURS, STRONG, WEAK, markup, without_markup
from postventa.emails.view import Piece, View

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
    names = _names(view)
    caption = view.word("step", number=reached, total=len(names), name=STRONG + names[reached - 1] + WEAK)
    html = view.kit.make(
        "journey",
        dots="".join(_dot(view, n, reached) for n in range(1, len(names) + 1)),
        labels="".join(_label(view, n, reached, name) for n, name in enumerate(names, 1)),
        caption=markup(caption),
    )
    line = " > ".join(f"[{name}]" if n == reached else name for n, name in enumerate(names, 1))
    return Piece(html, f"{without_markup(caption)}\n{line}")


def _names(view: View) -> list[str]:
    pickup = view.mail.followup.startswith("ready_for_pickup")
    steps = ("ready_for_pickup" if pickup and step == "out_for_delivery" else step for step in STEPS)
    return [view.word(f"step_{step}") for step in steps]


def _dot(view: View, number: int, reached: int) -> str:
    done, now = number < reached or reached == len(STEPS), number == reached
    if number <= reached:
        style = f"background-color:{view.kit.fill_colour};color:{view.kit.on_fill};border:2px solid {view.kit.fill_colour};"
    else:
        style = f"color:{COLOURS['soft']};border:2px solid {COLOURS['hollow']};"
    return view.kit.make(
        "step",
        dot="dot" if number <= reached else "next",
        sign="&#10003;" if done else "&#9679;" if now else str(number),
        style=style,
        left=_rail(number, 1, reached),
        left_colour=_rail_colour(view, number, 1, reached),
        right=_rail(number + 1, len(STEPS) + 1, reached),
        right_colour=_rail_colour(view, number + 1, len(STEPS) + 1, reached),
    )


def _rail(to: int, end: int, reached: int) -> str:
    """The class of the line that leads to step `to`; none beyond either end."""
    return "" if to == end else "rail" if to <= reached else "rail-next"


def _rail_colour(view: View, to: int, end: int, reached: int) -> str:
    return "transparent" if to == end else view.kit.fill_colour if to <= reached else COLOURS["rail"]


def _label(view: View, number: int, reached: int, name: str) -> str:
    now = number == reached
    style = "font-weight:700;" if now else f"color:{COLOURS['soft']};"
    return view.kit.make("label", name=markup(name), style=style, **{"class": "ink" if now else "soft"})
