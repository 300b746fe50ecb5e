"""SMTP by conversation: what arrives, what is kept open, and what each kind of trouble means for trying again."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError, InDoubt
from connectors.mail.base import MailboxFull, RecipientRefused
from connectors.mail.smtp import SmtpTransport
from connectors.mail.wire import Patience, RawLetter, as_letter, wire_bytes
from tests.connectors.mail.servers import HANG_UP, certificate, only_lola, real_server, scripted

QUICK = Patience(connect=2, command=1, final_dot=1)
ANA = "ana@correo.example"


def mail(to: str = ANA, text: str = "Hola, Ana:\n.\n..y sigue\n", policy: Any = SMTP) -> RawLetter:
    message = EmailMessage(policy=policy)
    message["From"] = "Zapatería Lola <hola@zapateria-lola.example>"
    message["To"] = to
    message["Subject"] = "Tu pedido 1042"
    message["Message-ID"] = "<m1@zapateria-lola.example>"
    message.set_content(text)
    return as_letter(message)


@contextmanager
def to(port: int, **options: Any) -> Iterator[SmtpTransport]:
    """A transport that hangs up at the end, before its server does."""
    transport = SmtpTransport("127.0.0.1", port, **{"tls": "none", "patience": QUICK, **options})
    try:
        yield transport
    finally:
        transport.close()


def test_the_message_arrives_whole_with_its_dots_and_one_envelope_recipient() -> None:
    with real_server() as (postbox, port), to(port) as transport:
        answer = transport.send(mail(), ANA)
    [(sender, recipients, content)] = postbox.mails
    assert answer == "250 2.0.0 taken as 77"
    assert (sender, recipients) == ("hola@zapateria-lola.example", [ANA])
    assert b"Message-ID: <m1@zapateria-lola.example>\r\n" in content
    assert content.endswith(b"Hola, Ana:\r\n.\r\n..y sigue\r\n")


LINES = st.lists(st.sampled_from([b"", b".", b"..", b".y", b"x.", b"x", b"\n.", b"x\n", b"=_a", b"QUJD"]), max_size=8)


@settings(deadline=None)
@given(LINES)
def test_every_line_that_begins_with_a_dot_gets_another(lines: list[bytes]) -> None:
    wire = wire_bytes(RawLetter("hola@zapateria-lola.example", b"\r\n".join(lines)))
    assert wire == b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


def test_one_connection_carries_many_messages_up_to_the_batch() -> None:
    with real_server() as (postbox, port), to(port, batch=3) as transport:
        for _ in range(7):
            transport.send(mail(), ANA)
        transport.close()
    assert len(postbox.mails) == 7
    assert len(dict.fromkeys(postbox.peers)) == 3


def test_the_final_dot_does_not_wait_for_an_acknowledgement() -> None:
    with scripted() as (_, port), to(port) as transport:
        transport.send(mail(), ANA)
        assert transport._link is not None
        assert transport._link.sock is not None
        assert transport._link.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_rested_connection_is_asked_first_and_replaced_when_it_is_gone() -> None:
    with scripted(NOOP=HANG_UP) as (script, port), to(port, patience=Patience(2, 1, 1, idle=0)) as transport:
        transport.send(mail(), ANA)
        transport.send(mail(), ANA)
    assert script.connections == 2
    assert [line for line in script.heard if line in ("NOOP", ".")] == [".", "NOOP", "."]


def test_a_connection_that_ended_while_it_rested_is_opened_again_for_the_same_message() -> None:
    with scripted() as (script, port), to(port) as transport:
        transport.send(mail(), ANA)
        script.answers["MAIL"] = HANG_UP
        with pytest.raises(ConnectorError, match="before the message was handed over") as trouble:
            transport.send(mail(), ANA)
        script.answers["MAIL"] = "250 fine"
        transport.send(mail(), ANA)
    assert not trouble.value.permanent
    assert not isinstance(trouble.value, InDoubt)
    assert script.connections == 3


def test_after_a_fork_the_child_makes_a_connection_of_its_own() -> None:
    with real_server() as (postbox, port), to(port) as transport:
        transport.send(mail(), ANA)
        child = multiprocessing.get_context("fork").Process(target=transport.send, args=(mail(), ANA))
        child.start()
        child.join(90)
        transport.send(mail(), ANA)
    assert child.exitcode == 0
    parent, from_child, parent_again = postbox.peers
    assert parent == parent_again != from_child
    assert os.getpid() == transport._owner


BUSY, GREYLISTED = "421 4.3.0 busy", "451 4.7.0 greylisted"
EARLY_TROUBLE = [("EHLO", HANG_UP), *((step, answer) for step in ("greeting", "MAIL", "RCPT", "DATA") for answer in (HANG_UP, BUSY, GREYLISTED))]


IN_ONE_BREATH = "250-mail.test\r\n250 PIPELINING"


@pytest.mark.parametrize("ehlo", ["250 fine", IN_ONE_BREATH])
@pytest.mark.parametrize(("step", "answer"), EARLY_TROUBLE)
def test_trouble_before_the_message_may_be_tried_again(step: str, answer: str | None, ehlo: str) -> None:
    with scripted(**{"EHLO": ehlo, step: answer}) as (script, port), to(port) as transport, pytest.raises(ConnectorError) as trouble:
        transport.send(mail(), ANA)
    assert not trouble.value.permanent
    assert not isinstance(trouble.value, InDoubt)
    assert ehlo == IN_ONE_BREATH or "." not in script.heard


def test_a_server_that_allows_it_hears_all_in_one_breath() -> None:
    with scripted(EHLO=IN_ONE_BREATH) as (script, port), to(port) as transport:
        assert transport.send(mail(), ANA) == "250 taken"
        assert transport.send(mail(), "jon@correo.example") == "250 taken"
    assert script.connections == 1
    assert [line.split(" ")[0] for line in script.heard if line != "QUIT"] == ["EHLO", *["MAIL", "RCPT", "DATA", "."] * 2]


def test_a_refused_recipient_gets_no_message_although_the_server_waits_for_one() -> None:
    """RFC 2920, 3.1: DATA went out with the rest; what ends it is an empty message to nobody."""
    with scripted(EHLO=IN_ONE_BREATH, RCPT="550 5.1.1 no such user") as (script, port), to(port) as transport:
        with pytest.raises(RecipientRefused, match="no such user"):
            transport.send(mail(), ANA)
        script.answers["RCPT"] = "250 fine"
        assert transport.send(mail(), "jon@correo.example") == "250 taken"
    assert script.connections == 1
    assert [line.split(" ")[0] for line in script.heard if line != "QUIT"] == [
        *["EHLO", "MAIL", "RCPT", "DATA", ".", "RSET"],
        *["MAIL", "RCPT", "DATA", "."],
    ]


def test_a_line_that_breaks_within_the_message_hands_nothing_over() -> None:
    with scripted(body=HANG_UP) as (_, port), to(port) as transport, pytest.raises(ConnectorError) as trouble:
        transport.send(mail(text="x" * 70 + "\n" + "largo\n" * 2_000_000), ANA)
    assert not isinstance(trouble.value, InDoubt)
    assert not trouble.value.permanent


@pytest.mark.parametrize("answer", [HANG_UP, "...", "banana", "199 what now"])
def test_a_lost_answer_to_the_final_dot_is_doubt_and_never_a_retry(answer: str | None) -> None:
    with scripted(dot=answer) as (script, port), to(port) as transport, pytest.raises(InDoubt):
        transport.send(mail(), ANA)
    assert script.heard[-1] == "."


def test_the_final_dot_is_waited_for_longer_than_a_command() -> None:
    assert (Patience().connect, Patience().command, Patience().final_dot) == (10, 60, 600)


@pytest.mark.parametrize(("answer", "permanent"), [("451 4.3.0 later", False), ("554 5.6.0 no", True), ("550 5.7.1 looks like spam", True)])
def test_an_answer_to_the_final_dot_is_believed(answer: str, permanent: bool) -> None:
    with scripted(dot=answer) as (_, port), to(port) as transport, pytest.raises(ConnectorError, match=answer[:3]) as trouble:
        transport.send(mail(), ANA)
    assert trouble.value.permanent is permanent
    assert not isinstance(trouble.value, InDoubt | RecipientRefused)


def test_an_address_that_does_not_exist_is_refused_for_good_and_the_connection_goes_on() -> None:
    with scripted(RCPT="550 5.1.1 no such user") as (script, port), to(port) as transport:
        with pytest.raises(RecipientRefused, match="no such user") as trouble:
            transport.send(mail(), ANA)
        script.answers["RCPT"] = "250 fine"
        transport.send(mail(), "jon@correo.example")
    assert trouble.value.permanent
    assert script.connections == 1
    assert "RSET" in script.heard


def test_a_refusal_that_is_about_us_never_condemns_the_address() -> None:
    for changes in ({"RCPT": "550 5.7.1 relaying denied"}, {"MAIL": "550 5.1.8 bad sender"}, {"MAIL": "530 5.7.0 log in first"}):
        with scripted(**changes) as (_, port), to(port) as transport, pytest.raises(ConnectorError) as trouble:
            transport.send(mail(), ANA)
        assert not isinstance(trouble.value, RecipientRefused)
        assert trouble.value.permanent is ("RCPT" in changes)


def test_a_full_mailbox_is_tried_three_times_within_three_days() -> None:
    with scripted(RCPT="552 5.2.2 mailbox full") as (_, port), to(port) as transport, pytest.raises(MailboxFull, match="mailbox is full") as trouble:
        transport.send(mail(), ANA)
    assert (trouble.value.permanent, trouble.value.retry_after, trouble.value.TRIES) == (False, 35 * 3600, 3)


def test_a_wrong_password_is_said_in_words_and_is_not_the_recipients_fault() -> None:
    with real_server(authenticator=only_lola, auth_require_tls=False) as (postbox, port):
        with to(port, username="lola", password="falso") as wrong, pytest.raises(ConnectorError, match="refuses the username or password") as trouble:
            wrong.send(mail(), ANA)
        with to(port, username="lola", password="secreto") as right:
            right.send(mail(), ANA)
    assert not trouble.value.permanent
    assert len(postbox.mails) == 1


def test_nobody_listening_is_tried_again() -> None:
    with to(1) as transport, pytest.raises(ConnectorError, match="cannot be reached") as trouble:
        transport.send(mail(), ANA)
    assert not trouble.value.permanent


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_encrypted_ways_check_the_certificate(tmp_path: Path, mode: str) -> None:
    context, trusted = certificate(tmp_path)
    options = {"ssl_context": context} if mode == "tls" else {"tls_context": context, "require_starttls": True}
    with real_server(**options) as (postbox, port):
        with to(port, tls=mode, cafile=trusted) as transport:
            transport.send(mail(), ANA)
        with pytest.raises(ConnectorError, match=r"certificate .* cannot be trusted") as trouble, to(port, tls=mode) as transport:
            transport.send(mail(), ANA)
    assert len(postbox.mails) == 1
    assert not trouble.value.permanent


def test_a_server_without_encryption_is_not_written_to_in_the_clear() -> None:
    with scripted() as (script, port), to(port, tls="starttls") as transport, pytest.raises(ConnectorError, match="does not offer"):
        transport.send(mail(), ANA)
    assert not any(line.startswith("MAIL") for line in script.heard)


@pytest.mark.parametrize("recipient", ["a@b.example\r\nRCPT TO:<x@y.example>", "ana", "a b@c.example", "<a@b.example>", "@b.example", ""])
def test_a_broken_address_never_reaches_the_server(recipient: str) -> None:
    with scripted() as (script, port), to(port) as transport, pytest.raises(ConnectorError) as trouble:
        transport.send(mail(), recipient)
    assert trouble.value.permanent
    assert script.connections == 0


def test_a_domain_with_accents_travels_as_ascii() -> None:
    with real_server() as (postbox, port), to(port) as transport:
        transport.send(mail(), "ana@correo-españa.example")
    assert postbox.mails[0][1] == ["ana@xn--correo-espaa-khb.example"]


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    message = mail("maría@correo.example", policy=SMTPUTF8)
    with real_server(enable_SMTPUTF8=True) as (postbox, port), to(port) as transport:
        transport.send(message, "maría@correo.example")
    with real_server(enable_SMTPUTF8=False) as (_, port), to(port) as transport, pytest.raises(ConnectorError, match="SMTPUTF8") as trouble:
        transport.send(message, "maría@correo.example")
    assert postbox.mails[0][1] == ["maría@correo.example"]
    assert trouble.value.permanent
