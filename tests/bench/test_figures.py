"""From repetitions to medians, ratios, verdicts and a page."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bench import quick, report, sampled, slow
from bench.counting import counted
from bench.numbers import percentile, short, slope, spread
from bench.record import Meaning, Options, Record
from bench.targets import TARGETS


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([1, 2, 3, 4], p) for p in (1, 50, 75, 99, 100)] == [1, 2, 3, 4, 4]
    assert math.isnan(percentile([], 50))
    assert spread([0.002, 0.001])["p50"] == 1.0


def test_a_slope_is_not_moved_by_an_outlier() -> None:
    assert slope([(x, 2 * x + (50 if x == 3 else 0)) for x in range(9)]) == pytest.approx(2, abs=0.5)
    assert slope([(1, 1)]) == 0.0


@pytest.mark.parametrize(("value", "text"), [(1240.4, "1,240"), (18.34, "18.3"), (0.0451, "0.0451"), (0, "0"), (math.nan, "-")])
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_ratios_are_taken_run_by_run(tmp_path: Path) -> None:
    record = Record("intake", "Accepting", Options(out=tmp_path, folder=tmp_path), {"accepted": Meaning("/s")}, settings={"events": 10_000})
    for ours, theirs in ((10, 5), (100, 25), (9, 3)):
        record.add("postventa", {"accepted": ours})
        record.add("Flask + RQ", {"accepted": theirs})
    document = json.loads(record.write().read_text())
    (figure,) = document["figures"]
    assert figure["ratios"]["Flask + RQ"]["all"] == [2, 4, 3]
    assert figure["values"]["postventa"]["median"] == 10
    assert document["machine"]["cores"] >= 1
    page = report.write(tmp_path).read_text()
    assert "| accepted per second, durable, to the bare stack, SQLite | at least 2× | 3.00× | holds |" in page
    assert (tmp_path / "intake-sqlite-1.svg").read_text().startswith("<svg")


def test_a_short_try_is_no_verdict(tmp_path: Path) -> None:
    record = Record("surge", "Surging", Options(out=tmp_path, folder=tmp_path, runs=1), {"lost": Meaning("")}, settings={"rate": 10, "seconds": 60})
    record.add("postventa", {"lost": 0})
    record.write()
    assert "| at most 0 | 0 | measured otherwise: runs 1, rate 10 |" in report.write(tmp_path).read_text()


def test_of_what_must_never_happen_the_worst_run_counts(tmp_path: Path) -> None:
    record = Record("surge", "Surging", Options(out=tmp_path, folder=tmp_path), {"lost": Meaning("")}, settings={"rate": 800, "seconds": 60})
    for lost in (0, 0, 1, 0, 0):
        record.add("postventa", {"lost": lost})
    record.write()
    assert "| at most 0 | 1.00 | **does not hold** |" in report.write(tmp_path).read_text()


def test_a_larger_ledger_is_compared_with_the_smallest(tmp_path: Path) -> None:
    record = Record("growth", "Growing", Options(out=tmp_path, folder=tmp_path), {"read": Meaning("ms", "less")}, sizes=True)
    record.add("10,000", {"read": 2.0})
    record.add("100,000", {"read": 3.0})
    assert record.document["figures"][0]["ratios"]["100,000"]["median"] == 1.5
    record.write()
    assert "**1.50×**" in report.write(tmp_path).read_text()


def test_every_target_names_a_measure_and_a_figure_of_it() -> None:
    from bench import measures

    for target in TARGETS:
        assert target.figure in measures.find(target.measure).FIGURES, target


def test_statements_commits_and_calls_are_counted_and_the_same_each_time() -> None:
    engine = create_engine("sqlite://")

    def work() -> tuple[float, float, float]:
        with counted() as found, engine.begin() as connection:
            for _ in range(3):
                connection.execute(text("SELECT 1"))
        return found.statements, found.commits, found.calls

    work()
    once, twice = work(), work()
    engine.dispose()
    assert once[:2] == (3, 1)
    assert once == twice
    assert once[2] > 50


def test_the_dearest_statements_are_named_with_their_conditions() -> None:
    engine = create_engine("sqlite://")
    with slow.statements() as found, engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (id integer, name text)"))
        for number in range(3):
            connection.execute(text("SELECT id, name FROM t WHERE id = :id"), {"id": number})
    engine.dispose()
    told = {statement: times for statement, times, _ in slow.slowest(found)}
    assert told["SELECT ... FROM t WHERE id = ?"] == 3


def test_the_gate_lets_nothing_pass_that_is_dearer_than_its_budget() -> None:
    def of(statements: float, calls: float, python: str = quick.PYTHON) -> dict[str, object]:
        return {"python": python, "sqlite": {"read": {"statements": statements, "calls": calls}}, "postgresql": {}}

    def verdicts(found: dict[str, object]) -> list[str]:
        return [line.split()[0] for line in quick.compare(found, of(10, 1000))]

    assert verdicts(of(10, 1029)) == ["ok", "ok"]
    assert verdicts(of(10.05, 1031)) == ["ABOVE", "ABOVE"]
    assert verdicts(of(9, 900)) == ["less", "less"]
    assert verdicts(of(11, 5000, "2.7")) == ["calls", "ABOVE"]
    assert [line.split()[0] for line in quick.compare(of(1, 1), {"python": quick.PYTHON})] == ["ABOVE", "ABOVE"]


def test_a_profile_tells_own_time_from_that_of_what_is_called(tmp_path: Path) -> None:
    file = tmp_path / "stacks"
    file.write_text(
        "main (/x/postventa/cli/run.py:1);send (/x/jobs/send.py:5);execute (/x/site-packages/sqlalchemy/base.py:9) 3\n"
        "main (/x/postventa/cli/run.py:1);send (/x/jobs/send.py:7) 1\n"
        "main (/x/postventa/cli/run.py:1);Condition.wait (threading.py:300) 40\n"
    )
    own, whole = sampled.top(sampled.read(file))
    assert own[0] == ("execute (sqlalchemy/base.py)", 0.75)
    assert whole == [("send (jobs/send.py)", 1.0)]
