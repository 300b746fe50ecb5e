"""Carriers as shops write them, with the names that people know and the pages where a parcel can be followed.

Sources: the carriers' own public pages, as of 2026. A page without `{n}` in its address asks for the number; a carrier without a page
offers none that works with the number alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from connectors.reading import NAME, line, url


@dataclass(frozen=True)
class CarrierPage:
    """`{n}`: the number; `{head}` and `{tail}`: what stands before and after a slash in it (Nacex writes `agency/waybill`)."""

    name: str
    aliases: tuple[str, ...]
    page: str = ""


CARRIERS = (
    CarrierPage("Correos", ("correos",), "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={n}"),
    CarrierPage("Correos Express", ("correos-express", "correosexpress", "cex", "chronoexpres"), "https://s.correosexpress.com/c?n={n}"),
    CarrierPage("SEUR", ("seur",), "https://www.seur.com/livetracking/?segOnlineIdentificador={n}"),
    CarrierPage("MRW", ("mrw",), "https://www.mrw.es/seguimiento_envios/MRW_resultados_consultas.asp?modo=nacional&envio={n}"),
    CarrierPage("GLS", ("gls", "asm", "asm-red"), "https://gls-group.com/ES/es/seguimiento-envio/?match={n}"),
    CarrierPage("CTT Express", ("ctt", "ctt-express", "cttexpress", "tourline"), "https://www.cttexpress.com/localizador-de-envios/?sc={n}"),
    CarrierPage("CTT", ("ctt-portugal", "ctt-pt", "ctt-correios"), "https://www.ctt.pt/feapl_2/app/open/objectSearch/objectSearch.jspx?objects={n}"),
    CarrierPage("NACEX", ("nacex",), "https://www.nacex.es/seguimientoDetalle.do?agencia_origen={head}&numero_albaran={tail}"),
    CarrierPage("DHL", ("dhl", "dhl-express", "dhl-parcel"), "https://www.dhl.com/es-es/home/tracking.html?tracking-id={n}"),
    CarrierPage("UPS", ("ups", "united-parcel-service"), "https://www.ups.com/track?tracknum={n}"),
    CarrierPage("FedEx", ("fedex", "fed-ex", "federal-express"), "https://www.fedex.com/fedextrack/?trknbr={n}"),
    CarrierPage("TNT", ("tnt",), "https://www.tnt.com/express/es_es/site/herramientas-envio/seguimiento.html?searchType=con&cons={n}"),
    CarrierPage("DPD", ("dpd",), "https://tracking.dpd.de/status/en_US/parcel/{n}"),
    CarrierPage("InPost", ("inpost", "in-post"), "https://www.inpost.es/seguimiento-del-envio/?exp={n}"),
    CarrierPage("Mondial Relay", ("mondial-relay", "mondialrelay", "punto-pack"), "https://www.mondialrelay.fr/suivi-de-colis?numeroExpedition={n}"),
    CarrierPage("Zeleris", ("zeleris",), "https://www.zeleris.com/seguimiento_envio.aspx?id_seguimiento={n}"),
    CarrierPage("Envialia", ("envialia",), "https://www.envialia.com/seguimiento/"),
    CarrierPage("TIPSA", ("tipsa", "tip-sa")),
    CarrierPage("Packlink", ("packlink", "packlink-pro")),
    CarrierPage("Amazon Shipping", ("amazon", "amazon-logistics", "amazon-shipping"), "https://track.amazon.es/tracking/{n}"),
    CarrierPage("La Poste", ("la-poste", "laposte", "colissimo"), "https://www.laposte.fr/outils/suivre-vos-envois?code={n}"),
    CarrierPage("Chronopost", ("chronopost",), "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={n}"),
    CarrierPage("Poste Italiane", ("poste-italiane", "posteitaliane"), "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{n}"),
    CarrierPage("BRT", ("brt", "bartolini"), "https://vas.brt.it/vas/sped_det_show.hsm?referer=sped_numspe_par.htm&Nspediz={n}"),
    CarrierPage("bpost", ("bpost",), "https://track.bpost.cloud/btr/web/#/search?itemCode={n}"),
    CarrierPage("Royal Mail", ("royal-mail", "royalmail"), "https://www.royalmail.com/track-your-item#/tracking-results/{n}"),
)  # fmt: skip

_BY_ALIAS = {alias: carrier for carrier in CARRIERS for alias in carrier.aliases}


def known(word: str) -> CarrierPage | None:
    """The carrier that a shop calls `word`, such as `correos-spain`, `SEUR España` or `gls_es`."""
    parts = _slug(word).split("-")
    while parts:
        carrier = _BY_ALIAS.get("-".join(parts))
        if carrier is not None:
            return carrier
        parts.pop()  # "seur-espana" is SEUR; the longest name that is known wins, so "correos-express" is not Correos
    return None


def describe(word: str, number: str, link: str = "") -> tuple[str, str]:
    """(the carrier's name, where to follow the parcel) for what a shop says; a link of the shop's own wins."""
    carrier = known(word)
    own = url(_fill(link, number))
    if carrier is None:
        return _pretty(word), own
    return carrier.name, own or url(_fill(carrier.page, number))


def _fill(page: str, number: str) -> str:
    """Some plugins keep the pattern and not the address: `%number%`, `{tracking_number}`."""
    head, slash, tail = number.partition("/")
    values = {"{n}": number, "%number%": number, "{tracking_number}": number, "{head}": head if slash else "", "{tail}": tail if slash else number}
    for mark, value in values.items():
        page = page.replace(mark, quote(value, safe=""))
    return page


def _slug(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _pretty(word: str) -> str:
    """A name as people write it stays; a slug gets blanks and capitals."""
    text = line(word, NAME)
    return text.replace("-", " ").replace("_", " ").title() if text and re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", text) else text
