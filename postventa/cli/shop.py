"""`postventa shop`: connect and inspect shops without a browser."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, reason, told

if TYPE_CHECKING:
    from postventa.config import Settings
    from postventa.shops import ConnectedShop

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def shop() -> None:
    """Connected shops."""


@shop.command()
@click.option("--platform", type=click.Choice(["woocommerce", "shopify"]), required=True)
@click.option("--name", required=True, help="What customers call the shop.")
@click.option("--url", default="", help="WooCommerce: the shop's address.")
@click.option("--domain", default="", help="Shopify: name.myshopify.com")
@click.option("--secret", default="", help="Webhook secret; none: one is made (Shopify: the app's client secret).")
@click.option("--consumer-key", default="", help="WooCommerce REST key (ck_...).")
@click.option("--consumer-secret", default="", help="WooCommerce REST secret (cs_...).")
@click.option("--access-token", default="", help="Shopify: Admin API token of an app made in the shop.")
@click.option("--client-id", default="", help="Shopify: client id of an app of your own organisation.")
@click.option("--client-secret", default="", help="Shopify: its client secret, which signs its webhooks too.")
@click.option("--webhooks", type=click.Choice(["auto", "keep", "leave"]), default="auto", show_default=True, help="Whether we make and mend them.")
@click.option("--locale", default="es", show_default=True)
@click.option("--timezone", default="Europe/Madrid", show_default=True)
@click.option("--country", default="ES", show_default=True)
@click.option("--currency", default="EUR", show_default=True)
@click.option("--from-address", default="", help="Sender of this shop's mails.")
@as_json
@click.pass_obj
def add(context: Context, /, as_json: bool, secret: str, **fields: Any) -> None:
    """Connect a shop; its secrets are stored encrypted. Prints what to enter in the shop."""
    from pydantic import ValidationError

    from postventa import audit, shops
    from postventa.cli import open as opened
    from postventa.config import ShopSettings
    from postventa.models.db import transaction
    from postventa.secrets import load_secret

    secret = secret or fields["client_secret"]
    if fields["platform"] == "shopify" and not secret:
        raise click.UsageError("a Shopify shop needs --client-secret (or --secret): the app's client secret signs its webhooks")
    chosen = secret or secrets.token_urlsafe(32)
    try:
        settings = ShopSettings(key=secrets.token_urlsafe(24), webhook_secrets=[chosen], **fields)
    except ValidationError as error:
        raise click.UsageError("; ".join(str(item["msg"]).removeprefix("Value error, ") for item in error.errors())) from None
    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        row = shops.add(session, load_secret(context.settings), settings)
        audit.record(session, actor(), "shop.add", shop_id=row.id, subject=f"shop {row.id}", after={"name": row.name, "platform": row.platform})
    document = {
        "key": settings.key,
        "webhook_url": _url(context.settings, settings.platform, settings.key),
        "webhook_secret": "" if secret else chosen,
    }
    if as_json:
        emit(document)
        return
    click.echo(f"{settings.name} is connected.\n  Webhook address: {document['webhook_url']}")
    if not secret:
        click.echo(f"  Webhook secret:  {chosen}\n  (shown once: enter it with each webhook in the shop)")


@shop.command()
@click.argument("url")
@click.option("--consumer-key", default="", help="ck_...; without keys only the address is looked at.")
@click.option("--consumer-secret", default="", help="cs_...")
@click.option("--ask-keys", is_flag=True, help="Ask for both, so that they stand in no history.")
@click.option("--name", default="", help="What customers call the shop; by itself: what the shop calls itself.")
@click.option("--accept-statuses", is_flag=True, help="Take over what the shop's own statuses mean, where that is sure.")
@click.option("--replace-keys", is_flag=True, help="The shop is connected already: these are its new keys.")
@click.option("--language", default="en", show_default=True, help="Of the sentences: es, ca, gl, eu, en, pt, fr, de or it.")
@as_json
@click.pass_obj
def connect(context: Context, /, as_json: bool, **given: Any) -> None:
    """Look at the WooCommerce shop at URL, say what is wrong, and with keys that work connect it as the shop describes itself."""
    from postventa.cli import connecting

    connecting.connect(context, as_json, **given)


@shop.command("list")
@as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """All shops, where their webhooks go, how far their past is read, and whether they are held."""
    from postventa import addresses
    from postventa.cli.tables import show
    from postventa.secrets import load_secret

    pasts, secret = _pasts(context), load_secret(context.settings)
    found = [
        {"name": s.settings.name, "platform": s.platform, "address": s.settings.domain or s.settings.url, "hold": "yes" if s.hold else "",
         "held_followups": ", ".join(sorted(s.held_followups)), "connected": "no" if s.disconnected else "yes",
         "found_by_poll": s.found_by_poll, "import": pasts.get(s.id, ""), "api": s.api_trouble or ("" if s.settings.has_api_keys else "no keys"),
         "webhooks": _url(context.settings, s.platform, s.key),
         "look_up": addresses.look_up_page(context.settings.pages_url(s.settings), addresses.public_name(secret, s.id, s.settings.name))}
        for s in _all(context)
    ]  # fmt: skip
    if as_json:
        emit({"shops": found})
    else:
        show(
            "Shops",
            ("name", "platform", "address", "connected", "found_by_poll", "import", "api", "hold", "held_followups", "webhooks"),
            found,
            empty="none: add one to the configuration",
        )


@shop.command()
@click.argument("wanted", default="")
@as_json
@click.pass_obj
def check(context: Context, wanted: str, as_json: bool) -> None:
    """Ask the shop's API whether the keys work, what stands in the way, and which of the shop's own mails to switch off."""
    from connectors.errors import ConnectorError
    from connectors.shops import SHOPS
    from jobs import shop_api
    from jobs.world import World
    from postventa.cli import connecting
    from postventa.cli import open as opened

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, wanted)
    seen = connecting.examine(context, chosen)
    own = seen.own
    platform = SHOPS[chosen.platform]
    mails = [{"followup": m.followup, "mail": m.name, "where": m.where, "ours": m.ours_by_default} for m in platform.native_mails]
    try:
        if not own.has_api_keys:
            raise ConnectorError("no API keys are set: deliveries work, but nothing can be asked of the shop")
        answer, works = shop_api.client(World(context.settings), replace(chosen, settings=own), paced=False).check(), True
    except ConnectorError as error:
        answer, works = str(error), False
    if as_json:
        emit(
            {
                "shop": own.name,
                "api": answer,
                "works": works,
                "webhook_url": _url(context.settings, chosen.platform, chosen.key),
                "native_mails": mails,
                "findings": seen.findings,
                "statuses": seen.statuses,
            }
        )
    else:
        connecting.tell(seen.findings)
        _tell(own.name, answer, works, mails)
        connecting.tell_statuses(seen.statuses)
    if not works:
        raise SystemExit(1)


def _tell(name: str, answer: str, works: bool, mails: list[dict[str, Any]]) -> None:
    click.echo(f"{name}: {'the API answers: ' if works else ''}{answer}")
    click.echo("\nMails that the shop sends by itself, so that no customer gets two:")
    for mail in mails:
        what = f"switch it off in {mail['where']}" if mail["where"] and mail["ours"] else "cannot be switched off there, so ours stays off"
        click.echo(f"  {mail['mail']} (our {mail['followup']}): {what}")


@shop.command()
@click.argument("wanted", default="")
@click.option("--followup", default="", help="Only this follow-up.")
@reason
@click.pass_obj
def hold(context: Context, wanted: str, followup: str, reason: str) -> None:
    """Hold a shop's mails (vacation, strike, incident). Deliveries are still taken in."""
    _hold(context, wanted, followup, True, reason)


@shop.command()
@click.argument("wanted", default="")
@click.option("--followup", default="", help="Only this follow-up.")
@reason
@click.pass_obj
def release(context: Context, wanted: str, followup: str, reason: str) -> None:
    """Let a held shop's mails go; what is no news any more is dropped, with the reason."""
    _hold(context, wanted, followup, False, reason)


def _hold(context: Context, wanted: str, followup: str, held: bool, reason: str) -> None:
    from postventa import holding
    from postventa.cli import open as opened
    from postventa.followups import FOLLOWUPS
    from postventa.models.db import transaction

    if followup and followup not in FOLLOWUPS:
        raise click.BadParameter(f"there is no {followup}; known: {', '.join(FOLLOWUPS)}", param_hint="--followup")
    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, wanted)
        if not held and not followup and chosen.settings.hold:
            raise click.ClickException("the configuration file holds this shop: set hold = false there and restart")
        with transaction(engine) as session:
            holding.hold(session, chosen.id, held, actor(), followup=followup, reason=told(reason))
    click.echo(f"{chosen.settings.name}: {followup or 'all mails'} {'held' if held else 'let go'}.")


def _all(context: Context) -> list[ConnectedShop]:
    from postventa import shops
    from postventa.cli import open as opened
    from postventa.secrets import load_secret

    with opened.ledger(context.settings) as engine:
        shops.sync(engine, context.settings)
        return shops.everyone(engine, context.settings, load_secret(context.settings))


def _pasts(context: Context) -> dict[int, str]:
    """Shop's number -> how far its past is read."""
    from sqlalchemy import select

    from postventa import imports
    from postventa.cli import open as opened
    from postventa.models import Shop
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        told = {shop_id: imports.progress(session, shop_id) for shop_id in session.scalars(select(Shop.id))}
    return {shop_id: str(progress) for shop_id, progress in told.items() if progress is not None}


def _url(settings: Settings, platform: str, key: str) -> str:
    from postventa.shops import webhook_url

    return webhook_url(settings, platform, key)
