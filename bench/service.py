"""`postventa up` in a folder of its own, with one Shopify shop whose mail for a new order is due at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.events import DOMAIN
from bench.processes import run, until
from bench.servers import Redis
from bench.sink import Sink
from bench.stack import SECRET, Stack

SHOP = {
    "key": "bench-0123456789abcdef",
    "platform": "shopify",
    "name": "Zapatería Lola",
    "domain": DOMAIN,
    "webhook_secrets": [SECRET],
    "on": ["order_received"],
    "api_keys": ["k-bench-00000000000000000000001"],
    "return_address": {"name": "Zapatería Lola", "street": "Calle Feria, 12", "postcode": "41003", "city": "Sevilla", "country": "ES"},
}
QUIET = {"settle": 0.0, "quiet_from": "00:00", "quiet_until": "00:00"}
"""Nothing waits for further deliveries or for the morning."""


class Postventa(Stack):
    """The service as it is shipped: all settings but those above are the defaults."""

    name = "postventa"
    path = f"/webhooks/shopify/{SHOP['key']}"
    ready = "/readyz"

    def __init__(self, folder: Path, sink: Sink, database_url: str = "", *, mails: bool = True, server: int = 0) -> None:
        """`database_url`: empty for the default, SQLite in the folder. `server`: the process id of a PostgreSQL that is part of what it costs."""
        super().__init__(folder, sink, mails=mails)
        self.database_url, self.config = database_url, folder / "config.toml"
        if server:
            self.others.append(server)

    def start(self) -> None:
        redis = Redis(self.folder)
        if not self.mails:
            redis.start()
            assert redis.started is not None
            self.children.append(redis.started)
        configure(self.config, self.port, self.sink.port, self.database_url, "" if self.mails else redis.url)
        if not self.mails:
            self._run("up", "--prepare").wait(60)
        self.children.append(self._run("up" if self.mails else "web"))
        self.wait_until_ready()
        until(lambda: not self.mails or len(self.processes) >= 7, 30, self.said)

    def _run(self, *words: str) -> Any:
        return run([sys.executable, "-m", "postventa.cli", "--config", str(self.config), *words], self.folder / "service.log")


def configure(file: Path, port: int, smtp_port: int, database_url: str = "", redis_url: str = "", **sections: dict[str, Any]) -> None:
    """Write the configuration; empty addresses mean the defaults."""
    mail = {"transport": "smtp", "host": "127.0.0.1", "port": smtp_port, "tls": "none", "from_address": "hola@zapaterialola.example"}
    told: dict[str, dict[str, Any]] = {
        "server": {"bind": f"127.0.0.1:{port}", "public_url": "https://posventa.example"},
        "mail": mail,
        "journey": QUIET,
        "log": {"format": "json"},
        **({"database": {"url": database_url}} if database_url else {}),
        **({"redis": {"url": redis_url}} if redis_url else {}),
        **sections,
    }
    lines = [f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in section.items()) for name, section in told.items()]
    file.write_text("\n".join([*lines, "[[shops]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in SHOP.items())]), encoding="utf-8")
    file.chmod(0o600)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
