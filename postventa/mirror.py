"""One return under two names: ours, and the one by which the shop keeps its image. Pure.

What the shop tells of the image has to find our case, or its customer would get a second label. It is found by the shop's name for it once that is
known; before, by our number, which stands at the head of the note that we wrote there. A delivery with neither is one of which nobody knows yet whose
it is: its case waits, and goes into ours when that is known, or its own way when it is not ours.
"""

from __future__ import annotations

from collections.abc import Iterable

from postventa.models import Effect, ReturnCase, State

NAME = "write_return"
"""The effect that has the shop keep a return of ours."""
UNDER_WAY = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN)
"""States of that effect in which the shop may have it, or will."""
KEEPERS = ("shopify",)
"""Platforms with returns of their own: a case of theirs is known there by its reference."""
EARLIEST = ("requested_at", "approved_at", "received_at")
LATEST = ("declined_at", "cancelled_at", "closed_at", "reopened_at")


def known_as(case: ReturnCase) -> str:
    """By which the shop knows it; empty: it does not, or not yet.

    Ours never has the same name on both sides. Rows of customers' returns from before this was so carry their own in the shop's place.
    """
    if case.source in KEEPERS:
        return case.shop_ref or case.ref
    return case.shop_ref if case.shop_ref != case.ref else ""


def find(cases: Iterable[ReturnCase], ref: str) -> ReturnCase | None:
    """The case that we or the shop call `ref`: ours before one that was made of the shop's words alone."""
    found = [case for case in cases if ref in (case.ref, known_as(case))]
    return min(found, key=lambda case: case.source in KEEPERS, default=None)


def meant(cases: Iterable[ReturnCase], number: str | None) -> ReturnCase | None:
    """Ours that a note of the shop's names by its number, while we do not know yet what the shop calls it."""
    return next((case for case in cases if number == case.number and not known_as(case)), None)


def in_doubt(case: ReturnCase, cases: Iterable[ReturnCase], effects: Iterable[Effect]) -> bool:
    """Whether it may be the image of another one: it came from the shop without a word about what is in it, while one of ours is on its way there.

    What is in it is asked for whenever a delivery does not say, so that the doubt ends within moments, whatever becomes of ours.
    """
    if case.source not in KEEPERS or case.lines:
        return False
    ours = {other.ref for other in cases if not known_as(other)}
    return bool(ours) and any(effect.followup == NAME and effect.subject_ref in ours and effect.state in UNDER_WAY for effect in effects)


def joined(case: ReturnCase, image: ReturnCase) -> dict[str, object]:
    """The times of our case with all that was told of its image before anybody knew that it was one."""
    told: dict[str, object] = {}
    for names, choose in ((EARLIEST, min), (LATEST, max)):
        for name in names:
            times = [at for at in (getattr(case, name), getattr(image, name)) if at is not None]
            told[name] = choose(times) if times else None
    return told


def begun(image: ReturnCase, effects: Iterable[Effect]) -> bool:
    """Whether something was done under its name already: then it stays in the ledger."""
    at_rest = (State.PLANNED, State.SUPPRESSED, State.CANCELLED)
    return any(effect.subject_ref == image.ref and (effect.state not in at_rest or effect.attempts) for effect in effects)
