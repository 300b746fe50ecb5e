"""The mail as it travels: headers, the two parts with the same facts, and attachments.

The bytes are written here and not by `email.message.EmailMessage`, which takes 4 ms for one of these mails, more than everything else together
(`bench/`): its rules are used for single headers, and every value that goes into one is checked or cleaned before.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from postventa import clock
from postventa.emails.clean import mail_address, plain, web_url
from postventa.emails.data import Attachment, MailData
from postventa.emails.render import Rendered, render
from postventa.value import value

_MESSAGE_ID = re.compile(r"<[^<>\s@\x00-\x20\x7f-\uffff]+@[^<>\s@\x00-\x20\x7f-\uffff]+>")
LINE = 76
"""Signs of a line of base64 (RFC 2045, 6.8)."""
LONGEST_LINE = 998
"""Signs of any line (RFC 5322, 2.1.1)."""
ENCODED = 39
"""Most bytes of an encoded word."""
THREAD = 12
"""Most Message-IDs in `References`: the first and the latest ones."""


@value
class Message:
    """A mail as it travels. `raw`: headers and parts, lines ending in CRLF."""

    sender: str
    recipient: str
    message_id: str
    raw: bytes
    utf8: bool = False
    """The recipient's address has letters beyond ASCII, and stands in the headers as it is (RFC 6531)."""
    subject: str = ""
    """As people read it."""


def compose(mail: MailData, *, sent_at: datetime | None = None) -> Message:
    """The whole message, ready for a transport.

    `sent_at`: for the `Date` header, aware; now unless told. Raises `ValueError` for an address or Message-ID that cannot stand in a
    header, and for a mail that is not transactional and offers no way to unsubscribe (LSSI art. 21, RFC 8058).
    """
    recipient = mail_address(mail.recipient, "recipient")
    sender = mail_address(mail.shop.from_address, "shop's from_address")
    if not mail.transactional and not web_url(mail.unsubscribe_url):
        raise ValueError(f"{mail.followup} is not transactional: it needs the address of its unsubscribe page")
    words = render(mail)
    headers = [
        _address("From", sender, mail.shop.name),
        f"To: {recipient}",
        *_reply_to(mail),
        _subject(words.subject),
        f"Date: {format_datetime(sent_at or clock.now())}",
        *_identity(mail),
        *_way_out(mail),
        "MIME-Version: 1.0",
    ]
    head = "\r\n".join(headers).encode("utf-8")
    return Message(sender, recipient, mail.message_id, head + b"\r\n" + _body(mail, words), not recipient.isascii(), words.subject)


def _subject(text: str) -> str:
    """What fits on a line as it is; with letters beyond ASCII in encoded words (RFC 2047), for which the standard library needs 60 µs."""
    if not text.isascii():
        return "Subject: " + "\r\n ".join(_encoded_words(text.encode("utf-8", "replace")))
    return f"Subject: {text}" if len(text) < 68 and text.isprintable() else _folded("Subject", text)


def _encoded_words(text: bytes) -> Iterator[str]:
    """Pieces that leave room for the header's name on a line of 76; no letter is torn apart (RFC 2047, 5)."""
    while text:
        end = ENCODED
        while end < len(text) and text[end] & 0xC0 == 0x80:
            end -= 1
        yield f"=?utf-8?b?{b2a_base64(text[:end], newline=False).decode()}?="
        text = text[end:]


@lru_cache(maxsize=1024)
def _folded(name: str, value: str) -> str:
    """One header by the standard library's rules: folded, and encoded where it has letters beyond ASCII (RFC 2047)."""
    return str(SMTP.header_factory(name, value).fold(policy=SMTP)).rstrip("\r\n")


@lru_cache(maxsize=1024)
def _address(header: str, address: str, name: str = "") -> str:
    """The shop's own, so few that each is put together once."""
    local, _, domain = address.rpartition("@")
    return _folded(header, str(Address(header_name(name), local, domain)))


def _reply_to(mail: MailData) -> list[str]:
    if not mail.shop.reply_to:
        return []
    return [_address("Reply-To", mail_address(mail.shop.reply_to, "shop's reply_to"))]


def _identity(mail: MailData) -> list[str]:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValueError(f"this is no Message-ID: {plain(mail.message_id, 60)!r}")
    earlier = [one for one in mail.thread if _MESSAGE_ID.fullmatch(one) and one != mail.message_id]
    shown = earlier if len(earlier) <= THREAD else [earlier[0], *earlier[1 - THREAD :]]
    thread = [f"In-Reply-To: {earlier[-1]}", "References: " + "\r\n ".join(shown)] if earlier else []
    return [
        f"Message-ID: {mail.message_id}",
        *thread,
        f"X-Postventa-Effect: {mail.effect_id}",
        f"X-Postventa-Followup: {mail.followup}",
        "Auto-Submitted: auto-generated",
        f"Feedback-ID: {mail.followup}:{slug(mail.shop.name)}:postventa",
    ]


def _way_out(mail: MailData) -> list[str]:
    if mail.transactional:
        return []
    return [f"List-Unsubscribe: <{web_url(mail.unsubscribe_url)}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def header_name(name: str) -> str:
    """A shop's name for the `From` header: one line, no signs that steer text, no address in it that could pass for the sender."""
    return plain(name, 64).replace("@", " ").replace("<", " ").replace(">", " ").strip()


@lru_cache(maxsize=1024)
def slug(shop: str) -> str:
    """The shop's name in plain letters, for postmasters' statistics (https://support.google.com/a/answer/6254652)."""
    letters = unicodedata.normalize("NFKD", shop).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40] or "shop"


def _body(mail: MailData, words: Rendered) -> bytes:
    """The content headers and the parts.

    The boundaries cannot stand in a part: `=_` occurs neither in quoted-printable nor in base64.
    """
    shown, files = [one for one in mail.attachments if one.cid], [one for one in mail.attachments if not one.cid]
    page = _html(words.html)
    if shown:
        page = _several("related", mail.message_id, [page, *map(_attached, shown)], b'; type="text/html"')  # RFC 2387
    both = _several("alternative", mail.message_id, [_quoted("text/plain", words.text), page])
    if not files:
        return both
    return _several("mixed", mail.message_id, [both, *(_shared(one) if one.shared else _attached(one) for one in files)])


def _several(kind: str, message_id: str, parts: Sequence[bytes], more: bytes = b"") -> bytes:
    boundary = f"=_{kind}_{sha256(message_id.encode()).hexdigest()[:24]}".encode()
    between = b"\r\n--" + boundary
    head = b'Content-Type: multipart/%s%s; boundary="%s"\r\n' % (kind.encode(), more, boundary)
    return head + b"".join(between + b"\r\n" + part for part in parts) + between + b"--\r\n"


def _html(html: str) -> bytes:
    """As it is where it may travel so: the layout writes ASCII in short lines. An address of 1,000 signs makes it base64, which takes twenty times
    as long, is a third larger, and which filters like less (SpamAssassin's MIME_BASE64_TEXT).
    """
    if html.isascii() and "\r" not in html and "\0" not in html and _in_short_lines(html):
        return _head("text/html", "7bit") + html.encode().replace(b"\n", b"\r\n")
    body = b2a_base64(html.encode("utf-8", "replace"), newline=False)
    whole, rest = divmod(len(body), LINE)
    # `struct` cuts the lines in a third of a loop's time.
    return _head("text/html", "base64") + b"\r\n".join(struct.unpack(f"{LINE}s" * whole + (f"{rest}s" if rest else ""), body))


def _in_short_lines(text: str) -> bool:
    end = 0
    while len(text) - end > LONGEST_LINE:
        end = text.rfind("\n", end, end + LONGEST_LINE + 1) + 1
        if not end:
            return False
    return True


def _quoted(mime: str, text: str) -> bytes:
    """Quoted-printable by the C function, not by the email package's own."""
    body = b2a_qp(text.encode("utf-8", "replace"), istext=True, header=False)
    return _head(mime, "quoted-printable") + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _head(mime: str, encoding: str) -> bytes:
    return f'Content-Type: {mime}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'.encode()


def _attached(attachment: Attachment) -> bytes:
    """By the standard library: attachments are few, and their names are not ours."""
    kind, _, subkind = attachment.mime.partition("/")
    part, shown = MIMEPart(policy=SMTP), attachment.cid
    name, how, cid = _file_name(attachment.filename), "inline" if shown else "attachment", f"<{shown}>" if shown else None
    part.set_content(attachment.content, maintype=kind, subtype=subkind, filename=name, disposition=how, cid=cid)
    return part.as_bytes(policy=SMTP).removesuffix(b"\r\n")


@lru_cache(maxsize=512)
def _shared(attachment: Attachment) -> bytes:
    """What many mails carry is put together once."""
    return _attached(attachment)


def _file_name(name: str) -> str:
    """No folders, no control signs."""
    return re.sub(r'[/\\:*?"<>|]+', "-", plain(name, 80)).strip(". -") or "documento.pdf"
