"""The installation's secret."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postventa.config import ConfigError, Settings
from postventa.secrets import load_secret, secret_path


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
