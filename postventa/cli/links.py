"""`postventa ledger unlink`: take back the links to an order's page."""

from __future__ import annotations

import click

from postventa.cli import Context
from postventa.cli.actor import actor, needed_reason, told
from postventa.cli.returns import shop_option


@click.command()
@click.argument("order")
@needed_reason
@shop_option
@click.pass_obj
def unlink(context: Context, order: str, reason: str, shop: str) -> None:
    """Take back every link to ORDER's page, those of its mails included: none opens it any more. Whoever asks for a new one by mail gets it."""
    from jobs.open_return import find_order
    from postventa import audit, track_links
    from postventa.cli import open as opened
    from postventa.clock import now
    from postventa.models.db import transaction
    from postventa.secrets import load_secret

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            with transaction(engine) as session:
                found = find_order(session, chosen, order)
                track_links.revoke(session, load_secret(context.settings), found, now())
                audit.record(session, actor(), "links.revoke", shop_id=chosen.id, subject=f"order {found.id}", reason=told(reason))
        except LookupError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"No link opens the page of order {found.number} any more.")
