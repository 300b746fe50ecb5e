"""What is said to the author of rules: what cannot be used, what will not do what it seems to, and why something was decided.

Spanish is the source; the translations stand in `locale/<language>/rules.po`. Names of the document (`cost_told`, `[destinations]`) stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from postventa.locale import translate

PLAIN = "en"
"""For logs and the command line."""
READING = {
    "too_long": "el documento tiene más de {most} caracteres",
    "syntax": "no se puede leer como TOML ni como JSON (línea {line}, columna {column}): {detail}",
    "too_deep": "no se puede leer como TOML ni como JSON: hay demasiados grupos unos dentro de otros",
}
SYNTAX = {
    "value": "aquí falta un valor, o no se entiende; los textos van entre comillas",
    "open": "algo se abre y no se cierra: una comilla, un corchete o una llave",
    "key": "aquí va un nombre con su valor, como window = 30",
    "twice": "eso ya está dicho antes: cada nombre va una sola vez",
    "rest": "lo que sigue sobra, o falta una coma",
    "sign": "aquí hay un signo que no puede estar",
}
"""Why a text cannot be read, as far as the author can do something about it."""
FAULTS = {
    "unknown": "nombre desconocido; docs/returns.md los explica todos",
    "missing": "falta, y tiene que estar",
    "narrow": "como mínimo {least} días: una regla no puede acortar el desistimiento",
    "least": "como mínimo {least}",
    "most": "como máximo {most}",
    "number": "se espera un número",
    "whole": "se espera un número entero",
    "places": "como máximo {most} decimales",
    "truth": "se espera true o false",
    "text": "se espera un texto entre comillas",
    "empty_text": "no puede estar vacío",
    "long_text": "como máximo {most} caracteres",
    "two_letters": 'se esperan dos letras mayúsculas, como "ES"',
    "own_code": 'se esperan minúsculas, cifras y guiones bajos, como "talla_rara"',
    "list": "se espera una lista entre corchetes",
    "empty_list": "la lista no puede estar vacía",
    "long_list": "como máximo {most} en la lista",
    "table": "se espera un grupo de nombres con sus valores",
    "choice": "se espera una de estas palabras: {choices}",
    "other": "esto no vale aquí",
    "range_empty": 'se espera "from", "to" o los dos, como { from = 50 }',
    "range_reversed": "no hay nada desde {low} hasta {high}: cámbialos de orden",
    "country": '"{value}" no es un país: se esperan dos letras, como "ES"',
    "address": "se espera el número que tiene el cliente en la tienda: las reglas no guardan la dirección de nadie",
    "hollow": "una condición dentro de all, any o not no dice nada: quítala",
    "language": '"{value}" no es ninguno de nuestros idiomas: {choices}',
    "idle": "la regla no hace nada: di algo en [rules.then]",
    "not_among": '"{value}" no es ninguno de estos: {choices}',
    "same_name": 'dos reglas se llaman "{value}": no se sabría cuál ha decidido',
    "no_destination": 'el destino "{value}" no está en [destinations]',
    "no_reason": '"{value}" no es un motivo; los motivos son {choices}',
    "no_reason_of_ours": '"{value}" no es ninguno de nuestros motivos',
}
WARNINGS = {
    "refuses_all": "rechaza todo; lo que admite desistimiento dentro de {days} días se acepta de todos modos",
    "refuses_early": "rechaza, pero en los {days} días desde la entrega la ley hace aceptarlo, salvo que exemption dé un motivo legal",
    "no_why": "di por qué con `why`, para que la persona lea algo más que un no",
    "fee_early": "su coste no se cobra en los primeros {days} días, porque cost_told no dice que se avisara de él antes de comprar",
}
REASONS = {
    "first": "es la primera regla que se cumple y lo dice",
    "nobody": "ninguna regla dice otra cosa",
    "not_known": 'aún no se sabe si se cumple "{rule}": lo decide una persona',
    "guarantee": "el plazo para devolver ha pasado, pero un defecto es cosa de la garantía: lo decide una persona",
    "last_day": "el último día fue el {day}",
    "right": "una regla no puede rechazar lo que admite desistimiento dentro de {days} días",
    "fault": "un defecto o un artículo equivocado no lo rechaza una regla: lo decide una persona",
    "fee_fault": "del motivo responde la tienda, así que a la persona no le cuesta nada",
    "fee_untold": "antes de comprar no se avisó de que la persona paga la devolución (cost_told)",
    "fee_sending": "en los días de desistimiento solo puede costar algo el envío",
    "refund": "el dinero se puede recuperar, se ofrezca lo que se ofrezca",
    "photo": "quien puede desistir no tiene que probar nada",
}
RULE = 'la regla "{rule}"'
GIVEN = "(pone {given})"
WORDS = {**READING, **FAULTS, **WARNINGS, **REASONS, **{f"syntax_{name}": text for name, text in SYNTAX.items()}}


def sources() -> tuple[str, ...]:
    """Every Spanish text, for translators and tests."""
    return (*WORDS.values(), RULE, GIVEN)


def say(code: str, language: str, facts: Mapping[str, str]) -> str:
    """A sentence with its facts, which may hold braces themselves. Raises `KeyError` for a code that is not listed."""
    return _filled(translate(language, WORDS[code]), facts)


@dataclass(frozen=True)
class Finding:
    """What is wrong with a document, or what its author should know of it. `facts` are for the sentence, the rest says where it is."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """The document's; empty: there is only one."""
    where: str = ""
    """The path in it, such as `rules.0.then.window`."""
    rule: str = ""
    """What the rule is called."""
    given: str = ""
    """What stands there."""
    line: int = 0
    """Of the text, from 1 on; 0: not known."""

    def __str__(self) -> str:
        return self.sentence(PLAIN)

    def sentence(self, language: str) -> str:
        """Place, fault and what was given, in one line."""
        given = _filled(translate(language, GIVEN), {"given": self.given}) if self.given else ""
        return ": ".join(filter(None, (self.name, self._place(language), " ".join(filter(None, (self.said(language), given))))))

    def said(self, language: str) -> str:
        """The fault alone."""
        facts = dict(self.facts)
        if self.code == "syntax":
            facts["detail"] = say(f"syntax_{facts['detail']}", language, {})
        return say(self.code, language, facts)

    def _place(self, language: str) -> str:
        if self.where:
            return f'{self.where} ("{self.rule}")' if self.rule else self.where
        return _filled(translate(language, RULE), {"rule": self.rule}) if self.rule else ""


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """In one pass, so that a value cannot name another one."""
    pieces = text.split("{")
    return pieces[0] + "".join(_piece(piece, facts) for piece in pieces[1:])


def _piece(piece: str, facts: Mapping[str, str]) -> str:
    name, brace, rest = piece.partition("}")
    return f"{facts[name]}{rest}" if brace and name in facts else f"{{{piece}"
