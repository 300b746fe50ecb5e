"""Why something goes back: a tree of reasons for each kind of product, in Spanish; translations stand in `locale/<language>/returns.po`. Pure.

Each code leads to one of Shopify's (https://shopify.dev/docs/api/admin-graphql/latest/enums/ReturnReason), so that a return means the same there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

KINDS = ("clothing", "footwear", "electronics", "other")
UNSAID = "unsaid"
"""Nobody has to say why within the days of withdrawal."""


@dataclass(frozen=True)
class Reason:
    """`words`: in Spanish. `fault`: the shop answers for it, so that it never costs the customer anything."""

    code: str
    words: str
    shopify: str
    fault: bool = False
    below: tuple[Reason, ...] = ()


SMALL = Reason("size_small", "Me queda pequeño", "SIZE_TOO_SMALL")
LARGE = Reason("size_large", "Me queda grande", "SIZE_TOO_LARGE")
COLOUR = Reason("colour", "El color no es como esperaba", "COLOR")
STYLE = Reason("style", "No me gusta cómo queda", "STYLE")
DAMAGED = Reason("damaged", "Llegó roto o dañado", "DEFECTIVE", fault=True)
INCOMPLETE = Reason("incomplete", "Faltan piezas o accesorios", "DEFECTIVE", fault=True)
USED = Reason("used", "Llegó manchado o usado", "DEFECTIVE", fault=True)

CLOTHES_SIZE = Reason("size", "La talla no es la mía", "UNKNOWN", below=(SMALL, LARGE, Reason("length", "El largo no me va bien", "SIZE_TOO_LARGE")))
SHOE_SIZE = Reason(
    "size", "La talla no es la mía", "UNKNOWN",
    below=(
        SMALL, LARGE,
        Reason("narrow", "Me aprieta de ancho", "SIZE_TOO_SMALL"),
        Reason("wide", "Me queda ancho", "SIZE_TOO_LARGE"),
    ),
)  # fmt: skip
LOOK = Reason("look", "No me convence", "STYLE", below=(COLOUR, STYLE, Reason("material", "No me gusta el material o el tacto", "STYLE")))
PERFORMANCE = Reason("performance", "No rinde como esperaba", "UNWANTED")
COMPATIBLE = Reason("incompatible", "No es compatible con lo que tengo", "UNWANTED")
DESCRIBED = Reason("described", "No es como se describe en la web", "NOT_AS_DESCRIBED", fault=True)
WRONG = Reason("wrong", "He recibido otro artículo", "WRONG_ITEM", fault=True)
LATE = Reason("late", "Llegó demasiado tarde", "OTHER", fault=True)
UNWANTED = Reason(
    "unwanted", "He cambiado de idea", "UNWANTED",
    below=(
        Reason("mistake", "Lo pedí por error", "UNWANTED"),
        Reason("gift", "Era un regalo y no ha gustado", "UNWANTED"),
        Reason("cheaper", "Lo he encontrado más barato", "UNWANTED"),
    ),
)  # fmt: skip
OTHER = Reason("other", "Otro motivo", "OTHER")
NO_REASON = Reason(UNSAID, "Prefiero no decirlo", "UNKNOWN")


def _defective(*more: Reason) -> Reason:
    return Reason("defective", "Tiene un defecto o está dañado", "DEFECTIVE", fault=True, below=(DAMAGED, *more))


FINISH = Reason("finish", "La costura o el acabado está mal", "DEFECTIVE", fault=True)
BROKEN = Reason("broken", "No funciona", "DEFECTIVE", fault=True)
SOMETIMES = Reason("sometimes", "Falla a veces o la batería dura poco", "DEFECTIVE", fault=True)
LAST = (DESCRIBED, WRONG, LATE, UNWANTED, OTHER, NO_REASON)

TREE: dict[str, tuple[Reason, ...]] = {
    "clothing": (CLOTHES_SIZE, LOOK, _defective(FINISH, USED), *LAST),
    "footwear": (SHOE_SIZE, LOOK, _defective(FINISH, USED), *LAST),
    "electronics": (COMPATIBLE, PERFORMANCE, _defective(BROKEN, SOMETIMES, INCOMPLETE), *LAST),
    "other": (LOOK, _defective(BROKEN, INCOMPLETE, USED), *LAST),
}


def _all() -> Iterator[tuple[Reason, str]]:
    for top in (reason for tree in TREE.values() for reason in tree):
        yield top, ""
        for under in top.below:
            yield under, top.code


CODES: dict[str, Reason] = {reason.code: reason for reason, _ in _all()}
ABOVE: dict[str, str] = {reason.code: above for reason, above in _all()}
"""The reason that one stands below; empty: none."""


def sources() -> tuple[str, ...]:
    """Every Spanish text of it."""
    return tuple(dict.fromkeys(reason.words for reason, _ in _all()))
