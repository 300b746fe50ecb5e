"""The demonstration's folder: fresh each time, and never somebody else's."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from postventa import config
from postventa.demo.door import knock
from postventa.demo.folder import NotOurs, free_port, make
from postventa.runtime.locks import FileLock


def test_its_configuration_holds_two_shops_with_keys_of_their_own(tmp_path: Path) -> None:
    folder = make(tmp_path / "demo")
    settings = config.load(folder.config, environ={})
    assert [(shop.name, shop.platform) for shop in settings.shops] == [("Zapatería Lola", "shopify"), ("Cerámica Alba", "woocommerce")]
    assert [shop.key for shop in settings.shops] == [folder.shops["lola"].key, folder.shops["alba"].key]
    assert [shop.signing_secrets for shop in settings.shops] == [[folder.shops["lola"].secret], [folder.shops["alba"].secret]]
    assert settings.mail.transport == "mailbox"
    assert settings.var == folder.path / "var"
    assert folder.config.stat().st_mode & 0o077 == 0


def test_each_demonstration_starts_with_an_empty_folder_and_new_secrets(tmp_path: Path) -> None:
    first = make(tmp_path / "demo")
    (first.path / "var").mkdir()
    (first.path / "var" / "old.eml").touch()
    second = make(tmp_path / "demo")
    assert not (second.path / "var").exists()
    assert first.shops != second.shops


def test_a_folder_with_files_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotOurs, match="name another folder"):
        make(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_folder_in_which_another_demonstration_runs_is_left_alone(tmp_path: Path) -> None:
    folder = make(tmp_path / "demo")
    running = FileLock(folder.path / "var" / "up.lock")
    with pytest.raises(NotOurs, match="still open"):
        make(tmp_path / "demo")
    assert folder.config.exists()
    running.release()


def test_another_port_is_taken_when_the_wanted_one_is_in_use() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_the_demonstration_talks_to_this_machine_only() -> None:
    with pytest.raises(ValueError, match="its own service only"):
        knock("GET", "http://tienda.example/")
