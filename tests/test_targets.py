"""No test is written for nobody: whatever its marks, a target of the Makefile runs it, and the paper for contributors names that target."""

from __future__ import annotations

import itertools
import re
import tomllib

from tests.papers import ROOT, spans, text_of

CHOOSING = ("long", "scenario")
"""The marks that targets choose by."""
ONE_FILE = "test-nemesis"
"""This target runs one file, whatever else has its marks."""


def usual() -> str:
    """Which tests run if nobody says which."""
    options = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["pytest"]["ini_options"]["addopts"]
    return str(options[options.index("-m") + 1])


def targets() -> dict[str, str]:
    """Target -> the marks that it asks for."""
    recipes = re.findall(r"^(test[a-z-]*):.*\n\t.*(?:pytest|\$\(PYTEST\)) (.*)$", text_of(ROOT / "Makefile"), re.MULTILINE)
    asked = {target: re.search(r'-m (?:"([^"]+)"|(\S+))', line) for target, line in recipes if target != ONE_FILE}
    return {target: usual() if found is None else found[1] or found[2] for target, found in asked.items()}


def runs(wanted: str, marks: set[str]) -> bool:
    """Whether a test with these marks is among those: pytest's words are Python's."""
    return bool(eval(wanted, {"__builtins__": {}}, {name: name in marks for name in CHOOSING}))


def test_a_test_with_any_marks_is_run_by_some_target() -> None:
    wanted = targets()
    assert set(wanted) == {"test", "test-faults", "test-long"}
    for count in range(len(CHOOSING) + 1):
        for marks in map(set, itertools.combinations(CHOOSING, count)):
            assert any(runs(asked, marks) for asked in wanted.values()), marks
    assert not runs(usual(), {"long"})


def test_contributors_read_of_every_target_that_runs_tests() -> None:
    paper = " ".join(spans(text_of(ROOT / "CONTRIBUTING.md")))
    assert {target for target in (*targets(), ONE_FILE) if f"make {target}" not in paper} == set()
