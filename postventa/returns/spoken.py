"""What pages and mails call the ways of a return, in Spanish; translations stand in `locale/<language>/returns.po`. Pure."""

from __future__ import annotations

from postventa.locale import translate
from postventa.returns import problems, reasons
from postventa.returns.policy.document import Policy
from postventa.returns.reasons import CODES, TREE, Reason
from postventa.returns.wish import Method, Resolution

RESOLUTIONS = {
    Resolution.REFUND: "Que me devolváis el dinero",
    Resolution.EXCHANGE: "Cambiarlo por otro",
    Resolution.STORE_CREDIT: "Recibir un vale de compra",
    Resolution.REPAIR: "Que lo reparéis",
    Resolution.KEEP_ITEM: "Quedármelo y recibir una parte del dinero",
}
METHODS = {
    Method.PRINTED_LABEL: "Imprimir una etiqueta",
    Method.QR: "Código QR, sin imprimir nada",
    Method.PICKUP: "Recogida en casa",
    Method.DROP_OFF: "Llevarlo a la tienda",
    Method.OWN_CARRIER: "Enviarlo por mi cuenta",
}

Choice = tuple[str, str, tuple[tuple[str, str], ...]]
"""(code, words, ((code, words) below it, ...))."""


def resolution_word(language: str, resolution: str) -> str:
    """What a resolution is called."""
    return translate(language, RESOLUTIONS[Resolution(resolution)])


def method_word(language: str, method: str) -> str:
    """What a way back is called."""
    return translate(language, METHODS[Method(method)])


def reason_word(policy: Policy, language: str, code: str) -> str:
    """What a reason is called, the merchant's own ones in her words; a code that nobody knows any more is shown as it is."""
    own = next((one.words for one in policy.reasons if one.code == code), None)
    if own is not None:
        return own.get(language) or own.get("es") or next(iter(own.values()))
    return translate(language, CODES[code].words) if code in CODES else code


def reasons_for(policy: Policy, language: str, kind: str) -> tuple[Choice, ...]:
    """The reasons to choose from for that kind of product: ours, with the merchant's own below them or at the end."""
    own = [one for one in policy.reasons if kind in one.kinds]
    ours = [_choice(policy, language, reason, [one.code for one in own if one.under == reason.code]) for reason in TREE[kind]]
    return (*ours, *((one.code, reason_word(policy, language, one.code), ()) for one in own if not one.under))


def _choice(policy: Policy, language: str, reason: Reason, more: list[str]) -> Choice:
    below = [*(under.code for under in reason.below), *more]
    return reason.code, translate(language, reason.words), tuple((code, reason_word(policy, language, code)) for code in below)


def sources() -> tuple[str, ...]:
    """Every Spanish text that has to be translated."""
    return (*RESOLUTIONS.values(), *METHODS.values(), *problems.SENTENCES.values(), *reasons.sources())
