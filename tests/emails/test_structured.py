"""JSON-LD: valid, true, and sparing with personal data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postventa.emails import render
from postventa.emails.preview import BOOTS, ORDER, sample
from tests.emails.reading import read
from tests.scenarios import scenario


def documents(followup: str, **changes: Any) -> list[Any]:
    page = read(render(sample(followup, **changes)).html)
    return page.data[0] if page.data else []


def test_the_order_and_its_parcel_are_described() -> None:
    order, parcel = documents("shipped")
    assert (order["@type"], order["orderNumber"], order["orderStatus"]) == ("Order", "1042", "https://schema.org/OrderInTransit")
    assert (order["price"], order["priceCurrency"], order["merchant"]["name"]) == ("121.15", "EUR", "Zapatería Lola")
    assert order["acceptedOffer"][1]["eligibleQuantity"]["value"] == 2
    assert parcel["@type"] == "ParcelDelivery"
    assert parcel["trackingNumber"] == "PQ4F6K0712345670141010T"
    assert parcel["carrier"]["name"] == "Correos"
    assert parcel["partOfOrder"]["orderNumber"] == "1042"
    assert [item["name"] for item in parcel["itemShipped"]] == ["Botín Triana de piel", "Calcetines de lana merina"]


def test_until_when_it_should_be_there_is_told_by_the_recipients_clock() -> None:
    order, parcel = documents("shipped", arrives=date(2026, 12, 1), timezone="Atlantic/Canary")
    assert parcel["expectedArrivalUntil"] == "2026-12-01T23:59:59+00:00"
    assert "orderDelivery" not in order
    (alone,) = documents("order_received", arrives=date(2026, 7, 1))
    assert alone["orderDelivery"] == {"@type": "ParcelDelivery", "expectedArrivalUntil": "2026-07-01T23:59:59+02:00"}
    assert "orderDelivery" not in documents("order_received", arrives=None)[0]


def test_no_more_of_the_customer_than_postcode_and_city_is_told() -> None:
    page = str(documents("shipped"))
    where = {"postalCode": "41010", "addressLocality": "Sevilla", "addressCountry": "ES"}
    assert documents("shipped")[1]["deliveryAddress"] == {"@type": "PostalAddress", **where}
    for secret in ("Ana", "Ruiz", "Betis", "ana@"):
        assert secret not in page


@pytest.mark.parametrize("followup", ["review_request", "low_rating", "address_refused", "return_label", "care_tips"])
def test_mails_that_are_not_about_the_order_itself_have_none(followup: str) -> None:
    assert documents(followup) == []


@scenario("S13", budget=30)
def test_a_title_cannot_end_the_script() -> None:
    title = "</script><script>alert(1)</script>\u2028"
    order = replace(ORDER, lines=(replace(BOOTS, title=title),))
    html = render(sample("order_received", order=order)).html
    assert html.count("<script") == html.count("</script>") == 1
    assert "\\u003c/script\\u003e" in html
    assert documents("order_received", order=order)[0]["acceptedOffer"][0]["itemOffered"]["name"] == "</script><script>alert(1)</script>"
