"""The mail server that takes everything, and who was mailed how often."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

from bench import joined
from bench.events import buyer
from bench.processes import until
from bench.sink import Sink


def accepted(folder: Path, *orders: int, at: float = 1000.0) -> Path:
    file = folder / "accepted"
    file.write_text("".join(f"{order}\t{at:.6f}\t{at + 0.01:.6f}\t{at + 0.02:.6f}\n" for order in orders))
    return file


def mails(folder: Path, *arrivals: tuple[float, str]) -> Path:
    file = folder / "mails"
    file.write_text("".join(f"{at:.6f}\t{who}\tid\t2000\t1\n" for at, who in arrivals))
    return file


def test_lost_and_doubled_and_strangers_are_found(tmp_path: Path) -> None:
    arrived = [(1000.1, buyer(1)), (1000.2, buyer(2)), (1000.3, buyer(2)), (1000.4, "nobody@load.example")]
    found = joined.join(accepted(tmp_path, 1, 2, 3), mails(tmp_path, *arrived))
    assert (found.accepted, found.mailed, found.lost, found.doubled, found.strangers, found.mails) == (3, 2, 1, 1, 1, 3)


def test_time_to_mail_runs_from_when_the_delivery_was_due_to_its_first_mail(tmp_path: Path) -> None:
    found = joined.join(accepted(tmp_path, 1, 2), mails(tmp_path, (1000.1, buyer(1)), (1000.25, buyer(2)), (1009.0, buyer(2))))
    assert (found.due_to_mail_ms["p50"], found.due_to_mail_ms["max"]) == (100.0, 250.0)
    assert round(found.per_second, 6) == 8.0


def test_a_line_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    file = mails(tmp_path, (1000.1, buyer(1)))
    file.write_text(file.read_text() + f"1000.2\t{buyer(2)}")
    assert joined.join(accepted(tmp_path, 1, 2), file).mailed == 1


def test_waiting_ends_when_nothing_comes_any_more(tmp_path: Path) -> None:
    found = joined.wait(accepted(tmp_path, 1, 2), mails(tmp_path, (1000.1, buyer(1))), patience=0.3)
    assert found.lost == 1


def test_every_mail_that_the_server_takes_is_a_line(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        for number in range(3):
            message = EmailMessage()
            message["From"], message["To"], message["Message-ID"] = "a@load.example", f"{number}@load.example", f"<m{number}@load.example>"
            message.set_content("a line\n.\n.with dots\n")
            client.send_message(message)
        until(lambda: sink.log.read_text().count("\n") == 3, 60, sink.log.read_text)
        lines = [line.split("\t") for line in sink.log.read_text().splitlines()]
    assert [(to, message_id) for _, to, message_id, *_ in lines] == [(f"{n}@load.example", f"m{n}@load.example") for n in range(3)]
    assert len({connection for *_, connection in lines}) == 1
