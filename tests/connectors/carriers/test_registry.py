"""One folder and one line per carrier; those that karrio speaks to stand in one."""

from __future__ import annotations

from pathlib import Path

import connectors.carriers
from connectors.carriers import CARRIERS
from connectors.carriers.karrio.kinds import KINDS

FOLDER = Path(connectors.carriers.__file__).parent


def test_folders_and_registry_agree() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert folders == {folder_of(name) for name in CARRIERS}


def test_every_carrier_goes_by_its_registered_name_and_explains_itself() -> None:
    for name, carrier in CARRIERS.items():
        assert carrier.name == name
        paper = (FOLDER / folder_of(name) / "README.md").read_text(encoding="utf-8")
        assert paper.startswith(f"# {folder_of(name)}")
        assert name in paper


def folder_of(name: str) -> str:
    return "karrio" if name in KINDS else name
