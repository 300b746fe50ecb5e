"""The spool: on disk before anybody is answered, every line taken once, and what nobody can read is kept for a person."""

from __future__ import annotations

import json
import multiprocessing
import resource
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postventa import spool as spools
from postventa.spool import Spool, Spooled

MOMENT = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)


def delivery(number: int, shop: str = "alba") -> Spooled:
    headers = {"x-wc-webhook-topic": "order.created", "user-agent": "Hookshot \udce9"}
    return Spooled(shop, 1, "woocommerce", "order.created", f"id-{number}", f"{number:064}", headers, b'{"id": \xff\x00\n%d}' % number, 0, MOMENT)


class Inbox:
    """Takes what it is given, but for shops that it does not know."""

    def __init__(self, *unknown: str) -> None:
        self.taken: list[Spooled] = []
        self.unknown = set(unknown)

    def __call__(self, deliveries: list[Spooled]) -> list[Spooled]:
        self.taken += [one for one in deliveries if one.shop_key not in self.unknown]
        return [one for one in deliveries if one.shop_key in self.unknown]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def files(spool: Spool) -> list[str]:
    return sorted(file.suffix for file in spool.folder.iterdir())


def test_what_was_kept_comes_out_as_it_went_in_for_this_user_only(spool: Spool) -> None:
    spool.append([delivery(1), delivery(2)])
    spool.append([delivery(3)])
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    assert (spool.folder / spools.ACTIVE).stat().st_mode & 0o777 == 0o600
    inbox = Inbox()
    assert spool.take(inbox, 1) == 3
    assert inbox.taken == [delivery(1), delivery(2), delivery(3)]
    assert spool.empty()
    assert spool.take(inbox, 1) == 0


def test_each_batch_costs_one_fsync(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.append([delivery(0)])
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    spool.append([delivery(number) for number in range(1, 100)])
    assert len(synced) == 1


def test_a_torn_line_is_kept_aside_and_takes_no_other_with_it(spool: Spool) -> None:
    spool.append([delivery(1)])
    active = spool.folder / spools.ACTIVE
    with active.open("ab") as file:
        file.write(delivery(2).line()[:-20])
    spool.append([delivery(3)])
    with active.open("ab") as file:
        file.write(delivery(4).line()[:100] + b"\0" * 50)
    inbox = Inbox()
    assert spool.take(inbox, 1) == 2
    assert inbox.taken == [delivery(1), delivery(3)]
    (rejected,) = spool.waiting()
    assert (rejected.file.suffix, rejected.unreadable, rejected.deliveries) == (".rejected", 2, 0)
    assert delivery(2).line()[:-20] in rejected.file.read_bytes()
    assert spool.take(inbox, 1) == 0
    assert files(spool) == [".rejected"], "kept until a person removes it"


@pytest.mark.parametrize(
    "line", [b"", b"null", b"[]", b"{}", b'{"hash": "x", "delivery": {}}', b'{"hash": 1, "delivery": []}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_delivery_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"delivery|hash|JSON|Expecting|decode"):
        Spooled.read(line)


def test_a_line_that_was_changed_is_none(spool: Spool) -> None:
    told = json.loads(delivery(1).line())
    told["delivery"]["topic"] = "order.deleted"
    with pytest.raises(ValueError, match="hash"):
        Spooled.read(json.dumps(told).encode())


def test_what_fails_to_be_taken_in_is_taken_in_the_next_time(spool: Spool) -> None:
    spool.append([delivery(number) for number in range(spools.TOGETHER + 5)])
    inbox = Inbox()

    def dies_at_the_second_batch(deliveries: list[Spooled]) -> list[Spooled]:
        if inbox.taken:
            raise ConnectionError
        return inbox(deliveries)

    with pytest.raises(ConnectionError):
        spool.take(dies_at_the_second_batch, 1)
    assert len(inbox.taken) == spools.TOGETHER
    spool.append([delivery(1000)])
    again = Inbox()
    assert spool.take(again, 1) == spools.TOGETHER + 6
    assert len({one.dedupe for one in [*inbox.taken, *again.taken]}) == spools.TOGETHER + 6


def test_deliveries_of_a_shop_that_nobody_knows_yet_stay_until_it_is_known(spool: Spool) -> None:
    spool.append([delivery(1), delivery(2, "otto"), delivery(3)])
    inbox = Inbox("otto")
    assert spool.take(inbox, 1) == 2
    assert spool.take(inbox, 1) == 0
    (waiting,) = spool.waiting()
    assert (waiting.deliveries, dict(waiting.shops)) == (1, {"otto": 1})
    inbox.unknown.clear()
    assert spool.take(inbox, 1) == 1
    assert inbox.taken == [delivery(1), delivery(3), delivery(2, "otto")]
    assert spool.empty()


def test_a_full_disk_leaves_no_half_of_a_batch(spool: Spool) -> None:
    spool.append([delivery(1)])
    active = spool.folder / spools.ACTIVE
    before, limits = active.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 700, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.append([delivery(2), delivery(3)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert active.read_bytes() == before
    spool.append([delivery(4)])
    inbox = Inbox()
    spool.take(inbox, 1)
    assert inbox.taken == [delivery(1), delivery(4)]


def test_a_large_file_is_followed_by_another_one(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "LARGEST", 1000)
    for number in range(10):
        spool.append([delivery(number)])
    assert len(spool.waiting()) > 2
    inbox = Inbox()
    assert spool.take(inbox, 1) == 10
    assert inbox.taken == [delivery(number) for number in range(10)], "in their order"


def _append(folder: Path, first: int) -> None:
    for number in range(first, first + 100):
        Spool(folder).append([delivery(number)])


def test_nothing_is_lost_while_several_write_and_one_takes(spool: Spool) -> None:
    writers = [multiprocessing.get_context("fork").Process(target=_append, args=(spool.folder, first)) for first in (0, 100, 200)]
    for writer in writers:
        writer.start()
    inbox = Inbox()
    over = threading.Event()
    while not over.is_set():
        if not any(writer.is_alive() for writer in writers):
            over.set()
        spool.take(inbox, 1)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert sorted(one.dedupe for one in inbox.taken) == [delivery(number).dedupe for number in range(300)]
    assert spool.empty()
