"""Whether mails leave, and whether they would be believed."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.errors import ConnectorError
from connectors.mail.smtp import SmtpTransport
from connectors.mail.wire import Patience
from postventa.config import AT_HOME, Settings
from postventa.doctor.check import PATIENCE, Check

FREE_MAIL = ("gmail", "googlemail", "yahoo", "ymail", "hotmail", "outlook", "live", "msn", "aol", "icloud", "me.com", "gmx", "proton", "yandex")
"""Providers whose DMARC policy has mails from other servers refused; and a shop does not write from there."""


def checks(settings: Settings) -> Iterator[Check]:
    """The transport, the sender, and what the sender's domain publishes."""
    if settings.mail.transport == "mailbox":
        yield Check.warn("mail", f'no mail leaves this machine: all are kept in {settings.var / "mailbox"}. Set transport = "smtp" in [mail] to send')
        return
    yield server(settings)
    yield from senders(settings)
    yield Check.warn(
        "mail authentication",
        "not checked: send a test to yourself and look for spf=pass, dkim=pass and dmarc=pass in its Authentication-Results header",
    )


def server(settings: Settings) -> Check:
    """Connect and log in."""
    mail = settings.mail
    transport = SmtpTransport(
        mail.host, mail.port, username=mail.username, password=mail.password, tls=mail.tls, patience=Patience(PATIENCE, PATIENCE)
    )
    try:
        said = transport.check()
    except ConnectorError as error:
        return Check.fail("mail server", f"{error}. Check host, port, tls, username and password in [mail]")
    finally:
        transport.close()
    if mail.tls == "none" and mail.host not in AT_HOME:
        return Check.warn("mail server", f'{said}, but names and addresses travel unencrypted: set tls = "starttls" in [mail]')
    return Check.ok("mail server", said)


def senders(settings: Settings) -> Iterator[Check]:
    """Each address that mails come from, once."""
    addresses = {settings.mail.from_address, *(shop.from_address for shop in settings.shops)} - {""}
    for address in sorted(addresses):
        yield sender(address)
    if not settings.mail.from_address and any(not shop.from_address for shop in settings.shops):
        yield Check.warn(
            "mail sender", 'mails come from "hola" at the shop\'s own domain, as nobody said otherwise: set from_address to an address that you read'
        )


def sender(address: str) -> Check:
    """A domain of one's own."""
    domain = address.rpartition("@")[2].lower().rstrip(">")
    if "." not in domain:
        return Check.fail("mail sender", f'"{address}" is no e-mail address: set from_address = "hola@tienda.example"')
    if any(domain == free or domain.startswith(f"{free}.") for free in FREE_MAIL):
        return Check.fail(
            "mail sender", f"{address}: mails from {domain} that come from another server are refused. Use an address of your shop's domain"
        )
    return Check.ok("mail sender", address)
