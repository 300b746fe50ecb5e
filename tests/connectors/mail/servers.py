"""SMTP servers on this machine: a real one that keeps what arrives, and one that follows a script to the letter."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from socket import create_server, socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port
from tests.runtime.processes import eventually


@dataclass
class Postbox:
    """Keeps what arrives, with the connection that it came by."""

    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    peers: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert envelope.mail_from is not None
        assert isinstance(envelope.original_content, bytes)
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        self.peers.append(session.peer)
        return "250 2.0.0 taken as 77"


@contextmanager
def real_server(**options: Any) -> Iterator[tuple[Postbox, int]]:
    """A full SMTP server (aiosmtpd) on a free port of this machine."""
    postbox = Postbox()
    port = free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, server_hostname="mail.test", ready_timeout=60, **options)
    controller.start()
    try:
        yield postbox, port
    finally:
        eventually(lambda: not asyncio.all_tasks(controller.loop))  # the client hung up: once the server has noticed, no socket stays open
        controller.stop()


def only_lola(server: Any, session: Session, envelope: Envelope, mechanism: str, credentials: Any) -> AuthResult:
    """Lets in `lola` with the password `secreto`."""
    good = isinstance(credentials, LoginPassword) and (credentials.login, credentials.password) == (b"lola", b"secreto")
    return AuthResult(success=good, handled=good)


HANG_UP = None
FINE = dict.fromkeys(("EHLO", "MAIL", "RCPT", "RSET", "NOOP"), "250 fine")
HELLO = {**FINE, "": "220 mail.test", "DATA": "354 go on", ".": "250 taken", "QUIT": "221 bye"}


@dataclass
class Script:
    """Answers by command; `None` hangs up, "..." says nothing. `""` is the greeting, `.` the end of the message, `body` its first line."""

    answers: dict[str, str | None]
    heard: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def scripted(**changes: str | None) -> Iterator[tuple[Script, int]]:
    """A server that answers as told; `dot=`, `greeting=` stand for the names that Python does not allow."""
    names = {"dot": ".", "greeting": ""}
    script = Script({**HELLO, **{names.get(name, name): answer for name, answer in changes.items()}})
    listener = create_server(("127.0.0.1", 0))
    over = threading.Event()
    thread = threading.Thread(target=_listen, args=(listener, script, over), daemon=True)
    thread.start()
    try:
        yield script, listener.getsockname()[1]
    finally:
        over.set()
        thread.join(5)
        listener.close()


def _listen(listener: socket, script: Script, over: threading.Event) -> None:
    listener.settimeout(0.05)
    while not over.is_set():
        try:
            line, _ = listener.accept()
        except TimeoutError:
            continue
        script.connections += 1
        with line, suppress(OSError):  # the client may hang up at any moment, that is what it is tested for
            line.settimeout(60)
            _talk(line, script, over)


def _talk(line: socket, script: Script, over: threading.Event) -> None:
    with line.makefile("rb") as words:
        command, in_body = "", False
        while True:
            if not in_body and not _answer(line, script.answers.get(command, "500 what?"), over):
                return
            in_body = in_body or (command == "DATA" and str(script.answers["DATA"]).startswith("354"))
            heard = words.readline()
            if not heard or (in_body and "body" in script.answers):
                return
            if in_body and heard != b".\r\n":
                continue
            in_body = False
            command = heard.strip().decode().split(" ")[0].upper()
            script.heard.append(" ".join([command, *heard.strip().decode().split(" ")[1:]]))


def _answer(line: socket, answer: str | None, over: threading.Event) -> bool:
    """Whether the talk goes on."""
    if answer is None:
        return False
    if answer == "...":
        over.wait(60)
        return False
    line.sendall(f"{answer}\r\n".encode())
    return True


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A certificate for 127.0.0.1 that signs itself: (the server's context, the file to trust)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    no_password = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, secret)
    return context, str(cert)
