"""The viewer of kept mails: for the people of this machine only, and nothing in a mail can run."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from connectors.mail.mailbox import MailboxTransport
from connectors.mail.wire import as_letter
from postventa.app import create_app
from postventa.config import Settings
from postventa.models import Base
from postventa.models.db import connect


@pytest.fixture
def client(tmp_path: Path, sqlite_engine: Engine) -> FlaskClient:
    settings = Settings.model_validate({"source": tmp_path / "config.toml", "database": {"url": f"sqlite:///{tmp_path / 'web.db'}"}})
    engine = connect(settings.database_url)
    Base.metadata.create_all(engine)
    engine.dispose()
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "hola@lola.example", "ana@cliente.example", "Tu pedido <b>1042</b> va de camino"
    mail["Date"] = "Mon, 23 Nov 2026 20:55:09 +0000"
    mail["X-Postventa-Followup"] = "shipped"
    mail.set_content("Tu paquete ya ha salido.")
    mail.add_alternative("<h1>Tu paquete</h1><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="R-1.pdf")
    MailboxTransport(tmp_path / "var" / "mailbox").send(as_letter(mail), "ana@cliente.example")
    return create_app(settings).test_client()


def test_mails_are_listed_and_shown_in_a_frame_that_runs_nothing(client: FlaskClient, tmp_path: Path) -> None:
    page = client.get("/mailbox/").get_data(as_text=True)
    assert "Tu pedido &lt;b&gt;1042&lt;/b&gt; va de camino" in page
    assert "lun 23 nov 2026, 20:55" in page
    (name,) = [file.name for file in (tmp_path / "var" / "mailbox").glob("*.eml")]
    shown = client.get(f"/mailbox/{name}").get_data(as_text=True)
    assert "Tu paquete ya ha salido." in shown
    assert "<script>" not in shown
    frame = client.get(f"/mailbox/{name}/html")
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert client.get(f"/mailbox/{name}/files/0").data == b"%PDF-1.7"


@pytest.mark.parametrize("path", ["/mailbox/../config.toml", "/mailbox/.eml", "/mailbox/x.eml", "/mailbox/%2e%2e%2fconfig.toml"])
def test_nothing_but_kept_mails_is_shown(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_only_this_machine_sees_it_and_no_proxy_on_it(client: FlaskClient) -> None:
    assert client.get("/mailbox/", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 403
    assert client.get("/mailbox/", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403


def test_whoever_opens_the_address_by_hand_learns_that_it_runs_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert "Postventa está en marcha" in page
    assert "ana@" not in page
