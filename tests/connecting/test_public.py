"""Whether a shop can send us its keys, and what is said if not."""

from __future__ import annotations

import pytest

from postventa.config import Server, Settings
from postventa.connecting.public import callback_trouble

ADDRESSES = [
    ("https://postventa.example", ""), ("https://postventa.example:8080/sub", ""), ("https://93.184.215.14", ""),
    ("", "callback-missing"), ("postventa.example", "callback-missing"), ("https://[", "callback-missing"),
    ("http://postventa.example", "callback-not-https"), ("https://postventa.example:8443", "callback-port"),
    ("https://localhost", "callback-at-home"), ("https://127.0.0.1", "callback-at-home"), ("https://[::1]", "callback-at-home"),
    ("https://192.168.1.5", "callback-at-home"), ("https://nas.local", "callback-at-home"), ("https://servidor", "callback-at-home"),
    ("http://localhost:8000", "callback-at-home"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "trouble"), ADDRESSES)
def test_only_a_public_https_address_can_be_sent_keys(address: str, trouble: str) -> None:
    assert callback_trouble(Settings(server=Server(public_url=address))) == trouble
