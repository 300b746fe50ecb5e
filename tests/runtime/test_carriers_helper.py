"""The process with karrio lives while somebody asks through it, and comes back when it dies."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postventa.config import ConfigError, Settings
from postventa.redis_address import LONGEST
from postventa.runtime import carriers_helper
from tests.runtime.processes import alive, eventually
from tests.runtime.test_supervisor import Tree, start


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = start(tmp_path, "--carriers")
    yield tree
    everyone = [tree.process.pid, *tree.children.values()]
    tree.process.kill()
    tree.process.communicate()
    eventually(lambda: not any(alive(pid) for pid in everyone))


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_it_starts_when_it_is_wanted_and_not_before_and_comes_back_when_it_is_killed(tree: Tree) -> None:
    settings = settings_of(tree.folder)
    time.sleep(1)
    assert "pv-carriers" not in tree.children, "nobody asked"
    settings.carriers_wanted.parent.mkdir(parents=True)
    settings.carriers_wanted.touch()
    eventually(lambda: carriers_helper.answers(settings.carriers_socket))
    first = tree.children["pv-carriers"]
    assert settings.carriers_socket.parent.stat().st_mode & 0o077 == 0, "nobody else may ask"
    os.kill(first, signal.SIGKILL)
    eventually(lambda: tree.children.get("pv-carriers", first) != first)
    second = tree.children["pv-carriers"]
    assert tree.end()[0] == 0
    assert not alive(second)


def test_it_is_wanted_as_long_as_somebody_asked_lately(tmp_path: Path) -> None:
    marker = tmp_path / "wanted"
    assert not carriers_helper.wanted(marker)
    marker.touch()
    assert carriers_helper.wanted(marker)
    long_ago = time.time() - 4 * 86400
    os.utime(marker, (long_ago, long_ago))
    assert not carriers_helper.wanted(marker)


def test_without_karrio_a_command_says_which_command_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers_helper, "installed", lambda: False)
    with pytest.raises(ConfigError, match="make setup-karrio"), carriers_helper.at_hand(settings_of(tmp_path)):
        pass


def test_the_path_of_its_socket_is_never_too_long(tmp_path: Path) -> None:
    deep = settings_of(tmp_path / ("deep" * 30))
    assert len(os.fsencode(deep.carriers_socket)) <= LONGEST
    assert deep.carriers_socket != settings_of(tmp_path / ("deeper" * 30)).carriers_socket


def settings_of(folder: Path) -> Settings:
    return Settings.model_validate({"source": folder / "config.toml"})
