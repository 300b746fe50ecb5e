"""Programs from the nursery are what they would be if Python were started for each."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from tests import programs

SAYS = "tests.says"
"""A program that tells of itself and then does what its argument says."""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the nursery watches processes as Linux does")


@pytest.mark.parametrize("arguments", [["quit", "3"], ["fail"], ["die"], ["print", "ñ"]])
def test_it_says_and_ends_as_if_it_had_been_started_by_itself(arguments: list[str]) -> None:
    environ = {**os.environ, "POSTVENTA_FAILPOINTS": "/nowhere", "ONLY": "here"}
    alone = subprocess.run([sys.executable, "-m", SAYS, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environ)
    forked = programs.run(SAYS, arguments, environ)
    assert forked.returncode == alone.returncode
    assert forked.stdout == alone.stdout
    assert forked.stderr.splitlines()[-1:] == alone.stderr.splitlines()[-1:]


def test_one_that_takes_too_long_is_given_up_and_killed() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        programs.run(SAYS, ["wait"], timeout=0.2)


def test_a_signal_reaches_it_and_its_end_is_heard_of_once_and_for_all() -> None:
    with tempfile.TemporaryFile() as output:
        program = programs.start(SAYS, ["wait"], output.fileno(), output.fileno())
        assert program.poll() is None
        program.terminate()
        assert program.wait(60) == program.poll() == -15
        program.kill()
