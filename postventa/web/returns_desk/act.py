"""What anything that is done with a return needs: who may, when, what has to be said, what will happen, and how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from postventa.accounts.roles import Right
from postventa.models import ReturnCase
from postventa.shops import ConnectedShop
from postventa.web.portal.page import _
from postventa.web.returns_desk.page import Back

BEFORE = "before"
LONGEST = 1000
Told = dict[str, Any]
MAIL = _("La persona recibe un correo con la decisión.")
WRONG = {
    "pieces": _("Elige al menos una unidad, y no más de las que pidió."),
    "reason": _("Escribe el motivo: la persona lo lee."),
    "law": _("Lo pidió dentro de los días de desistimiento: solo se puede rechazar por uno de los motivos de la ley."),
    "sum": _("Escribe una suma de 0 a {most}."),
    "less": _("No es la suma prometida: escribe el motivo, para poder explicarlo."),
    "said": _("Escribe qué se ha hecho."),
    "same": _("No has cambiado nada."),
    "instead": _("Elige qué recibe en su lugar."),
    "no_off": _("Ahora no se puede: las reglas no lo ofrecen, o el cambio ya está en marcha o anulado."),
}


class Wrong(ValueError):
    """What a form says cannot be meant; the text says why, in the reader's words."""


class Changed(Exception):
    """It is not as it was when the person agreed."""


@dataclass(frozen=True)
class Act:
    """One of them. `read` raises `Wrong`, `do` raises `Changed` and says whether it could be done; `done`: whether it is as if it had been done."""

    right: Right
    title: str
    question: str
    possible: Callable[[ReturnCase], bool]
    read: Callable[[Back], Told]
    facts: Callable[[Session, Back, ConnectedShop, Told], list[str]]
    do: Callable[[Session, Back, ConnectedShop, Told], bool]
    done: Callable[[ReturnCase, Told], bool]
    choices: Callable[[Back], dict[str, Any]] = lambda _back: {}
