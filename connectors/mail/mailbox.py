"""Keeps mails as files instead of sending them: for the built-in viewer, development and the demonstration."""

from __future__ import annotations

import itertools
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, default
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.mail.base import Letter

_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-\d+-\d+\.eml")
_count = itertools.count()


class MailboxTransport:
    """One `.eml` file per mail; names sort in the order of arrival. A mail that comes twice is there twice, since that is worth seeing."""

    name = "mailbox"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: Letter, recipient: str) -> str:
        """Keep it: written beside and renamed, so that a reader never sees half a mail."""
        file = self.folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}-{next(_count)}.eml"
        fresh = file.with_name(f".{file.name}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(letter.raw)
            fresh.replace(file)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise ConnectorError(f"the mailbox {self.folder} cannot be written: {error.strerror}") from error
        return f"kept as {file.name}"

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(frozen=True)
class KeptMail:
    """A mail in the mailbox, as a list shows it."""

    name: str
    kept_at: datetime
    recipient: str
    sender: str
    subject: str
    date: str
    message_id: str
    followup: str
    effect: str


def list_mails(folder: Path, limit: int = 200) -> list[KeptMail]:
    """The latest mails, newest first; reads headers only. `limit` 0: all."""
    files = sorted((f for f in folder.glob("*.eml") if _NAME.fullmatch(f.name)), reverse=True) if folder.is_dir() else []
    return [mail for file in files[: limit or None] if (mail := _summary(file))]


def _summary(file: Path) -> KeptMail | None:
    """None for a file that went away meanwhile."""
    try:
        with file.open("rb") as stream:
            head = BytesHeaderParser(policy=default).parse(stream)
    except FileNotFoundError:
        return None
    kept_at = datetime.strptime(file.name.partition("Z")[0], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    values = [str(head.get(name, "")) for name in ("To", "From", "Subject", "Date", "Message-ID", "X-Postventa-Followup", "X-Postventa-Effect")]
    return KeptMail(file.name, kept_at, *values)


def read_mail(folder: Path, name: str) -> EmailMessage | None:
    """One kept mail by the name that `list_mails` gave; None when there is none. Never leaves the folder."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return message_from_bytes((folder / name).read_bytes(), _class=EmailMessage, policy=SMTP)
    except FileNotFoundError:
        return None
