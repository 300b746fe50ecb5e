"""One folder and one line per carrier."""

from __future__ import annotations

from pathlib import Path

import connectors.carriers
from connectors.carriers import CARRIERS

FOLDER = Path(connectors.carriers.__file__).parent


def test_folders_and_registry_agree() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert folders == set(CARRIERS)


def test_every_carrier_goes_by_its_registered_name_and_explains_itself() -> None:
    for name, carrier in CARRIERS.items():
        assert carrier.name == name
        assert (FOLDER / name / "README.md").read_text(encoding="utf-8").startswith(f"# {name}")
