"""The HTTP door: where it refuses to go, how long it waits, what it takes, and what it says."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors import http
from connectors.errors import ConnectorError, SentOn
from connectors.http import REFUSED, Answer, Door, is_public, refusal
from tests.connectors.peer import Peer, serve
from tests.scenarios import scenario

PUBLIC = "93.184.215.14"


@pytest.fixture
def peer() -> Iterator[Peer]:
    yield from serve(None)


@pytest.fixture
def door() -> Door:
    return Door(["127.0.0.1"], sleep=lambda _: None)


def asked_for(addresses: list[str]) -> Callable[[str, int], list[str]]:
    return lambda host, port: addresses


@scenario("S10", budget=30)
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:a00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.10/",
        "https://172.16.0.1/",
        "https://100.100.100.200/",
        "https://168.63.129.16/",
        "https://0.0.0.0/",
        "https://255.255.255.255/",
        "https://224.0.0.1/",
        "http://93.184.215.14/",
        "https://93.184.215.14:8443/",
        "https://user:secret@93.184.215.14/",
        "ftp://93.184.215.14/",
        "file:///etc/passwd",
        "gopher://x/",
        "https://",
        "https:///x",
        "https://[::1",
        "https://a:b/",
        "//tienda.example/",
        "",
    ],
)
def test_addresses_that_are_not_public_are_refused_with_the_same_words(url: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        Door().send("GET", url)
    assert str(caught.value) == REFUSED
    assert caught.value.permanent


@scenario("S10", budget=30)
@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::1"], ["::ffff:127.0.0.1"], ["fe80::1%eth0"], ["not an address"], []]
)
def test_a_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    with pytest.raises(ConnectorError, match="public https") as caught:
        Door(resolver=asked_for(addresses)).send("GET", "https://127.0.0.1.nip.io/")
    assert caught.value.permanent


def test_a_name_that_nobody_knows_is_refused_with_the_same_words_but_may_be_tried_again() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(ConnectorError) as caught:
        Door(resolver=nobody, sleep=lambda _: None).send("GET", "https://no-such-shop.example/")
    assert str(caught.value) == REFUSED
    assert not caught.value.permanent


@scenario("S10", budget=30)
def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []

    def nobody_home(sock: socket.socket, address: Any) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", nobody_home)
    answers = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(ConnectorError, match="cannot be reached"):
        Door(resolver=lambda host, port: answers.pop(0)).send("POST", "https://rebinding.example/")
    assert called == [(PUBLIC, 443)]
    assert answers == [["127.0.0.1"]]


PUBLIC_OR_NOT = [
    (PUBLIC, True), ("2a00:1450:4003:80e::200e", True), ("10.1.2.3", False), ("2002:7f00:1::", False), ("2001:0:7f00:1::", False),
    ("ff02::1", False), ("::", False), ("192.0.2.1", False), ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("address", "public"), PUBLIC_OR_NOT)
def test_public_addresses_are_known(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_listed_host_may_be_private_and_plain(peer: Peer, door: Door) -> None:
    answer = door.send("GET", peer.url("/wp-json/?a=b"), headers={"Accept": "application/json"})
    assert (answer.status, answer.json("the shop")) == (200, {"ok": True})
    [(method, path, headers, _)] = peer.asked
    assert (method, path, headers["Host"]) == ("GET", "/wp-json/?a=b", f"127.0.0.1:{peer.port}")
    assert headers["Accept-Encoding"] == "identity"


def test_a_listed_name_is_called_by_its_name(peer: Peer) -> None:
    door = Door(["Tienda.Test"], resolver=asked_for(["127.0.0.1"]))
    assert door.send("GET", peer.url(host="tienda.test")).status == 200
    assert peer.asked[0][2]["Host"] == f"tienda.test:{peer.port}"


def test_neither_proxies_nor_passwords_of_the_environment_are_used(peer: Peer, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login otto password secret", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    door.send("GET", peer.url())
    assert "Authorization" not in peer.asked[0][2]


@scenario("S10", budget=30)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(peer: Peer, door: Door, status: int) -> None:
    peer.answers.append((status, {"Location": "http://169.254.169.254/"}, b""))
    with pytest.raises(ConnectorError, match="another address") as caught:
        door.send("GET", peer.url())
    assert caught.value.permanent
    assert len(peer.asked) == 1


@scenario("S10", budget=30)
def test_nothing_of_a_redirect_is_read(peer: Peer, door: Door) -> None:
    def endless(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: http://[x\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(bytes(65536))

    peer.write = endless
    with pytest.raises(SentOn) as caught:
        door.send("GET", peer.url())
    assert caught.value.location == "http://[x"


def test_an_answer_that_is_too_big_is_dropped(peer: Peer, door: Door) -> None:
    peer.answers.append((200, {}, bytes(http.MAX_ANSWER + 1)))
    with pytest.raises(ConnectorError, match="more than 5 MB"):
        door.send("GET", peer.url())


def test_an_answer_that_drips_is_dropped(peer: Peer, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            threading.Event().wait(0.05)

    monkeypatch.setattr(http, "TOTAL", 2.0)
    peer.write = drip
    with pytest.raises(ConnectorError, match="took longer"):
        door.send("POST", peer.url(), body=b"{}")


def test_headers_that_drip_are_not_waited_for(peer: Peer, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with contextlib.suppress(OSError):
            while not over.wait(0.05):
                handler.wfile.write(b"x")

    over = threading.Event()
    monkeypatch.setattr(http, "TOTAL", 0.3)
    peer.write = drip
    with pytest.raises(ConnectorError, match="in time") as caught:
        door.send("POST", peer.url(), body=b"{}")
    over.set()
    assert not caught.value.permanent


def test_a_handshake_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            sock, _ = server.accept()
            with sock, contextlib.suppress(OSError):
                for byte in b"\x16\x03\x03\x3f\xff" + bytes(400):
                    sock.send(bytes([byte]))
                    threading.Event().wait(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(ConnectorError, match="in time"):
            Door(["127.0.0.1"], tries=1).send("GET", f"https://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


def test_no_watch_outlives_its_request(peer: Peer, door: Door) -> None:
    before = threading.active_count()
    for _ in range(20):
        door.send("GET", peer.url())
    with pytest.raises(ConnectorError):
        Door(["127.0.0.1"], tries=1).send("GET", peer.url(scheme="https"))
    assert threading.active_count() < before + 10


def test_silence_is_not_waited_for(peer: Peer, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ", 0.1)
    done = threading.Event()
    peer.write = lambda handler: done.wait(60)
    with pytest.raises(ConnectorError, match="in time") as caught:
        door.send("POST", peer.url(), body=b"{}")
    done.set()
    assert not caught.value.permanent


def test_a_door_that_is_shut_says_so() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with pytest.raises(ConnectorError, match="cannot be reached") as caught:
            Door(["127.0.0.1"], sleep=lambda _: None).send("GET", f"http://127.0.0.1:{port}/")
    assert not caught.value.permanent


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_question_is_asked_three_times_at_most(peer: Peer, status: int) -> None:
    waits: list[float] = []
    peer.answers += [(status, {}, b"")] * 5
    assert Door(["127.0.0.1"], sleep=waits.append, dice=lambda: 0.5).send("GET", peer.url()).status == status
    assert (len(peer.asked), waits) == (3, [0.5, 1.0])


def test_a_question_that_is_answered_at_the_second_try_is_answered(peer: Peer, door: Door) -> None:
    peer.answers += [(503, {}, b""), (200, {}, b"{}")]
    assert door.send("GET", peer.url()).status == 200


def test_an_order_is_given_once_only(peer: Peer, door: Door) -> None:
    peer.answers += [(503, {}, b"")] * 3
    assert door.send("POST", peer.url(), body=b"{}").status == 503
    assert len(peer.asked) == 1


def test_an_order_that_may_be_repeated_is(peer: Peer, door: Door) -> None:
    peer.answers += [(503, {}, b"")]
    assert door.send("POST", peer.url(), body=b"{}", repeatable=True).status == 200
    assert [body for *_, body in peer.asked] == [b"{}", b"{}"]


def test_the_other_sides_wish_to_wait_is_honoured_up_to_ten_seconds(peer: Peer) -> None:
    waits: list[float] = []
    door = Door(["127.0.0.1"], sleep=waits.append)
    peer.answers += [(429, {"Retry-After": "2.0"}, b""), (200, {}, b"{}")]
    assert door.send("GET", peer.url()).status == 200
    assert waits == [2.0]
    peer.answers += [(429, {"Retry-After": "3600"}, b"")]
    answer = door.send("GET", peer.url())
    assert (answer.status, answer.retry_after, waits) == (429, 3600.0, [2.0])


@pytest.mark.parametrize(("value", "seconds"), [("5", 5.0), ("-1", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None), ("1e9", 86400.0)])
def test_waiting_is_understood_in_seconds(value: str, seconds: float | None) -> None:
    assert Answer(429, {"retry-after": value}, b"").retry_after == seconds


def test_a_page_in_place_of_json_is_called_that() -> None:
    with pytest.raises(ConnectorError, match="the shop answered 200 with something that is not JSON") as caught:
        Answer(200, {}, b"<html>Login</html>").json("the shop")
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("status", "permanent"), [(400, True), (401, True), (403, True), (404, True), (422, True), (429, False), (500, False), (503, False)]
)
def test_each_refusal_says_whether_trying_again_can_help(status: int, permanent: bool) -> None:
    error = refusal(Answer(status, {"retry-after": "7"}, b""), "the shop", "some_code")
    assert error.permanent is permanent
    assert "the shop" in str(error)
    assert "some_code" in str(error)
    assert error.retry_after == (7.0 if not permanent else None)


@dataclass(frozen=True)
class Certificate:
    context: ssl.SSLContext
    file: str


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate for `tienda.test` that nobody but the test trusts."""
    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tienda.test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), today - timedelta(days=1), today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("tienda.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    return Certificate(context, str(cert_file))


@pytest.fixture
def tls_peer(certificate: Certificate) -> Iterator[Peer]:
    yield from serve(certificate.context)


def test_tls_goes_by_the_name_although_the_address_is_called(tls_peer: Peer, certificate: Certificate) -> None:
    door = Door(["tienda.test"], certificate.file, resolver=asked_for(["127.0.0.1"]))
    assert door.send("GET", tls_peer.url(host="tienda.test", scheme="https")).status == 200
    assert tls_peer.names == ["tienda.test"]
    assert tls_peer.asked[0][2]["Host"] == f"tienda.test:{tls_peer.port}"


def test_a_certificate_for_another_name_is_refused(tls_peer: Peer, certificate: Certificate) -> None:
    door = Door(["otto.test"], certificate.file, resolver=asked_for(["127.0.0.1"]), sleep=lambda _: None)
    with pytest.raises(ConnectorError, match=r"certificate of otto\.test"):
        door.send("GET", tls_peer.url(host="otto.test", scheme="https"))
    assert tls_peer.asked == []


def test_a_certificate_that_nobody_signed_is_refused(tls_peer: Peer) -> None:
    door = Door(["tienda.test"], resolver=asked_for(["127.0.0.1"]), sleep=lambda _: None)
    with pytest.raises(ConnectorError, match="certificate"):
        door.send("GET", tls_peer.url(host="tienda.test", scheme="https"))
    assert tls_peer.asked == []
