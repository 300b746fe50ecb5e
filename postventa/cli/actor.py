"""Who sits at the keyboard, as the audit log says it."""

from __future__ import annotations

import os
import pwd
import socket

import click

reason = click.option("--reason", default="", help="Why, for the audit log: no names or addresses, they could never be erased there.")
needed_reason = click.option("--reason", required=True, help="Why, for the audit log: no names or addresses, they could never be erased there.")


def actor() -> str:
    """`cli:<user>@<host>`, by the user's id and not by what the environment claims; who used sudo is named besides."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        user = str(os.getuid())
    sudo = os.environ.get("SUDO_USER", "") if os.getuid() == 0 else ""
    return f"cli:{user}@{socket.gethostname()}" + (f" (sudo: {sudo})" if sudo else "")


def told(text: str) -> str:
    """A person's words, without the addresses and secrets that may have slipped in."""
    from postventa.runtime.masks import mask, one_line

    return one_line(mask(text))


def item(text: str) -> tuple[str, int]:
    """`BOTA-38=2` as a name and a quantity, which is 1 where none is said."""
    name, mark, quantity = text.rpartition("=")
    if not mark:
        return text, 1
    if not quantity.isdigit():
        raise click.BadParameter(f"{text}: expected SKU=QUANTITY with a whole number", param_hint="--item")
    return name, int(quantity)
