"""A shop is connected: by its merchant's approval and by pasted keys, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, select

from connectors.http import Door
from connectors.shops.woocommerce.address import Site
from connectors.shops.woocommerce.rest import Keys
from jobs import connect_woocommerce as connecting
from postventa import shops
from postventa.config import Security, Server, Settings
from postventa.connecting.store import Approvals
from postventa.events import Step
from postventa.models import AuditEntry
from postventa.models.db import reading, transaction
from postventa.shops import find, in_file
from tests.cast import MARA
from tests.connectors import certificates
from tests.connectors.certificates import Served
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, WordPressSite

KEYS = Keys(KEY, SECRET)
SETTINGS = Settings(server=Server(public_url="https://postventa.example"), security=Security(allow_private_hosts=["tienda.test"]))
LOLA = Site("https://zapateria-lola.example")
BACK = "https://postventa.example/back"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A door that trusts the test's own authority and finds `tienda.test` on this machine; all its rules are the usual ones."""
    served = certificates.make(tmp_path)
    door = Door(["tienda.test"], served.trusted, tries=1, resolver=lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(connecting, "_door", lambda settings: door)
    return served


@pytest.fixture
def site(tls: Served) -> Iterator[WordPressSite]:
    with WordPressSite().open(tls.context) as opened:
        yield opened


@pytest.fixture
def pending(sqlite_engine: Engine) -> Approvals:
    return Approvals(sqlite_engine, b"s" * 32)


def posted(state: str, permissions: str = "read_write", keys: Keys = KEYS) -> bytes:
    said = {"key_id": 6, "user_id": state, "consumer_key": keys.key, "consumer_secret": keys.secret, "key_permissions": permissions}
    return json.dumps(said).encode()


def asked(sent: connecting.Sent) -> tuple[str, str]:
    """(ref, state) of an approval's address."""
    query = parse_qs(urlsplit(sent.url).query)
    assert query["callback_url"][0].rpartition("/")[2] == sent.ref
    return sent.ref, query["user_id"][0]


def test_mara_approves_and_her_shop_can_be_connected(site: WordPressSite, pending: Approvals) -> None:
    seen = connecting.look_at(SETTINGS, site.url)
    assert seen.site is not None
    sent = connecting.approve(SETTINGS, pending, "mara", seen.site, BACK, "mara@lola.example")
    ref, state = asked(sent)
    assert sent.url.startswith(f"{site.url}/wc-auth/v1/authorize?app_name=Postventa%20mara")
    assert connecting.receive(pending, ref, posted(state)) == 200
    approved = connecting.returned(pending, "mara", state, "1")
    proven = connecting.prove(SETTINGS, approved)
    assert proven.works
    made = connecting.prepare(SETTINGS, proven, KEYS).settings
    assert (made.name, made.url, made.consumer_key, made.keys_in) == ("Zapatería Lola", site.url, KEY, "header")
    assert (made.locale, made.timezone, made.country, made.currency) == ("es", "Europe/Madrid", "ES", "EUR")
    assert (len(made.webhook_secrets[0]), made.status_map) == (43, {})


def approved(pending: Approvals, url: str, account: str = "mara", keys: Keys = KEYS) -> str:
    """An approval of which only the trial of its keys is missing."""
    ref, state = asked(connecting.approve(SETTINGS, pending, account, Site(url), BACK))
    assert connecting.receive(pending, ref, posted(state, keys=keys)) == 200
    connecting.returned(pending, account, state, "1")
    return ref


def finished(engine: Engine, pending: Approvals, ref: str, account: str = "mara", shop_id: int | None = None) -> connecting.Finished:
    return connecting.finish(SETTINGS, engine, b"s" * 32, pending, ref, account, shop_id)


def test_an_approved_shop_is_connected_once(site: WordPressSite, pending: Approvals, sqlite_engine: Engine) -> None:
    ref = approved(pending, site.url)
    done = finished(sqlite_engine, pending, ref)
    with reading(sqlite_engine) as session:
        shop = find(session, done.shop_id or 0, SETTINGS, b"s" * 32)
    assert (shop.settings.name, shop.settings.consumer_secret) == ("Zapatería Lola", SECRET)
    with pytest.raises(connecting.NotPossible, match="approval-unknown"):
        finished(sqlite_engine, pending, ref)
    with pytest.raises(connecting.NotPossible, match="already-connected"):
        finished(sqlite_engine, pending, approved(pending, site.url, "otto"), "otto")


def test_two_approvals_of_one_shop_at_once_connect_it_once(site: WordPressSite, pending: Approvals, sqlite_engine: Engine) -> None:
    refs = [approved(pending, site.url), approved(pending, site.url)]

    def outcome(ref: str) -> str:
        try:
            return "connected" if finished(sqlite_engine, pending, ref).shop_id else "not"
        except connecting.NotPossible as error:
            return error.name

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(outcome, refs)) == ["already-connected", "connected"]
    assert len(shops.everyone(sqlite_engine, SETTINGS, b"s" * 32)) == 1


def test_who_connected_a_shop_is_written_down(site: WordPressSite, pending: Approvals, sqlite_engine: Engine) -> None:
    first = finished(sqlite_engine, pending, approved(pending, site.url))
    finished(sqlite_engine, pending, approved(pending, site.url), shop_id=first.shop_id)
    with reading(sqlite_engine) as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(row.actor, row.action, row.shop_id) for row in rows] == [
        ("account:mara", "shop.add", first.shop_id),
        ("account:mara", "shop.keys", first.shop_id),
    ]
    assert all(SECRET not in repr(vars(row)) for row in rows)


def test_a_shop_gets_new_keys_by_approval(site: WordPressSite, pending: Approvals, sqlite_engine: Engine) -> None:
    first = finished(sqlite_engine, pending, approved(pending, site.url))
    fresh = Keys("ck_" + "c3" * 20, "cs_" + "d4" * 20)
    site.keys, site.drops_authorization = {fresh.key: fresh.secret}, True
    again = finished(sqlite_engine, pending, approved(pending, site.url, keys=fresh), shop_id=first.shop_id)
    with reading(sqlite_engine) as session:
        shop = find(session, again.shop_id or 0, SETTINGS, b"s" * 32)
    assert first.prepared is not None
    assert (again.shop_id, shop.settings.consumer_key, shop.settings.keys_in) == (first.shop_id, fresh.key, "query")
    assert shop.settings.webhook_secrets == first.prepared.settings.webhook_secrets


def test_an_approval_of_one_shop_gives_no_other_shop_its_keys(site: WordPressSite, pending: Approvals, sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine) as session:
        other = shops.add(session, b"s" * 32, MARA).id
    with pytest.raises(connecting.NotPossible):
        finished(sqlite_engine, pending, approved(pending, site.url), shop_id=other)


def test_a_shop_that_is_away_for_a_moment_is_asked_again_and_useless_keys_are_thrown_away(
    site: WordPressSite, pending: Approvals, sqlite_engine: Engine
) -> None:
    ref = approved(pending, site.url)
    site.gate = Reply(503, html="Briefly unavailable for scheduled maintenance.")
    assert finished(sqlite_engine, pending, ref).shop_id is None
    site.gate, site.keys = None, {}
    assert finished(sqlite_engine, pending, ref).shop_id is None
    with pytest.raises(connecting.NotPossible, match="approval-unknown"):
        finished(sqlite_engine, pending, ref)


def test_keys_of_another_shop_are_found_out_before_they_are_kept(site: WordPressSite, pending: Approvals) -> None:
    ref, state = asked(connecting.approve(SETTINGS, pending, "mara", Site(site.url), BACK))
    assert connecting.receive(pending, ref, posted(state, keys=Keys("ck_" + "0" * 40, "cs_" + "0" * 40))) == 200
    proven = connecting.prove(SETTINGS, connecting.returned(pending, "mara", state, "1"))
    assert [finding.name for finding in connecting.trouble(proven)] == ["keys-unknown"]
    with pytest.raises(ValueError, match="keys that work"):
        connecting.prepare(SETTINGS, proven, KEYS)


def test_a_message_that_cannot_be_right_is_not_answered_with_200(pending: Approvals) -> None:
    ref, state = asked(connecting.approve(SETTINGS, pending, "mara", LOLA, BACK))
    refused = [b"", posted("x" * 43), posted(state, "read"), posted(state, ""), posted(state)[:-1]]
    assert [connecting.receive(pending, ref, body) for body in refused] == [400, 403, 403, 403, 400]
    assert connecting.receive(pending, "another", posted(state)) == 403
    assert [connecting.receive(pending, ref, posted(state)) for _ in range(2)] == [200, 403]


@pytest.mark.parametrize(
    ("account", "success", "name"), [("mara", "0", "approval-denied"), ("otto", "1", "approval-unknown"), ("mara", "", "approval-unknown")]
)
def test_who_comes_back_without_an_approval_is_told(pending: Approvals, account: str, success: str, name: str) -> None:
    ref, state = asked(connecting.approve(SETTINGS, pending, "mara", LOLA, BACK))
    connecting.receive(pending, ref, posted(state))
    with pytest.raises(connecting.NotPossible) as caught:
        connecting.returned(pending, account, state, success)
    assert caught.value.name == name


def test_without_a_public_address_the_reason_is_named(pending: Approvals) -> None:
    with pytest.raises(connecting.NotPossible) as caught:
        connecting.approve(Settings(), pending, "mara", LOLA, BACK)
    assert caught.value.name == "callback-missing"


def test_how_the_keys_have_to_go_is_remembered_and_the_client_does_it(site: WordPressSite, tls: Served) -> None:
    from connectors.shops.woocommerce.client import WooCommerceClient

    site.drops_authorization = True
    made = connecting.prepare(SETTINGS, connecting.look_at(SETTINGS, site.url, KEYS), KEYS).settings
    door = Door(["tienda.test"], tls.trusted, tries=1, resolver=lambda host, port: ["127.0.0.1"])
    assert made.keys_in == "query"
    assert "WooCommerce 10.5.0" in WooCommerceClient(made, [], door).check()
    assert "authorization" not in site.asked[-1].headers


def test_only_what_is_sure_is_taken_over(site: WordPressSite) -> None:
    own = [("entregado", "Entregado"), ("express", "Enviado por Express"), ("regalo", "Regalo"), ("completed", "Completado")]
    site.statuses = Reply(document=[{"slug": slug, "name": name} for slug, name in own])
    seen = connecting.look_at(SETTINGS, site.url, KEYS)
    prepared = connecting.prepare(SETTINGS, seen, KEYS, accept=True)
    assert prepared.settings.status_map == {"entregado": Step.DELIVERED}
    assert [(one.status, one.sureness) for one in prepared.suggestions] == [("entregado", "sure"), ("express", "likely"), ("regalo", "unknown")]


def test_a_shop_that_is_connected_already_is_known_by_its_address() -> None:
    known = in_file(SETTINGS.model_copy(update={"shops": [MARA]}))
    assert connecting.already(known, "https://www.zapateria-lola.example/") == known[0]
    assert connecting.already(known, "https://zapateria-lola.example/otra") is None
