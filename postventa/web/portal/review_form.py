"""The review form as it came in: read, cleaned and checked, before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from werkzeug.datastructures import FileStorage, MultiDict

from postventa.reviews import photos
from postventa.reviews.photos import Photo, Refusal, Refused
from postventa.reviews.rules import MAX_NAME, MAX_PHOTOS, MAX_TEXT, Bought
from postventa.web.portal.page import _

MAX_FORM = 60 * 1024 * 1024
"""Bytes of the whole form."""
MAX_WORDS = 4 * 1024 * 1024
"""Bytes of all that is not a photo."""

NO_STARS = _("Elige de una a cinco estrellas: es lo único que hace falta.")
TOO_LONG = _("Tu opinión pasa de {limit} caracteres. Acórtala un poco, por favor.")
NO_ROOM = _("Caben {limit} fotos por artículo: «{file}» se ha quedado fuera.")
REFUSALS = {
    Refusal.TOO_HEAVY: _("«{file}» pesa más de 10 MB. Prueba con una versión más pequeña."),
    Refusal.TOO_MANY_PIXELS: _("«{file}» es demasiado grande: admitimos fotos de hasta 25 megapíxeles."),
    Refusal.NOT_A_PHOTO: _("«{file}» no es una foto JPEG, PNG o WebP."),
    Refusal.HEIC: _(
        "«{file}» está en HEIC, que aquí no se puede abrir. En el iPhone, elígela desde Fotos, no desde Archivos: así se convierte sola."
    ),
    Refusal.UNREADABLE: _("No hemos podido abrir «{file}». Puede que esté dañada: prueba con otra foto."),
    Refusal.BUSY: _("Hay muchas fotos en cola y «{file}» se ha quedado fuera. Prueba otra vez dentro de un minuto."),
}

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but the line break, and those that turn the reading direction of what follows."""


class Problem(NamedTuple):
    """A text for the customer, its values, and the field that it is about."""

    field: str
    text: str
    values: dict[str, object] = {}


@dataclass
class Entry:
    """What the form says about one item; `stars` 0: nothing chosen."""

    line: Bought
    stars: int = 0
    text: str = ""
    drop: tuple[str, ...] = ()
    uploads: tuple[FileStorage, ...] = ()
    photos: list[Photo] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.stars or self.text or self.uploads)


def read(lines: Iterable[Bought], form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> list[Entry]:
    """One entry per item that the form speaks of."""
    named = [line for line in lines if f"stars-{line.ref}" in form or f"text-{line.ref}" in form]
    return [
        Entry(
            line=line,
            stars=stars_of(form.get(f"stars-{line.ref}", "")),
            text=clean(form.get(f"text-{line.ref}", "")),
            drop=tuple(form.getlist(f"drop-{line.ref}")),
            uploads=tuple(file for file in files.getlist(f"photos-{line.ref}") if file.filename),
        )
        for line in named
    ]


def check(entries: list[Entry]) -> list[Problem]:
    """What keeps the form from being stored at all; photos are not looked at yet."""
    found = [Problem(f"stars-{e.line.ref}", NO_STARS) for e in entries if not e.stars and not e.empty]
    found += [Problem(f"text-{e.line.ref}", TOO_LONG, {"limit": MAX_TEXT}) for e in entries if len(e.text) > MAX_TEXT]
    if not found and entries and all(e.empty for e in entries):
        found.append(Problem(f"stars-{entries[0].line.ref}", NO_STARS))
    return found


def develop(entry: Entry, room: int) -> list[Problem]:
    """Turn uploads into photos, `room` at most; what could not be taken is told and the rest is kept."""
    problems = []
    for upload in entry.uploads:
        where, name = f"photos-{entry.line.ref}", clean(upload.filename or "")[-50:]
        if len(entry.photos) >= room:
            problems.append(Problem(where, NO_ROOM, {"file": name, "limit": MAX_PHOTOS}))
            continue
        try:
            entry.photos.append(photos.take(upload.stream.read(photos.MAX_BYTES + 1)))
        except Refused as refused:
            problems.append(Problem(where, REFUSALS[refused.refusal], {"file": name}))
    return problems


def stars_of(text: str) -> int:
    """1 to 5, else 0."""
    return int(text) if text in ("1", "2", "3", "4", "5") else 0


def clean(text: str) -> str:
    """Without control characters and tricks of writing direction; line breaks as one kind."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()


def clean_name(text: str) -> str:
    """One short line."""
    return " ".join(clean(text).split())[:MAX_NAME].strip()
