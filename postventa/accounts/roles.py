"""Who may do what. Pure: four roles, named rights, one table."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the shop."""

    OWNER = "owner"
    MANAGER = "manager"
    SUPPORT = "support"
    WAREHOUSE = "warehouse"


class Right(StrEnum):
    """What a page or a button needs."""

    SHOPS_CONNECT = "shops.connect"
    ACCOUNTS_MANAGE = "accounts.manage"
    SETTINGS_WRITE = "settings.write"
    AUDIT_READ = "audit.read"
    ORDERS_READ = "orders.read"
    MESSAGES_SEND = "messages.send"
    RETURNS_DECIDE = "returns.decide"
    RETURNS_RECEIVE = "returns.receive"
    REFUNDS_MAKE = "refunds.make"


_SUPPORT = frozenset({Right.ORDERS_READ, Right.MESSAGES_SEND, Right.RETURNS_DECIDE})
_WAREHOUSE = frozenset({Right.ORDERS_READ, Right.RETURNS_RECEIVE})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.SHOPS_CONNECT},
    Role.SUPPORT: _SUPPORT,
    Role.WAREHOUSE: _WAREHOUSE,
}
"""Only owners hold the shops' keys. Money is given back by whoever answers for it, not by who writes to customers or unpacks parcels."""


def may(role: str, right: Right) -> bool:
    """Whether that role has that right; one that is unknown (of newer code) has none."""
    return right in _rights(role)


def may_manage(role: str, other: str) -> bool:
    """Whether that role may invite, change and disable accounts of the `other` one: of none that may do more than itself."""
    return may(role, Right.ACCOUNTS_MANAGE) and other in list(Role) and _rights(other) <= _rights(role)


def manageable(role: str) -> list[Role]:
    """The roles that it may give."""
    return [other for other in Role if may_manage(role, other)]


def _rights(role: str) -> frozenset[Right]:
    return RIGHTS[Role(role)] if role in list(Role) else frozenset()
