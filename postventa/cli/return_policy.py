"""`postventa return policy` and `postventa return try`: a shop's rules for returns, and what they would say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor

if TYPE_CHECKING:
    from postventa.returns.quote import Quote
    from postventa.returns.wish import WishLine

shop_option = click.option("--shop", default="", help="The shop's name, key or domain; not needed when there is only one.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def policy() -> None:
    """The rules for returns: TOML or JSON, in versions."""


@policy.command()
@file_argument
@as_json
def check(file: Path, as_json: bool) -> None:
    """Whether a file holds rules that can be used, and what its author should know. Changes nothing."""
    from postventa.returns.policy import BadPolicy, read

    try:
        checked = read(file.read_text(encoding="utf-8"), file.name)
    except (BadPolicy, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        emit({"rules": len(checked.policy.rules), "warnings": [str(warning) for warning in checked.warnings], "document": checked.policy.document()})
        return
    for warning in checked.warnings:
        click.echo(f"mind: {warning}")
    click.echo(f"{file.name}: {len(checked.policy.rules)} rules, all of them understood")


@policy.command()
@shop_option
@as_json
@click.pass_obj
def show(context: Context, shop: str, as_json: bool) -> None:
    """The rules that are in force, and the versions that there are."""
    from postventa.cli import open as opened
    from postventa.cli.tables import show as table
    from postventa.models.db import reading
    from postventa.returns.policy import store

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            held = store.in_force(session, chosen)
            rows = store.versions(session, chosen)
    known = [{"version": row.version, "author": row.author, "note": row.note, "created_at": row.created_at.isoformat()} for row in rows]
    document = held.policy.document()
    if as_json:
        emit({"source": held.source, "version": held.version, "trouble": "\n".join(map(str, held.trouble)), "document": document, "versions": known})
        return
    click.echo(f"In force: {held.source}{f', version {held.version}' if held.version else ''}")
    for problem in held.trouble:
        click.echo(f"mind: {problem}", err=True)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    table("Versions", ("version", "author", "note", "created_at"), known)


@policy.command("set")
@file_argument
@click.option("--note", default="", help="Why, for whoever reads the versions later.")
@shop_option
@click.pass_obj
def set_(context: Context, file: Path, note: str, shop: str) -> None:
    """Store rules as a new version, in force from now on."""
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.returns.policy import BadPolicy, read, store

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            checked = read(file.read_text(encoding="utf-8"), file.name)
            with transaction(engine) as session:
                version = store.put(session, chosen, checked, author=actor(), note=note).version
        except (BadPolicy, store.InFile, UnicodeDecodeError) as error:
            raise click.ClickException(str(error)) from None
    for warning in checked.warnings:
        click.echo(f"mind: {warning}")
    click.echo(f"Version {version} of the rules for returns of {chosen.settings.name} is in force.")


@policy.command()
@click.argument("version", type=int)
@shop_option
@click.pass_obj
def rollback(context: Context, version: int, shop: str) -> None:
    """Put an older version in force again, as a new one."""
    from postventa.cli import open as opened
    from postventa.models.db import transaction
    from postventa.returns.policy import BadPolicy, store

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        try:
            with transaction(engine) as session:
                made = store.rollback(session, chosen, version, author=actor()).version
        except (BadPolicy, LookupError, store.InFile) as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Version {version} is in force again, as version {made}.")


@click.command("try")
@click.argument("order")
@click.option("--item", "items", multiple=True, metavar="LINE[=QUANTITY]", help="What would go back (line id or SKU); none: everything that is left.")
@click.option("--reason", default="", help="A reason's code, such as size_small.")
@click.option("--resolution", default="refund", show_default=True)
@click.option("--method", default="", help="How it would come back; none: the first way there is.")
@shop_option
@as_json
@click.pass_obj
def try_(context: Context, order: str, items: tuple[str, ...], reason: str, resolution: str, method: str, shop: str, as_json: bool) -> None:
    """What the rules would say of a return: each decision with the rule that made it. Changes nothing."""
    from sqlalchemy import select

    from jobs.open_return import find_order
    from postventa.cli import open as opened
    from postventa.models import OrderLine
    from postventa.models.db import reading
    from postventa.returns.quote import quote
    from postventa.returns.wish import Wish

    with opened.ledger(context.settings) as engine:
        chosen = opened.pick(engine, context.settings, shop)
        with reading(engine) as session:
            try:
                found = find_order(session, chosen, order, lock=False)
            except LookupError as error:
                raise click.ClickException(str(error)) from None
            everything = quote(session, chosen, found, Wish())
            skus = {row.sku: row.ref for row in session.scalars(select(OrderLine).where(OrderLine.order_id == found.id, OrderLine.sku != ""))}
            answer = quote(session, chosen, found, Wish(_lines(everything, items, reason, skus), resolution, method))
    emit(_document(answer)) if as_json else _tell(answer)


def _lines(everything: Quote, items: tuple[str, ...], reason: str, skus: dict[str, str]) -> tuple[WishLine, ...]:
    """What was named, by line or SKU; else all that is left."""
    from postventa.cli.actor import item
    from postventa.returns.wish import WishLine

    named = [item(text) for text in items] or [(line.ref, line.left) for line in everything.lines if line.left]
    return tuple(WishLine(skus.get(name, name), quantity, reason) for name, quantity in named)


def _document(answer: Quote) -> dict[str, Any]:
    return {
        "verdict": answer.verdict,
        "problems": [{"code": one.code, "line": one.line_ref, "said": one.sentence("es")} for one in answer.problems],
        "sums": {name: f"{getattr(answer.sums, name):f}" for name in ("goods", "shipping", "fee", "refund", "bonus")} | {"currency": answer.currency},
        "options": {option.resolution: f"{option.sums.credit:f}" for option in answer.options},
        "methods": list(answer.methods),
        "refund_when": answer.refund_when,
        "photo": answer.photo,
        "policy_version": answer.policy_version,
        "lines": answer.decision.document(),
    }


def _tell(answer: Quote) -> None:
    from postventa.cli.tables import show as table
    from postventa.returns.policy.said import PLAIN

    back = f"; {answer.sums.refund} {answer.currency} would go back, {answer.refund_when.replace('_', ' ')}" if answer.verdict != "reject" else ""
    click.echo(f"Verdict: {answer.verdict}{back}")
    for problem in answer.problems:
        click.echo(f"refused: {problem.sentence('es')}")
    told = ((line.ref, one) for line in answer.decision.lines for one in line.why)
    why = [{"line": ref, "action": one.action, "value": one.value, "by": one.by, "because": one.sentence(PLAIN)} for ref, one in told]
    table("Why", ("line", "action", "value", "by", "because"), why)
    asked = [(line.ref, one) for line in answer.decision.lines for one in line.asked]
    unknown = "not known yet: rules that depend on it do not apply"
    rows = [{"line": ref, "condition": one.condition, "is": unknown if one.words is None else ", ".join(one.words) or "none"} for ref, one in asked]
    if rows:
        table("What the shop says of the products", ("line", "condition", "is"), rows)
