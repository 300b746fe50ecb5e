"""`postventa account`: the people who sign in, from the command line of the machine."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, reason, told

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from postventa.models import Account

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def account() -> None:
    """The people who work with the service: who they are, and links to get in."""


@account.command()
@as_json
@click.pass_obj
def link(context: Context, as_json: bool) -> None:
    """A one-time link that makes the owner's account, while there is none. It works for an hour; earlier ones are over."""
    from postventa import audit
    from postventa.accounts import invitations
    from postventa.cli import open as opened
    from postventa.clock import real_now
    from postventa.models.db import transaction

    now = real_now()
    try:
        with opened.ledger(context.settings) as engine, transaction(engine) as session:
            token = invitations.first_owner(session, now)
            audit.record(session, actor(), "account.first_link")
    except invitations.Taken:
        raise click.ClickException(
            "there is an account already: its owner invites others at /account/people; who lost everything needs `postventa account recover EMAIL`"
        ) from None
    _tell(context, token, now + invitations.HOUR, as_json)


@account.command("list")
@as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """Everybody who may sign in, and who may not any more."""
    from postventa.accounts import store
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        found = [_described(session, row) for row in store.everyone(session)]
    if as_json:
        emit({"accounts": found})
    else:
        columns = ("id", "email", "name", "role", "passkeys", "password", "seen_at", "disabled_at")
        show("Accounts", columns, found, empty="nobody yet: `postventa account link` makes the owner's")


@account.command()
@click.argument("email")
@reason
@click.pass_obj
def disable(context: Context, email: str, reason: str) -> None:
    """Sign somebody out everywhere; they cannot sign in any more. `recover` undoes it."""
    from postventa.accounts import people
    from postventa.cli import open as opened
    from postventa.clock import real_now
    from postventa.models.db import transaction

    try:
        with opened.ledger(context.settings) as engine, transaction(engine) as session:
            people.disable(session, actor(), _pick(session, email), real_now(), told(reason))
    except people.LastOwner:
        raise click.ClickException("that is the only owner: make somebody else one first, at /account/people") from None
    click.echo(f"{email} is signed out everywhere and cannot sign in any more. `postventa account recover {email}` undoes it.")


@account.command()
@click.argument("email")
@reason
@as_json
@click.pass_obj
def recover(context: Context, email: str, reason: str, as_json: bool) -> None:
    """A one-time link for somebody who lost everything: they choose anew how to sign in.

    When it is used, their old passkeys, password and codes count no more, they are signed out everywhere, and the account is enabled.
    """
    from postventa import audit
    from postventa.accounts import invitations
    from postventa.cli import open as opened
    from postventa.clock import real_now
    from postventa.models.db import transaction

    now = real_now()
    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        row = _pick(session, email)
        token = invitations.recover(session, row, now)
        audit.record(session, actor(), "account.recovery_link", subject=f"account {row.id}", reason=told(reason))
    _tell(context, token, now + invitations.HOUR, as_json)


def _pick(session: Session, email: str) -> Account:
    from postventa.accounts import store

    found = store.by_email(session, email)
    if found is None:
        raise click.ClickException(f"there is no account for {email}: `postventa account list` shows them")
    return found


def _described(session: Session, row: Account) -> dict[str, object]:
    from postventa.accounts import store

    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "passkeys": len(store.passkeys_of(session, row.id)),
        "password": row.password_hash is not None,
        "created_at": row.created_at.isoformat(),
        "seen_at": row.seen_at.isoformat() if row.seen_at else None,
        "disabled_at": row.disabled_at.isoformat() if row.disabled_at else None,
    }


def _tell(context: Context, token: str, until: datetime, as_json: bool) -> None:
    from postventa.accounts import invitations

    url = invitations.address(context.settings.public_url, token)
    if as_json:
        emit({"url": url, "expires_at": until.isoformat()})
        return
    click.echo(url)
    click.echo("It works once, for an hour. Whoever has it gets in: pass it on to nobody but the person it is for.", err=True)
