"""Logs as an operator reads them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from postventa.runtime import logs
from tests.scenarios import scenario


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_each_line_is_one_document_with_ids_and_without_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    with structlog.contextvars.bound_contextvars(shop=3, order=4711, effect=128):
        logging.getLogger("postventa.mail").warning("refused %s\r\nsecond line", "ana@correo.example")
    structlog.stdlib.get_logger("postventa.label").info("made", recipient="Ana", reference="R-7F3K")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["shop"], first["order"], first["effect"], first["level"]) == (3, 4711, 128, "warning")
    assert first["event"] == "refused <e-mail>\\r\\nsecond line"
    assert (second["recipient"], second["reference"], second["logger"]) == ("***", "R-7F3K", "postventa.label")


@scenario("S23", budget=30)
def test_a_traceback_keeps_its_lines_and_loses_its_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    try:
        raise ValueError("no such address: ana@correo.example")
    except ValueError:
        logging.getLogger("postventa").exception("failed")
    said = json.loads(capsys.readouterr().err)
    assert "Traceback" in said["exception"]
    assert "\n" in said["exception"]
    assert "no such address: <e-mail>" in said["exception"]


def test_the_level_decides(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    logging.getLogger("postventa").info("not wanted")
    structlog.stdlib.get_logger("postventa").info("not wanted")
    assert capsys.readouterr().err == ""


def test_text_for_people_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    logging.getLogger("postventa").error("refused ana@correo.example")
    said = capsys.readouterr().err
    assert "refused <e-mail>" in said
    assert not said.startswith("{")
