"""The mail as it travels: headers, the two parts with the same facts, and attachments."""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_qp
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from postventa import clock
from postventa.emails.clean import mail_address, plain, web_url
from postventa.emails.data import Attachment, MailData, ShopFace
from postventa.emails.render import Rendered, render

_MESSAGE_ID = re.compile(r"<[^<>\s@\x00-\x20\x7f-\uffff]+@[^<>\s@\x00-\x20\x7f-\uffff]+>")
THREAD = 12
"""Most Message-IDs in `References`: the first and the latest ones."""


def compose(mail: MailData, *, sent_at: datetime | None = None) -> EmailMessage:
    """The whole message, ready for a transport.

    `sent_at`: for the `Date` header, aware; now unless told. Raises `ValueError` for an address or Message-ID that cannot stand in a
    header, and for a mail that is not transactional and offers no way to unsubscribe (LSSI art. 21, RFC 8058).
    """
    recipient = mail_address(mail.recipient, "recipient")
    if not mail.transactional and not web_url(mail.unsubscribe_url):
        raise ValueError(f"{mail.followup} is not transactional: it needs the address of its unsubscribe page")
    message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    words = render(mail)
    _address(message, mail, recipient)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(sent_at or clock.now())
    _identify(message, mail)
    if not mail.transactional:
        message["List-Unsubscribe"] = f"<{web_url(mail.unsubscribe_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(message, words, mail.attachments)
    return message


def _address(message: EmailMessage, mail: MailData, recipient: str) -> None:
    message["From"] = _header_address(mail_address(mail.shop.from_address, "shop's from_address"), header_name(mail.shop.name))
    message["To"] = _header_address(recipient)
    if mail.shop.reply_to:
        message["Reply-To"] = _header_address(mail_address(mail.shop.reply_to, "shop's reply_to"))


def _header_address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _identify(message: EmailMessage, mail: MailData) -> None:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValueError(f"this is no Message-ID: {plain(mail.message_id, 60)!r}")
    message["Message-ID"] = mail.message_id
    earlier = [one for one in mail.thread if _MESSAGE_ID.fullmatch(one) and one != mail.message_id]
    if earlier:
        message["In-Reply-To"] = earlier[-1]
        message["References"] = " ".join(earlier if len(earlier) <= THREAD else [earlier[0], *earlier[1 - THREAD :]])
    message["X-Postventa-Effect"] = str(mail.effect_id)
    message["X-Postventa-Followup"] = mail.followup
    message["Auto-Submitted"] = "auto-generated"
    message["Feedback-ID"] = f"{mail.followup}:{slug(mail.shop)}:postventa"


def header_name(name: str) -> str:
    """A shop's name for the `From` header: one line, no signs that steer text, no address in it that could pass for the sender."""
    return plain(name, 64).replace("@", " ").replace("<", " ").replace(">", " ").strip()


def slug(shop: ShopFace) -> str:
    """The shop's name in plain letters, for postmasters' statistics (https://support.google.com/a/answer/6254652)."""
    letters = unicodedata.normalize("NFKD", shop.name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40] or "shop"


def _fill(message: EmailMessage, words: Rendered, attachments: tuple[Attachment, ...]) -> None:
    parts = (_part(words.text, "text/plain"), _part(words.html, "text/html"))
    if not attachments:
        message["MIME-Version"] = "1.0"
        message["Content-Type"] = "multipart/alternative"
        message.set_payload(list(parts))
        return
    both = MIMEPart(policy=SMTP)
    both["Content-Type"] = "multipart/alternative"
    both.set_payload(list(parts))
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/mixed"
    message.set_payload([both])
    for attachment in attachments:
        kind, _, subkind = attachment.mime.partition("/")
        message.add_attachment(attachment.content, maintype=kind, subtype=subkind, filename=_file_name(attachment.filename))


def _part(text: str, mime: str) -> MIMEPart:
    """Quoted-printable by the C function: the email package's own takes 10 ms for 40 kB."""
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = f'{mime}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode("utf-8", "replace"), istext=True, header=False).decode("ascii"))
    return part


def _file_name(name: str) -> str:
    """No folders, no control signs."""
    return re.sub(r'[/\\:*?"<>|]+', "-", plain(name, 80)).strip(". -") or "documento.pdf"
