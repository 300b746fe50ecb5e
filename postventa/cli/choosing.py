"""The options with which a command is told which deliveries are meant."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from postventa.choice import Choice

_OPTIONS = (
    click.argument("numbers", nargs=-1, metavar="[NUMBER | FIRST-LAST]..."),
    click.option("--state", default="", help="Only these: new, done, ignored, superseded, poison, dead."),
    click.option("--shop", default="", help="Only this shop's: its name, key or domain."),
    click.option("--topic", default="", help="Only these, such as order.updated."),
    click.option("--order", default="", help="Only this order's: the shop's id or the customer's number."),
    click.option("--error", default="", metavar="TEXT", help="Only those whose error holds this."),
    click.option("--since", default="", metavar="WHEN", help="Received since: 90m, 2h, 3d (ago), or 2026-11-27T03:00 (UTC)."),
    click.option("--until", default="", metavar="WHEN", help="Received before that."),
    click.option("--dead", "unreadable", is_flag=True, help="Only those that could not be read: dead and poison."),
)


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options, and hand it what they say as `chosen`, a `Choice`."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, numbers: tuple[str, ...], since: str, until: str, **options: Any) -> Any:
        named = {name: options.pop(name) for name in ("state", "shop", "topic", "order", "error", "unreadable")}
        return command(*arguments, chosen=_choice(numbers, since, until, named), **options)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _choice(numbers: tuple[str, ...], since: str, until: str, named: dict[str, Any]) -> Choice:
    from postventa.choice import Choice, parse_moment, parse_range

    try:
        ranges = tuple(parse_range(text) for text in numbers)
        begin, end = (parse_moment(text) if text else None for text in (since, until))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return Choice(ranges=ranges, since=begin, until=end, **named)


def something(chosen: Choice) -> None:
    """Raises `UsageError` when nothing was said: no command changes or plays everything by mistake."""
    if not chosen:
        raise click.UsageError("say which deliveries: numbers, ranges such as 17-42, --dead, or another filter")
