"""Accounts in both databases: what counts once counts once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from postventa import audit
from postventa.accounts import codes, enrol, invitations, limits, passwords, people, sessions, store
from postventa.accounts.passkeys import Made
from postventa.accounts.roles import Role
from postventa.accounts.sign_in import Caller, with_password
from postventa.cli import cli
from postventa.config import load
from postventa.models import Account, Invitation, SignedIn, SignInCount, SpentChallenge
from postventa.models.db import connect, reading, transaction
from tests.accounts.visits import MARA, PASSWORD

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SECRET = b"only for tests: thirty-two bytes"
PASSKEY = Made(b"credential", b"key", 5)


def account(engine: Engine, email: str = MARA, role: Role = Role.OWNER) -> int:
    with transaction(engine) as session:
        return store.make(session, email, "Mara", role, email.encode(), NOW).id


def test_the_first_link_works_until_there_is_an_account(engine: Engine) -> None:
    with transaction(engine) as session:
        old, token = invitations.first_owner(session, NOW), invitations.first_owner(session, NOW)
        assert invitations.open_one(session, old, NOW) is None, "a newer one was made"
        assert invitations.open_one(session, token, NOW + timedelta(minutes=59)) is not None
        assert invitations.open_one(session, token, NOW + timedelta(minutes=61)) is None
    account(engine)
    with transaction(engine) as session:
        assert invitations.open_one(session, token, NOW) is None
        with pytest.raises(invitations.Taken):
            invitations.first_owner(session, NOW)
        assert token not in session.scalars(select(Invitation.token_hash)).all()


def test_an_invitation_becomes_an_account_once(engine: Engine) -> None:
    mara = account(engine)
    with transaction(engine) as session:
        token = invitations.invite(session, "jon@zapateriamara.example", Role.SUPPORT, mara, NOW)
    proof = enrol.Proof(passkey=PASSKEY, passkey_name="phone")
    with transaction(engine) as session:
        link = invitations.open_one(session, token, NOW)
        assert link is not None
        made, codes = enrol.accept(session, SECRET, link, "", "Jon", b"jon", proof, NOW)
        assert (made.email, made.role, codes) == ("jon@zapateriamara.example", "support", [])
        with pytest.raises(enrol.Over):
            enrol.accept(session, SECRET, link, "", "Jon", b"jon", proof, NOW)
        with pytest.raises(invitations.Taken):
            invitations.invite(session, made.email, Role.OWNER, mara, NOW)
        assert audit.verify(session) == []


def test_a_passkey_belongs_to_one_account(engine: Engine) -> None:
    mara, otto = account(engine), account(engine, "otto@tes.example")
    with transaction(engine) as session:
        assert store.add_passkey(session, session.get_one(Account, mara), PASSKEY, "phone", NOW) is not None
        assert store.add_passkey(session, session.get_one(Account, otto), PASSKEY, "phone", NOW) is None


def test_a_count_that_goes_back_is_refused(engine: Engine) -> None:
    mara = account(engine)
    with transaction(engine) as session:
        row = store.add_passkey(session, session.get_one(Account, mara), PASSKEY, "phone", NOW)
        assert row is not None
        assert store.used_passkey(session, row, 6, NOW)
        assert not store.used_passkey(session, row, 6, NOW)
        assert store.used_passkey(session, row, 0, NOW), "one that does not count says 0 each time"


def test_the_last_way_to_sign_in_stays(engine: Engine) -> None:
    mara = account(engine)
    with transaction(engine) as session:
        owner = session.get_one(Account, mara)
        row = store.add_passkey(session, owner, PASSKEY, "phone", NOW)
        assert row is not None
        with pytest.raises(ValueError, match="last"):
            store.remove_passkey(session, owner, row.id)
        assert store.remove_passkey(session, owner, row.id + 1) is None
        store.set_password_and_totp(session, SECRET, owner, "hash", "SECRET", 1, NOW)
        assert store.remove_passkey(session, owner, row.id) is row


def test_a_challenge_is_answered_once(engine: Engine) -> None:
    with transaction(engine) as session:
        assert store.spend(session, b"challenge", NOW)
        assert not store.spend(session, b"challenge", NOW)


def test_the_secret_of_the_codes_is_sealed_for_its_account(engine: Engine) -> None:
    mara = account(engine)
    with transaction(engine) as session:
        owner = session.get_one(Account, mara)
        store.set_password_and_totp(session, SECRET, owner, "hash", "GEZDGNBVGY3TQOJQ", 1, NOW)
        assert owner.totp_secret is not None
        assert b"GEZDGNBVGY3TQOJQ" not in owner.totp_secret


def test_tries_are_counted_by_network_and_by_account(engine: Engine) -> None:
    def ask(address: str, email: str, later: int = 0) -> bool:
        with transaction(engine) as session:
            return limits.count(session, SECRET, address, email, NOW + timedelta(minutes=later))

    assert [ask(f"10.0.0.{n}", MARA) for n in range(limits.BY_ACCOUNT + 1)] == [True] * limits.BY_ACCOUNT + [False]
    assert ask("10.0.0.1", "otto@tes.example")
    assert [ask("10.9.9.9", "") for _ in range(limits.BY_ADDRESS + 1)] == [True] * limits.BY_ADDRESS + [False]
    assert ask("10.9.9.9", MARA, later=15)
    with reading(engine) as session:
        assert MARA not in "".join(session.scalars(select(SignInCount.subject)))


def test_what_nobody_needs_any_more_is_forgotten(engine: Engine) -> None:
    mara, later = account(engine), NOW + timedelta(days=34)
    with transaction(engine) as session:
        owner = session.get_one(Account, mara)
        sessions.begin(session, owner, NOW)
        kept = sessions.begin(session, owner, later)
        store.spend(session, b"challenge", NOW)
        limits.count(session, SECRET, "10.0.0.1", MARA, NOW)
        invitations.invite(session, "jon@zapateriamara.example", Role.SUPPORT, mara, NOW)
        waiting = invitations.invite(session, "luz@zapateriamara.example", Role.SUPPORT, mara, later)
        store.purge(session, later)
        assert invitations.open_one(session, waiting, later) is not None
        for table, left in ((SignedIn, 1), (Invitation, 1), (SpentChallenge, 0), (SignInCount, 0)):
            assert session.scalar(select(func.count()).select_from(table)) == left
        assert sessions.find(session, kept, later) is not None


def test_a_hash_of_older_parameters_is_renewed_unless_it_was_changed_meanwhile(engine: Engine) -> None:
    mara = account(engine)
    with transaction(engine) as session:
        owner = session.get_one(Account, mara)
        owner.password_hash = "old"
        session.flush()
        store.rehash(session, mara, "another", "new")
        session.refresh(owner)
        assert owner.password_hash == "old"
        store.rehash(session, mara, "old", "new")
        session.refresh(owner)
        assert owner.password_hash == "new"


def test_a_sign_in_renews_an_old_hash_while_others_may_write_and_succeeds_without_a_turn(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    mara, totp, writable = account(engine), codes.new_secret(), []
    with transaction(engine) as session:
        store.set_password_and_totp(session, SECRET, session.get_one(Account, mara), passwords.hashed(PASSWORD), totp, 1, NOW)

    def hashed(_: str) -> str:
        with transaction(engine) as session:  # would wait for ever behind the sign-in's own
            writable.append(session.get_one(Account, mara).name)
        if len(writable) == 1:
            raise passwords.Busy
        return "renewed"

    monkeypatch.setattr(passwords, "outdated", lambda _: True)
    monkeypatch.setattr(passwords, "hashed", hashed)
    for minutes, kept in ((0, False), (5, True)):
        caller = Caller(engine, SECRET, "10.0.0.1", "", NOW + timedelta(minutes=minutes))
        assert with_password(caller, MARA, PASSWORD, pyotp.TOTP(totp).at(caller.now))
        with reading(engine) as session:
            assert (session.get_one(Account, mara).password_hash == "renewed") is kept


@pytest.mark.parametrize("deed", ["disable", "role"])
def test_who_may_no_more_gets_nobody_in_by_links_of_before(engine: Engine, deed: str) -> None:
    mara, jon = account(engine), account(engine, "jon@zapateriamara.example", Role.MANAGER)
    with transaction(engine) as session:
        manager, owner = session.get_one(Account, jon), session.get_one(Account, mara)
        his = invitations.invite(session, "otto@tes.example", Role.MANAGER, jon, NOW)
        hers = invitations.invite(session, "luz@zapateriamara.example", Role.SUPPORT, mara, NOW)
        back = invitations.recover(session, manager, NOW)
        if deed == "disable":
            people.disable(session, f"account:{mara}", manager, NOW)
        else:
            people.change_role(session, owner, manager, Role.SUPPORT, NOW)
        assert [invitations.open_one(session, token, NOW) is not None for token in (his, back, hers)] == [False, False, True]


def test_the_commands_make_links_list_and_disable(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["--config", str(config), *words])
        return done.exit_code, done.stdout

    assert run("db", "upgrade")[0] == 0
    status, said = run("account", "link", "--json")
    assert status == 0
    assert json.loads(said)["url"].startswith("http://localhost:8000/account/welcome/")
    engine = connect(load(config).database_url)
    account(engine)
    account(engine, "jon@zapateriamara.example", Role.SUPPORT)
    assert run("account", "link")[0] == 1
    assert run("account", "disable", "JON@zapateriamara.example", "--reason", "left")[0] == 0
    assert run("account", "disable", MARA)[0] == 1, "the only owner"
    assert run("account", "recover", "nobody@tes.example")[0] == 1
    assert "/account/welcome/" in run("account", "recover", MARA)[1]
    listed = json.loads(run("account", "list", "--json")[1])["accounts"]
    assert [(row["email"], row["role"], row["disabled_at"] is not None) for row in listed] == [
        (MARA, "owner", False),
        ("jon@zapateriamara.example", "support", True),
    ]
    with reading(engine) as session:
        assert audit.verify(session) == []
    engine.dispose()
