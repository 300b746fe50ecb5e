"""The law's instructions on withdrawal and its model form (Directive 2011/83/EU, annex I, A and B), filled in for one shop. Pure.

The Spanish source is that of the annex to the TRLGDCU; where the others come from is told in docs/withdrawal.md. They are the law's words: a
translation may not be smoothed. Notes of part A that are taken: 1(c), the last good, which is right for an order in one parcel as well; 3, the online
function; 4 and 5, goods that the customer sends back by post. The translations stand in `locale/<language>/law.po`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postventa.config import Brand, ShopSettings
from postventa.locale import translate

TITLE = "Información sobre el desistimiento"
RIGHT = (
    "Derecho de desistimiento",
    "Tiene usted derecho a desistir del presente contrato en un plazo de 14 días naturales sin necesidad de justificación.",
    (
        "El plazo de desistimiento expirará a los 14 días naturales del día que usted o un tercero por usted indicado, distinto del "
        "transportista, adquirió la posesión material del último de esos bienes."
    ),
    (
        "Para ejercer el derecho de desistimiento, deberá usted notificarnos ({trader}) su decisión de desistir del contrato a través de "
        "una declaración inequívoca (por ejemplo, una carta enviada por correo postal o correo electrónico). Podrá utilizar el modelo de "
        "formulario de desistimiento que figura a continuación, aunque su uso no es obligatorio."
    ),
    (
        "También puede ejercer su derecho de desistimiento en línea en {page}. Si utiliza esta función en línea, le enviaremos sin demora "
        "indebida, en un soporte duradero (por ejemplo, por correo electrónico), un acuse de recibo del desistimiento que incluirá su "
        "contenido y la fecha y hora de su presentación."
    ),
    (
        "Para cumplir el plazo de desistimiento, basta con que la comunicación relativa al ejercicio por su parte de este derecho sea "
        "enviada antes de que venza el plazo correspondiente."
    ),
)
"""A heading and its paragraphs."""
EFFECTS = (
    "Consecuencias del desistimiento",
    (
        "En caso de desistimiento por su parte, le devolveremos todos los pagos recibidos de usted, incluidos los gastos de entrega (con la "
        "excepción de los gastos adicionales resultantes de la elección por su parte de una modalidad de entrega diferente a la modalidad "
        "menos costosa de entrega ordinaria que ofrezcamos) sin ninguna demora indebida y, en todo caso, a más tardar 14 días naturales a "
        "partir de la fecha en la que se nos informe de su decisión de desistir del presente contrato. Procederemos a efectuar dicho "
        "reembolso utilizando el mismo medio de pago empleado por usted para la transacción inicial, a no ser que haya usted dispuesto "
        "expresamente lo contrario; en todo caso, no incurrirá en ningún gasto como consecuencia del reembolso."
    ),
    (
        "Podremos retener el reembolso hasta haber recibido los bienes, o hasta que usted haya presentado una prueba de la devolución de "
        "los mismos, según qué condición se cumpla primero."
    ),
    (
        "Deberá usted devolvernos o entregarnos directamente los bienes, sin ninguna demora indebida y, en cualquier caso, a más tardar en "
        "el plazo de 14 días naturales a partir de la fecha en que nos comunique su decisión de desistimiento del contrato. Se considerará "
        "cumplido el plazo si efectúa la devolución de los bienes antes de que haya concluido dicho plazo."
    ),
)
COSTS = {
    "shop": "Nos haremos cargo de los costes de devolución de los bienes.",
    "customer": "Deberá usted asumir el coste directo de devolución de los bienes.",
}
"""Note 5(b), by `return_cost` of the shop's settings."""
VALUE = (
    "Solo será usted responsable de la disminución de valor de los bienes resultante de una manipulación distinta a la necesaria para establecer la "
    "naturaleza, las características y el funcionamiento de los bienes."
)
FORM = "Modelo de formulario de desistimiento"
NOTE = "(Solo debe cumplimentar y enviar el presente formulario si desea desistir del contrato)"
TO = "A la atención de:"
DECLARATION = (
    "Por la presente le comunico/comunicamos (*) que desisto de mi/desistimos de nuestro (*) contrato de venta del siguiente bien/prestación del "
    "siguiente servicio (*):"
)
FIELDS = (
    "Pedido el/recibido el (*)",
    "Nombre del consumidor y usuario o de los consumidores y usuarios",
    "Domicilio del consumidor y usuario o de los consumidores y usuarios",
    "Firma del consumidor y usuario o de los consumidores y usuarios (solo si el presente formulario se presenta en papel)",
    "Fecha",
)
STRUCK = "(*) Táchese lo que no proceda."
LINK = "Información y modelo de formulario (PDF)"
FILE = "desistimiento"
"""What the file is called, before its ending."""


@dataclass(frozen=True)
class Trader:
    """Whom a statement goes to. Empty: not known."""

    name: str
    address: str
    email: str
    phone: str
    page: str
    """Where the online function is."""
    cost: str
    """Who pays for sending goods back: a name of `COSTS`; empty: the shop did not say."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Settings without which the instructions would leave out what the law wants in them."""
        needed = {"brand.legal_address": self.address, "brand.support_email": self.email, "withdrawal.return_cost": self.cost}
        return tuple(name for name, value in needed.items() if not value)

    def told(self) -> str:
        """On one line, as note 2 wants it."""
        return ", ".join(filter(None, (self.name, self.address, self.phone, self.email)))


@dataclass(frozen=True)
class Model:
    """Instructions and form, word for word."""

    title: str
    sections: tuple[tuple[str, ...], ...]
    """Heading and paragraphs of each."""
    form: str
    note: str
    to: str
    """Whom the form goes to, one line each."""
    declaration: str
    fields: tuple[str, ...]
    struck: str
    file: str


def trader(shop: ShopSettings, page: str, reply_to: str = "") -> Trader:
    """As the shop's settings name it. `reply_to`: where mails to the shop go when it names no other address."""
    return named(shop.brand, shop.name, shop.withdrawal.return_cost, page, reply_to)


def named(brand: Brand, shop: str, cost: str, page: str, reply_to: str) -> Trader:
    """The same, from the few settings that it hangs on."""
    address = ", ".join(part for part in (piece.strip(" ,") for piece in brand.legal_address.splitlines()) if part)
    return Trader(brand.legal_name or shop, address, brand.support_email or reply_to, brand.support_phone, page, cost)


def model(language: str, who: Trader) -> Model:
    """Both parts in a language, filled in with what is known."""

    def say(text: str) -> str:
        return translate(language, text)

    effects = (*EFFECTS, *filter(None, (COSTS.get(who.cost, ""),)), VALUE)
    right = tuple(say(text).replace("{trader}", who.told()).replace("{page}", who.page) for text in RIGHT)
    return Model(
        title=say(TITLE),
        sections=(right, tuple(map(say, effects))),
        form=say(FORM),
        note=say(NOTE),
        to="\n".join(filter(None, (say(TO), who.name, who.address, who.email))),
        declaration=say(DECLARATION),
        fields=tuple(map(say, FIELDS)),
        struck=say(STRUCK),
        file=f"{say(FILE)}.pdf",
    )


def sources() -> Iterator[str]:
    """Every Spanish text, for translators and tests."""
    yield from (TITLE, *RIGHT, *EFFECTS, *COSTS.values(), VALUE, FORM, NOTE, TO, DECLARATION, *FIELDS, STRUCK, LINK, FILE)
