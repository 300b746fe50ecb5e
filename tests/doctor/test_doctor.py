"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, text
from werkzeug.serving import make_server

from connectors.http import Door
from connectors.shops import SHOPS
from postventa import doctor, failpoints, migrations
from postventa.app import create_app
from postventa.config import Settings
from postventa.doctor import carriers, hosts, installation, machine, mail, shops
from postventa.doctor.check import Check
from postventa.models.db import connect
from postventa.runtime import carriers_helper
from postventa.secrets import load_secret, secret_path
from postventa.tracking.webhooks import Webhooks
from tests.peers.sendcloud import QR_OPTION, SendcloudPeer
from tests.ports import kept_port
from tests.scenarios import scenario

SHOP = {
    "key": "0123456789abcdef",
    "platform": "woocommerce",
    "name": "Zapatería Lola",
    "url": "https://lola.example",
    "webhook_secrets": ["0123456789abcdef0123456789abcdef"],
    "return_address": {"name": "Zapatería Lola", "street": "Calle Feria 3", "postcode": "41003", "city": "Sevilla"},
}
LEGAL = {"brand": {"legal_address": "Calle Feria 3, Sevilla", "support_email": "hola@lola.example"}, "withdrawal": {"return_cost": "shop"}}


SENDCLOUD = {"public_key": "0123456789abcdef", "secret_key": "0123456789abcdef0123456789abcdef", "url": "http://127.0.0.1:1"}


def settings(folder: Path, **sections: object) -> Settings:
    return Settings.model_validate({"source": folder / "config.toml", **sections})


def states(checks: list[Check]) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def test_a_broken_configuration_is_a_finding_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[server]\nbnid = 1\n[mail]\nport = 'x'\n")
    found = [check for check in doctor.examine(tmp_path / "config.toml") if check.state == "fail"]
    assert [check.name for check in found] == ["configuration", "configuration"]
    assert {"server.bnid" in found[0].message, "mail.port" in found[1].message} == {True}


def test_a_fresh_installation_has_nothing_to_mend(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    found = states(doctor.examine(tmp_path / "config.toml"))
    assert "fail" not in found.values()
    assert found["database"] == "warn"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["config.toml"], "looking changes nothing"


@scenario("S25", budget=30)
def test_failing_on_purpose_is_nothing_for_a_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installation.failing_on_purpose().state == "ok"
    monkeypatch.setattr(failpoints, "_folder", tmp_path)
    check = installation.failing_on_purpose()
    assert (check.state, "POSTVENTA_FAILPOINTS" in check.message) == ("fail", True)


def test_placeholders_are_named(tmp_path: Path) -> None:
    example = (Path(__file__).parents[2] / "config.example.toml").read_text()
    (tmp_path / "config.toml").write_text(
        "\n".join(line.removeprefix("#") if line.startswith("#") and line[1:2].strip() else line for line in example.splitlines())
    )
    found = {check.name: check for check in doctor.examine(tmp_path / "config.toml")}
    assert found["configuration"].state == "fail"
    for where in ("shops[0].key", "shops[0].url", "shops[0].webhook_secrets[0]", "shops[0].return_address.street"):
        assert where in found["configuration"].message


@pytest.mark.parametrize(
    ("server", "state"),
    [
        ({}, "warn"),
        ({"public_url": "http://postventa.lola.example", "trusted_proxies": 1}, "fail"),
        ({"public_url": "https://postventa.lola.example"}, "warn"),
        ({"public_url": "https://postventa.lola.example", "trusted_proxies": 1}, "ok"),
    ],
)
def test_the_public_address_must_be_https(server: dict[str, object], state: str, tmp_path: Path) -> None:
    assert installation.public_url(settings(tmp_path, server=server)).state == state


def test_a_shifted_clock_is_for_development(tmp_path: Path) -> None:
    assert installation.product_clock(settings(tmp_path)).state == "ok"
    assert installation.product_clock(settings(tmp_path, clock={"speed": 60})).state == "warn"


def test_a_secret_that_others_can_read_or_guess_must_be_mended(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    load_secret(chosen)
    path = secret_path(chosen)
    assert installation.secret(chosen).state == "ok"
    path.chmod(0o644)
    assert (installation.secret(chosen).state, "chmod 600" in installation.secret(chosen).message) == ("fail", True)
    path.chmod(0o640)
    assert (installation.secret(chosen).state, "group" in installation.secret(chosen).message) == ("warn", True), "a backup program's, perhaps"
    path.chmod(0o600)
    path.write_bytes(b"a" * 32)
    assert installation.secret(chosen).state == "fail"


def test_the_database_is_looked_through(database_url: str, tmp_path: Path) -> None:
    chosen = settings(tmp_path, database={"url": database_url})
    engine = connect(database_url)
    engine.connect().close()
    engine.dispose()
    assert states(list(installation.database(chosen)))["database"] == "fail", "no schema yet"
    migrations.upgrade(chosen)
    assert set(states(list(installation.database(chosen))).values()) == {"ok"}


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    chosen = settings(tmp_path, database={"url": f"sqlite:///{tmp_path / 'a.db'}"})
    migrations.upgrade(chosen)
    engine = connect(chosen.database_url)
    with engine.begin() as connection:
        for number in range(500):
            connection.execute(
                text("INSERT INTO lease (name, owner, fence, expires_at) VALUES (:n, :o, 0, '2026-01-01')"), {"n": f"{number:05}", "o": "x" * 500}
            )
    engine.dispose()
    file = tmp_path / "a.db"
    content = bytearray(file.read_bytes())
    half = len(content) * 3 // 4
    content[half : half + 20_000] = b"\xff" * 20_000
    file.write_bytes(bytes(content))
    found = list(installation.database(chosen))
    assert "fail" in states(found).values()
    assert any("restore" in check.message for check in found)


def test_a_database_that_does_not_answer_is_a_finding(tmp_path: Path) -> None:
    chosen = settings(tmp_path, database={"url": "postgresql+psycopg://mara:s3cret@127.0.0.1:1/none"})
    (check,) = installation.database(chosen)
    assert check.state == "fail"
    assert "s3cret" not in check.message


def test_redis_is_judged(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    chosen = settings(tmp_path, redis={"url": redis_url})
    assert installation.redis_server(chosen).state == "ok"
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert installation.redis_server(chosen).state == "fail"
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    with kept_port() as port:
        assert installation.redis_server(settings(tmp_path, redis={"url": f"redis://127.0.0.1:{port}/0"})).state == "fail", "nobody is there"
    assert installation.redis_server(settings(tmp_path)).state == "ok", "the embedded one starts with the service"


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("hola@lola.example", "ok"),
        ("Lola <hola@lola.example>", "ok"),
        ("zapaterialola@gmail.com", "fail"),
        ("zapaterialola@hotmail.es", "fail"),
        ("lola@outlook.com", "fail"),
        ("lola@yahoo.es", "fail"),
        ("hola", "fail"),
        ("hola@livelys.example", "ok"),
    ],
)
def test_mails_must_come_from_a_domain_of_ones_own(address: str, state: str) -> None:
    assert mail.sender(address).state == state


def test_the_mailbox_is_said_to_send_nothing(tmp_path: Path) -> None:
    (check,) = mail.checks(settings(tmp_path))
    assert (check.state, "no mail leaves" in check.message) == ("warn", True)


@pytest.fixture
def port() -> Iterator[int]:
    """One on which nobody listens but who is told to."""
    with kept_port() as kept:
        yield kept


def smtp(folder: Path, port: int, **more: str) -> Settings:
    return settings(folder, mail={"transport": "smtp", "host": "127.0.0.1", "port": port, "tls": "none", "from_address": "hola@lola.example", **more})


def test_the_mail_server_is_asked_to_let_us_in(tmp_path: Path, port: int) -> None:
    server = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=port,
        auth_require_tls=False,
        ready_timeout=60,
        authenticator=lambda *about: AuthResult(success=about[-1].password == b"right", handled=False),
    )
    server.start()
    try:
        assert mail.server(smtp(tmp_path, port)).state == "ok"
        assert mail.server(smtp(tmp_path, port, username="lola", password="right")).state == "ok"
        refused = mail.server(smtp(tmp_path, port, username="lola", password="wrong"))
    finally:
        server.stop()
    assert (refused.state, "refuses the username or password" in refused.message) == ("fail", True)
    away = mail.server(smtp(tmp_path, port))
    assert (away.state, "cannot be reached" in away.message) == ("fail", True)


def test_a_shop_in_order_has_nothing_to_mend(tmp_path: Path) -> None:
    found = list(shops.checks(settings(tmp_path, shops=[SHOP])))
    assert "fail" not in states(found).values()
    assert states(found)["Zapatería Lola: return address"] == "ok"
    assert any("Switch it off in the shop: WooCommerce" in check.message for check in found), "its own mails double ours"


@pytest.mark.parametrize(
    ("change", "name", "state"),
    [
        ({"webhook_secrets": ["short"]}, "secrets", "fail"),
        ({"webhook_secrets": ["CHANGE-ME-to-something-long"]}, "secrets", "fail"),
        ({"webhook_secrets": ["secretosecretosecreto"]}, "secrets", "fail"),
        ({"key": "lola", "webhook_secrets": ["short"]}, "secrets", "fail"),
        ({"webhook_secrets": ["0123456789abcdef", "fedcba9876543210"]}, "secrets", "warn"),
        ({"api_keys": ["short"]}, "secrets", "fail"),
        ({"return_address": {"name": "Lola"}}, "return address", "warn"),
        ({"status_map": {}}, "deliveries", "warn"),
        ({"status_map": {"entregado": "delivered"}}, "deliveries", "ok"),
        ({"status_map": {}, "carriers": {"sendcloud": {"public_key": "p", "secret_key": "s"}}}, "deliveries", "ok"),
        ({"carrier": "sendcloud", "carriers": {"sendcloud": {"public_key": "p", "secret_key": "s"}}}, "labels", "fail"),
        ({"carriers": {"sendcloud": SENDCLOUD}}, "webhooks of sendcloud", "ok"),
        ({"carriers": {"sendcloud": {**SENDCLOUD, "webhook_secrets": ["short"]}}}, "secrets", "fail"),
        ({"carriers": {"sendcloud": {**SENDCLOUD, "qr_option": "correos:qr"}}}, "returns without a label", "warn"),
        ({"carrier": "sendcloud", "carriers": {"sendcloud": {**SENDCLOUD, "qr_option": "correos:qr"}}}, "returns without a label", "warn"),
        ({"carrier": "paloma"}, "labels", "fail"),
        ({"carrier": "dpd", "carriers": {"dpd": {"delis_id": "d", "password": "p"}}}, "labels", "fail"),
        ({"carrier": "ups", "carriers": {"ups": {"client_id": "c", "client_secret": "s"}}}, "labels", "fail"),
        ({"status_map": {}, "carriers": {"ups": {"client_id": "c", "client_secret": "s"}}}, "deliveries", "ok"),
        ({}, "model form", "warn"),
        (LEGAL, "model form", "ok"),
        ({**LEGAL, "return_policy": "cost_told = true"}, "model form", "warn"),
        ({**LEGAL, "return_policy": "cost_told = 5"}, "model form", "ok"),
        ({"withdrawal": {"model_form": "elsewhere", "model_form_reason": "in the parcel"}}, "model form", "ok"),
        ({"locale": "ja"}, "language", "fail"),
        ({"locale": "ca-ES"}, "language", "ok"),
        ({"consumer_key": "ck_1", "consumer_secret": "cs_1", "url": "http://127.0.0.1:1"}, "connection", "fail"),
        ({}, "webhooks", "warn"),
        ({"webhooks": "leave"}, "webhooks", "ok"),
        ({"consumer_key": "ck_1", "consumer_secret": "cs_1", "url": "http://127.0.0.1:1"}, "webhooks", "warn"),
    ],
)
def test_a_shops_faults_are_named(change: dict[str, object], name: str, state: str, tmp_path: Path) -> None:
    assert states(list(shops.checks(settings(tmp_path, shops=[{**SHOP, **change}]))))[f"Zapatería Lola: {name}"] == state


def test_carriers_that_need_karrio_are_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings(tmp_path, shops=[{**SHOP, "carriers": {"ups": {"client_id": "c", "client_secret": "s"}}}])

    def said() -> tuple[str, str]:
        (found,) = [check for check in shops.checks(made) if check.name == "Zapatería Lola: carriers"]
        return found.state, found.message

    assert said()[0] == "ok"
    made.carriers_wanted.parent.mkdir(parents=True)
    made.carriers_wanted.touch()
    monkeypatch.setattr(shops, "running", lambda _settings: True)
    assert (said()[0], "does not answer" in said()[1]) == ("warn", True)
    monkeypatch.setattr(carriers_helper, "installed", lambda: False)
    assert (said()[0], "make setup-karrio" in said()[1]) == ("fail", True)


def test_webhooks_are_looked_after_where_the_shop_reaches_us(tmp_path: Path) -> None:
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "url": "http://127.0.0.1:1"}
    found = shops.checks(settings(tmp_path, server={"public_url": "https://postventa.lola.example"}, shops=[{**SHOP, **keys}]))
    assert states(list(found))["Zapatería Lola: webhooks"] == "ok"


def test_a_carriers_way_without_labels_is_asked_about(tmp_path: Path) -> None:
    peer = SendcloudPeer()
    with peer.open():
        found = {}
        for code in (QR_OPTION, "correos:return/standard"):
            shop = {**SHOP, "carrier": "sendcloud", "carriers": {"sendcloud": peer.account(qr_option=code)}}
            chosen = settings(tmp_path, shops=[shop], security={"allow_private_hosts": ["127.0.0.1"]})
            found[code] = carriers.codes(chosen.shops[0], chosen).state
    assert found == {QR_OPTION: "ok", "correos:return/standard": "fail"}


def test_a_carriers_webhooks_have_an_address_and_are_missed(tmp_path: Path) -> None:
    reached = settings(tmp_path, server={"public_url": "https://postventa.lola.example"}, shops=[{**SHOP, "carriers": {"sendcloud": SENDCLOUD}}])
    shop, noon = reached.shops[0], datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    never = carriers.webhooks(shop, reached, "sendcloud", carriers.NEVER)
    assert (never.state, f"https://postventa.lola.example/webhooks/sendcloud/{shop.key}" in never.message) == ("ok", True)
    assert carriers.webhooks(shop, reached, "sendcloud", Webhooks(noon)).message == "the last one on 2026-11-03 12:00 UTC"
    assert carriers.webhooks(shop, reached, "sendcloud", Webhooks(noon, ceased=True)).state == "warn"


def test_a_follow_up_that_is_off_doubles_nothing(tmp_path: Path) -> None:
    native = {mail.followup for mail in SHOPS["woocommerce"].native_mails}
    found = list(shops.checks(settings(tmp_path, shops=[{**SHOP, "off": sorted(native)}])))
    assert not any("its own mail" in check.name for check in found)


def test_a_foreign_package_with_our_name_is_found(tmp_path: Path) -> None:
    assert machine.package("webhooks").state == "ok"
    found = machine.package("webhooks", root=tmp_path)
    assert (found.state, "pip uninstall webhooks" in found.message) == ("fail", True)
    assert machine.package("no_such_package_of_ours").state == "fail"


def test_every_message_that_is_not_ok_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    verbs = ("set ", "Set ", "run ", "add ", "Copy ", "not checked", "Switch ", "Install ", "makes it")
    for check in doctor.examine(tmp_path / "config.toml"):
        assert check.state == "ok" or any(verb in check.message for verb in verbs), check


def test_a_shop_of_the_app_is_judged_by_the_apps_secret(tmp_path: Path) -> None:
    shop = {"key": "0123456789abcdef", "platform": "shopify", "domain": "zapateria-lola.myshopify.com", "through_app": True}
    for secret, state in (("shpss_0123456789abcdef0123456789abcdef", "ok"), ("aaaaaaaaaaaaaaaaaaaa", "fail")):
        app = {"client_id": "f3a1c0ffee0123456789abcdef012345", "client_secret": secret}
        found = states(list(shops.checks(settings(tmp_path, shopify=app, shops=[shop]), with_database=False)))
        name = "zapateria-lola.myshopify.com"
        assert (found[f"{name}: secrets"], found[f"{name}: connection"], found[f"{name}: webhooks"]) == (state, "ok", "ok")


def test_a_shops_own_name_has_to_lead_to_these_pages(tmp_path: Path, sqlite_engine: Engine, port: int) -> None:
    address = f"127.0.0.1:{port}"
    named = {**SHOP, "pages_host": "ayuda.lola.example"}
    basics = {"database": {"url": str(sqlite_engine.url)}, "server": {"public_url": f"http://{address}"}, "shops": [named]}
    known = settings(tmp_path, **basics, security={"allow_private_hosts": ["ayuda.lola.example"]})
    (shop,) = known.shops
    door = Door(["ayuda.lola.example"], tries=1, resolver=lambda host, port: ["127.0.0.1"])
    assert shops.own_name(shop, known, door).state == "fail", "nobody is there"
    app = create_app(known)
    for served, state, told in ((app, "ok", "leads to this service"), (Flask("another"), "fail", "not with pages of this service")):
        server = make_server("127.0.0.1", port, served)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        check = shops.own_name(shop, known, door)
        server.shutdown()
        thread.join(90)
        server.server_close()
        assert (check.state, told in check.message) == (state, True), check
    app.extensions["postventa"].engine.dispose()
    assert "docs/own-domain.md" in shops.own_name(shop, known, Door(tries=1)).message, "a name that leads nowhere"
    apart = settings(tmp_path, server={"public_url": "https://lola.example", "photos_host": "fotos.lola.example"})
    assert [hosts.photos(one, Door(tries=1)).state for one in (known, apart)] == ["ok", "fail"]
    twice = settings(tmp_path, **{**basics, "server": {"public_url": "https://lola.example"}})
    other = shop.model_copy(update={"key": "f" * 16, "pages_host": "lola.example"})
    assert (shops.own_name(other, twice).state, shops.own_name(other, known, door).state) == ("fail", "fail")
