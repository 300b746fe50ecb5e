"""The mailbox keeps every mail as a file that any mail program opens."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from connectors.errors import ConnectorError
from connectors.mail import TRANSPORTS, open_transport
from connectors.mail.mailbox import MailboxTransport, list_mails, read_mail
from connectors.mail.smtp import SmtpTransport
from connectors.mail.wire import RawLetter, as_letter
from postventa.config import Mail, Settings


def mail(subject: str) -> RawLetter:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Zapatería Lola <hola@zapateria-lola.example>"
    message["To"] = "ana@correo.example"
    message["Subject"] = subject
    message["Message-ID"] = "<m1@zapateria-lola.example>"
    message["X-Postventa-Followup"] = "shipped"
    message["X-Postventa-Effect"] = "7"
    message.set_content("Tu paquete está en camino: 12 €\n")
    return as_letter(message)


def test_mails_are_listed_newest_first_with_what_a_list_shows(tmp_path: Path) -> None:
    box = MailboxTransport(tmp_path / "mailbox")
    for number in range(5):
        box.send(mail(f"Envío {number}"), "ana@correo.example")
    kept = list_mails(tmp_path / "mailbox", limit=3)
    assert [one.subject for one in kept] == ["Envío 4", "Envío 3", "Envío 2"]
    assert (kept[0].recipient, kept[0].followup, kept[0].effect) == ("ana@correo.example", "shipped", "7")
    assert len(list_mails(tmp_path / "mailbox", limit=0)) == 5


def test_a_mail_that_comes_twice_is_there_twice(tmp_path: Path) -> None:
    box = MailboxTransport(tmp_path)
    answers = {box.send(mail("igual"), "ana@correo.example") for _ in range(2)}
    assert len(answers) == len(list_mails(tmp_path)) == 2


def test_a_kept_mail_reads_as_it_was_sent(tmp_path: Path) -> None:
    MailboxTransport(tmp_path).send(mail("Envío"), "ana@correo.example")
    [kept] = list_mails(tmp_path)
    read = read_mail(tmp_path, kept.name)
    assert read is not None
    assert read["Subject"] == "Envío"
    assert read.get_content() == "Tu paquete está en camino: 12 €\r\n"


def test_no_half_written_file_is_left_or_shown(tmp_path: Path) -> None:
    MailboxTransport(tmp_path).send(mail("Envío"), "ana@correo.example")
    (tmp_path / ".20261103T084000.000000Z-1-1.eml.part").write_text("half")
    assert len(list_mails(tmp_path)) == 1
    assert len([file for file in tmp_path.iterdir() if file.suffix == ".eml"]) == 1


@pytest.mark.parametrize("name", ["../secret.key", "/etc/passwd", "x.eml", "", "20261103T084000.000000Z-1-1.eml"])
def test_reading_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    assert read_mail(tmp_path / "mailbox", name) is None


def test_an_empty_or_missing_mailbox_is_an_empty_list(tmp_path: Path) -> None:
    assert list_mails(tmp_path / "nowhere") == []


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConnectorError, match="cannot be written") as trouble:
        MailboxTransport(tmp_path / "file").send(mail("Envío"), "ana@correo.example")
    assert not trouble.value.permanent


def test_the_settings_choose_the_transport(tmp_path: Path) -> None:
    mailbox = open_transport(Settings(source=tmp_path / "config.toml"))
    smtp = open_transport(Settings(mail=Mail(transport="smtp", host="smtp.example.test", port=465, tls="tls", from_address="hola@tienda.example")))
    assert isinstance(mailbox, MailboxTransport)
    assert mailbox.folder == tmp_path / "var" / "mailbox"
    assert isinstance(smtp, SmtpTransport)
    assert (smtp.host, smtp.port, smtp.tls) == ("smtp.example.test", 465, "tls")
    assert {"mailbox", "smtp"} == set(TRANSPORTS)
