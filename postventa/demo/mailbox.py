"""The customers' mailboxes: what really lies there, read as a mail programme reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path

_REVIEW = re.compile(r'href="([^"]*/review/[^"]+)"')


@dataclass(frozen=True)
class Mail:
    """One `.eml` file."""

    file: Path
    message: EmailMessage

    @property
    def effect_id(self) -> int:
        return int(self.message["X-Postventa-Effect"] or 0)

    @property
    def followup(self) -> str:
        return str(self.message["X-Postventa-Followup"] or "")

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"] or "")

    @property
    def recipients(self) -> list[str]:
        return [address.addr_spec for address in self.message["To"].addresses] if self.message["To"] else []

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part is not None else ""

    @property
    def language(self) -> str:
        """What the mail says of itself: `<html lang="...">`."""
        found = re.search(r'<html[^>]*\blang="([\w-]+)"', self.html)
        return found[1] if found else ""

    @property
    def pdfs(self) -> list[bytes]:
        return [part.get_content() for part in self.message.iter_attachments() if part.get_content_type() == "application/pdf"]

    @property
    def unsubscribe_url(self) -> str:
        return str(self.message["List-Unsubscribe"] or "").strip("<> ")

    @property
    def star_links(self) -> list[str]:
        """The links behind the stars, in the order of the mail."""
        return [unescape(link) for link in _REVIEW.findall(self.html) if "stars=" in link]


class Mailbox:
    """All mails so far; a file is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, Mail] = {}

    def mails(self) -> list[Mail]:
        """In the order of their files' names."""
        for file in self._folder.rglob("*.eml"):
            if file not in self._known:
                message = message_from_bytes(file.read_bytes(), policy=default)
                self._known[file] = Mail(file, message)
        return [self._known[file] for file in sorted(self._known)]

    def of_effect(self, effect_id: int) -> Mail | None:
        """The mail of one effect of the ledger."""
        return next((mail for mail in self.mails() if mail.effect_id == effect_id), None)

    def latest(self, address: str, followup: str, first: bool = False) -> Mail:
        """What a customer would open: her newest (or `first`) mail of that kind. Raises `LookupError`."""
        found = [mail for mail in self.mails() if address in mail.recipients and mail.followup == followup]
        if not found:
            raise LookupError(f"{address} has no {followup} mail")
        return sorted(found, key=lambda mail: mail.effect_id)[0 if first else -1]
