"""What `postventa up` says on a terminal while nobody can sign in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from postventa.accounts import invitations, store
from postventa.accounts.roles import Role
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models.db import transaction
from postventa.runtime import service


@pytest.fixture
def settings(sqlite_engine: Engine, tmp_path: Path) -> Settings:
    url = sqlite_engine.url.render_as_string(hide_password=False)
    return Settings.model_validate({"source": tmp_path / "config.toml", "database": {"url": url}})


def test_each_start_makes_a_new_link_until_there_is_an_account(settings: Settings, sqlite_engine: Engine) -> None:
    links = [service._first_link(settings) for _ in range(2)]
    found = [re.fullmatch(r"http://localhost:8000/account/welcome/([\w-]{43})", link) for link in links]
    with transaction(sqlite_engine) as session:
        living = [invitations.open_one(session, match[1], real_now()) is not None for match in found if match]
        assert living == [False, True]
        store.make(session, "mara@zapateriamara.example", "Mara", Role.OWNER, b"mara", real_now())
    assert service._first_link(settings) == ""


def test_it_is_shown_on_a_terminal_only(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"shops": 0, "accounts": 0, "welcome": "http://localhost:8000/account/welcome/key"}
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    service._greet(settings, service.EVERYTHING, facts, None, 0.0)
    assert "Nobody can sign in yet" in capsys.readouterr().out
    json_logs = settings.model_copy(update={"log": settings.log.model_copy(update={"format": "json"})})
    service._greet(json_logs, service.EVERYTHING, facts, None, 0.0)
    assert "/account/welcome/" not in capsys.readouterr().out
