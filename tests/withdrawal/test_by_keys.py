"""Without a mouse and without scripts: Ana withdraws with a number that is none, and her receipt lies in a real mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from connectors.mail.smtp import SmtpTransport
from postventa.accounts import sessions
from postventa.accounts.roles import Role
from postventa.clock import real_now
from postventa.models import Account
from postventa.models.db import transaction
from tests.accounts.test_browser import SMALL
from tests.accounts.visits import hidden
from tests.look import judged
from tests.peers.smtp import smtp_sink
from tests.web.phones import WITHOUT, serving, spanish, wait_for
from tests.withdrawal.counter import ANA, Counter

pytestmark = [WITHOUT, pytest.mark.timeout(240)]
STATES = ("open", "released", "refused", "refunded", "unmatched")
FOCUSED = "const e = document.activeElement; return getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none'"


@pytest.fixture
def site(counter: Counter) -> Iterator[str]:
    with serving(counter.app) as port:
        yield f"http://localhost:{port}"


def go(phone: Chrome, css: str, *keys: str) -> None:
    """By tab to it, and keys: what cannot be reached or seen fails."""
    for _ in range(40):
        here = phone.switch_to.active_element
        if here in phone.find_elements(By.CSS_SELECTOR, css):
            assert phone.execute_script(FOCUSED), css
            here.send_keys(*keys)
            return
        here.send_keys(Keys.TAB)
    raise AssertionError(f"no tab leads to {css}")


def test_she_withdraws_by_keys_alone_and_her_receipt_is_in_her_mailbox(counter: Counter, site: str, tmp_path: Path) -> None:
    counter.order()
    phone = spanish(tmp_path / "profile", javascript=False)
    with smtp_sink() as sink:
        line = SmtpTransport("127.0.0.1", sink.port, tls="none")
        counter.world.__dict__.update(transport=line)
        try:
            phone.get(site + counter.page)
            wait_for(phone, "Desistir del contrato aquí")
            go(phone, "#name", "Ana Ruiz")
            go(phone, "#contract", "9999")
            go(phone, "#email", ANA)
            go(phone, "form .button", Keys.ENTER)
            wait_for(phone, "Tu declaración")
            assert counter.statements() == [], "the second step counts"
            go(phone, "form .button", Keys.ENTER)
            page = wait_for(phone, "Tu desistimiento está enviado")
        finally:
            phone.quit()
        counter.work()
        (mail,) = sink.wait(ANA)
        line.close()
    row = counter.one()
    assert (row.trouble, row.order_id, row.ref in page) == ("no-order", None, True)
    ((kind, pdf),) = mail.attachments
    printed = " ".join(part.extract_text() for part in PdfReader(BytesIO(pdf)).pages)
    assert (kind, mail.followup) == ("application/pdf", "withdrawal_receipt")
    at = f"{row.submitted_at:%H:%M:%S}"
    for where, said in (("text", mail.text), ("HTML", mail.html), ("PDF", printed)):
        flat = " ".join(said.split())
        for fact in (row.ref, "Ana Ruiz", "9999", "Europe/Madrid", f"{at} UTC"):
            assert fact in flat, (where, fact, flat)


@pytest.mark.long
def test_no_staff_page_of_it_breaks_a_rule(counter: Counter, site: str, tmp_path: Path) -> None:
    """The list, the form, and a page for each state that has its own buttons: to be paid, released, refused, paid, and to be joined."""
    counter.order()
    for name in STATES:
        counter.withdraw(counter.phone(), contract="1042" if name != "unmatched" else "no lo encuentro")
    counter.work()
    person = counter.employ(Role.OWNER)
    mara, rows = counter.sit_down(person), counter.statements()
    for row, fields in zip(rows[1:4], ({"do": "proof"}, {"do": "refuse", "ground": "made_to_measure"}, {"do": "refunded"}), strict=True):
        csrf = hidden(mara.get(f"/withdrawals/{row.ref}").get_data(as_text=True))["csrf"]
        assert mara.post(f"/withdrawals/{row.ref}", data={"csrf": csrf, **fields}).status_code == 303, fields
    phone, wrong = spanish(tmp_path / "profile", javascript=True), list[str]()
    try:
        with transaction(counter.engine) as session:
            token = sessions.begin(session, session.get_one(Account, person.id), real_now())
        phone.get(f"{site}/account/sign-in")
        phone.add_cookie({"name": "postventa_local", "value": token, "path": "/"})
        pages = {"": "list", "/new": "new"} | {f"/{row.ref}": name for row, name in zip(rows, STATES, strict=True)}
        for path, name in pages.items():
            phone.get(f"{site}/withdrawals{path}")
            judged(phone, f"withdrawals-{name}", wrong, SMALL)
    finally:
        phone.quit()
    assert wrong == []
