"""The words that the law gives to the function and to its second button, by language.

Directive 2011/83/EU, art. 11a(1) and (3), as Directive (EU) 2023/2673 inserted it, in the language versions of the Official Journal; where a
national act prescribes its own words, those: Germany, BGB § 356a; Italy, Codice del consumo, art. 54-bis. Catalan, Galician and Basque are no
languages of the Directive: there the words are ours, as close to the Spanish ones as may be. Only the first letter is made a capital.
"""

from __future__ import annotations

from typing import NamedTuple


class Labels(NamedTuple):
    """`function`: what leads to the form; `confirm`: the only words on the button that sends."""

    function: str
    confirm: str


OFFICIAL: dict[str, Labels] = {
    "bg": Labels("Откажете се от договора тук", "Потвърждавам отказа"),
    "cs": Labels("Zde odstoupit od smlouvy", "Potvrdit odstoupení od smlouvy"),
    "da": Labels("Fortryd aftale", "Bekræft fortrydelse"),
    "de": Labels("Vertrag widerrufen", "Widerruf bestätigen"),
    "el": Labels("Πατήστε εδώ για υπαναχώρηση", "Επιβεβαίωση υπαναχώρησης"),
    "en": Labels("Withdraw from contract here", "Confirm withdrawal"),
    "es": Labels("Desistir del contrato aquí", "Confirmar desistimiento"),
    "et": Labels("Taganen lepingust", "Kinnitan taganemise"),
    "fi": Labels("Peruuta sopimus tästä", "Vahvista peruuttaminen"),
    "fr": Labels("Renoncer au contrat ici", "Confirmer la rétractation"),
    "ga": Labels("Tarraing siar ón gconradh anseo", "Dearbhaigh an tarraingt siar"),
    "hr": Labels("Odustati od ugovora", "Potvrditi odustajanje"),
    "hu": Labels("Elállás a szerződéstől", "Elállás megerősítése"),
    "it": Labels("Recedere dal contratto qui", "Conferma recesso"),
    "lt": Labels("Atsisakyti sutarties čia", "Patvirtinti sutarties atsisakymą"),
    "lv": Labels("Atteikties no līguma", "Apstiprināt atteikumu"),
    "mt": Labels("Irtira mill-kuntratt hawnhekk", "Ikkonferma r-reċess"),
    "nl": Labels("Hier de overeenkomst herroepen", "Herroeping bevestigen"),
    "pl": Labels("Odstąp od umowy tutaj", "Potwierdź odstąpienie od umowy"),
    "pt": Labels("Retrate-se do contrato aqui", "Confirmar retratação"),
    "ro": Labels("Retrageți-vă din contract aici", "Confirmați retragerea"),
    "sk": Labels("Odstúpiť od zmluvy tu", "Potvrdiť odstúpenie od zmluvy"),
    "sl": Labels("Kliknite tukaj za odstop od pogodbe", "Potrdi odstop od pogodbe"),
    "sv": Labels("Ångra avtalet här", "Bekräfta frånträde"),
}
"""The 24 official languages of the Union."""
OURS: dict[str, Labels] = {
    "ca": Labels("Desistir del contracte aquí", "Confirmar el desistiment"),
    "eu": Labels("Kontratuan atzera egin hemen", "Berretsi atzera egitea"),
    "gl": Labels("Desistir do contrato aquí", "Confirmar o desistimento"),
}


def labels(tag: str, own: str = "", home: str = "") -> Labels:
    """The words for a BCP 47 tag; English for what is no language of the Union. `own`: the shop's words for the function in its `home` language."""
    language, at_home = (text.replace("_", "-").partition("-")[0].lower() for text in (tag, home))
    known = OFFICIAL.get(language) or OURS.get(language) or OFFICIAL["en"]
    return Labels(own, known.confirm) if own and language == at_home else known
