"""An alarm is open once, told again when it gets worse, and closed when it is over."""

import re

from sqlalchemy import Engine, select

from postventa import alarms
from postventa.clock import real_now
from postventa.models import Alarm
from postventa.models.db import reading, transaction
from tests.papers import ROOT


def test_what_is_still_so_is_one_alarm_until_it_is_over(engine: Engine) -> None:
    for expected in (True, False, False):
        with transaction(engine) as session:
            assert alarms.raise_alarm(session, "backlog", "", "warn", "the oldest has waited 61 s") is expected
    with transaction(engine) as session:
        assert alarms.raise_alarm(session, "backlog", "Cerámica Alba", "warn", "another subject is another alarm")
        assert alarms.clear(session, "backlog")
        assert not alarms.clear(session, "backlog")
    with transaction(engine) as session:
        assert [alarm.subject for alarm in alarms.open_alarms(session)] == ["Cerámica Alba"]
        assert alarms.raise_alarm(session, "backlog", "", "warn", "again")
    with reading(engine) as session:
        assert len(session.scalars(select(Alarm)).all()) == 3


def test_what_gets_worse_is_told_again_and_stands_first(engine: Engine) -> None:
    with transaction(engine) as session:
        alarms.raise_alarm(session, "old", "", "warn", "for long")
        alarms.raise_alarm(session, "backlog", "", "warn", "61 s")
        for alarm in alarms.open_alarms(session):
            alarm.told_at = real_now()
    with transaction(engine) as session:
        alarms.raise_alarm(session, "backlog", "", "page", "301 s")
        alarms.raise_alarm(session, "old", "", "warn", "for longer")
    with reading(engine) as session:
        first, second = alarms.open_alarms(session)
        assert (first.name, first.message, first.told_at) == ("backlog", "301 s", None)
        assert (second.message, second.told_at is not None) == ("for longer", True)


def test_every_alarm_has_its_section_for_the_operator() -> None:
    files = [file for part in ("jobs", "postventa", "webhooks") for file in (ROOT / part).rglob("*.py")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if "policy" not in file.parts)  # its findings are about rules
    raised = set(re.findall(r'\b(?:Finding|raise_alarm|Alarm)\(\s*(?:session,\s*|name=)?"([a-z-]+)"', code))
    raised |= set(re.findall(r'^(?:ALARM|CEASED) = "([a-z-]+)"', code, re.MULTILINE))
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^### `([a-z-]+)`$", text, re.MULTILINE))
    assert len(raised) >= 10
    assert raised == told
