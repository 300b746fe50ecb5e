"""The installation's secret."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postventa.config import ConfigError, Settings
from postventa.secrets import API_KEY, LENGTH, PLACEHOLDER, SIGNING, close_to_others, key_trouble, load_secret, secret_path, weakness


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(source=tmp_path / "config.toml")


def test_the_first_use_makes_it_and_only_its_owner_may_read_it(settings: Settings) -> None:
    before = os.umask(0)
    try:
        secret = load_secret(settings)
    finally:
        os.umask(before)
    assert len(secret) == 32
    assert load_secret(settings) == secret
    assert secret_path(settings).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in secret_path(settings).parent.iterdir()] == ["secret.key"]


def test_two_installations_differ(settings: Settings, tmp_path: Path) -> None:
    assert load_secret(settings) != load_secret(Settings(source=tmp_path / "other" / "config.toml"))


def test_processes_that_start_at_once_read_the_same_secret(settings: Settings) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: load_secret(settings), range(64)))) == 1


def test_a_short_file_is_refused_and_left_as_it_is(settings: Settings) -> None:
    secret_path(settings).parent.mkdir()
    secret_path(settings).write_bytes(b"hunter2")
    with pytest.raises(ConfigError, match=r"secret\.key: 7 bytes are no secret key; expected 32"):
        load_secret(settings)
    assert secret_path(settings).read_bytes() == b"hunter2"


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (lambda: secrets.token_bytes(32), LENGTH),
        (lambda: secrets.token_hex(32).encode(), LENGTH),
        (lambda: base64.b64encode(secrets.token_bytes(32)) + b"\n", LENGTH),
        (lambda: secrets.token_urlsafe(37), SIGNING),  # WooCommerce: 50 characters
        (lambda: f"shpss_{secrets.token_hex(16)}", SIGNING),
        (lambda: secrets.token_hex(16), SIGNING),
        (lambda: secrets.token_hex(24), API_KEY),
    ],
)
def test_what_a_machine_makes_is_never_called_weak(make: Callable[[], str | bytes], least: int) -> None:
    assert {weakness(make(), least) for _ in range(2000)} == {""}


@pytest.mark.parametrize("secret", ["", "short", "a" * 64, "secretosecretosecretosecreto", f"{PLACEHOLDER}-to-16-or-more-random-letters", b"ab" * 40])
def test_what_people_type_in_haste_is(secret: str | bytes) -> None:
    assert weakness(secret, SIGNING)


def test_a_file_that_others_may_read_is_closed_and_one_for_the_backups_group_stays_open_to_it(settings: Settings) -> None:
    close_to_others(settings)
    assert key_trouble(settings) == "", "there is none yet"
    load_secret(settings)
    path = secret_path(settings)
    for mode, after in ((0o644, 0o600), (0o660, 0o600), (0o604, 0o600), (0o640, 0o640), (0o400, 0o400)):
        path.chmod(mode)
        assert bool(key_trouble(settings)) is (mode != after), oct(mode)
        close_to_others(settings)
        assert (path.stat().st_mode & 0o777, key_trouble(settings)) == (after, "")
