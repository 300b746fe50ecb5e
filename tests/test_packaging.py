"""What is installed, and from what."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from postventa.doctor.machine import NAMES, package
from tests.scenarios import scenario

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / "requirements" / f"{name}.txt").read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_our_import_names_lead_to_our_files(name: str) -> None:
    assert package(name).state == "ok"


@scenario("S25", budget=30)
def test_it_can_never_be_uploaded_by_mistake(project: dict[str, Any]) -> None:
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]
    assert version("postventa") == project["project"]["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of the built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_the_wheel_has_every_file_that_the_code_reads(wheel: set[str]) -> None:
    known = subprocess.run(["git", "ls-files", *NAMES], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    tracked = set(known.stdout.split()) if known.returncode == 0 else {str(p.relative_to(ROOT)) for n in NAMES for p in (ROOT / n).rglob("*.*")}
    wanted = {name for name in tracked if (ROOT / name).is_file() and "__pycache__" not in name and not name.endswith((".gitkeep", ".pyc"))}
    assert {Path(name).suffix for name in wanted} >= {".py", ".po", ".ttf", ".mjml", ".liquid", ".html", ".css"}
    assert wanted <= wheel


def test_the_wheel_takes_no_other_names(wheel: set[str]) -> None:
    assert {name.partition("/")[0] for name in wheel if ".dist-info" not in name} == set(NAMES)


@scenario("S25", budget=30)
@pytest.mark.parametrize("name", ["run", "karrio", "heic", "dev", "bench"])
def test_every_locked_package_is_pinned_with_hashes_and_without_hosts(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "file:" not in text
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if PIN.match(block):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_tests_and_benchmarks_run_on_the_packages_that_are_shipped() -> None:
    run, dev, bench = pins("run"), pins("dev"), pins("bench")
    for more in (pins("karrio"), pins("heic")):
        assert {name: dev.get(name) for name in more} == more
        assert {name: more.get(name) for name in run} == run
    assert {name: bench.get(name) for name in run} == run


def test_every_direct_dependency_is_locked(project: dict[str, Any]) -> None:
    extra = project["project"]["optional-dependencies"]
    for locked, wanted in ((pins("run"), project["project"]["dependencies"]), *((pins(name), extra[name]) for name in ("karrio", "heic"))):
        for requirement in wanted:
            name = re.split(r"[<>=~!\[; ]", requirement)[0].lower()
            assert name in locked, f"{name}: run `make lock`"
    assert not {name for name in pins("run") if name.startswith(("karrio", "pi-heif"))}, "never in the base: they are LGPL"


def test_the_house_has_no_module_that_the_import_contracts_overlook(project: dict[str, Any]) -> None:
    contracts = {contract["id"]: contract for contract in project["tool"]["importlinter"]["contracts"]}
    layered = set(re.findall(r"postventa\.\w+", " ".join(contracts["layers"]["layers"])))
    watched = layered | set(contracts["house"]["source_modules"])
    modules = {f"postventa.{path.stem}" for path in (ROOT / "postventa").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules - {"postventa.__init__"} - watched == set()


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    assert re.findall(r"^  make ([a-z-]+)", said, re.MULTILINE) == phony.split()
