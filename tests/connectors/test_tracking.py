"""Carriers by whatever name a shop gives them, and links that lead to them."""

from __future__ import annotations

import pytest

from connectors.reading import url
from connectors.tracking import CARRIERS, describe, known


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("correos-spain", "Correos"),
        ("Correos", "Correos"),
        ("Correos de España", "Correos"),
        ("correos-express", "Correos Express"),
        ("Correos Express", "Correos Express"),
        ("correos_express_spain", "Correos Express"),
        ("CEX", "Correos Express"),
        ("SEUR", "SEUR"),
        ("seur-espana", "SEUR"),
        ("mrw-spain", "MRW"),
        ("MRW", "MRW"),
        ("gls-spain", "GLS"),
        ("GLS (ASM)", "GLS"),
        ("ASM", "GLS"),
        ("ctt", "CTT Express"),
        ("CTT Express", "CTT Express"),
        ("tourline", "CTT Express"),
        ("ctt-portugal", "CTT"),
        ("nacex", "NACEX"),
        ("DHL Express", "DHL"),
        ("dhl-parcel-es", "DHL"),
        ("ups", "UPS"),
        ("FedEx", "FedEx"),
        ("dpd-uk", "DPD"),
        ("InPost", "InPost"),
        ("mondial-relay", "Mondial Relay"),
        ("Zeleris", "Zeleris"),
        ("Envialia", "Envialia"),
        ("TIPSA", "TIPSA"),
        ("packlink-pro", "Packlink"),
        ("colissimo", "La Poste"),
        ("poste-italiane", "Poste Italiane"),
        ("bartolini", "BRT"),
        ("Mensajería del Barrio", "Mensajería del Barrio"),
        ("mensajeria-del-barrio", "Mensajeria Del Barrio"),
        ("", ""),
    ],
)
def test_carriers_are_known_by_many_names(word: str, name: str) -> None:
    assert describe(word, "123")[0] == name


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    express, post = known("correos-express"), known("correos")
    assert express is not None
    assert post is not None
    assert express.name != post.name
    assert known("expreso-correos") is None


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: str(c.name))
def test_every_page_is_a_web_address_with_the_number_in_it(carrier: object) -> None:
    from connectors.tracking import CarrierPage

    assert isinstance(carrier, CarrierPage)
    name, page = describe(carrier.aliases[0], "PK 12/34&x")
    assert name == carrier.name
    assert page == url(page)
    if "{" in carrier.page:
        assert page.startswith("https://")
        assert "{" not in page
        assert "PK%2012%2F34%26x" in page or ("PK%2012" in page and "34%26x" in page)


def test_no_alias_belongs_to_two_carriers() -> None:
    aliases = [alias for carrier in CARRIERS for alias in carrier.aliases]
    assert len(aliases) == len(set(aliases))


def test_nacex_wants_the_agency_and_the_waybill_apart() -> None:
    assert describe("nacex", "3003/10768217")[1].endswith("agencia_origen=3003&numero_albaran=10768217")
    assert describe("nacex", "10768217")[1].endswith("agencia_origen=&numero_albaran=10768217")


def test_a_link_of_the_shops_own_wins() -> None:
    assert describe("seur", "1", "https://barrio.test/t/1") == ("SEUR", "https://barrio.test/t/1")
    assert describe("otro", "1", "https://barrio.test/t/1") == ("Otro", "https://barrio.test/t/1")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "tienda.example/x", "ftp://x", "https://a b", "https://x/'onclick"])
def test_a_link_that_is_none_is_dropped(link: str) -> None:
    assert describe("otro", "1", link)[1] == ""
    assert describe("seur", "1", link)[1].startswith("https://www.seur.com/")


def test_patterns_that_plugins_keep_are_filled_in() -> None:
    assert describe("", "A/1", "https://x.test/%number%")[1] == "https://x.test/A%2F1"
    assert describe("", "A1", "https://x.test/?n={tracking_number}")[1] == "https://x.test/?n=A1"
