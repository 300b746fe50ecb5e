"""What stands in deploy/wordpress: the ZIP that is written there, what its README says of it, and the rules that the plugin is looked at with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from postventa.wordpress import PLUGIN, archive
from tests.papers import ROOT, links, spans, text_of

HERE = ROOT / "deploy/wordpress"
README = text_of(HERE / "README.md")
PHPCS = shutil.which("phpcs")
needs_phpcs = pytest.mark.skipif(PHPCS is None and os.environ.get("CI") != "true", reason="there is no phpcs on this machine (php-codesniffer)")


def test_the_zip_is_written_where_the_readme_says_and_git_does_not_keep_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "postventa.wordpress"]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, timeout=200, check=True)
    place = told.stdout.strip()
    assert (tmp_path / place).read_bytes() == archive()
    assert place in spans(README)
    assert "/deploy/wordpress/*.zip" in text_of(ROOT / ".gitignore").split()


def test_the_readme_leads_to_files_that_are_there_and_asks_for_what_the_plugin_asks_for() -> None:
    assert len(links(README)) > 4
    for link in links(README):
        assert (HERE / link).resolve().exists(), link
    header = text_of(PLUGIN / "readme.txt")
    wordpress, php = (re.findall(rf"^{name}: (\S+)$", header, re.MULTILINE)[0] for name in ("Requires at least", "Requires PHP"))
    assert f"WordPress {wordpress},\nPHP {php} and WooCommerce" in README


@needs_phpcs
def test_the_rules_find_what_a_plugin_must_not_do(tmp_path: Path) -> None:
    """`make lint` says that they find nothing in the plugin."""
    (tmp_path / "bad.php").write_text("<?php\n/** F. */\n\n$a = @eval( 'x' );\n    $b = exec( 'ls' );\nif ( $a = 1 ) {\n\techo [ 1 ];\n}\n")
    report = [str(PHPCS), "-s", "--report=csv", f"--standard={HERE / 'phpcs.xml'}", str(tmp_path)]
    found = subprocess.run(report, capture_output=True, text=True, timeout=200, check=False)
    assert found.returncode in {1, 2}, found.stderr
    for rule in (
        "Squiz.PHP.Eval",
        "Generic.PHP.NoSilencedErrors",
        "Generic.PHP.ForbiddenFunctions",
        "Generic.WhiteSpace.DisallowSpaceIndent",
        "Generic.CodeAnalysis.AssignmentInCondition",
        "Generic.Arrays.DisallowShortArraySyntax",
    ):
        assert rule in found.stdout, (rule, found.stdout)
