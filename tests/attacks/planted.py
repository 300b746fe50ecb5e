"""What an attacker would like to have called; it keeps a list, in whichever process it is called."""

from typing import Any

CALLS: list[tuple[Any, ...]] = []


def ran(*args: Any) -> None:
    """The attacker's code."""
    CALLS.append(args)
