"""The mail server of the tests really misbehaves as it was told: seen from a plain SMTP client."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.peers.smtp import Sink, smtp_sink
from tests.peers.smtp_faults import Fault, Step

ANA, JON = "ana@cliente.example", "jon@cliente.example"
MESSAGE = "Subject: Hola\r\nX-Postventa-Followup: shipped\r\n\r\nHola\r\n"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as made:
        yield made


@contextmanager
def line(sink: Sink) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP("127.0.0.1", sink.port, timeout=60)
    try:
        client.ehlo("postventa.test")
        yield client
    finally:
        client.close()


def send(sink: Sink, recipient: str = ANA) -> tuple[Step, int]:
    """(the step that was refused or the last one, its code)."""
    with line(sink) as client:
        for step, command in ((Step.MAIL, "MAIL FROM:<hola@tienda.example>"), (Step.RCPT, f"RCPT TO:<{recipient}>"), (Step.DATA, "DATA")):
            code, _ = client.docmd(command)
            if code not in (250, 354):
                return step, code
        client.send(MESSAGE + ".\r\n")
        return Step.DOT, client.getreply()[0]


def test_without_faults_everything_arrives_and_every_step_is_heard(sink: Sink) -> None:
    assert (send(sink), [mail.followup for mail in sink.to(ANA)]) == ((Step.DOT, 250), ["shipped"])
    assert [heard.step for heard in sink.heard] == list(Step)


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA, Step.DOT])
@pytest.mark.parametrize("answer", ["451 4.3.0 later", "421 4.3.2 going away", "550 5.1.1 nobody", "552 5.2.2 mailbox full"])
def test_every_step_can_say_no_and_then_nothing_arrives(sink: Sink, step: Step, answer: str) -> None:
    with sink.having(Fault(step, answer)) as fault:
        assert send(sink) == (step, int(answer[:3]))
    assert (fault.met, sink.mails) == (1, [])
    assert send(sink) == (Step.DOT, 250), "the fault is over"


def test_a_421_ends_the_connection_and_a_451_does_not(sink: Sink) -> None:
    with sink.having(Fault(Step.MAIL, "451 4.3.0 later", times=1), Fault(Step.MAIL, "421 4.3.2 going away", times=1)), line(sink) as client:
        assert client.docmd("MAIL FROM:<hola@tienda.example>")[0] == 451
        assert client.docmd("MAIL FROM:<hola@tienda.example>")[0] == 421
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.docmd("NOOP")


def test_a_greeting_can_be_a_no_late_or_missing(sink: Sink) -> None:
    with sink.having(Fault(Step.CONNECT, "421 4.3.2 busy")), pytest.raises(smtplib.SMTPConnectError):
        send(sink)
    with sink.having(Fault(Step.CONNECT, hang_up=True)), pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink)
    with sink.having(Fault(Step.CONNECT, delay=0.4)):
        began = time.monotonic()
        assert send(sink) == (Step.DOT, 250)
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA, Step.DOT])
def test_every_step_can_be_slow_for_one_and_quick_for_another(sink: Sink, step: Step) -> None:
    with sink.having(Fault(step, delay=0.4, to=ANA if step not in (Step.CONNECT, Step.MAIL) else "")) as fault:
        began = time.monotonic()
        assert send(sink, ANA) == (Step.DOT, 250)
        assert time.monotonic() - began >= 0.4
        if step != Step.MAIL:
            assert send(sink, JON) == (Step.DOT, 250)
            assert fault.met == 1, "nobody waited for the other one"


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA])
def test_hanging_up_before_the_message_leaves_nothing(sink: Sink, step: Step) -> None:
    with sink.having(Fault(step, hang_up=True)), pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink)
    assert sink.mails == []


@pytest.mark.parametrize("keeps", [True, False])
def test_hanging_up_after_the_final_dot_keeps_the_message_or_not(sink: Sink, keeps: bool) -> None:
    fault = Fault(Step.DOT, hang_up=True, keeps=keeps, to=ANA, times=1)
    with sink.having(fault), pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink)
    assert len(sink.to(ANA)) == int(keeps)
    assert [heard.answer for heard in sink.tries(ANA, Step.DOT)] == ["hung up"]
    assert send(sink) == (Step.DOT, 250), "and lives on"


def test_an_outage_refuses_connections_breaks_lines_and_ends(sink: Sink) -> None:
    with line(sink) as client:
        with sink.away():
            with pytest.raises(ConnectionRefusedError):
                send(sink)
            with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
                client.docmd("NOOP")
        assert send(sink) == (Step.DOT, 250)
    assert len(sink.mails) == 1


def test_before_the_recipient_is_known_a_fault_is_for_everybody() -> None:
    with pytest.raises(ValueError, match="not known yet"):
        Fault(Step.MAIL, to=ANA)
