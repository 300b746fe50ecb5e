"""The load generator, against a server that knows the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import load
from bench.events import buyer, order_id
from bench.joined import read_accepted
from bench.processes import free_port
from tests.bench.truth import SECRET, server


def sent(folder: Path, port: int, events: int, rate: float = 0.0, secret: str = SECRET) -> load.Loaded:
    return load.finish(load.start(folder, "load", port, "/hook", secret, events, rate, run_id=7), folder, "load")


@pytest.mark.parametrize("closes", [False, True])
def test_every_delivery_is_signed_distinct_and_counted_once(tmp_path: Path, closes: bool) -> None:
    with server(closes=closes) as truth:
        loaded = sent(tmp_path, truth.port, 300)
    assert sorted(truth.orders) == [(order_id(7, n), buyer(order_id(7, n))) for n in range(300)]
    assert sorted(order for order, *_ in read_accepted(loaded.accepted)) == [order for order, _ in sorted(truth.orders)]
    assert (loaded.report["accepted"], loaded.refused, truth.forged) == (300, 0, 0)


def test_what_is_refused_is_not_counted_as_accepted(tmp_path: Path) -> None:
    with server() as truth:
        loaded = sent(tmp_path, truth.port, 20, secret="another")
    assert (loaded.report["accepted"], loaded.refused, truth.forged) == (0, 20, 20)
    assert loaded.report["others"] == {"401": 20}


def test_an_open_loop_keeps_its_rate(tmp_path: Path) -> None:
    with server() as truth:
        loaded = sent(tmp_path, truth.port, 200, rate=100)
    assert loaded.report["accepted"] == 200
    assert loaded.report["seconds"] > 1.9


def test_a_stall_shows_in_all_that_queued_behind_it(tmp_path: Path) -> None:
    with server(stall_at=50) as truth:
        stalled = sent(tmp_path, truth.port, 100, rate=200).report
    # with one connection all behind the stall would wait; with 32 only those that come meanwhile on its own one
    assert stalled["ack_ms"]["max"] >= 500
    assert stalled["from_sending_ms"]["max"] >= 500


def test_latency_counts_from_when_it_was_due_and_not_from_when_it_was_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.events import Recipe, Requests
    from bench.sender import Sender, clock

    with server(stall_at=20) as truth:
        requests = Requests(Recipe(3, SECRET.encode(), f"127.0.0.1:{truth.port}", "/hook"), 100)
        began = clock() + 0.05
        tally = Sender(("127.0.0.1", truth.port), requests, connections=1, rate=200).run(began)
    said = load.report(tally, began, 200)
    assert said["accepted"] == 100
    assert said["ack_ms"]["p50"] > 100
    assert said["from_sending_ms"]["p50"] < said["ack_ms"]["p50"] / 2
    assert said["sent_late_ms"]["p50"] > 100


def test_nobody_who_listens_is_an_error_of_each_delivery(tmp_path: Path) -> None:
    loaded = sent(tmp_path, free_port(), 5)
    assert (loaded.report["accepted"], loaded.report["others"]) == (0, {"no answer": 5})
