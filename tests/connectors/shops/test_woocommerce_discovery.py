"""What a shop is made of, and what its statuses mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.http import Door
from connectors.reading import Part
from connectors.shops.woocommerce.discovery import Discovery, discover, zone
from connectors.shops.woocommerce.look import look
from connectors.shops.woocommerce.rest import QUERY, Keys, Rest
from connectors.shops.woocommerce.status_words import DOUBT, PHRASES, SLUGS
from connectors.shops.woocommerce.suggest import folded, suggest
from postventa.events import Step
from postventa.locale import languages
from tests.connectors import certificates
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, WordPressSite, recorded

KEYS = Keys(KEY, SECRET)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WordPressSite]:
    served = certificates.make(tmp_path)
    with WordPressSite().open(served.context) as opened:
        opened.trusted = served.trusted  # type: ignore[attr-defined]
        yield opened


def door(site: WordPressSite) -> Door:
    return Door(["tienda.test"], site.trusted, tries=1, resolver=lambda host, port: ["127.0.0.1"])  # type: ignore[attr-defined]


def discovered(site: WordPressSite) -> Discovery:
    found = look(site.url, door(site), datetime.now(UTC), KEYS)
    assert found.site is not None
    return discover(Rest(found.site.base, KEYS, door(site), found.keys_in), found.index, found.system)


@pytest.mark.parametrize("dropped", [False, True])
def test_a_shop_tells_what_it_is_made_of(site: WordPressSite, dropped: bool) -> None:
    site.drops_authorization = dropped
    found = discovered(site)
    statuses = found.statuses or {}
    assert (found.name, found.version, found.wordpress, found.locale) == ("Zapatería Lola", "10.5.0", "6.9.1", "es-ES")
    assert (found.currency, found.country, found.timezone) == ("EUR", "ES", "Europe/Madrid")
    assert (found.hpos, found.fulfillments) == (True, True)
    assert (found.tracking, found.languages) == (("Advanced Shipment Tracking",), ("Polylang",))
    assert (len(statuses), statuses["on-hold"]) == (8, "En espera")


def test_keys_that_may_not_see_the_system_tell_the_rest(site: WordPressSite) -> None:
    site.system = None
    found = discovered(site)
    assert (found.version, found.hpos, found.tracking) == ("", None, ())
    assert (found.fulfillments, found.country, found.timezone) == (True, "ES", "Europe/Madrid")


def test_fulfillments_that_are_off_have_no_route(site: WordPressSite) -> None:
    site.system = {"environment": {"version": "10.5.0"}}
    site.fulfillments = False
    assert discovered(site).fulfillments is False


def test_an_older_shop_lists_its_statuses_in_a_report(site: WordPressSite) -> None:
    site.statuses = recorded("err-404-no-route")
    assert len(discovered(site).statuses or {}) == 8


def test_a_shop_that_answers_nonsense_tells_nothing(site: WordPressSite) -> None:
    site.gate = Reply(200, html="<html>")
    empty = discover(Rest(site.url, KEYS, door(site), QUERY), Part({}), Part({"settings": [], "active_plugins": {"a": 1}}))
    assert empty == Discovery()


@pytest.mark.parametrize(
    ("text", "name"), [("Europe/Madrid", "Europe/Madrid"), ("+01:00", ""), ("", ""), ("../etc/passwd", ""), ("Mars/Olympus", "")]
)
def test_only_time_zones_that_exist_count(text: str, name: str) -> None:
    assert zone(text) == name


LABELS = [
    ("Preparando", Step.PREPARED, "sure"), ("En preparación", Step.PREPARED, "sure"), ("Enviado", Step.SHIPPED, "sure"),
    ("Shipped", Step.SHIPPED, "sure"), ("Entregado", Step.DELIVERED, "sure"), ("Versandt", Step.SHIPPED, "sure"),
    ("Expédié", Step.SHIPPED, "sure"), ("Entregue", Step.DELIVERED, "sure"), ("Bidalita", Step.SHIPPED, "sure"),
    ("Lliurat", Step.DELIVERED, "sure"), ("Consegnato", Step.DELIVERED, "sure"), ("Zugestellt", Step.DELIVERED, "sure"),
    ("Livré", Step.DELIVERED, "sure"), ("Pronto per il ritiro", Step.READY_FOR_PICKUP, "sure"), ("En curso de entrega", None, "unknown"),
    ("Devolució sol·licitada", Step.RETURN_REQUESTED, "sure"), ("Rücksendung angefragt", Step.RETURN_REQUESTED, "sure"),
    ("Pendiente de envío", Step.PREPARED, "sure"), ("Listo para enviar", Step.PREPARED, "sure"), ("EN REPARTO", Step.OUT_FOR_DELIVERY, "sure"),
    ("Enviado por Correos Express", Step.SHIPPED, "likely"), ("📦 Pedido en reparto hoy", Step.OUT_FOR_DELIVERY, "likely"),
    ("No entregado", None, "unknown"), ("Not shipped", None, "unknown"), ("Partially Shipped", None, "unknown"),
    ("Nicht zugestellt", None, "unknown"),
    ("Enviado / Entregado", None, "unknown"), ("Regalo", None, "unknown"), ("", None, "unknown"), ("Reenviado", None, "unknown"),
    ("Intento de entrega fallido", None, "unknown"), ("Devuelto al remitente", None, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "step", "sureness"), LABELS)
def test_labels_are_read_as_far_as_they_are_clear(label: str, step: Step | None, sureness: str) -> None:
    [found] = suggest({"wc-own": label})
    assert (found.status, found.label, found.step, found.sureness) == ("own", label, step, sureness)


def test_what_woocommerce_defines_needs_no_explanation(site: WordPressSite) -> None:
    assert suggest(discovered(site).statuses or {}) == ()


def test_a_status_that_was_renamed_is_asked_about() -> None:
    [found] = suggest({"completed": "Entregado", "processing": "Preparando", "cancelled": "Enviado"})
    assert (found.status, found.step, found.sureness) == ("completed", Step.DELIVERED, "likely")


@pytest.mark.parametrize(
    ("status", "label", "step", "sureness"),
    [
        ("delivered", "Zzz", Step.DELIVERED, "sure"),
        ("delivered", "Enviado", Step.SHIPPED, "likely"),
        ("delivered", "No entregado", None, "unknown"),
        ("enviado", "Sent", Step.SHIPPED, "sure"),
    ],
)
def test_a_slug_counts_unless_its_label_says_otherwise(status: str, label: str, step: Step | None, sureness: str) -> None:
    [found] = suggest({status: label})
    assert (found.step, found.sureness) == (step, sureness)


def test_the_table_speaks_every_shipped_language_and_means_one_thing_each() -> None:
    meaning: dict[str, Step] = {}
    for step, by_language in PHRASES.items():
        assert set(by_language) == set(languages()), step
        for phrase in (phrase for phrases in by_language.values() for phrase in phrases):
            assert folded(phrase) == phrase
            assert DOUBT.isdisjoint(phrase.split()), phrase
            assert meaning.setdefault(phrase, step) is step, phrase
    assert all(isinstance(step, Step) for step in SLUGS.values())
