"""Mara's office: the whole application, browsers that keep cookies, and the shortest ways to an account and into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, update

from postventa.accounts import codes, invitations, passwords, sessions, store, tokens
from postventa.accounts.roles import Role
from postventa.clock import real_now
from postventa.models import Account, AuditEntry, SignedIn
from postventa.models.db import reading, transaction

PASSWORD = "caballo grapa batería correcta"
MARA = "mara@zapateriamara.example"
HASHED = passwords.hashed(PASSWORD)


@dataclass
class Person:
    """An account, and what its owner knows."""

    id: int
    email: str
    role: Role
    totp: str
    recovery: list[str]

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many steps of 30 seconds from now."""
        return pyotp.TOTP(self.totp).at(real_now(), counter_offset=steps)


class Office:
    """What tests do with the application."""

    def __init__(self, app: Flask) -> None:
        self.app, service = app, app.extensions["postventa"]
        self.engine: Engine = service.engine
        self.secret: bytes = service.secret

    def browser(self) -> FlaskClient:
        """Somebody's browser: it keeps cookies."""
        return self.app.test_client()

    def first_link(self) -> str:
        """The path of the link that makes the owner's account."""
        with transaction(self.engine) as session:
            return f"/account/welcome/{invitations.first_owner(session, real_now())}"

    def nobodys_token(self) -> str:
        """A token of the right form that opens nothing, as there are accounts."""
        return tokens.draw()

    def recovery_link(self, person: Person) -> str:
        """The path of the link for somebody who lost everything."""
        with transaction(self.engine) as session:
            return f"/account/welcome/{invitations.recover(session, session.get_one(Account, person.id), real_now())}"

    def employ(self, role: Role = Role.OWNER, email: str = MARA, name: str = "Mara") -> Person:
        """An account with password and app; the newest code that was used is long ago."""
        totp, now = codes.new_secret(), real_now()
        with transaction(self.engine) as session:
            account = store.make(session, email, name, role, email.encode().ljust(32, b"."), now)
            recovery = store.set_password_and_totp(session, self.secret, account, HASHED, totp, 1, now)
            return Person(account.id, email, role, totp, recovery)

    def sit_down(self, person: Person) -> FlaskClient:
        """A browser in which that person is signed in."""
        browser = self.browser()
        with transaction(self.engine) as session:
            token = sessions.begin(session, session.get_one(Account, person.id), real_now())
        browser.set_cookie("postventa_local", token)
        return browser

    def age(self, *, created: timedelta = timedelta(), seen: timedelta = timedelta()) -> None:
        """Make every session so much older."""
        with transaction(self.engine) as session:
            for row in session.query(SignedIn):
                row.created_at, row.ends_at, row.seen_at = row.created_at - created, row.ends_at - created, row.seen_at - seen

    def said(self) -> list[tuple[str, str]]:
        """(actor, action) of the audit log."""
        with reading(self.engine) as session:
            return [(row.actor, row.action) for row in session.query(AuditEntry).order_by(AuditEntry.id)]

    def forget_step(self, person: Person) -> None:
        """Let the code that was used count again, so that tests need not wait for the next one."""
        with transaction(self.engine) as session:
            session.execute(update(Account).where(Account.id == person.id).values(totp_step=1))


def form_of(browser: FlaskClient, path: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return hidden(browser.get(path).get_data(as_text=True))


def enrol(browser: FlaskClient, path: str, to: str = "", **fields: str) -> tuple[int, str]:
    """Fill in a form with a password and the code of the secret that it shows: status and text."""
    page = browser.get(path).get_data(as_text=True)
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    told = {"password": PASSWORD, "code": pyotp.TOTP(secret).at(real_now()), "passkey": ""}
    answer = browser.post(to or path, data={**hidden(page), **told, **fields})
    return answer.status_code, unescape(answer.get_data(as_text=True))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)}


def send(browser: FlaskClient, page: str, to: str = "", **fields: str) -> tuple[int, str, str]:
    """Open a page and send its form: status, where it leads, the text."""
    answer = browser.post(to or page, data={**form_of(browser, page), **fields})
    return answer.status_code, urlsplit(answer.headers.get("Location", "")).path, unescape(answer.get_data(as_text=True))


def sign_in(browser: FlaskClient, person: Person, password: str = PASSWORD, code: str = "") -> tuple[int, str, str]:
    """By the form."""
    return send(browser, "/account/sign-in", email=person.email, password=password, code=code or person.code(), passkey="")


def is_in(browser: FlaskClient) -> bool:
    """Whether somebody is signed in there."""
    return browser.get("/account/security").status_code == 200
