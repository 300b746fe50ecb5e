"""The door itself: senders who are slow, hang up, or say odd things, and pages behind it as a browser asks for them."""

from __future__ import annotations

import http.client
import random
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO, ask
from tests.service.test_refused import order_of

MANY = 400
"""Slow senders at once; a door with a thread for each would be shut for everybody."""


def told(service: Service, said: bytes, *, patience: float = 60, shut: bool = False) -> bytes:
    """What the door answers to these bytes on a connection of their own."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=patience) as line:
        line.sendall(said)
        if shut:
            line.shutdown(socket.SHUT_WR)
        return line.recv(400)


def beginning(path: str, length: int, *more: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: posventa.example", f"Content-Length: {length}", *more, "", ""]).encode()


@scenario("F24", budget=60)
def test_a_body_that_does_not_come_is_given_up_and_not_before_two_seconds(lasting: Service) -> None:
    chunked = b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" % ALBA.path.encode()
    for said in (beginning(ALBA.path, 5000) + b"{", chunked):
        began = time.monotonic()
        assert told(lasting, said).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began > 1.5


@scenario("F24", budget=120)
def test_hundreds_of_slow_senders_keep_nobody_waiting(lasting: Service, order_ref: int) -> None:
    """Of several tries one is enough: a busy machine may need longer for their connections than they are borne, and a shut door is always shut."""
    assert any(answered_before_they_are_given_up(lasting, 10 * order_ref + turn) for turn in range(5))


def answered_before_they_are_given_up(service: Service, ref: int) -> bool:
    """Whether most slow senders are still waited for when a good one has its answer."""
    look = select.poll()
    with ExitStack() as held:
        for _ in range(MANY):
            line = held.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
            line.sendall(beginning(ALBA.path, 2_000_000) + b"{")
            look.register(line, select.POLLIN)
        assert service.deliver(OTTO, order_of(OTTO, ref)).status == 200
        assert ask(service.port, "GET", "/healthz", b"", []).status == 200
        return len(look.poll(0)) < MANY / 2


def test_a_sender_who_hangs_up_in_the_middle_is_no_delivery(lasting: Service, order_ref: int) -> None:
    sent = order_of(OTTO, order_ref)
    lines = [f"{name}: {value}" for name, value in OTTO.headers(sent)]
    said = told(lasting, beginning(OTTO.path, len(sent.body) + 10, *lines) + sent.body, shut=True)
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []


def test_a_body_in_pieces_without_a_length_is_taken(lasting: Service, order_ref: int) -> None:
    sent = order_of(OTTO, order_ref)

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(sent.body), 700):
            yield sent.body[at : at + 700]

    with closing(http.client.HTTPConnection("127.0.0.1", lasting.port, timeout=60)) as connection:
        connection.request("POST", OTTO.path, pieces(), dict(OTTO.headers(sent)), encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        assert len(lasting.deliveries(delivery_id=sent.delivery_id)) == 1
        connection.request("GET", "/healthz")  # the connection is still good
        assert connection.getresponse().read() is not None


def test_what_looks_like_an_address_and_is_none_is_no_delivery(lasting: Service) -> None:
    for path in ("/webhooks", "/webhooks/", "/webhooks/a/b/c", "/webhooks/woocommerce"):
        assert lasting.post(path, b"{}", []).status == 404, path
    assert lasting.post("/webhooks/nobody/x", b"{}", []).status == 401
    assert ask(lasting.port, "GET", ALBA.path, b"", []).status == 405


def test_pages_are_asked_for_as_browsers_do(lasting: Service) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", lasting.port, timeout=60)) as connection:
        connection.request("HEAD", "/healthz")
        head = connection.getresponse()
        assert (head.status, head.read()) == (200, b"")
        connection.request("GET", "/unsubscribe/ni%C3%B1o%2Fx?lang=es")
        answer = connection.getresponse()
        assert (answer.status, "text/html" in str(answer.headers["Content-Type"])) == (404, True)
        assert "<html" in answer.read().decode()
        connection.request("POST", "/unsubscribe/x", b"x" * 100_000, {"Content-Type": "application/x-www-form-urlencoded"})
        refused = connection.getresponse()
        assert refused.status in (404, 413)
        refused.read()
    assert ask(lasting.port, "GET", "/healthz", b"", []).status == 200


def test_senders_who_break_off_anywhere_do_no_harm(lasting: Service, order_ref: int) -> None:
    """Five hundred connections that end at some byte, politely or not; then everything works, in the same process."""
    web, chance = lasting.parts["pv-web-1"], random.Random(7)
    sent = order_of(OTTO, order_ref)
    whole = beginning(OTTO.path, len(sent.body), *(f"{name}: {value}" for name, value in OTTO.headers(sent))) + sent.body
    for _ in range(500):
        with socket.create_connection(("127.0.0.1", lasting.port), timeout=60) as line:
            line.sendall(whole[: chance.randrange(1, len(whole) + 1)])
            if chance.random() < 0.5:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset in place of a goodbye
    assert lasting.deliver(OTTO, sent).status == 200
    assert len(lasting.deliveries(delivery_id=sent.delivery_id)) == 1
    assert lasting.parts["pv-web-1"] == web
