"""What `postventa shop connect` and `shop check` do with a look at a WooCommerce shop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor

if TYPE_CHECKING:
    from connectors.shops.woocommerce.look import Look
    from connectors.shops.woocommerce.suggest import Suggestion
    from jobs.connect_woocommerce import Prepared
    from postventa.config import ShopSettings
    from postventa.shops import ConnectedShop

MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def connect(
    context: Context, as_json: bool, *, url: str, consumer_key: str, consumer_secret: str, ask_keys: bool, name: str, accept_statuses: bool,
    replace_keys: bool, language: str,
) -> None:  # fmt: skip
    """Look, and with keys that work connect. Ends with 1 when something stands in the way."""
    from connectors.shops.woocommerce.rest import Keys
    from jobs import connect_woocommerce as connecting

    if ask_keys:
        consumer_key = click.prompt("ck_...", hide_input=True, err=True).strip()
        consumer_secret = click.prompt("cs_...", hide_input=True, err=True).strip()
    if bool(consumer_key) != bool(consumer_secret):
        raise click.UsageError("--consumer-key and --consumer-secret belong together")
    keys = Keys(consumer_key, consumer_secret) if consumer_key else None
    seen = connecting.look_at(context.settings, url, keys)
    findings = documents(seen, language)
    if not as_json:
        tell(findings)
    document: dict[str, Any] = {"works": seen.works, "connected": False, "findings": findings}
    if seen.works and keys is not None:
        prepared = connecting.prepare(context.settings, seen, keys, name, accept_statuses)
        document |= _keep(context, prepared, replace_keys)
    if as_json:
        emit(document)
    else:
        _say_next(document, seen)
    if not seen.works:
        raise SystemExit(1)


@dataclass(frozen=True)
class Examined:
    """What a look at a connected shop found; `own`: its settings, with the way that its keys have to go."""

    own: ShopSettings
    findings: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    """Those that nobody has explained yet."""


def examine(context: Context, chosen: ConnectedShop) -> Examined:
    """A look at a WooCommerce shop that has keys. How these have to go is remembered."""
    own = chosen.settings
    if chosen.platform != "woocommerce" or not own.has_api_keys:
        return Examined(own)
    from connectors.shops.woocommerce.rest import Keys
    from jobs import connect_woocommerce as connecting

    keys = Keys(own.consumer_key, own.consumer_secret)
    seen = connecting.look_at(context.settings, own.url, keys)
    if seen.works and seen.keys_in != own.keys_in:
        _remember(context, chosen, seen.keys_in)
        own = own.model_copy(update={"keys_in": seen.keys_in})
    return Examined(own, documents(seen, "en"), _meanings(connecting.unexplained(context.settings, seen, keys, own.status_map)))


def documents(seen: Look, language: str) -> list[dict[str, Any]]:
    """The findings with their sentences, as `--json` shows them."""
    from postventa.connecting.words import sentence
    from postventa.locale import choose

    spoken = choose(language)
    return [finding.document() | {"message": sentence(finding.name, spoken, finding.facts)} for finding in seen.findings]


def tell(findings: list[dict[str, Any]]) -> None:
    """One line each."""
    for finding in findings:
        click.echo(f"{MARKS[finding['state']]}  {finding['message']}")


def tell_statuses(statuses: list[dict[str, Any]]) -> None:
    """What a person has to explain, if there is anything."""
    if statuses:
        click.echo("\nStatuses of the shop's own, and what they may mean (status_map, docs/connect.md):")
    for status in statuses:
        click.echo(f"  {status['status']} ({status['label']}): {status['step'] or '?'}, {status['sureness']}")


def _meanings(suggestions: Iterable[Suggestion]) -> list[dict[str, Any]]:
    return [{"status": one.status, "label": one.label, "step": one.step, "sureness": one.sureness} for one in suggestions]


def _remember(context: Context, chosen: ConnectedShop, keys_in: str) -> None:
    from postventa import shops
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        done = shops.remember_keys_in(session, chosen.id, keys_in)
    if not done:
        click.echo(f'set keys_in = "{keys_in}" for this shop in {context.settings.source.name}, and restart', err=True)


def _keep(context: Context, prepared: Prepared, replace: bool) -> dict[str, Any]:
    """Connect it, or give a connected shop its new keys; what `--json` tells about it. Raises `ClickException` for the other case."""
    from jobs.connect_woocommerce import ONE_AT_A_TIME, add, already, replace_keys
    from postventa import leases, shops
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.secrets import load_secret

    own, secret = prepared.settings, load_secret(context.settings)
    with opened.ledger(context.settings) as engine:
        shops.sync(engine, context.settings)
        with transaction(engine) as session:
            leases.one_at_a_time(session, ONE_AT_A_TIME)
            known = already(shops.all_of(session, context.settings, secret), own.url)
            if known is not None and not replace:
                raise click.ClickException(f'"{known.settings.name}" is connected to this address already: new keys need --replace-keys')
            if known is None and replace:
                raise click.ClickException("no shop is connected to this address: leave --replace-keys out")
            if known is None:
                add(session, secret, own, actor())
            elif not replace_keys(session, secret, known.id, own, actor()):
                raise click.ClickException(f"its keys stand in {context.settings.source.name}: change them there, and restart")
    return _told(context, prepared, known.key if known else own.key)


def _told(context: Context, prepared: Prepared, key: str) -> dict[str, Any]:
    from postventa.shops import webhook_url

    own, found = prepared.settings, prepared.discovery
    return {
        "connected": True,
        "key": key,
        "name": own.name,
        "webhook_url": webhook_url(context.settings, own.platform, key),
        "version": found.version,
        "hpos": found.hpos,
        "fulfillments": found.fulfillments,
        "tracking": list(found.tracking),
        "languages": list(found.languages),
        "settings": {field: getattr(own, field) for field in ("url", "locale", "timezone", "country", "currency", "keys_in", "status_map")},
        "statuses": _meanings(prepared.suggestions),
    }


def _say_next(document: dict[str, Any], seen: Look) -> None:
    if not document["connected"]:
        if seen.works:
            click.echo("\nNow make keys in the shop: WooCommerce > Settings > Advanced > REST API > Add key, Read/Write, for an administrator.")
            click.echo("Then run this again with --ask-keys.")
        return
    tools = ", ".join([*document["tracking"], *document["languages"]]) or "no plugin for tracking or languages that we know"
    click.echo(f"\n{document['name']} is connected: WooCommerce {document['version'] or 'of an unknown version'}, {tools}.")
    click.echo(f"  Webhook address: {document['webhook_url']}\n  (its webhooks are made by the service within the hour)")
    tell_statuses(document["statuses"])
