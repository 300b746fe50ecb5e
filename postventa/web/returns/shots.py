"""Photos of each article, on the page that confirms: of what there may be some, and what came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import FileStorage

from postventa.returns.problems import PHOTOS
from postventa.returns.quote import Quote
from postventa.reviews import photos
from postventa.reviews.photos import Photo
from postventa.web.portal.review_form import NO_ROOM, REFUSALS, clean
from postventa.web.returns import words
from postventa.web.returns.visit import Named, Visit

AT_ONCE = 25
"""Photos of one form: each takes a decoder, of which there are few, while she waits."""
NAME = "photos-"
"""Of a field, before its line."""


@dataclass(frozen=True)
class Shot:
    """Where photos of one article are chosen. `had`: how many she has sent of it; `room`: how many more there may be; `wanted`: not without one."""

    line: Named
    had: int
    room: int
    wanted: bool


def fields(it: Visit, quote: Quote, lines: Mapping[str, Named]) -> list[Shot]:
    """For each article of which a rule wants a photo, or with which something was wrong."""
    asked = [one for one in quote.decision.lines if one.photo or one.fault]
    return [_field(it, lines[one.ref], wanted=one.photo) for one in asked]


def developed(it: Visit, refs: Iterable[str]) -> tuple[dict[str, list[Photo]], list[str]]:
    """Harmless pictures of what she sent of these lines, and why some of it is none."""
    known = {line.ref for line in it.known.lines}
    uploads = {ref: _named(f"{NAME}{ref}") for ref in dict.fromkeys(refs) if ref in known}
    said = [it.reader.say(words.CHANGED)] if _named("photos") else []  # a page of an older version, that does not say of what: she gets the newer one
    if sum(map(len, uploads.values())) > AT_ONCE:
        return {}, [*said, it.reader.say(words.NOT_SO_MANY, limit=AT_ONCE)]
    taken = {ref: _taken(it, several, PHOTOS - it.photos.get(ref, 0), said) for ref, several in uploads.items() if several}
    return taken, said


def _field(it: Visit, line: Named, *, wanted: bool) -> Shot:
    had = it.photos.get(line.ref, 0)
    return Shot(line, had, max(PHOTOS - had, 0), wanted=wanted and not had and not it.photos.get(""))


def _named(field: str) -> list[FileStorage]:
    return [one for one in request.files.getlist(field) if one.filename]


def _taken(it: Visit, uploads: Sequence[FileStorage], room: int, said: list[str]) -> list[Photo]:
    """Of one article. What cannot be taken is told in `said`."""
    taken: list[Photo] = []
    for place, upload in enumerate(uploads):
        name = clean(upload.filename or "")[-50:]
        if place >= room:
            said.append(it.reader.say(NO_ROOM, file=name, limit=PHOTOS))
            break
        try:
            taken.append(photos.take(upload.stream.read(photos.MAX_BYTES + 1)))
        except photos.Refused as refused:
            said.append(it.reader.say(REFUSALS[refused.refusal], file=name))
    return taken
