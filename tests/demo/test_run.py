"""The whole demonstration, as `make demo` runs it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from pypdf import PdfReader

from postventa.demo import data, words
from postventa.demo.mailbox import Mailbox

COMMAND = [sys.executable, "-m", "postventa.cli", "demo"]


def alive(folder: Path) -> list[str]:
    """Processes that still work in that folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "comm").read_text().strip())
        except OSError:
            continue  # gone meanwhile
    return found


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_every_expected_effect_happens_exactly_once(tmp_path: Path) -> None:
    run = subprocess.run(
        [*COMMAND, "--exit", "--json", "--dir", str(tmp_path / "demo")], cwd=Path.cwd(), capture_output=True, text=True, timeout=580, check=False
    )
    document = json.loads(run.stdout)
    assert document["problems"] == []
    assert run.returncode == 0, run.stderr
    expected = data.expected()
    done = [one for one in expected if one.state == "done"]
    assert document["deliveries"] == len(data.deliveries())
    assert document["mails"] == sum(1 for one in done if one.kind != "label")
    assert document["labels"] == sum(1 for one in done if one.kind == "label") == 2
    assert document["review_requests"] == sum(1 for one in done if one.followup == "review_request")
    effects = [effect for order in document["orders"] for effect in order["effects"]]
    assert Counter(effect["followup"] for effect in effects) == Counter(one.followup for one in expected)
    assert len(document["orders"]) == len(data.stories())

    untold = {effect["reason"] for effect in effects if effect["reason"] and words.reason(effect["reason"]) == effect["reason"]}
    assert not untold, "reasons without Spanish words"
    mails = Mailbox(tmp_path / "demo" / "var" / "mailbox").mails()
    assert len(mails) == document["mails"]
    assert {mail.language for mail in mails} == {story.language for story in data.stories().values()}
    labels = list((tmp_path / "demo" / "labels").glob("*.pdf"))
    assert len(labels) == 2
    assert all(len(PdfReader(io.BytesIO(label.read_bytes())).pages) == 2 for label in labels)
    assert alive(tmp_path) == [], "the service ended with it"


@pytest.mark.processes
@pytest.mark.timeout(400)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_ctrl_c_in_the_middle_ends_everything(tmp_path: Path) -> None:
    log = tmp_path / "out"
    with log.open("w") as out:
        process = subprocess.Popen([*COMMAND, "--dir", str(tmp_path / "demo")], cwd=Path.cwd(), stdout=out, stderr=out)
        deadline = time.monotonic() + 180
        while "Día  2" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert "pv-clock" in alive(tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130, log.read_text()
    assert alive(tmp_path) == []
