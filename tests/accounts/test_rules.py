"""Rules that need no database: who may do what, what counts as a proof."""

from __future__ import annotations

import base64
import itertools
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Literal

import argon2
import pyotp
import pytest

from postventa.accounts import codes, limits, passkeys, passwords, tokens
from postventa.accounts.roles import RIGHTS, Right, Role, manageable, may, may_manage
from tests.conftest import STRONG

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SECRET = b"only for tests: thirty-two bytes"
RFC_6238 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_the_owner_may_do_everything_and_each_right_belongs_to_somebody_else_too_but_the_shops_keys() -> None:
    assert RIGHTS[Role.OWNER] == set(Right)
    assert {right for right in Right if not any(may(role, right) for role in Role if role != Role.OWNER)} == {Right.SHOPS_CONNECT}


@pytest.mark.parametrize(
    ("role", "right", "allowed"),
    [
        (Role.WAREHOUSE, Right.RETURNS_RECEIVE, True),
        (Role.WAREHOUSE, Right.REFUNDS_MAKE, False),
        (Role.SUPPORT, Right.RETURNS_DECIDE, True),
        (Role.SUPPORT, Right.REFUNDS_MAKE, False),
        (Role.SUPPORT, Right.ACCOUNTS_MANAGE, False),
        (Role.MANAGER, Right.REFUNDS_MAKE, True),
        (Role.MANAGER, Right.SHOPS_CONNECT, False),
        ("of newer code", Right.ORDERS_READ, False),
    ],
)
def test_each_role_has_its_rights(role: str, right: Right, allowed: bool) -> None:
    assert may(role, right) is allowed


def test_nobody_gives_more_than_they_have() -> None:
    for one, other in itertools.product(Role, Role):
        assert not may_manage(one, other) or RIGHTS[other] <= RIGHTS[one]
    assert manageable(Role.MANAGER) == [Role.MANAGER, Role.SUPPORT, Role.WAREHOUSE]
    assert manageable(Role.SUPPORT) == []
    assert not may_manage(Role.OWNER, "of newer code")


def test_tokens_have_256_bits_and_only_such_are_looked_for() -> None:
    drawn = {tokens.draw() for _ in range(100)}
    assert len(drawn) == 100
    assert all(tokens.well_formed(token) for token in drawn)
    assert not any(tokens.well_formed(text) for text in ("", "x", "x" * 44, "x" * 42 + "\n", "é" * 43))


def test_a_hash_is_keyed_by_purpose_and_secret() -> None:
    assert (
        len({tokens.keyed(SECRET, "a", "x"), tokens.keyed(SECRET, "b", "x"), tokens.keyed(b"other", "a", "x"), tokens.keyed(SECRET, "a", "y")}) == 4
    )


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("caballo grapa batería", ""),
        ("once letras", "short"),
        ("x" * 300 + "abcde", "long"),
        ("abababababab", "simple"),
        ("mara@zapateria.example", "simple"),
        ("MARA@zapateria.example", "simple"),
    ],
)
def test_what_is_too_easy_is_refused(password: str, why: str) -> None:
    assert passwords.weakness(password, "mara@zapateria.example") == why


def test_a_password_counts_however_its_accents_were_typed() -> None:
    stored = passwords.hashed("batería correcta")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "bateri\u0301a correcta")
    assert not passwords.verify(stored, "bateria correcta")
    assert not passwords.verify(None, "batería correcta")
    assert not passwords.verify("nonsense", "batería correcta")
    assert not passwords.outdated(stored)
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$ZmFrZWhhc2hmYWtlaGFzaGZha2VoYXNo")


def test_passwords_are_hashed_as_the_standard_advises() -> None:
    """RFC 9106, section 4, the second of its choices. All other tests have a cheaper one."""
    assert (STRONG.time_cost >= 3, STRONG.memory_cost >= 65536, STRONG.parallelism >= 4, STRONG.salt_len >= 16) == (True,) * 4


def test_nobodys_password_takes_the_same_work_as_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not passwords.outdated(passwords._nobodys())
    asked: list[str] = []

    class Noted(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  (the library's name)
            asked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Noted())
    assert not passwords.verify(None, "caballo grapa batería")
    assert asked == [passwords._nobodys()]


def test_only_so_many_passwords_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    for _ in range(passwords.AT_ONCE):
        passwords._turns.acquire()
    try:
        with pytest.raises(passwords.Busy):
            passwords.verify(None, "x")
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._turns.release()


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, the last six digits."""
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert codes.matching_step(RFC_6238, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(steps: int, counts: bool) -> None:
    code = pyotp.TOTP(RFC_6238).at(NOW, counter_offset=steps)
    found = codes.matching_step(RFC_6238, f" {code[:3]} {code[3:]} ", NOW)
    assert found == (int(NOW.timestamp()) // 30 + steps if counts else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 10000, "\ud800"])
def test_nonsense_is_no_code(code: str) -> None:
    assert codes.matching_step(RFC_6238, code, NOW) is None


def test_recovery_codes_differ_and_are_read_as_people_type_them() -> None:
    made = codes.recovery_set()
    assert len(set(made)) == 10
    for code in made:
        assert codes.recovery_form(code) == codes.recovery_form(code.lower().replace("-", " ")) == code.replace("-", "")
    assert codes.recovery_form("123456") == ""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("\r\nforged", "unknown"),
        (None, "unknown"),
    ],
)
def test_one_subscriber_is_one_network(address: str | None, name: str) -> None:
    assert limits.network(address) == name


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://postventa.tienda.example", "postventa.tienda.example"),
        ("http://localhost:8000", "localhost"),
        ("http://postventa.tienda.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
        ("", None),
    ],
)
def test_passkeys_need_a_safe_address_with_a_name(url: str, host: str | None) -> None:
    found = passkeys.site(url)
    assert (found.host if found else None) == host


def test_a_site_is_written_as_browsers_write_it() -> None:
    written = {"https://Postventa.Tienda.example:443": "https://postventa.tienda.example", "http://localhost:8000": "http://localhost:8000"}
    for url, origin in written.items():
        place = passkeys.site(url)
        assert (place.origin if place else "") == origin


def answer(challenge: bytes) -> str:
    """What a browser would send, as far as the challenge goes."""
    said = json.dumps({"type": "webauthn.get", "challenge": _b64(challenge), "origin": "https://x.example"}).encode()
    return json.dumps({"id": "x", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": _b64(said)}})


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_challenge_is_for_one_purpose_one_browser_and_a_quarter_of_an_hour() -> None:
    asked = passkeys.challenge(SECRET, "sign-in", "browser", NOW)
    assert passkeys.answered(SECRET, "sign-in", "browser", NOW + timedelta(minutes=14), answer(asked)) == asked
    for secret, purpose, browser, later in (
        (b"other", "sign-in", "browser", 0),
        (SECRET, "register 1", "browser", 0),
        (SECRET, "sign-in", "another", 0),
        (SECRET, "sign-in", "browser", 16),
    ):
        with pytest.raises(passkeys.Refused):
            passkeys.answered(secret, purpose, browser, NOW + timedelta(minutes=later), answer(asked))


@pytest.mark.parametrize(
    "said", ["", "null", "[]", "{}", '{"response": 1}', '{"response": {"clientDataJSON": "!"}}', "[" * 30000, answer(os.urandom(72))]
)
def test_nonsense_answers_no_challenge(said: str) -> None:
    with pytest.raises(passkeys.Refused):
        passkeys.answered(SECRET, "sign-in", "browser", NOW, said)
