"""What the front door understands of a request, and how the pages behind it see the same one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from connectors.signing import Lowered
from postventa.app import create_app
from postventa.config import Settings
from postventa.runtime import bodies
from postventa.runtime.front import Front, host, sender
from postventa.runtime.pages import environment, headers_of

HASTY = bodies.Pace(0.2, 64 * 1024)


class Leaping(asyncio.SelectorEventLoop):
    """Time that passes at once when everybody waits, and does not while somebody works: seconds are exact, however busy the machine."""

    passed = 0.0

    def time(self) -> float:
        return self.passed

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.passed = max(self.passed, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def read(receive: bodies.Receive, headers: Lowered, most: int) -> tuple[bytes, float]:
    """The body, and the seconds that it took."""
    with asyncio.Runner(loop_factory=Leaping) as runner:
        content = runner.run(bodies.read(receive, headers, most, HASTY))
        return content, runner.get_loop().time()


def scope(*headers: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """As granian makes it."""
    made = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/devoluciones/niño", "query_string": b"n=1&m=%C3%B1",
        "server": ("127.0.0.1", 8000), "client": ("192.0.2.7", 4711), "headers": [(name.encode(), value.encode("utf-8")) for name, value in headers],
    }  # fmt: skip
    return {**made, **changes}


@pytest.mark.parametrize(
    ("told", "hops", "expected"),
    [
        ("203.0.113.9", 0, "192.0.2.7"),  # whatever is claimed, without a proxy of ours
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
        ("203.0.113.9", 2, "192.0.2.7"),
        ("", 1, "192.0.2.7"),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_the_sender_is_whom_our_own_proxies_saw(told: str, hops: int, expected: str) -> None:
    asked = scope(("x-forwarded-for", told))
    assert sender(asked, headers_of(asked), hops) == expected


def test_a_header_that_came_twice_keeps_both_values() -> None:
    found = headers_of(scope(("x-sign", "a"), ("x-sign", "b"), ("cookie", "a=1"), ("cookie", "b=2")))
    assert found == {"x-sign": "a,b", "cookie": "a=1; b=2"}


def test_pages_see_the_request_that_was_made() -> None:
    asked = scope(("host", "tienda.example"), ("content-type", "text/plain"), ("content-length", "3"), ("accept-language", "es"))
    seen = Request(environment(asked, headers_of(asked), "sí".encode()))
    builder = EnvironBuilder(path="/devoluciones/niño", query_string="n=1&m=%C3%B1", method="POST", data="sí", content_type="text/plain")
    usual = Request(builder.get_environ())
    for name in ("method", "path", "content_type", "content_length"):
        assert getattr(seen, name) == getattr(usual, name), name
    assert (seen.args["m"], seen.get_data(as_text=True), seen.host, seen.remote_addr) == ("ñ", "sí", "tienda.example", "192.0.2.7")
    assert seen.accept_languages.best == "es"


def received(*pieces: bytes, pause: float = 0.0) -> bodies.Receive:
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        await asyncio.sleep(pause)
        piece = left.pop(0)
        return {"type": "http.disconnect"} if piece == b"gone" else {"type": "http.request", "body": piece, "more_body": piece != b"end"}

    return receive


def test_a_body_is_read_up_to_what_is_wanted() -> None:
    nothing = headers_of(scope())
    assert read(received(b"a", b"b", b"end"), nothing, 10)[0] == b"abend"
    with pytest.raises(bodies.TooBig):
        read(received(b"a" * 8, b"b" * 8, b"end"), nothing, 10)
    with pytest.raises(EOFError):
        read(received(b"a", b"gone"), nothing, 10)
    with pytest.raises(TimeoutError):
        read(received(b"a"), nothing, 10)


def test_who_sends_much_has_more_time_than_who_sends_little() -> None:
    pieces = [*[b"x" * 16_384] * 6, b"end"]  # 100 kB in 0.6 s
    content, took = read(received(*pieces, pause=0.1), headers_of(scope()), 200_000)
    assert len(content) == 98_307
    assert took == pytest.approx(0.7)
    with pytest.raises(TimeoutError):
        read(received(*[b"x"] * 6, b"end", pause=0.1), headers_of(scope()), 200_000)


def test_who_announces_much_and_sends_nothing_has_no_more_time() -> None:
    announced = headers_of(scope(("content-length", "2000000")))
    loop = Leaping()
    with asyncio.Runner(loop_factory=lambda: loop) as runner, pytest.raises(TimeoutError):
        runner.run(bodies.read(received(b"x"), announced, 3_000_000, HASTY))
    assert loop.passed == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    ("told", "forwarded", "hops", "expected"),
    [
        ("ayuda.tienda.example", "otra.example", 0, "ayuda.tienda.example"),
        ("127.0.0.1:8000", "ayuda.tienda.example", 1, "ayuda.tienda.example"),
        ("127.0.0.1:8000", "forged.example, ayuda.tienda.example", 1, "ayuda.tienda.example"),
        ("ayuda.tienda.example", "", 1, "ayuda.tienda.example"),
    ],
)
def test_the_name_that_was_asked_for_is_what_our_own_proxies_saw(told: str, forwarded: str, hops: int, expected: str) -> None:
    assert host(headers_of(scope(("host", told), ("x-forwarded-host", forwarded))), hops) == expected


def test_deliveries_come_in_neither_under_a_shops_own_name_nor_under_that_of_photos(sqlite_engine: Engine, tmp_path: Path) -> None:
    shop = {"key": "lumen-0123456789abcdef", "platform": "woocommerce", "name": "Lumen", "url": "https://lumen.example", "webhook_secrets": ["s"]}
    told = {"source": tmp_path / "config.toml", "database": {"url": str(sqlite_engine.url)}, "shops": [{**shop, "pages_host": "ayuda.lumen.example"}]}
    told["server"] = {"public_url": "https://posventa.example", "photos_host": "fotos.example"}
    app = create_app(Settings.model_validate(told))
    said: list[int] = []

    async def deliver(name: str) -> None:
        asked = scope(("host", name), ("content-type", "application/x-www-form-urlencoded"), path=f"/webhooks/woocommerce/{shop['key']}")
        await Front(app)(asked, body(b"webhook_id=1"), answer)

    async def answer(message: dict[str, Any]) -> None:
        if "status" in message:
            said.append(message["status"])

    for name in ("posventa.example", "ayuda.lumen.example", "AYUDA.lumen.example:443", "fotos.example"):
        asyncio.run(deliver(name))
    app.extensions["postventa"].engine.dispose()
    assert said == [200, 404, 404, 404]


def body(content: bytes) -> bodies.Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive
